//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A person at a terminal sees the plan before the question, also where standard output is a pipe
// such as "| tee log". Whatever is no "yes" writes nothing.
func TestThePlanIsSeenBeforeTheQuestion(t *testing.T) {
	const yes, controlC, controlD = "yes\n", "\x03", "\x04"
	for _, tc := range []struct {
		name, answer string
		args         []string
		piped        bool
		code         int
		told         string
	}{
		{"yes", yes, nil, true, exitDone, ""},
		{"yes, all of it a terminal", yes, nil, false, exitDone, ""},
		{"yes, as JSON", yes, []string{"-o", "json"}, true, exitDone, ""},
		{"no", "no\n", nil, true, exitRefused, "not confirmed; nothing was written"},
		{"almost yes", "Yes\n", nil, false, exitRefused, "not confirmed; nothing was written"},
		{"an empty line", "\n", []string{"-o", "json"}, true, exitRefused, "not confirmed; nothing was written"},
		{"the end of the input", controlD, nil, true, exitRefused, "not confirmed; nothing was written"},
		{"Ctrl-C", controlC, nil, true, exitInterrupted, "interrupted; nothing was written"},
		{"Ctrl-C behind letters", "ye" + controlC, nil, false, exitInterrupted, "interrupted; nothing was written"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newLockBench(t)
			run := b.atTerminal(append([]string{"apply", "-f", "company.yaml"}, tc.args...), tc.piped)
			asked := run.until(`Only "yes" is accepted: `)
			if plan := strings.Index(asked, "1 to create"); plan < 0 || !strings.Contains(asked[plan:], "company/acme") || strings.Index(asked, "Apply 1 change") < plan {
				t.Errorf("the question comes without the plan:\n%s", asked)
			}
			code, rest := run.answer(tc.answer)
			if code != tc.code || !strings.Contains(rest, tc.told) {
				t.Errorf("exit code %d, want %d\n%s", code, tc.code, rest)
			}
			if wrote := b.portal.Stats().Commands["crm.item.add"] > 0; wrote != (tc.code == exitDone) {
				t.Errorf("it wrote: %t", wrote)
			}
			log := run.out.String()
			if tc.piped && tc.args == nil && strings.Contains(log, "1 to create") != (tc.code == exitDone) {
				t.Errorf("the log of a run that ends with %d holds:\n%s", code, log)
			}
		})
	}
}

// Whoever destroys has to type the portal and the number of what is deleted; after a canary, whether
// the others follow is asked as well.
func TestDestroyAsksForPortalAndNumber(t *testing.T) {
	t.Parallel()
	b := newLockBench(t)
	b.write("b24apply.yaml", "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: acme}\nspec: {manifests: [company.yaml]}\n")
	b.write("company.yaml", lockManifest+"---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: globex}\nspec: {fields: {title: Globex}}\n")
	run := b.atTerminal([]string{"apply", "--canary", "1"}, false)
	run.until(`Only "yes" is accepted: `)
	if _, err := run.terminal.WriteString("yes\n"); err != nil {
		t.Fatal(err)
	}
	run.until(`The first 1 change is made and verified; 1 change is left. Go on? Only "yes" is accepted: `)
	if code, rest := run.answer("no\n"); code != exitItems || !strings.Contains(rest, "CANARY_DECLINED") {
		t.Fatalf("exit code %d\n%s", code, rest)
	}
	host := strings.TrimPrefix(b.server.URL, "http://")
	for _, tc := range []struct {
		answer string
		code   int
		told   string
		left   int
	}{
		{"yes\n", exitRefused, "not confirmed; nothing was written", 0},
		{host + " 2\n", exitRefused, "answer " + host + " 1 to go on", 0},
		{host + " 1\n", exitDone, "1 planned: 1 succeeded", 1},
	} {
		run := b.atTerminal([]string{"destroy"}, false)
		asked := run.until(`Type "` + host + ` 1" to go on: `)
		if !strings.Contains(asked, "This deletes 1 record") {
			t.Errorf("it is asked:\n%s", asked)
		}
		if code, rest := run.answer(tc.answer); code != tc.code || !strings.Contains(rest, tc.told) {
			t.Errorf("%q: exit code %d, want %d\n%s", tc.answer, code, tc.code, rest)
		}
		if got := b.portal.Stats().Commands["crm.item.delete"]; got != tc.left {
			t.Errorf("%q: %d records were deleted", tc.answer, got)
		}
	}
}

// A terminalRun is a command whose person has a terminal.
type terminalRun struct {
	*testing.T
	command  *exec.Cmd
	terminal *os.File
	out      bytes.Buffer // what went into the pipe
}

// atTerminal starts the program in the bench's folder; piped keeps its standard output from
// the terminal.
func (b *lockBench) atTerminal(args []string, piped bool) *terminalRun {
	b.Helper()
	person, program, err := pty.Open()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = person.Close() })
	defer program.Close()
	r := &terminalRun{T: b.T, terminal: person, command: exec.Command("b24apply", args...)}
	r.command.Dir = b.dir
	r.command.Env = append(os.Environ(), planVariable+"=box", stateVariable+"="+b.state, "NO_COLOR=1", "B24_WEBHOOK_URL="+b.server.URL+b.portal.WebhookPath())
	r.command.Stdin, r.command.Stdout, r.command.Stderr = program, program, program
	if piped {
		r.command.Stdout = &r.out
	}
	r.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := r.command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = r.command.Process.Kill() })
	return r
}

// until reads the terminal until a text is there.
func (r *terminalRun) until(text string) (screen string) {
	r.Helper()
	_ = r.terminal.SetReadDeadline(time.Now().Add(time.Minute))
	for buffer := make([]byte, 4096); !strings.Contains(screen, text); {
		n, err := r.terminal.Read(buffer)
		screen += string(buffer[:n])
		if err != nil {
			r.Fatalf("%v; the terminal shows:\n%s", err, screen)
		}
	}
	return screen
}

// answer types keys, and gives what the terminal shows until the program ends.
func (r *terminalRun) answer(keys string) (code int, screen string) {
	r.Helper()
	if _, err := r.terminal.WriteString(keys); err != nil {
		r.Fatal(err)
	}
	shown := make(chan string)
	go func() {
		var all bytes.Buffer
		_, _ = all.ReadFrom(r.terminal) // it ends with an error once nobody holds the other side
		shown <- all.String()
	}()
	_ = r.command.Wait()
	_ = r.terminal.SetReadDeadline(time.Now().Add(time.Second))
	return r.command.ProcessState.ExitCode(), <-shown
}
