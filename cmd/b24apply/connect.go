package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// access is what a command may do on the portal.
type access bool

const (
	reading access = false
	writing access = true
)

// connect makes a client for the portal that the command is to work on, as
// credential finds it. It sends nothing yet, except a question for the plan if that is
// auto. The caller closes.
func (a *app) connect(ctx context.Context, set *spec.Set, can access) (client *bitrix.Client, closer func(), err error) {
	none := func() {}
	if a.isBoxed() {
		_, file, _ := strings.Cut(a.portal, ":")
		return a.embedded(ctx, a.embeddedFile(file, set), can)
	}
	if can == writing {
		if err := a.refuseDryRunOnly(set); err != nil {
			return nil, none, err
		}
	}
	c, err := a.credential(ctx, set)
	if err != nil {
		return nil, none, noCredential(err)
	}
	if err := a.holdsPrinted(); err != nil {
		return nil, none, err
	}
	client, err = a.clientOf(ctx, c, a.planOf(set), can)
	return client, none, err
}

// clientOf makes the client for a credential.
func (a *app) clientOf(ctx context.Context, c credential, plan string, can access) (*bitrix.Client, error) {
	c = a.hideCredential(c)
	log := a.logger()
	client, err := bitrix.New(bitrix.Config{
		Webhook: c.webhook, Tokens: c.tokens, Plan: plan, Logger: log, ReadOnly: can == reading,
		Concurrency: int(a.speed.concurrency), Budget: int(a.speed.budget), Moved: a.moves(c.env, can),
		WaitForPortal: time.Duration(a.speed.patience), Outage: a.outage, Transport: a.transport,
	})
	if err == nil {
		err = errors.Join(a.bound(client.Portal()), pinned(c.env, client.Portal(), client.Portal()))
	}
	if err != nil {
		hint := value.Say("check-address-and-token")
		switch {
		case errors.Is(err, bitrix.ErrUnknownPlan):
			hint = value.Say("correct-variable", value.T("variable", planVariable)) // a project's plan is one of its schema
		case c.tokens == nil:
			hint = value.Say("webhook-looks-like")
		}
		return nil, &failure{code: exitError, err: err, hint: hintOf(err, hint)}
	}
	if plan == "auto" {
		learnPlan(ctx, client, log)
	}
	return client, nil
}

// noCredential gives an error of finding a credential its exit code and a remedy.
func noCredential(err error) error {
	code := exitError
	var (
		known *failure
		file  *bitrix.FileError
	)
	switch {
	case errors.As(err, &known) && known.code != 0:
		code = known.code
	case errors.As(err, &file):
		code = exitAuth
	}
	return &failure{code: code, err: err, hint: hintOf(err, value.Say("set-webhook-or-log-in", value.T("variable", webhookVariable)))}
}

// logger tells on stderr what a person should know of the requests: the waits
// that one would notice, or with --verbose every request.
func (a *app) logger() *slog.Logger {
	level := slog.LevelInfo
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}

// textOf is an error as people read it.
func textOf(err error) string { return ui.Text(value.SaidBy(err)) }

// hintOf is what to do about an error.
func hintOf(err error, otherwise value.Message) value.Message {
	return value.RemedyOf(err).Or(otherwise)
}

// planOf is the plan of the portal: what the environment says, else B24_PLAN.
func (a *app) planOf(set *spec.Set) string {
	if set.Env != nil && set.Env.Plan != "" {
		return set.Env.Plan
	}
	plan, _ := a.getenv(planVariable)
	return plan
}

func isLoopbackURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// embeddedAddress is where the links of an embedded portal point: the address at
// which "b24apply portal --data FILE" serves the same records by default.
const embeddedAddress = "127.0.0.1:8024"

// portalName is what plans and reports call the portal: its host, but for a portal in a box
// inside this process, which has none.
func (a *app) portalName(host string) string {
	switch {
	case a.standsFor != "":
		return a.standsFor
	case a.isBoxed():
		return plan.PortalInABox
	}
	return host
}

// isBoxed tells whether the portal is one in a box, inside this process.
func (a *app) isBoxed() bool {
	kind, _, _ := strings.Cut(a.portal, ":")
	return kind == "embedded"
}

// embedded opens a portal in a box inside this process.
func (a *app) embedded(ctx context.Context, file string, can access) (*bitrix.Client, func(), error) {
	none := func() {}
	if err := ownData(file); err != nil {
		return nil, none, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, none, value.While(err, "making-place-for-embedded")
	}
	p, err := portal.Open(ctx, portal.Config{Data: file})
	if err != nil {
		return nil, none, value.While(err, "opening-embedded")
	}
	client, err := bitrix.New(bitrix.Config{
		Webhook: "http://" + embeddedAddress + p.WebhookPath(), Plan: "box", Transport: portal.Transport(p), Timeout: 10 * time.Minute, Logger: a.logger(), ReadOnly: can == reading,
		Concurrency: int(a.speed.concurrency), Budget: int(a.speed.budget), WaitForPortal: time.Duration(a.speed.patience), Outage: a.outage,
	})
	if err != nil {
		return nil, none, err
	}
	return client, func() { _ = p.Close() }, nil
}

// ownData refuses a file for a portal's records that is none, or that a link in a state
// folder leads to.
func ownData(file string) error {
	err := safefile.Writable(file, "-wal", "-shm", "-journal")
	if err == nil {
		return nil
	}
	return linkedState(value.While(err, "records-of-portal", value.T("file", file)))
}
