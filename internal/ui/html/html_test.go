package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/internal/ui/inert"
	"github.com/b24apply/b24apply/internal/ui/madeup"
	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/plan"
)

func pageOf(t testing.TB, p *plan.Plan) *Page {
	t.Helper()
	r, err := review.Of(p, review.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &Page{Review: r, Lang: "en", Made: time.Date(2026, 11, 30, 4, 31, 0, 0, time.UTC), Expires: time.Date(2026, 12, 1, 4, 31, 0, 0, time.UTC), Commit: "4f1c2a9", File: "acme-crm.b24plan"}
}

func written(t testing.TB, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// between gives what stands in a page between two texts, the first time.
func between(t testing.TB, page, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, from)
	text, _, ends := strings.Cut(rest, to)
	if !ok || !ends {
		t.Fatalf("nothing stands between %q and %q", from, to)
	}
	return text
}

// The policy of a page names its own style and script, and no other may run: nothing is fetched.
func TestAPageRunsItsOwnScriptAlone(t *testing.T) {
	t.Parallel()
	page := written(t, pageOf(t, madeup.Plan(400)))
	policy := strings.ReplaceAll(between(t, page, `http-equiv="Content-Security-Policy" content="`, `"`), "&#43;", "+")
	style, script := between(t, page, "<style>", "</style>"), between(t, page, "</script>\n<script>", "</script>")
	for _, want := range []string{"default-src 'none';", "script-src 'sha256-" + hashOf(script) + "'", "style-src 'sha256-" + hashOf(style) + "'", "require-trusted-types-for 'script'", "trusted-types 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy has no %q: %s", want, policy)
		}
	}
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("%d scripts", n)
	}
	if found := regexp.MustCompile(`(?i)\s(src|srcset|style|on[a-z]+)=|<link|<iframe|@import|url\(`).FindAllString(strings.ReplaceAll(page, script, ""), -1); found != nil {
		t.Errorf("the page would fetch or run %q", found)
	}
	for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(", "fetch(", "XMLHttp", "WebSocket", "import("} {
		if strings.Contains(script, sink) {
			t.Errorf("the script has %s", sink)
		}
	}
}

// tags are the elements of a page with their attributes' names, the script's data aside.
func tags(page string) map[string]bool {
	out := make(map[string]bool)
	for _, m := range regexp.MustCompile(`<[a-zA-Z!/][^>]*>`).FindAllString(page, -1) {
		out[regexp.MustCompile(`"[^"]*"`).ReplaceAllString(m, "")] = true
	}
	return out
}

// No value becomes an element, an attribute, or a character that is not seen.
func TestHostileValuesStayTexts(t *testing.T) {
	t.Parallel()
	p := pageOf(t, madeup.Hostile())
	p.File, p.Commit = madeup.Evil[0]+madeup.Evil[2], madeup.Evil[1]
	page := written(t, p)
	if i := strings.IndexFunc(page, func(r rune) bool { return r != '\n' && !inert.IsShown(r) }); i >= 0 {
		t.Errorf("the page holds what is not seen: %q", page[max(0, i-40):i+40])
	}
	tame := tags(written(t, pageOf(t, madeup.Plan(2_000))))
	for tag := range tags(page) {
		if !tame[tag] && !regexp.MustCompile(`^<(/?(section|ul|li|h2|b|code|p|strong|table|tr|td|th|div|ol|span|thead|tbody|bdi|a|summary|details|article|label|input|dt|dd)( [a-z-]+=?)*|!--.*--)>$`).MatchString(tag) {
			t.Errorf("a value has made %s", tag)
		}
	}
	if len(page) > 1_000_000 {
		t.Errorf("%d bytes", len(page))
	}
	for _, bad := range []string{"<img", "<svg/", "<base", "window.pwned=1</script>", "onerror=\"window"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
}

func TestAPageIsTheSameBytesTwice(t *testing.T) {
	t.Parallel()
	once, again := written(t, pageOf(t, madeup.Plan(2_000))), written(t, pageOf(t, madeup.Plan(2_000)))
	if once != again {
		t.Error("two pages of one plan differ")
	}
}

// unpacked reads what the script of a page reads.
func unpacked(t testing.TB, page string) (p packed, lines []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(between(t, page, `id="data">`, "</script>")), &p); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(p.Rows)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	lines = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	return p, lines[1:]
}

// Every change stands in the list once, with as many parts as its cause has fields.
func TestTheListHoldsEveryChange(t *testing.T) {
	t.Parallel()
	for _, made := range []*plan.Plan{madeup.Plan(3_000), madeup.Hostile()} {
		p, lines := unpacked(t, written(t, pageOf(t, made)))
		if len(lines) != made.Changes.Len() || p.Total != len(lines) || p.All != len(lines) {
			t.Errorf("%d lines and %d of %d changes", len(lines), p.Total, made.Changes.Len())
		}
		i := 0
		for _, c := range p.Causes {
			for range c.Count {
				if parts := strings.Count(lines[i], betweenParts); parts != 7+len(c.Fields) {
					t.Fatalf("line %d has %d parts for %d fields: %q", i, parts, len(c.Fields), lines[i])
				}
				i++
			}
		}
	}
}

// What is unusual stands on the first screen: in the HTML, before the causes.
func TestAnOutlierStandsBeforeTheCauses(t *testing.T) {
	t.Parallel()
	page := written(t, pageOf(t, madeup.Plan(50_000)))
	head, _, _ := strings.Cut(page, `<h2 id="causes">`)
	for _, want := range []string{"the stage moves back", "the amount changes 100-fold", "goes to a dismissed user", "1,583 times the usual amount", "other digits, not only another spelling"} {
		if !strings.Contains(head, want) && !(strings.HasPrefix(want, "1,583") && strings.Contains(head, "times the usual amount")) {
			t.Errorf("nothing says %q before the causes", want)
		}
	}
	if strings.Count(page, "<tr") > 300 {
		t.Errorf("%d rows stand in the page before its script runs", strings.Count(page, "<tr"))
	}
}

// A page that would be too large leaves out what matters least, says so, and keeps the numbers.
func TestAPageStaysBelowItsLimit(t *testing.T) {
	t.Parallel()
	made := madeup.Plan(8_000)
	whole := len(written(t, pageOf(t, made)))
	for _, limit := range []int{whole * 9 / 10, whole * 65 / 100} {
		p := pageOf(t, made)
		p.largest = limit
		page := written(t, p)
		if len(page) > limit {
			t.Errorf("%d bytes with a limit of %d", len(page), limit)
		}
		data, lines := unpacked(t, page)
		if !strings.Contains(page, "So that this page stays below 6 MB") || data.All != made.Changes.Len() || data.Total != len(lines) {
			t.Errorf("%d of %d changes, and nothing says so", data.Total, data.All)
		}
		for i, c := range data.Causes {
			if c.All != p.Review.Causes[i].Count {
				t.Errorf("cause %d counts %d of %d", i, c.All, p.Review.Causes[i].Count)
			}
		}
	}
}

// The template and the script say only what has a sentence, and every label is said.
func TestEveryLabelIsSaid(t *testing.T) {
	t.Parallel()
	said := make(map[string]bool)
	for _, m := range regexp.MustCompile(`\b(t|told) "(page-[a-z-]+)"`).FindAllStringSubmatch(markup, -1) {
		said[m[2]] = true
		if m[1] == "told" != says(m[2]) || m[1] == "t" && !slices.Contains(labels, m[2]) {
			t.Errorf("the template says %s, which is not listed so", m[2])
		}
	}
	for _, m := range regexp.MustCompile(`(?:label|fmt)\(([^()]*)`).FindAllStringSubmatch(script, -1) {
		for _, name := range regexp.MustCompile(`"([a-z-]+)"`).FindAllStringSubmatch(m[1], -1) {
			said["page-"+name[1]] = true
		}
	}
	for _, m := range regexp.MustCompile(`"([a-z-]+)"`).FindAllStringSubmatch(script, -1) {
		said["page-"+m[1]] = true
	}
	for _, action := range actions {
		said["page-"+string(action)] = true
	}
	for name := range map[string]bool{"unusual": true, "lasting": true, "anew": true, "may": true, "held": true, "alike": true} {
		said["page-flag-"+name] = true
	}
	for _, name := range []string{"kind", "action", "filter", "cause", "status", "file"} {
		said["page-"+name] = true
	}
	for _, code := range append(slices.Clone(labels), withArguments...) {
		if !said[code] {
			t.Errorf("nothing says %s", code)
		}
	}
}

// The pages that check.mjs looks at in a browser, if a folder is named for them.
func TestPagesForABrowser(t *testing.T) {
	folder := os.Getenv("HTML_PAGES")
	if folder == "" {
		t.Skip("HTML_PAGES names no folder; see make check-html")
	}
	pages := map[string]*Page{"plan": pageOf(t, madeup.Plan(600)), "hostile": pageOf(t, madeup.Hostile()), "large": pageOf(t, madeup.Plan(100_000)), "report": reportPage(t)}
	for name, p := range pages {
		if err := os.WriteFile(filepath.Join(folder, name+".html"), []byte(written(t, p)), 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Println(name, p.Review.Size())
	}
}

func BenchmarkPage(b *testing.B) {
	made := madeup.Plan(100_000)
	for b.Loop() {
		b.ReportMetric(float64(len(written(b, pageOf(b, made)))), "bytes")
	}
}
