package ui

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func TestAFieldOfAChangeReads(t *testing.T) {
	long := strings.Repeat("word ", 100)
	tests := []struct {
		name   string
		action plan.Action
		field  plan.Field
		want   []string
	}{
		{"create", plan.Create, field("title", kind.TypeString, nil, "Website redesign"), []string{"Website redesign"}},
		{"create with an empty value", plan.Create, field("comments", kind.TypeText, nil, nil), []string{"(empty)"}},
		{"create with a text that looks empty", plan.Create, field("title", kind.TypeString, nil, "(empty)"), []string{`"(empty)"`}},
		{"create with blanks at the end", plan.Create, field("title", kind.TypeString, nil, "Acme "), []string{`"Acme "`}},
		{"create with a list", plan.Create, field("observers", kind.TypeUser, nil, []string{"Ann (1)", "Bob (2)"}), []string{"Ann (1), Bob (2)"}},
		{"create with a comma in a list", plan.Create, field("x", kind.TypeString, nil, []string{"a, b", "c"}), []string{`"a, b", c`}},
		{"create with a list that is too long", plan.Create, field("x", kind.TypeString, nil, strings.Fields(long)),
			[]string{"word, word, word, word, word, word, word, … (100 in all)"}},
		{"create with one entry that is too long", plan.Create, field("x", kind.TypeText, nil, []string{"x" + strings.TrimSpace(long)}),
			[]string{"xword word word word word word word word w… (500 characters)"}},
		{"create with a long text", plan.Create, field("comments", kind.TypeText, nil, "x"+strings.TrimSpace(long)), []string{"xword word word word word word word word w… (500 characters)"}},
		{"create with several lines", plan.Create, field("comments", kind.TypeText, nil, "one\r\ntwo\nthree"), []string{"one⏎two⏎three"}},
		{"create with a reference", plan.Create, field("companyId", kind.TypeCompany, nil, "company/acme → 815"), []string{"company/acme → 815"}},

		{"update", plan.Update, field("stageId", kind.TypeStatus, "New", "Proposal"), []string{"New → Proposal"}},
		{"update from nothing", plan.Update, field("stageId", kind.TypeStatus, nil, "Proposal"), []string{"(empty) → Proposal"}},
		{"update to nothing", plan.Update, field("stageId", kind.TypeStatus, "New", nil), []string{"New → (empty)"}},
		{"update of a link", plan.Update, field("companyId", kind.TypeCompany, "12", "company/acme → 815"), []string{"#12 → company/acme (#815)"}},
		{"update of a link to what does not exist yet", plan.Update, field("parents.deal", kind.TypeEntity, "12", "deal/x (known after apply)"),
			[]string{"#12 → deal/x (known after apply)"}},
		{"update of digits that are no link", plan.Update, field("x", kind.TypeString, "12", "13"), []string{"12 → 13"}},
		{"update of a text with an arrow", plan.Update, field("title", kind.TypeString, "a → b", "c"), []string{"- a → b", "+ c"}},
		{"update of texts that are too long for a line", plan.Update, field("title", kind.TypeString, strings.Repeat("a", 40), strings.Repeat("b", 40)),
			[]string{"- " + strings.Repeat("a", 40), "+ " + strings.Repeat("b", 40)}},
		{"update deep inside a long text", plan.Update, field("comments", kind.TypeText, strings.Repeat("word ", 60)+"old end", strings.Repeat("word ", 60)+"new end"),
			[]string{"- …" + strings.Repeat("word ", 10) + "old end", "+ …" + strings.Repeat("word ", 10) + "new end"}},
		{"update of a long text of the same length", plan.Update, field("comments", kind.TypeText, long+"1"+long, long+"2"+long),
			[]string{"- …ord word word 1word word word word wo… (1,001 characters)", "+ …ord word word 2word word word word wo… (1,001 characters)"}},
		{"update deep inside a long text of wide characters", plan.Update, field("comments", kind.TypeText, strings.Repeat("東", 60)+"old", strings.Repeat("東", 60)+"new"),
			[]string{"- …" + strings.Repeat("東", 27) + "old", "+ …" + strings.Repeat("東", 27) + "new"}},
		{"update where half a wide character is left over", plan.Update, field("comments", kind.TypeText, strings.Repeat("東", 60)+"ab", strings.Repeat("東", 60)+"cd"),
			[]string{"- …" + strings.Repeat("東", 27) + "ab", "+ …" + strings.Repeat("東", 27) + "cd"}},
		{"update to a long text from nothing", plan.Update, field("comments", kind.TypeText, nil, "x"+strings.TrimSpace(long)),
			[]string{"(empty) → xword word word word word word w… (500 characters)"}},
		{"update of a long text to nothing", plan.Update, field("comments", kind.TypeText, "x"+strings.TrimSpace(long), nil),
			[]string{"xword word word word word word w… (500 characters) → (empty)"}},
		{"update of what cannot be seen", plan.Update, field("title", kind.TypeString, "a\r\nb", "a\nb"), []string{`- "a\r\nb"`, `+ "a\nb"`}},
		{"update of a list to nothing", plan.Update, field("phones", kind.TypeMultifield, []string{"1 (work)", "2 (work)"}, nil), []string{"1 (work), 2 (work) → (empty)"}},
		{"update of a list to no entries", plan.Update, field("phones", kind.TypeMultifield, []string{"1 (work)"}, []string(nil)), []string{"1 (work) → (empty)"}},
		{"update of a list from nothing", plan.Update, field("phones", kind.TypeMultifield, nil, []string{"1", "2"}), []string{"(empty) → 1, 2"}},
		{"adopt", plan.Adopt, field("title", kind.TypeString, "Acme", "Acme GmbH"), []string{"Acme → Acme GmbH"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := english.fieldLines(&plan.Change{Kind: "Company", Action: tt.action}, tt.field, 60)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			for _, l := range got {
				if columns(l) > 60 {
					t.Errorf("%d columns: %s", columns(l), l)
				}
			}
		})
	}
}

func TestAListShowsOnlyWhatGoesAndComes(t *testing.T) {
	numbers := func(from, to int) []string {
		var out []string
		for i := from; i < to; i++ {
			out = append(out, "number-"+strconv.Itoa(i))
		}
		return out
	}
	tests := []struct {
		name          string
		field         string
		typ           kind.FieldType
		before, after []string
		want          []string
	}{
		{"one goes", "phones", kind.TypeMultifield, []string{"1 (work)", "2 (work)"}, []string{"1 (work)"}, []string{`- "2 (work)"  (1 kept)`}},
		{"one comes", "phones", kind.TypeMultifield, []string{"1 (work)"}, []string{"1 (work)", "2 (home)"}, []string{`+ "2 (home)"  (1 kept)`}},
		{"all change", "phones", kind.TypeMultifield, []string{"1 (work)"}, []string{"2 (work)"}, []string{`- "1 (work)"  + "2 (work)"`}},
		{"a phone changes its type", "phones", kind.TypeMultifield, []string{"1 (work)"}, []string{"1 (mobile)"}, []string{`- "1 (work)"  + "1 (mobile)"`}},
		{"websites do not", "websites", kind.TypeMultifield, []string{"http://a.example/X (work)"}, []string{"http://a.example/x"}, []string{`- "http://a.example/X (work)"  + "http://a.example/x"`}},
		{"a link that nobody declares is a number", "contactIds", kind.TypeContact, []string{"contact/a → 7", "8"}, []string{"contact/a → 7", "contact/b → 9"}, []string{"- #8  + contact/b (#9)  (1 kept)"}},
		{"another link comes first", "contactIds", kind.TypeContact, []string{"contact/a → 7", "contact/b → 8"}, []string{"contact/b → 8", "contact/a → 7"}, []string{"(2 kept)  primary: contact/b (#8)"}},
		{"a link that was looked up", "contactIds", kind.TypeContact, []string{"7", "contact 8 Bob → 7 (lookup)"}, []string{"contact 8 Bob → 7 (lookup)", "contact 9 Eve (lookup)"},
			[]string{"- #7", "+ contact 9 Eve (lookup)", "(1 kept)", "primary: contact 8 Bob → 7 (lookup)"}},
		{"the order of users is nothing", "observers", kind.TypeUser, []string{"Ann (1)", "Bob (2)"}, []string{"Bob (2)", "Eve (3)"}, []string{`- "Ann (1)"  + "Eve (3)"  (1 kept)`}},
		{"too long for one line", "x", kind.TypeString, []string{strings.Repeat("a", 40)}, []string{strings.Repeat("b", 90)},
			[]string{`- "` + strings.Repeat("a", 40) + `"`, `+ "` + strings.Repeat("b", 40) + `… (94 characters)`}},
		{"many", "x", kind.TypeString, numbers(0, 1), numbers(1, 14),
			[]string{`- "number-0"`, `+ "number-1"`, `+ "number-2"`, `+ "number-3"`, `+ "number-4"`, `+ "number-5"`, `+ "number-6"`, `+ "number-7"`, `+ "number-8"`, `+ "number-9"`, `+ "number-10"`, `+ "number-11"`, `+ "number-12"`, `+ "number-13"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := field(tt.field, tt.typ, tt.before, tt.after)
			f.List.First = f.Type.Name == string(kind.TypeContact) && tt.before[0] != tt.after[0] && slices.Contains(tt.before, tt.after[0])
			got := english.fieldLines(&plan.Change{Kind: "Company", Action: plan.Update}, f, 60)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestAListThatOnlyReadsDifferentIsShownWhole(t *testing.T) {
	c := &plan.Change{Kind: "Company", Action: plan.Update}
	f := field("phones", kind.TypeMultifield, []string{"1 (work)", "1 (home)"}, []string{"1", "1 (work)"})
	f.List = &value.ListChange{}
	got := english.fieldLines(c, f, 60)
	want := []string{"1 (work), 1 (home) → 1, 1 (work)"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
