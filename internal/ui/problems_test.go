package ui

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func findings() spec.Problems {
	return spec.Problems{
		{Pos: at("deals.yaml", 6, 14), Width: 7, Severity: spec.SeverityError, Rule: "stage", Message: value.Verbatim(`stageId: "Propsal" is no stage of pipeline "Sales"`),
			Hint: value.Verbatim(`did you mean "Proposal"? stages: New, Proposal, Won, Lost`), Excerpt: "    stageId: Propsal"},
		{Pos: at("deals.yaml", 112, 5), Width: 11, Severity: spec.SeverityWarning, Rule: "literal-field", Message: value.Verbatim("UF_CRM_12_SERIAL is this portal's own name"),
			Hint: value.Verbatim("write SERIAL"), Excerpt: "    UF_CRM_12_SERIAL: 12"},
		{Pos: at("companies.yaml", 0, 0), Severity: spec.SeverityError, Rule: "file", Message: value.Verbatim("the file is empty")},
		{Pos: at("companies/new.yaml", 4, 20), Severity: spec.SeverityError, Rule: "syntax", Message: value.Verbatim("a value is missing"), Excerpt: "    title: Grüße 東京"},
	}
}

func TestProblemsPointAtTheSource(t *testing.T) {
	golden(t, "problems.txt", render(t, func(w io.Writer) error { return Problems(w, findings(), Style{}) }))
}

func TestProblemsAreColouredOnRequest(t *testing.T) {
	golden(t, "problems-colour.txt", render(t, func(w io.Writer) error { return Problems(w, findings(), Style{Color: true}) }))
}

func TestProblemsDoNotReorderTheirArgument(t *testing.T) {
	ps := findings()
	render(t, func(w io.Writer) error { return Problems(w, ps, Style{}) })
	if d := cmp.Diff(findings(), ps); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestCaretStandsBelowWhatIsWrong(t *testing.T) {
	long := strings.Repeat("word ", 30)
	tests := []struct {
		name       string
		excerpt    string
		col, width int
		want       string // what stands above the caret and its tail
	}{
		{"one character", "a: b", 4, 0, "b"},
		{"a token", "title: Acme", 8, 4, "Acme"},
		{"after wide characters", "名前: 東京 x", 8, 1, "x"},
		{"wide characters", "名前: 東京 x", 5, 2, "東京"},
		{"after combining characters", "u\u0308ber: x", 8, 1, "x"},
		{"a token with an umlaut", "ort: Köln", 6, 4, "Köln"},
		{"after tabs", "\t\tk: v", 6, 1, "v"},
		{"after an escaped character", "a\u202eb: x", 6, 1, "x"},
		{"far to the right", long + "here " + long, 151, 4, "here"},
		{"after what a CI service would obey", "t: ##[error]x y", 15, 1, "y"},
		{"a command of a CI service", "t: ##vso[task] y", 4, 11, `##vso\u005btask]`},
		{"the end of such a command", "- '##teamcity[' y", 14, 1, `\u005b`},
		{"far behind such commands", strings.Repeat("##[a] ", 20) + "here " + long, 121, 4, "here"},
		{"wider than the screen", "k: " + long, 4, 500, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := spec.Problem{Pos: at("a.yaml", 7, tt.col), Width: tt.width, Message: value.Verbatim("m"), Rule: "r", Excerpt: tt.excerpt}
			lines := strings.Split(render(t, func(w io.Writer) error {
				return Problems(NewDoor(w, Style{}, false), spec.Problems{p}, Style{Width: 60})
			}), "\n")
			source, caret := lines[1], lines[2]
			if columns(source) > 60 || columns(caret) > 60 {
				t.Errorf("too wide:\n%s\n%s", source, caret)
			}
			before, _ := take(source, strings.Index(caret, "^"))
			above, _ := take(strings.TrimPrefix(source, before), columns(caret)-columns(before))
			if tt.want != "" && above != tt.want {
				t.Errorf("the caret marks %q, want %q:\n%s\n%s", above, tt.want, source, caret)
			}
		})
	}
}

func TestNoCaretWhereTheColumnIsBeyondTheExcerpt(t *testing.T) {
	ps := spec.Problems{{Pos: at("a.yaml", 7, 300), Width: 4, Message: value.Verbatim("m"), Rule: "r", Excerpt: "cut off"}}
	got := render(t, func(w io.Writer) error { return Problems(w, ps, Style{}) })
	if want := "a.yaml:7:300: m [r]\n  7 | cut off\n1 problem in 1 file\n"; got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestProblemsEndWithTheirNumber(t *testing.T) {
	one := func(file string, s spec.Severity) spec.Problem {
		return spec.Problem{Pos: at(file, 1, 1), Severity: s, Message: value.Verbatim(file + string(s))}
	}
	e, w := spec.SeverityError, spec.SeverityWarning
	tests := []struct {
		ps   spec.Problems
		want string
	}{
		{spec.Problems{one("a", e)}, "1 problem in 1 file"},
		{spec.Problems{one("a", e), one("a", w)}, "2 problems in 1 file, 1 of them a warning"},
		{spec.Problems{one("a", e), one("a", w), one("b", w)}, "3 problems in 2 files, 2 of them warnings"},
		{spec.Problems{one("a", w), one("b", w)}, "2 warnings in 2 files"},
		{spec.Problems{one("", e)}, "1 problem"},
		{nil, ""},
	}
	for _, tt := range tests {
		lines := strings.Split(render(t, func(w io.Writer) error { return Problems(w, tt.ps, Style{}) }), "\n")
		if got := lines[max(0, len(lines)-2)]; got != tt.want {
			t.Errorf("last line %q, want %q", got, tt.want)
		}
	}
}

func TestProblemsJSONTellsWhetherTheManifestsAreValid(t *testing.T) {
	warning := findings()[1:2]
	tests := []struct {
		name string
		ps   spec.Problems
		want bool
	}{{"none", nil, true}, {"a warning", warning, true}, {"errors", findings(), false}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got struct {
				Valid    *bool
				Problems []problem
			}
			text := render(t, func(w io.Writer) error { return ProblemsJSON(w, tt.ps) })
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatalf("%v:\n%s", err, text)
			}
			if got.Valid == nil || *got.Valid != tt.want {
				t.Errorf("valid is not %v:\n%s", tt.want, text)
			}
			want := english.inWords(tt.ps)
			if d := cmp.Diff(want, got.Problems); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
