package bitrix

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An Error is the portal's refusal of a call: it answered, and did not do it.
// Decide by Code, never by Description, which is in the portal's language.
// Source: https://apidocs.bitrix24.com/error-codes.html
type Error struct {
	Method      string // as called; "batch" if the whole batch was refused
	Portal      string // the host, safe to show
	Status      int    // of the HTTP answer: a command refused inside a batch has 200
	Code        string // whatever JSON type it had: "ACCESS_DENIED", "100", "0" or ""
	Description string // for people; may have several lines
	Argument    string // the parameter at fault, if the portal says so
	// ResetAt is when the portal says that the method has time again, by its own
	// clock; zero if it does not say.
	ResetAt time.Time
	// Credential is what the call was made with.
	Credential CredentialKind
	// Repeated is true if an earlier try of the same request lost its answer
	// and may have been executed: a delete that is refused as not found may
	// have been done by that try.
	Repeated bool
	// Cause is set if the caller's own rule refused, not the portal: the description is its text.
	Cause error
}

// Unwrap gives the cause, nil for what the portal refused.
func (e *Error) Unwrap() error { return e.Cause }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Method)
	if e.Portal != "" {
		b.WriteString(" on " + e.Portal)
	}
	b.WriteString(": ")
	description := oneLine(e.Description)
	switch {
	case description == "" && e.Code == "":
		fmt.Fprintf(&b, "the portal refused it without a reason (HTTP %d %s)", e.Status, http.StatusText(e.Status))
	case description == "":
		b.WriteString(e.Code)
	case e.Code == "" || e.Code == "0":
		b.WriteString(description)
	default:
		b.WriteString(description + " (" + e.Code + ")")
	}
	if e.Argument != "" {
		b.WriteString(", parameter " + e.Argument)
	}
	return b.String()
}

// Text is the description on one line, or the code where there is none.
func (e *Error) Text() string {
	if text := oneLine(e.Description); text != "" {
		return text
	}
	return e.Code
}

// Hint is what to do about the error, or "" where the error itself says it: the code of a
// sentence, and what stands in the places of it.
func (e *Error) Hint() (code string, args map[string]string) {
	if hint, ok := tokenHints[e.Code]; ok && e.Credential != Webhook {
		return hint.of(e)
	}
	return codes[e.Code].hint, nil
}

// oneLine joins a description of several lines, which legacy methods separate
// by newlines or <br>.
func oneLine(s string) string {
	lines := strings.FieldsFunc(strings.NewReplacer("<br>", "\n", "<br/>", "\n", "<br />", "\n").Replace(s),
		func(r rune) bool { return r == '\n' || r == '\r' })
	out := lines[:0]
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "; ")
}

// An UnknownOutcome is a write whose answer was lost or unreadable: the portal
// may have executed it. Look before sending it again. Its cause is the
// portal's own *Error where there is one, or the end of the context.
type UnknownOutcome struct {
	Method string
	Portal string
	Cause  error // holds no secret
}

func (u *UnknownOutcome) Error() string {
	var e *Error
	cause := ""
	if errors.As(u.Cause, &e) {
		cause = strings.TrimPrefix(e.Error(), e.Method+" on "+e.Portal+": ")
	} else if u.Cause != nil {
		cause = u.Cause.Error()
	}
	return fmt.Sprintf("%s on %s: it may have been executed, its answer is lost: %s", u.Method, u.Portal, cause)
}

// Unwrap gives the cause.
func (u *UnknownOutcome) Unwrap() error { return u.Cause }

// Hint is what to do about it, as of an [Error].
func (u *UnknownOutcome) Hint() (code string, args map[string]string) {
	return "check-whether-it-was-done", nil
}

// An Unreachable is a request that was never sent, since no connection to the
// portal could be made.
type Unreachable struct {
	Portal string
	Cause  error // holds no secret
}

func (u *Unreachable) Error() string {
	return fmt.Sprintf("cannot reach portal %s: %v", u.Portal, u.Cause)
}

// Unwrap gives the cause.
func (u *Unreachable) Unwrap() error { return u.Cause }

// Hint is what to do about it, as of an [Error].
func (u *Unreachable) Hint() (code string, args map[string]string) {
	return "check-portal-and-network", nil
}

// ErrNotRun is the outcome of a command that the portal neither ran nor
// refused, although it answered the batch.
var ErrNotRun = errors.New("the portal left this command of the batch out: it neither ran nor refused it")

// ErrReadOnly refuses a call that may write, from a client that only reads.
var ErrReadOnly = errors.New("this client only reads; nothing was sent")

// A code is what is known about an error code of the portal.
type code struct {
	auth    bool    // the credential, or a right or a tariff that the whole run lacks
	missing bool    // the thing does not exist, or the caller may not see it
	verdict verdict // what it means for another try
	hint    string  // the code of what to do about it
}

const (
	hintWebhook = "check-webhook"
	hintScope   = "add-crm-permission-to-webhook"
	hintToken   = "log-in-again"
	hintPlan    = "plan-forbids-rest"
)

// codes lists the error codes that are handled, not merely shown. Texts are
// localised and statuses differ between the documentation and the product, so
// this table goes by code.
var codes = map[string]code{
	"QUERY_LIMIT_EXCEEDED": {verdict: busy, hint: "other-programs-use-the-portal"},
	"OPERATION_TIME_LIMIT": {verdict: parked, hint: "try-method-in-ten-minutes"},

	"INTERNAL_SERVER_ERROR":   {verdict: lost},
	"ERROR_UNEXPECTED_ANSWER": {verdict: lost},
	"ERROR_CORE":              {verdict: lost},
	"WRONG_ENCODING":          {verdict: lost},

	"NO_AUTH_FOUND":              {auth: true, hint: hintWebhook},
	"INVALID_CREDENTIALS":        {auth: true, hint: hintWebhook},
	"expired_token":              {auth: true, hint: hintToken},
	"invalid_token":              {auth: true, hint: hintToken},
	"invalid_grant":              {auth: true, hint: hintToken},
	"invalid_client":             {auth: true, hint: hintToken},
	"authorization_error":        {auth: true, hint: hintToken},
	"insufficient_scope":         {auth: true, hint: hintScope},
	"invalid_scope":              {auth: true, hint: hintScope},
	"user_access_error":          {auth: true, hint: "grant-access-to-application"},
	"APPLICATION_NOT_FOUND":      {auth: true, hint: "install-application-again"},
	"WRONG_AUTH_TYPE":            {auth: true, hint: "method-refuses-webhooks"},
	"METHOD_CONFIRM_WAITING":     {auth: true, hint: "method-needs-confirmation"},
	"METHOD_CONFIRM_DENIED":      {auth: true, hint: "method-was-refused-by-administrator"},
	"allowed_only_intranet_user": {auth: true, hint: "use-webhook-of-employee"},
	"PAYMENT_REQUIRED":           {auth: true, hint: hintPlan},
	"WRONG_LICENSE":              {auth: true, hint: hintPlan},
	"PORTAL_DELETED":             {auth: true, hint: "portal-is-deleted"},
	"OVERLOAD_LIMIT":             {auth: true, hint: "rest-is-blocked-by-hand"},
	"ACCESS_DENIED":              {hint: "creator-of-webhook-lacks-right"},

	"NOT_FOUND":                 {missing: true},
	"ERROR_NOT_FOUND":           {missing: true},
	"ERROR_METHOD_NOT_FOUND":    {hint: "check-method-or-webhook-scope"},
	"INVALID_REQUEST":           {hint: "call-by-https"},
	"ENTITY_TYPE_NOT_SUPPORTED": {hint: "check-entity-type-id"},

	"BITRIX_REST_V3_EXCEPTION_INSUFFICIENTSCOPEEXCEPTION": {auth: true, hint: "add-permission-to-webhook"},
	"BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION":      {hint: "user-lacks-right-for-object"},
	"BITRIX_REST_V3_EXCEPTION_ENTITYNOTFOUNDEXCEPTION":    {missing: true},
	keyReused: {hint: "choose-new-key"},
}

// IsAuth reports whether the credential, its rights or the portal's plan stand
// in the way, so that every further call would fail alike. ACCESS_DENIED for
// one item, which has status 400 or comes from inside a batch, is not.
func IsAuth(err error) bool {
	var (
		e    *Error
		file *FileError
	)
	if errors.As(err, &file) || errors.Is(err, ErrOtherPortal) {
		return true
	}
	if !errors.As(err, &e) {
		return false
	}
	refused := e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
	return codes[e.Code].auth ||
		refused && e.Code == "ACCESS_DENIED" ||
		e.Status == http.StatusUnauthorized && e.Code == ""
}

// IsOfMethod reports whether a refusal reaches no further than the method that was called,
// though [IsAuth] may hold: the right, the scope or the consent that just this one needs is
// lacking. A batch that is refused whole says it of every method, and so does a scope of
// which all methods of the CRM have need.
// Source: https://apidocs.bitrix24.com/error-codes.html
func IsOfMethod(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Method == "batch" {
		return false
	}
	switch e.Code {
	case "insufficient_scope":
		return !strings.HasPrefix(e.Method, "crm.")
	case "ACCESS_DENIED":
		return e.Status != http.StatusUnauthorized // with that it is the portal's plan
	case "WRONG_AUTH_TYPE", "METHOD_CONFIRM_WAITING", "METHOD_CONFIRM_DENIED", "allowed_only_intranet_user":
		return true
	}
	return false
}

// IsNotFound reports whether what the call named does not exist, or the caller
// may not see it: the portal does not tell the two apart. A wrong method name
// or a wrong address is not meant.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && codes[e.Code].missing
}

// An unanswered call only reads, or was sent as often as it may be, and got no answer.
type unanswered struct {
	method, portal string
	cause          error // holds no secret
}

func (u *unanswered) Error() string { return fmt.Sprintf("%s on %s: %v", u.method, u.portal, u.cause) }
func (u *unanswered) Unwrap() error { return u.cause }

// IsPassing reports whether the same call may succeed later though nothing is mended: the
// portal was busy or away, or failed. It is false for a write that may have been executed,
// which has to be looked for first.
func IsPassing(err error) bool {
	var (
		unknown     *UnknownOutcome
		refused     *Error
		away        *Away
		rest        *Parked
		unreachable *Unreachable
		silent      *unanswered
	)
	switch {
	case err == nil, errors.As(err, &unknown):
		return false
	case errors.As(err, &away), errors.As(err, &rest), errors.Is(err, ErrNotRun), errors.Is(err, ErrStopped):
		return true
	case errors.As(err, &refused):
		return refused.verdict() != final
	case errors.As(err, &unreachable):
		return !isUntrusted(err)
	}
	return errors.As(err, &silent)
}

// isUntrusted tells whether a portal could not show that it is the one that is meant.
func isUntrusted(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		noTLS       tls.RecordHeaderError
	)
	return errors.As(err, &certificate) || errors.As(err, &noTLS)
}

// IsRateLimit reports whether the portal refused the call for its pace or for
// the time that its method used, so that nothing was done.
func IsRateLimit(err error) bool {
	var rest *Parked
	if errors.As(err, &rest) {
		return true
	}
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	v := e.verdict()
	return v == busy || v == parked
}

// A verdict says what a failed try means for the next one.
type verdict uint8

const (
	final     verdict = iota // the portal decided: trying again changes nothing
	unreached                // never sent
	busy                     // not executed: the portal is called too often
	parked                   // not executed: the method used up its time budget
	lost                     // may have been executed
	held                     // not sent: the portal is away
)

// verdict judges a refusal by its code, and by its status only where the code
// says nothing.
func (e *Error) verdict() verdict {
	row, known := codes[e.Code]
	switch {
	case e.Code == "ERROR_CORE" && e.Status >= 400 && e.Status < 500:
		return final // with 500 it is a database error, with 400 a plain refusal
	case known:
		return row.verdict
	case e.Status == http.StatusTooManyRequests:
		return busy
	case e.Status >= 500 || e.Status == http.StatusRequestTimeout:
		return lost
	}
	return final
}
