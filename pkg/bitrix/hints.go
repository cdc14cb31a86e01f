package bitrix

// A tokenHint is what to do about an error of a call with a token, by what the
// token is: codes of sentences.
type tokenHint struct {
	token string // somebody else got it
	login string // the user authorized it; "" is the same
}

const (
	renewToken = "get-new-access-token"
	loginAgain = "log-in-to-portal-again"
)

var hintNewToken = tokenHint{renewToken, loginAgain}

// tokenHints are the hints that differ from those for a webhook.
var tokenHints = map[string]tokenHint{
	"NO_AUTH_FOUND":       hintNewToken,
	"INVALID_CREDENTIALS": hintNewToken,
	"expired_token":       hintNewToken,
	"invalid_token":       hintNewToken,
	"authorization_error": hintNewToken,
	"invalid_grant":       {token: "get-new-pair-of-tokens", login: loginAgain},
	"invalid_client":      {token: "check-client-id-and-secret"},
	"insufficient_scope":  {token: "add-crm-permission-to-application"},
	"invalid_scope":       {token: "add-crm-permission-to-application"},
	"BITRIX_REST_V3_EXCEPTION_INSUFFICIENTSCOPEEXCEPTION": {token: "add-permission-to-application"},
	"WRONG_AUTH_TYPE":  {token: "method-refuses-such-tokens"},
	"PAYMENT_REQUIRED": {token: "period-or-plan-has-run-out"},
	"ACCESS_DENIED":    {token: "user-of-application-lacks-right"},
	"allowed_only_intranet_user": {
		token: "let-employee-authorize",
	},
	"ERROR_METHOD_NOT_FOUND": {token: "check-method-or-application-scope"},
}

// of is the hint for an error.
func (h tokenHint) of(e *Error) (code string, args map[string]string) {
	if e.Credential == Login && h.login != "" {
		return h.login, map[string]string{"portal": e.Portal}
	}
	return h.token, nil
}
