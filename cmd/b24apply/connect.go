package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/spec"
)

const (
	// webhookVariable is where the webhook's URL is found without a project file.
	webhookVariable = "B24_WEBHOOK_URL"
	// planVariable tells the portal's limits where no environment does.
	planVariable = "B24_PLAN"
)

// access is what a command may do on the portal.
type access bool

const (
	reading access = false
	writing access = true
)

// connect makes a client for the portal that the command is to work on: --portal
// wins over the project's environment, which wins over B24_WEBHOOK_URL. It sends
// nothing yet, except a question for the plan if that is auto. The caller closes.
func (a *app) connect(ctx context.Context, set *spec.Set, can access) (client *bitrix.Client, closer func(), err error) {
	none := func() {}
	if kind, file, _ := strings.Cut(a.portal, ":"); kind == "embedded" {
		return a.embedded(ctx, file, can)
	}
	webhook, plan, err := a.webhook(ctx, set)
	if err != nil {
		return nil, none, &failure{code: exitError, err: err, hint: hintOf(err, "set "+webhookVariable+" to the webhook's URL, or try --portal embedded")}
	}
	waits := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	client, err = bitrix.New(bitrix.Config{
		Webhook: webhook, Plan: plan, Logger: waits, ReadOnly: can == reading,
		Concurrency: int(a.speed.concurrency), Budget: int(a.speed.budget),
	})
	if err != nil {
		return nil, none, &failure{code: exitError, err: err, hint: hintOf(err, "a webhook URL looks like https://company.bitrix24.com/rest/1/abc123/; an administrator makes one under Developer resources")}
	}
	if plan == "auto" {
		learnPlan(ctx, client, waits)
	}
	return client, none, nil
}

func hintOf(err error, otherwise string) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		return hinted.Hint()
	}
	return otherwise
}

// webhook finds the webhook's URL and the plan of the portal behind it.
func (a *app) webhook(ctx context.Context, set *spec.Set) (webhook, plan string, err error) {
	if a.portal != "" {
		if !isLoopbackURL(a.portal) {
			return "", "", &failure{err: errors.New("--portal takes embedded[:FILE] or the webhook URL of a portal on this machine"),
				hint: "put the webhook's URL into " + webhookVariable + ": a command line can be read by others"}
		}
		return a.portal, a.planOf(set), nil
	}
	if set.Env != nil {
		if set.Env.Webhook.IsZero() {
			return "", "", fmt.Errorf("environment %q names no portal", set.Env.Name)
		}
		webhook, err = a.secret(ctx, set.Env.Webhook)
		return webhook, a.planOf(set), err
	}
	if len(set.Project.Environments) > 0 {
		names := make([]string, len(set.Project.Environments))
		for i, e := range set.Project.Environments {
			names[i] = e.Name
		}
		return "", "", &failure{err: errors.New("the project has several environments"), hint: "choose one with --env: " + strings.Join(names, ", ")}
	}
	webhook, ok := a.getenv(webhookVariable)
	if !ok || webhook == "" {
		return "", "", errors.New("no portal to work on")
	}
	return webhook, a.planOf(set), nil
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

// webhookPath is the part of a webhook's URL that lets anyone into the portal.
var webhookPath = regexp.MustCompile(`(?i)https?:/.*/rest/+[0-9]+/+[0-9a-z_-]+`)

// refuseSecrets refuses a command line that holds a webhook's URL, without
// repeating it: others can read command lines, and errors quote them. The webhook of
// a portal on this machine may be given to --portal.
func refuseSecrets(args []string) error {
	for i, arg := range args {
		value, isPortal := strings.CutPrefix(arg, "--portal=")
		isPortal = isPortal || i > 0 && args[i-1] == "--portal"
		if webhookPath.MatchString(value) && !(isPortal && isLoopbackURL(value)) {
			return &failure{code: exitError, err: errors.New("the command line holds the URL of a webhook, which is a password"),
				hint: "put it into " + webhookVariable + ": a command line can be read by others"}
		}
	}
	return nil
}

// secret reads a credential from where the project says it is.
func (a *app) secret(ctx context.Context, s spec.Secret) (string, error) {
	switch {
	case s.Env != "":
		v, ok := a.getenv(s.Env)
		if !ok || v == "" {
			return "", &failure{err: fmt.Errorf("%s: the environment variable %s is not set", s.Pos, s.Env), hint: "set it to the webhook's URL"}
		}
		return strings.TrimSpace(v), nil
	case s.File != "":
		b, err := os.ReadFile(s.File)
		if err != nil {
			return "", fmt.Errorf("%s: read the credential: %w", s.Pos, err)
		}
		return strings.TrimSpace(string(b)), nil
	}
	out, err := exec.CommandContext(ctx, s.Exec[0], s.Exec[1:]...).Output()
	if err != nil {
		return "", fmt.Errorf("%s: run %s for the credential: %w", s.Pos, s.Exec[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// embeddedAddress is where the links of an embedded portal point: the address at
// which "b24apply portal --data FILE" serves the same records by default.
const embeddedAddress = "127.0.0.1:8024"

// embedded opens a portal in a box inside this process.
func (a *app) embedded(ctx context.Context, file string, can access) (*bitrix.Client, func(), error) {
	none := func() {}
	if file == "" {
		file = filepath.Join(a.dir, ".b24apply", "portal.db")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, none, fmt.Errorf("make a place for the embedded portal: %w", err)
	}
	p, err := portal.Open(ctx, portal.Config{Data: file})
	if err != nil {
		return nil, none, fmt.Errorf("open the embedded portal: %w", err)
	}
	client, err := bitrix.New(bitrix.Config{
		Webhook: "http://" + embeddedAddress + p.WebhookPath(), Plan: "box", Transport: handlerTransport{p}, Timeout: 10 * time.Minute, ReadOnly: can == reading,
		Concurrency: int(a.speed.concurrency), Budget: int(a.speed.budget),
	})
	if err != nil {
		return nil, none, err
	}
	return client, func() { _ = p.Close() }, nil
}

// handlerTransport answers requests by a handler in this process, with no socket.
type handlerTransport struct{ handler http.Handler }

func (t handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	defer req.Body.Close()
	rec := &recorder{header: make(http.Header), status: http.StatusOK}
	if aborted := serve(t.handler, rec, req); aborted {
		return nil, io.ErrUnexpectedEOF
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return rec.response(req), nil
}

// serve runs a handler and reports whether it gave up the connection, which it
// does by a panic with http.ErrAbortHandler.
func serve(h http.Handler, w http.ResponseWriter, req *http.Request) (aborted bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(v)
		}
	}()
	h.ServeHTTP(w, req)
	return false
}

// recorder keeps a handler's answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) response(req *http.Request) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.header, Body: readCloser{bytes.NewReader(r.body.Bytes())}, ContentLength: int64(r.body.Len()), Request: req,
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }
