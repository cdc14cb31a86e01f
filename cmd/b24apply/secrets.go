package main

import (
	"regexp"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// webhookPath is the part of a webhook's URL that lets anyone into the portal.
var webhookPath = regexp.MustCompile(`(?i)https?:/.*/rest/+[0-9]+/+[0-9a-z_.~-]+`)

// tokenText is what an access or refresh token can be told by: the name of its
// parameter, or the 70 hexadecimal digits that tokens of the cloud have.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/authorization.html
var tokenText = regexp.MustCompile(`(?i)(^|[?&\s"'{,])"?(auth|access_token|refresh_token|client_secret)"?\s*[=:]\s*"?[^\s"&]|(^|[^0-9a-z])[0-9a-f]{70}([^0-9a-z]|$)`)

// minSecret is the length from which the value of a variable is a secret that
// cannot be part of anything else by chance.
const minSecret = 12

// refuseSecrets refuses a command line that holds a credential, without repeating
// it: others can read command lines, and errors quote them. The webhook of a
// portal on this machine may be given to --portal, and a portal in a box is told
// the secret of its application.
func (a *app) refuseSecrets(args []string) error {
	for i, arg := range args {
		before := ""
		if i > 0 {
			before = args[i-1]
		}
		text, isPortal := strings.CutPrefix(arg, "--portal=")
		isPortal = isPortal || before == "--portal"
		switch {
		case isPortal && isLoopbackURL(text):
		case webhookPath.MatchString(text):
			return secretArgument("command-line-holds-webhook", "put-it-into-variable", webhookVariable)
		case strings.HasPrefix(arg, "--client-secret=") || before == "--client-secret":
		case tokenText.MatchString(text) || a.isSecretValue(text):
			return secretArgument("command-line-holds-token", "put-it-into-variable", accessVariable, refreshVariable, secretVariable)
		}
	}
	return nil
}

func secretArgument(code, hint string, variables ...string) error {
	return &failure{code: exitError, err: value.Err(code), hint: value.Say(hint, value.L("variables", variables))}
}

// isSecretValue tells whether an argument holds the value of a variable that is
// meant to keep it off the command line.
func (a *app) isSecretValue(argument string) bool {
	for _, name := range secretVariables {
		if v := a.variable(name); len(v) >= minSecret && strings.Contains(argument, v) {
			return true
		}
	}
	return false
}
