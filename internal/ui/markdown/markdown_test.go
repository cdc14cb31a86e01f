package markdown

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/b24apply/b24apply/internal/ui/madeup"
	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func comment(t *testing.T, p *plan.Plan, longest int, o review.Options) string {
	t.Helper()
	r, err := review.Of(p, o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Write(&b, &Comment{Review: r, File: "acme-crm.b24plan", longest: longest}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestACommentHasTheMarkerTheCountsAndTheDigest(t *testing.T) {
	t.Parallel()
	p := madeup.Plan(10_000)
	got := comment(t, p, 0, review.Options{})
	for _, want := range []string{"<!-- b24apply:plan:acme_crm:prod -->\n<!-- b24apply:digest:" + p.Digest + " -->\n## Plan for acme-crm → acme.bitrix24.eu", "| **30** | **20** | **800** |", "30 records will be deleted", "sha256:" + p.Digest, "--expect-plan " + p.Digest,
		"the stage moves back", "the amount changes 100-fold", "goes to a dismissed user", "<details><summary>5,997 · Contacts"} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %q in\n%s", want, got)
		}
	}
	if first := strings.Index(got, "the stage moves back"); first > strings.Index(got, "by cause") {
		t.Error("an outlier stands behind the causes")
	}
}

// However much there is to say, and in whatever script, a comment stays short, and what matters most is in it.
func TestACommentIsNeverTooLong(t *testing.T) {
	t.Parallel()
	var all []plan.Change
	for i := range 300 {
		name := strings.Repeat("Ж😀", 60) + fmt.Sprint(i)
		c := plan.Change{Address: value.Address(fmt.Sprintf("deal/%03d", i)), Kind: "Deal", Action: plan.Update, ID: fmt.Sprint(i + 1), EntityTypeID: 2, Title: name}
		if i < 7 {
			c.Action, c.Reason = plan.Delete, plan.Reason{Message: value.Verbatim(name)}
		}
		for k := range 9 {
			if (i>>k)&1 == 1 {
				c.Fields = append(c.Fields, plan.Field{Name: fmt.Sprintf("F%d", k), Label: name, Type: value.Type{Name: "string"}, Before: value.Shown{Text: name}, After: value.Shown{Text: name + "!"}})
			}
		}
		all = append(all, c)
	}
	p := madeup.Known(&plan.Plan{Owner: "acme", Portal: "p.bitrix24.ru", Changes: plan.List(all...)})
	russian, _ := words.In("ru")
	for _, longest := range []int{0, 20_000, 5_000} {
		for _, language := range []*words.Catalogue{nil, russian} {
			got := comment(t, p, longest, review.Options{Words: language})
			limit := longest
			if limit == 0 {
				limit = Longest
			}
			if n := len(utf16.Encode([]rune(got))); n > limit {
				t.Errorf("%d units for a host that takes %d", n, limit)
			}
			if !strings.Contains(got, p.Digest) || !strings.Contains(got, "| **7** |") || !strings.HasPrefix(got, "<!-- b24apply:plan:acme: -->") {
				t.Errorf("the counts, the digest or the marker are not in\n%.600s", got)
			}
		}
	}
}

// No value is markup, a link, a mention, a reference or a heading.
func TestHostileValuesAreInert(t *testing.T) {
	t.Parallel()
	got := comment(t, madeup.Hostile(), 0, review.Options{})
	spans := regexp.MustCompile("`[^`\n]*`|<code>[^<]*</code>")
	rest := spans.ReplaceAllString(got, "")
	rest = strings.ReplaceAll(rest, "```console\n", "")
	for _, pattern := range []string{`<(?:[^/!ds]|/[^ds])`, `<s[^u]`, `<d[^e]`, `(?i)javascript:`, `://`, `www\.`, `[^\\]@\w`, `[^\\&#\n]#\w`, `[^\\]\]\(`, `(?m)^#{1,6} own`, `(?m)^::`, "\x1b", "\u202e", `<!-- b24apply:plan:other`} {
		if m := regexp.MustCompile(pattern).FindString(rest); m != "" {
			i := strings.Index(rest, m)
			t.Errorf("%s is live: %q", pattern, rest[max(0, i-60):min(len(rest), i+60)])
		}
	}
	if n := strings.Count(got, "<details>"); n != strings.Count(got, "</details>\n") || n == 0 {
		t.Errorf("%d details are opened", n)
	}
	for _, l := range strings.Split(rest, "\n") {
		if strings.HasPrefix(l, "| ") && strings.Count(strings.ReplaceAll(l, `\|`, ""), "|") > 7 {
			t.Errorf("a value has made a cell: %s", l)
		}
	}
}

func TestACommentIsTheSameTwice(t *testing.T) {
	t.Parallel()
	once, again := comment(t, madeup.Plan(800), 0, review.Options{}), comment(t, madeup.Plan(800), 0, review.Options{})
	if once != again {
		t.Error("two comments of one plan differ")
	}
}
