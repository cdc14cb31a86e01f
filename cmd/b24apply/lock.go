package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/runlock"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// The variables that name the folder for what a user's runs keep on this machine.
const (
	stateVariable    = "B24_STATE_HOME"
	xdgStateVariable = "XDG_STATE_HOME"
)

// lockOptions are the flags of commands that write records.
type lockOptions struct{ timeout time.Duration }

func (o *lockOptions) flags(c *cobra.Command, stateDir *string) {
	c.Flags().StringVar(stateDir, "state-dir", "", "keep the folder of the run below `DIR`, not in the project's .b24apply")
	c.Flags().DurationVar(&o.timeout, "lock-timeout", 0, "if another run is changing this portal for the same owner, wait for it as long as `DURATION`, such as 5m")
}

func (o *lockOptions) check() error {
	if o.timeout < 0 {
		return &failure{code: exitError, err: value.Err("lock-timeout-is-negative", value.T("timeout", o.timeout.String())), hint: value.Say("give-time-or-leave-out")}
	}
	return nil
}

// stateFolder is the folder for what the user's runs keep on this machine.
// Source: https://specifications.freedesktop.org/basedir/latest/
func (a *app) stateFolder() (string, error) {
	if dir := a.variable(stateVariable); dir != "" {
		return dir, nil
	}
	if dir := a.variable(xdgStateVariable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "b24apply"), nil
	}
	if a.homeDir == nil {
		return "", value.Err("there-is-no-home-folder")
	}
	home, err := a.homeDir()
	return filepath.Join(home, ".local", "state", "b24apply"), err
}

// lockRun keeps other runs on this machine from changing the portal for the same owner
// until release is called, and those that still use a former name of it. It is taken before the plan is read: what both find missing,
// both would create.
func (a *app) lockRun(ctx context.Context, client *bitrix.Client, set *spec.Set, command, run string, o lockOptions) (release func(), err error) {
	dir, err := a.stateFolder()
	if err != nil {
		return nil, noLock(value.While(err, "finding-folder-of-lock"))
	}
	portal, err := a.portalIdentity(client, set)
	if err != nil {
		return nil, noLock(value.While(err, "finding-embedded-file"))
	}
	release, err = a.takeLocks(ctx, runlock.Config{
		Dir: filepath.Join(dir, "locks"), Portal: portal, Command: command, Run: run, Timeout: o.timeout,
		Waiting: func(h runlock.Holder) {
			a.tell("waiting-for-other-run", value.T("time", o.timeout.String()), value.M("run", holder(h)))
		},
	}, append([]string{set.Project.Name}, set.Project.FormerNames...))
	var held *runlock.Held
	switch {
	case errors.As(err, &held):
		return nil, &failure{code: exitHeld, err: heldBy(held), hint: value.Say("wait-for-other-run")}
	case ctx.Err() != nil:
		return nil, &failure{code: exitInterrupted, err: value.Err("interrupted-nothing-was-written")}
	case err != nil:
		return nil, noLock(value.While(err, "taking-the-lock"))
	}
	return release, nil
}

// heldBy says who holds the lock, and how long it was waited for.
func heldBy(held *runlock.Held) error {
	if held.Waited > 0 {
		return value.Err("lock-is-held-still", value.M("holder", holder(held.Holder)), value.T("time", held.Waited.String()))
	}
	return value.Err("lock-is-held", value.M("holder", holder(held.Holder)))
}

// holder says who holds a lock, and since when.
func holder(h runlock.Holder) value.Message {
	if h.PID == 0 {
		return value.Say("unknown-process")
	}
	user, host := value.Verbatim(h.User), value.Verbatim(h.Host)
	return value.Say("holder-of-lock", value.T("command", h.Command), value.T("run", h.Run), value.T("pid", strconv.Itoa(h.PID)),
		value.M("user", user.Or(value.Say("nameless-user"))), value.M("host", host.Or(value.Say("nameless-host"))), value.T("time", h.Age().String()))
}

// takeLocks takes the lock of each owner, in an order in which no two runs wait for each
// other, and all of them or none.
func (a *app) takeLocks(ctx context.Context, cfg runlock.Config, owners []string) (release func(), err error) {
	var locks []*runlock.Lock
	release = func() {
		for _, l := range slices.Backward(locks) {
			l.Unlock()
		}
	}
	for _, owner := range slices.Compact(slices.Sorted(slices.Values(owners))) {
		cfg.Owner = owner
		l, err := runlock.Take(ctx, cfg)
		if err != nil {
			release()
			return nil, err
		}
		locks = append(locks, l)
	}
	return release, nil
}

func noLock(err error) error {
	return &failure{code: exitError, err: err, hint: value.Say("make-state-folder-writable", value.T("variable", stateVariable))}
}

// portalIdentity names the portal in one way however it is reached.
func (a *app) portalIdentity(client *bitrix.Client, set *spec.Set) (string, error) {
	if a.standsFor != "" {
		return "copy:" + a.standsFor, nil
	}
	if kind, file, _ := strings.Cut(a.portal, ":"); kind == "embedded" {
		return runlock.File(a.embeddedFile(file, set))
	}
	return runlock.Portal(client.Portal()), nil
}

// embeddedFile is the file of the embedded portal: one for a project, from wherever in
// it a command is started.
func (a *app) embeddedFile(file string, set *spec.Set) string {
	if file == "" {
		return filepath.Join(a.memory(set), ".b24apply", "portal.db")
	}
	return a.path(file)
}
