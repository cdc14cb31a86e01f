package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// loginOptions are the flags of login.
type loginOptions struct {
	client, listen, server string
	paste                  bool
}

func (a *app) loginCommand() *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:   "login [PORTAL]",
		Short: "Log in to a portal through OAuth 2",
		Long: `Log in to a portal as yourself, through a local application that an administrator has
registered there. The application needs http://` + defaultListen + `/ as its address, its
client id in B24_CLIENT_ID, and its client secret in B24_CLIENT_SECRET; a terminal asks
for the secret, and a later login remembers both.

The URL that is printed shows a page of the portal; the browser then returns here. Where
it cannot, as on another machine, --paste takes the code, or the address to which the
browser was sent, from standard input. A code is good for 30 seconds.

The tokens are kept in a file that only you can read, and are renewed by themselves.
PORTAL is an address such as acme.bitrix24.com; without one it is B24_PORTAL.`,
		Example: `  b24apply login acme.bitrix24.com --client-id local.5c8bb1b0891cf2.87252039
  b24apply login acme.bitrix24.com --paste`,
		Args: cobra.MaximumNArgs(1),
	}
	c.Flags().StringVar(&o.client, "client-id", "", "`ID` of the application (default B24_CLIENT_ID)")
	c.Flags().StringVar(&o.listen, "listen", defaultListen, "wait for the browser on `HOST:PORT` of this machine, the application's address")
	c.Flags().BoolVar(&o.paste, "paste", false, "read the code, or the address with it, from standard input")
	c.Flags().StringVar(&o.server, "server", "", "`URL` of the authorization server (default B24_OAUTH_SERVER, or Bitrix24's)")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx, stop := a.interruptible(c.Context())
		defer stop()
		err := a.login(ctx, strings.Join(args, ""), o)
		if err != nil && ctx.Err() != nil {
			return &failure{code: exitInterrupted, err: value.Err("interrupted-you-are-not-logged-in")}
		}
		return err
	}
	return c
}

func (a *app) login(ctx context.Context, portal string, o loginOptions) error {
	address, err := a.namedPortal(portal)
	if err != nil {
		return err
	}
	if v := a.variable(portalVariable); v != "" && !sameHost(v, address.Host()) {
		return &failure{
			code: exitError, err: value.Err("variable-names-other-portal", value.T("variable", portalVariable), value.T("host", address.Host())),
			hint: value.Say("unset-or-set-portal", value.T("variable", portalVariable), value.T("host", address.Host())),
		}
	}
	if err := a.bound(address.Host()); err != nil {
		return err
	}
	path, err := a.loginPath(address)
	if err != nil {
		return err
	}
	app, err := a.application(address, path, o)
	if err != nil {
		return err
	}
	state := rand.Text()
	wait := a.waitForBrowser
	if o.paste {
		wait = a.waitForPaste
	}
	err = wait(ctx, o.listen, app.AuthorizeURL(state), state, func(ctx context.Context, code string) error {
		tokens, err := app.Exchange(ctx, code)
		if err != nil {
			return err
		}
		return bitrix.StoreTokens(ctx, path, tokens)
	})
	if err != nil {
		return loginFailed(err)
	}
	return a.say("logged-in", value.T("host", address.Host()), value.T("file", path))
}

// loginFailed gives an error of a login its exit code.
func loginFailed(err error) error {
	var f *failure
	if errors.As(err, &f) {
		return err
	}
	code, hint := exitError, hintOf(err, value.Message{})
	if bitrix.IsAuth(err) {
		code = exitAuth
	}
	var refused *bitrix.Error
	if errors.As(err, &refused) && refused.Code == "invalid_grant" {
		hint = value.Say("log-in-again-quickly")
	}
	return &failure{code: code, err: value.While(err, "logging-in"), hint: hint}
}

// namedPortal is the portal that an argument names, or else B24_PORTAL.
func (a *app) namedPortal(argument string) (bitrix.Address, error) {
	variable := a.variable(portalVariable)
	if argument == "" && variable == "" {
		return bitrix.Address{}, &failure{code: exitError, err: value.Err("which-portal"), hint: value.Say("name-portal-to-log-in")}
	}
	address, err := bitrix.NewAddress(cmp.Or(argument, variable))
	if err != nil {
		return address, &failure{code: exitError, err: err}
	}
	return address, nil
}

// application is what to log in through: from flag and variables, or else as it
// was at the last login.
func (a *app) application(portal bitrix.Address, path string, o loginOptions) (app bitrix.Application, err error) {
	last, _ := bitrix.ReadTokens(path) // without an earlier login everything has to be given
	app = bitrix.Application{Portal: portal, ClientID: cmp.Or(o.client, a.variable(clientVariable), last.ClientID), Logger: a.logger()}
	if app.ClientID == "" {
		return app, &failure{code: exitError, err: value.Err("client-id-is-missing"),
			hint: value.Say("register-application", value.T("variable", clientVariable), value.T("other", secretVariable))}
	}
	if app.Server, err = a.server(o.server); err != nil {
		return app, err
	}
	app.ClientSecret = a.variable(secretVariable)
	if app.ClientSecret == "" && last.ClientID == app.ClientID {
		app.ClientSecret = last.ClientSecret
	}
	if app.ClientSecret == "" {
		app.ClientSecret, err = a.askSecret()
	}
	return app, err
}

// askSecret asks a person for the client secret, without showing it.
func (a *app) askSecret() (string, error) {
	in, ok := a.stdin.(*os.File)
	if !ok || !isTerminal(a.stdin) {
		return "", &failure{code: exitError, err: value.Err("client-secret-is-missing"), hint: value.Say("set-named-variable", value.T("variable", secretVariable))}
	}
	_, _ = io.WriteString(a.stderr, a.stderr.Style().Text(value.Say("client-secret"))+" ")
	secret, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(a.stderr)
	if err != nil || len(secret) == 0 {
		return "", &failure{code: exitError, err: value.Err("no-client-secret-was-given"), hint: value.Say("set-named-variable", value.T("variable", secretVariable))}
	}
	return strings.TrimSpace(string(secret)), nil
}

// waitForPaste reads the code from standard input and takes it.
func (a *app) waitForPaste(ctx context.Context, _, page, state string, take func(context.Context, string) error) error {
	a.tell("open-in-browser")
	fmt.Fprintf(a.stderr, "\n  %s\n\n%s ", page, a.stderr.Style().Text(value.Say("then-paste-code")))
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(io.LimitReader(a.stdin, maxPaste)).ReadString('\n') // nothing is told below
		line <- text
	}()
	select {
	case text := <-line:
		fmt.Fprintln(a.stderr)
		code, err := pastedCode(text, state)
		if err != nil {
			return err
		}
		return take(ctx, code)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// maxPaste bounds what is pasted, in bytes: an address with a code has a few hundred.
const maxPaste = 64 << 10

// pastedCode is the code in what was pasted, which is not repeated in errors.
func pastedCode(text, state string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", &failure{code: exitError, err: value.Err("no-code-was-given"), hint: value.Say("start-again-and-paste")}
	}
	if !strings.ContainsAny(text, "?&=/") {
		return text, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Query().Get("code") == "" {
		return "", &failure{code: exitError, err: value.Err("pasted-holds-no-code"), hint: value.Say("paste-address-of-browser")}
	}
	if u.Query().Get("state") != state {
		return "", &failure{code: exitError, err: value.Err("pasted-is-of-other-login"), hint: value.Say("open-last-address")}
	}
	return u.Query().Get("code"), nil
}

// checkListen refuses addresses that other machines can reach.
func checkListen(address string) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "localhost" || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return &failure{code: exitError, err: value.Err("listen-is-not-local", value.T("address", address)), hint: value.Say("write-listen-like", value.T("address", defaultListen))}
}

const (
	// defaultListen is where a browser returns to after an authorization.
	defaultListen = "127.0.0.1:8025"
	// loginPatience is how long a login waits for the browser.
	loginPatience = 10 * time.Minute
)
