package ui

import (
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// evil holds what moves a cursor, sets a title, hides or reverses text.
const evil = "a\x1b[2J\x1b]0;t\x07b\rc\u009b1Ad\u202ee\u2066f\u200bg\u2028h\x7fi\x00\bj\ufeff\U000e0041\xffend"

// poison puts evil into every string that v holds. Times stay as they are.
func poison(v reflect.Value) {
	switch {
	case !v.CanSet() || v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.String && v.Type() != reflect.TypeFor[plan.Action]():
		v.SetString(evil)
	case v.Type() == reflect.TypeFor[value.Message]():
		poison(v.FieldByName("Args"))
	case v.Type() == reflect.TypeFor[value.Arg]():
		poison(v.FieldByName("Text"))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i))
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case v.Kind() == reflect.Interface && !v.IsNil():
		filled := reflect.New(v.Elem().Type()).Elem()
		filled.Set(v.Elem())
		poison(filled)
		v.Set(filled)
	}
}

func TestNothingThatPeopleTypeReachesTheTerminalRaw(t *testing.T) {
	plan, report, problems := story(), ended(), findings()
	poison(reflect.ValueOf(plan).Elem())
	items := report.Items.List()
	poison(reflect.ValueOf(report).Elem())
	poison(reflect.ValueOf(&items).Elem())
	report.Items = apply.ListOutcomes(items...)
	poison(reflect.ValueOf(&problems).Elem())
	tests := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"Problems", func(w io.Writer) error { return Problems(w, problems, Style{}) }},
		{"ProblemsJSON", func(w io.Writer) error { return ProblemsJSON(w, problems) }},
		{"Plan", func(w io.Writer) error { return Plan(w, plan, Style{}) }},
		{"narrow Plan", func(w io.Writer) error { return Plan(w, plan, Style{Width: 40}) }},
		{"PlanJSON", func(w io.Writer) error { return PlanJSON(w, plan) }},
		{"Report", func(w io.Writer) error { return Report(w, report, Style{}) }},
		{"ReportJSON", func(w io.Writer) error { return ReportJSON(w, report) }},
		{"Outcome", func(w io.Writer) error { return Outcome(w, items[0], Style{}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := render(t, tt.write)
			if !strings.Contains(got, "end") {
				t.Fatalf("the text is not shown at all:\n%s", got)
			}
			for _, line := range strings.Split(strings.TrimSuffix(got, "\n"), "\n") {
				if i := strings.IndexFunc(strings.TrimLeft(line, "\t"), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 || !utf8.ValidString(line) {
					t.Errorf("not printable: %q", line)
				}
			}
		})
	}
}

func TestEscapedTextReadsAsInGo(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain, Grüße, 東京, 👍🏽", "plain, Grüße, 東京, 👍🏽"},
		{"\x1b[31m", `\x1b[31m`},
		{"a\u202eb", `a\u202eb`},
		{"a\u009bb", `a\u009bb`},
		{"a\U000e0041b", `a\U000e0041b`},
		{"a\xffb", `a\xffb`},
		{"a\ufffdb", "a\ufffdb"},
		{"a\tb\x00", `a\tb\x00`},
		{"a\nb\r\nc\rd", `a⏎b⏎c\rd`},
		{`it's "C:\temp"`, `it's "C:\temp"`},
		{"12\u00a0000", `12\u00a0000`},
	}
	for _, tt := range tests {
		if got := clean(tt.in); got != tt.want {
			t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestCutCountsColumnsAndKeepsCharactersWhole(t *testing.T) {
	tests := []struct {
		in    string
		width int
		want  string
	}{
		{"short", 5, "short"},
		{strings.Repeat("a", 31), 30, "aaaaaaaaaaaaa… (31 characters)"},
		{strings.Repeat("東", 16), 30, "東東東東東東… (16 characters)"},
		{strings.Repeat("東", 15), 30, strings.Repeat("東", 15)},
		{strings.Repeat("e\u0301", 30), 30, strings.Repeat("e\u0301", 30)},
		{strings.Repeat("e\u0301", 31), 30, strings.Repeat("e\u0301", 13) + "… (62 characters)"},
		{strings.Repeat("\x1b", 20), 30, `\x1b\x1b\x1b… (20 characters)`},
		{strings.Repeat("a", 1234567), 30, "aaaaaa… (1,234,567 characters)"},
	}
	for _, tt := range tests {
		got := english.cut(tt.in, tt.width)
		if got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestCutTextIsPrintableAndFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		width := rapid.IntRange(minWidth, 120).Draw(t, "width")
		for _, got := range []string{english.cut(s, width), english.quoted(s, width), english.shownValue(value.Shown{Text: s}, width), english.joined([]value.Shown{{Text: s}, {Text: s}}, width)} {
			if columns(got) > width || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Fatalf("%d columns of %d: %q", columns(got), width, got)
			}
		}
	})
}

func TestLinesOfAFieldFitForAnyTexts(t *testing.T) {
	texts := rapid.OneOf(rapid.Just[any](nil), rapid.Map(rapid.String(), func(s string) any { return s }), rapid.Map(rapid.SliceOfN(rapid.String(), 1, 5), func(s []string) any { return s }))
	types := rapid.SampledFrom([]kind.FieldType{kind.TypeString, kind.TypeMultifield, kind.TypeContact, kind.TypeUser})
	rapid.Check(t, func(t *rapid.T) {
		f := field("phones", types.Draw(t, "type"), texts.Draw(t, "before"), texts.Draw(t, "after"))
		c := &plan.Change{Kind: "Contact", Action: rapid.SampledFrom(plan.Actions).Draw(t, "action")}
		for _, got := range english.fieldLines(c, f, 60) {
			if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Fatalf("not printable: %q", got)
			}
		}
	})
}

func TestStatusesAndActionsAllHaveALook(t *testing.T) {
	for _, a := range plan.Actions {
		if l := lookFor(a); l.count == "" {
			t.Errorf("%s has no count", a)
		}
	}
	for _, s := range apply.Statuses {
		if statusColour(s) == "" {
			t.Errorf("%s has no colour", s)
		}
	}
}
