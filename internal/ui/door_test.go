package ui

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/value"
)

// commandOf is the command that the runner of a CI service would see in a line, after
// the sources of GitHub's runner, Azure's agent and TeamCity's documentation.
func commandOf(line string) string {
	if at := strings.TrimSpace(line); strings.HasPrefix(at, "::") {
		return at
	}
	for _, start := range []string{"##[", "##vso[", "##teamcity["} {
		if i := strings.Index(line, start); i >= 0 {
			return line[i:]
		}
	}
	return ""
}

// passed is what a door makes of texts that are written one after another.
func passed(t interface{ Fatal(...any) }, d *Door, out *bytes.Buffer, texts ...string) string {
	for _, text := range texts {
		if n, err := d.Write([]byte(text)); err != nil || n != len(text) {
			t.Fatal(n, err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCaseA8NothingThatPassesTheDoorIsObeyed(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain, Grüße\n\tand 東京 👍🏽\n", "plain, Grüße\n\tand 東京 👍🏽\n"},
		{"no\x1b[2J\n::error::hi", `no\u001b[2J` + "\n" + `:\u003aerror::hi`},
		{"  \t::warning::z.yaml:1:1: bad", "  \t" + `:\u003awarning::z.yaml:1:1: bad`},
		{"a ::b:: c", "a ::b:: c"},
		{"##[set-output name=approved]true", `##\u005bset-output name=approved]true`},
		{"x ##vso[task.setvariable]y", `x ##vso\u005btask.setvariable]y`},
		{"###teamcity[x]", `###teamcity\u005bx]`},
		{"##a##[b", `##a##\u005bb`},
		{"# [a] ## [b] #[c]", "# [a] ## [b] #[c]"},
		{"\r::stop-commands::x", `\u000d::stop-commands::x`},
		{"\u2028::add-mask::x", `\u2028::add-mask::x`},
		{"a\u202eb\u2066c\u200fd\u061ce\u200bf\ufeffg\u00adh", `a\u202eb\u2066c\u200fd\u061ce\u200bf\ufeffg\u00adh`},
		{"\u009b1A\x07\x7f\x00", `\u009b1A\u0007\u007f\u0000`},
		{"a\u3164b\u115fc\U000e0100d\U000e0041", `a\u3164b\u115fc\udb40\udd00d\udb40\udc41`},
		{"\x1b[31mred\x1b[0m" + ClearLine, `\u001b[31mred\u001b[0m\u000d\u001b[K`},
		{"\xff \xe2\x82", `\ufffd \ufffd\ufffd`},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		if got := passed(t, NewDoor(&out, Style{}, false), &out, tt.in); got != tt.want {
			t.Errorf("%q passed as %q, want %q", tt.in, got, tt.want)
		}
	}
}

// Where a text is cut in two changes nothing, and neither a command nor a control can be
// put together from pieces.
func TestCaseA8PiecesOfTextAreInertTogether(t *testing.T) {
	piece := rapid.OneOf(rapid.SampledFrom([]string{":", "::", "##", "#", "[", "vso", "teamcity", "\n", " ", "\t", "\u00a0", "\x1b", "\x1b[", "\x1b[31m", "\r", "K", "\u202e", "\xe2", "\x80", "\xae", "error"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(piece).Draw(t, "pieces")
		terminal := rapid.Bool().Draw(t, "terminal")
		var apart, whole bytes.Buffer
		got := passed(t, NewDoor(&apart, Style{Color: terminal}, terminal), &apart, pieces...)
		if want := passed(t, NewDoor(&whole, Style{Color: terminal}, terminal), &whole, strings.Join(pieces, "")); got != want {
			t.Fatalf("in pieces %q, as a whole %q", got, want)
		}
		if terminal {
			for _, c := range colours {
				got = strings.ReplaceAll(got, c.start(), "")
			}
			got = strings.ReplaceAll(got, ClearLine, "\n")
		}
		for line := range strings.Lines(got) {
			if c := commandOf(line); c != "" {
				t.Fatalf("command %q", c)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }) {
				t.Fatalf("not printable: %q", line)
			}
		}
	})
}

func TestCaseA8JSONThatPassesTheDoorSaysTheSame(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"::error::x", "\n::a::b", "##[group]", "\\##vso[x]", "\x1b[2J\x1b]0;t\a", "\u202e", "\x7f\u009b", "\U000e0041", `\`}))
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]any{text.Draw(t, "name"): []any{text.Draw(t, "value"), text.Draw(t, "other")}}
		document, err := json.MarshalIndent(want, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		var got map[string]any
		if err := json.Unmarshal([]byte(passed(t, NewDoor(&out, Style{}, false), &out, string(document))), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q, %v", out.String(), err)
		}
	})
}

func TestCaseA8OnlyOurColoursReachATerminal(t *testing.T) {
	var out bytes.Buffer
	d := NewDoor(&out, Style{Color: true}, true)
	got := passed(t, d, &out, d.Style().paint(red, "bad"), ClearLine, "::error::x\x1b[2J\x1b[3", "3m\x1b]0;t\x07")
	if want := "\x1b[31mbad\x1b[0m" + ClearLine + `:\u003aerror::x\u001b[2J` + "\x1b[33m" + `\u001b]0;t\u0007`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// gone is a pipe whose reader went away.
type gone struct{ writes int }

func (g *gone) Write([]byte) (int, error) { g.writes++; return 0, syscall.EPIPE }

func TestCaseC15AClosedReaderEndsNothing(t *testing.T) {
	g := &gone{}
	d := NewDoor(g, Style{}, false)
	for range 3 {
		if _, err := io.WriteString(d, "text\n"); err != nil {
			t.Error(err)
		}
	}
	if !d.Closed() || g.writes != 1 {
		t.Errorf("closed %v after %d writes", d.Closed(), g.writes)
	}
}

func TestMessageHoldsItsLinesTogether(t *testing.T) {
	got := render(t, func(w io.Writer) error {
		return Message(w, value.Verbatim("one\n::error::two\r\n\x1b[2Jthree"), value.Verbatim("do\nthis"), Style{})
	})
	if want := "b24apply: one\n\t::error::two\n\t" + `\x1b[2Jthree` + "\n\thint: do; this\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
