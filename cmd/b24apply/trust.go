package main

import (
	"context"
	"net"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A repository is not trusted: whoever can change a project file must not be able to run a
// program, or to send a credential to a host that the operator did not name. What the
// operator says stands in flags and variables, which no commit changes.
const (
	// execVariable allows a project's {exec} if it is 1.
	execVariable = "B24_ALLOW_EXEC"
	// hostsVariable lists the hosts that a credential may go to, separated by commas or blanks.
	hostsVariable = "B24_ALLOW_HOSTS"
)

// secretValues are the operator's credentials, which no manifest may hold.
func (a *app) secretValues() (values []string) {
	for _, name := range secretVariables {
		values = append(values, a.variable(name))
	}
	values = append(values, a.printed...)
	if webhookPath.MatchString(a.portal) {
		values = append(values, a.portal)
	}
	for _, kind := range []string{"logins", "renewed"} {
		paths, _ := a.tokenFiles(kind, tokenFileName) // where there are none, there is nothing to hide
		for _, path := range paths {
			if t, err := bitrix.ReadTokens(path); err == nil {
				values = append(values, t.AccessToken, t.RefreshToken, t.ClientSecret)
			}
		}
	}
	return values
}

// secret reads a credential from where the project says it is. A program runs only where
// the operator allows it.
func (a *app) secret(ctx context.Context, s spec.Secret) (string, error) {
	if len(s.Exec) == 0 {
		return s.Read(a.getenv)
	}
	if !a.allowExec && a.variable(execVariable) != "1" {
		return "", &failure{
			code: exitError, err: value.Err("program-is-not-allowed", value.T("pos", s.Pos.String())),
			hint: value.Say("allow-exec-if-trusted", value.T("variable", execVariable)),
		}
	}
	var out credentialText
	program := exec.CommandContext(ctx, s.Exec[0], s.Exec[1:]...)
	program.Stdout = &out
	if err := program.Run(); err != nil {
		return "", &failure{
			code: exitError, err: value.While(err, "running-for-the-credential", value.T("position", s.Pos.String()), value.T("program", s.Exec[0])),
			hint: value.Say("program-prints-credential-alone"),
		}
	}
	text := strings.TrimSpace(string(out))
	a.printed = append(a.printed, text)
	return text, nil
}

// holdsPrinted reads the manifests again where programs have printed credentials, which were
// not known the first time. Nothing was sent yet.
func (a *app) holdsPrinted() error {
	if len(a.printed) == 0 || !a.isRead {
		return nil
	}
	_, problems := spec.Load(a.loading())
	if !problems.HasErrors() {
		return nil
	}
	return a.showProblems(problems)
}

// maxPrinted bounds what a program prints for a credential, in bytes.
const maxPrinted = 64 << 10

// credentialText is what a program has printed. A write beyond the bound fails, which ends the
// program.
type credentialText []byte

func (p *credentialText) Write(b []byte) (int, error) {
	if len(*p)+len(b) > maxPrinted {
		return 0, value.Err("prints-too-much", value.N("most", maxPrinted>>10))
	}
	*p = append(*p, b...)
	return len(b), nil
}

// allowedHosts are the hosts that the operator lists; none if there is no list.
func (a *app) allowedHosts() []string {
	return strings.FieldsFunc(strings.ToLower(a.variable(hostsVariable)), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' })
}

// isHost tells whether a host is the one that somebody has written down. A port that was
// not written is any port.
func isHost(host, written string) bool {
	plain := func(host string) (name, port string) {
		u := &url.URL{Host: strings.ToLower(strings.TrimSpace(host))}
		port = u.Port()
		if port == "443" {
			port = ""
		}
		return strings.TrimSuffix(u.Hostname(), "."), port
	}
	name, port := plain(host)
	wanted, wantedPort := plain(written)
	return name == wanted && (wantedPort == "" || wantedPort == port)
}

func (a *app) isListed(host string) bool {
	return slices.ContainsFunc(a.allowedHosts(), func(h string) bool {
		if address, err := bitrix.NewAddress(h); err == nil {
			h = address.Host() // an address with https:// is understood too
		}
		return isHost(host, h)
	})
}

// isThisMachine tells whether a host, with or without a port, is this machine.
func isThisMachine(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	ip := net.ParseIP(name)
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

// trusted refuses a host that a project has named for a credential that is not bound to
// one, unless the operator, or Bitrix24's cloud, vouches for it. shown is the host for people.
func (a *app) trusted(host, shown string) error {
	if isThisMachine(host) || a.isListed(host) {
		return nil
	}
	if len(a.allowedHosts()) > 0 {
		return notListed(shown)
	}
	if bitrix.IsCloud(host) {
		return nil
	}
	return &failure{
		code: exitError, err: value.Err("host-is-not-vouched-for", value.T("shown", shown)),
		hint: value.Say("allow-host-if-yours", value.T("variable", hostsVariable)),
	}
}

// bound refuses a host that is not on the operator's list, if there is one.
func (a *app) bound(host string) error {
	if len(a.allowedHosts()) == 0 || isThisMachine(host) || a.isListed(host) {
		return nil
	}
	return notListed(host)
}

func notListed(shown string) error {
	return &failure{
		code: exitError, err: value.Err("host-is-not-allowed", value.T("shown", shown), value.T("variable", hostsVariable)),
		hint: value.Say("add-host-or-correct-credential"),
	}
}

// pinned refuses a portal that is not the one that the environment is for.
func pinned(env *spec.Environment, host, shown string) error {
	if env == nil || env.Host == "" || isHost(host, env.Host) {
		return nil
	}
	return &failure{
		code: exitError, err: value.Err("credential-is-for-other-portal", value.Q("env", env.Name), value.T("pinned", env.Show("host", env.Host)), value.T("shown", shown)),
		hint: value.Say("use-credential-of-portal"),
	}
}

// contradicts refuses a project that names another portal than the operator's variables do.
// named is the host that the project names, "" if it is not known.
func (a *app) contradicts(env *spec.Environment, named string) error {
	for _, variable := range []string{webhookVariable, portalVariable} {
		if variable == env.Webhook.Env {
			continue
		}
		host := a.variable(variable)
		if variable == webhookVariable {
			host = hostOf(host)
		}
		if a.variable(variable) == "" || host != "" && (isHost(named, host) || sameHost(host, named)) {
			continue
		}
		return &failure{
			code: exitError, err: value.Err("project-contradicts-variable", value.Q("env", env.Name), value.T("variable", variable)),
			hint: value.Say("unset-for-project", value.T("variable", variable), value.T("other", webhookVariable)),
		}
	}
	return nil
}

// moves is asked before a credential follows a portal to another host. It tells each move
// once, in one line.
func (a *app) moves(env *spec.Environment, can access) func(from, to string) error {
	var mu sync.Mutex
	told := map[string]bool{}
	return func(from, to string) error {
		if err := a.mayMove(env, can, from, to); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if key := from + " " + to; !told[key] {
			told[key] = true
			a.warn(value.Say("portal-has-moved", value.T("from", from), value.T("to", to)), value.Message{})
		}
		return nil
	}
}

// mayMove refuses to follow a portal to another site. What a redirect says is no proof of
// a renaming, and whoever can fake it would get the credential.
func (a *app) mayMove(env *spec.Environment, can access, from, to string) error {
	listed := len(a.allowedHosts()) > 0
	switch {
	case env != nil && env.Host != "" && !isHost(to, env.Host):
		return value.Err("portal-has-moved-from-environment", value.T("from", from), value.T("to", to), value.Q("env", env.Name))
	case a.isListed(to), !listed && bitrix.IsCloud(to):
		return nil
	case !listed && can == reading && isThisMachine(from) && isThisMachine(to):
		return nil
	}
	return value.Err("portal-has-moved-away", value.T("from", from), value.T("to", to), value.T("variable", hostsVariable))
}
