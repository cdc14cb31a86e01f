package bitrix

import "strings"

// A tokenHint is what to do about an error of a call with a token, by what the
// token is. %s, if there is one, is the portal.
type tokenHint struct {
	token string // somebody else got it
	login string // the user authorized it; "" is the same
}

const (
	renewToken = "get a new access token for this portal; with a refresh token, a client id and a client secret beside it, it is renewed by itself"
	loginAgain = "log in again: b24apply login %s"
)

var hintNewToken = tokenHint{renewToken, loginAgain}

// tokenHints are the hints that differ from those for a webhook.
var tokenHints = map[string]tokenHint{
	"NO_AUTH_FOUND":       hintNewToken,
	"INVALID_CREDENTIALS": hintNewToken,
	"expired_token":       hintNewToken,
	"invalid_token":       hintNewToken,
	"authorization_error": hintNewToken,
	"invalid_grant":       {token: "get a new pair of access token and refresh token for this portal: the refresh token was used, is older than 180 days, or was taken back", login: loginAgain},
	"invalid_client":      {token: "check the client id and the client secret, and that the application is installed on this portal"},
	"insufficient_scope":  {token: "add the missing permission to the application, on its page in the portal, and authorize it again; CRM needs the scope crm"},
	"invalid_scope":       {token: "add the missing permission to the application, on its page in the portal, and authorize it again; CRM needs the scope crm"},
	"BITRIX_REST_V3_EXCEPTION_INSUFFICIENTSCOPEEXCEPTION": {token: "add the missing permission to the application, on its page in the portal, and authorize it again; rest.scope.list tells which"},
	"WRONG_AUTH_TYPE":  {token: "this method can't be called with an access token of this kind; see its page in the documentation"},
	"PAYMENT_REQUIRED": {token: "the application's trial or paid period, or the portal's plan, has run out"},
	"ACCESS_DENIED":    {token: "the user who authorized the application lacks the right for this, or the portal's plan does not include it"},
	"allowed_only_intranet_user": {
		token: "let an employee authorize the application: external users may not do this",
	},
	"ERROR_METHOD_NOT_FOUND": {token: "check the method's name; the portal may lack the module, or the application its scope"},
}

// of is the hint for an error.
func (h tokenHint) of(e *Error) string {
	if e.Credential == Login && h.login != "" {
		return strings.ReplaceAll(h.login, "%s", e.Portal)
	}
	return h.token
}
