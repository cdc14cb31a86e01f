package apply

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
)

// textDeals gives deals of which each holds a text of its own.
func textDeals(n int, field func(i int) string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%04d}\nspec: {fields: {title: Deal %d, %s}}\n", i, i, field(i))
	}
	return s.String()
}

// within tells whether a run kept to a request for 50 saves and one for 2,450 reads.
func within(t *testing.T, report *Report, n int) {
	t.Helper()
	if most := (n+49)/50 + 10 + (n+2449)/2450; report.Requests > most {
		t.Errorf("%d requests for %d records, want at most %d", report.Requests, n, most)
	}
}

// Text that a portal's filter may rewrite goes in batches where this portal does not.
func TestCaseC19MarkedUpTextGoesInBatches(t *testing.T) {
	for name, field := range map[string]func(int) string{
		"a tag":  func(i int) string { return `additionalInfo: "Deal <b>1</b>"` },
		"sql":    func(i int) string { return `comments: "please select the lamps from page 4"` },
		"a path": func(i int) string { return `additionalInfo: "see ../offers"` },
		"several kinds": func(i int) string {
			return []string{`additionalInfo: "a < b"`, `additionalInfo: "on sale= yes, onclick=x"`, `comments: "[b]insert[/b] it into the slot"`}[i%3]
		},
		"a tag for each": func(i int) string {
			return fmt.Sprintf(`additionalInfo: "<x%s>"`, strings.Repeat(string(rune('a'+i%26)), 1+i/26))
		},
		"no reference":    func(i int) string { return `additionalInfo: "costs $result[x] or $total[y]"` },
		"nothing special": func(i int) string { return "additionalInfo: plain" },
	} {
		t.Run(name, func(t *testing.T) {
			const n = 150
			b := newBench(t)
			manifests := textDeals(n, field)
			report := b.apply(manifests, Config{})
			if d := cmp.Diff(map[Status]int{Succeeded: n}, report.Counts); d != "" {
				t.Error(d)
			}
			within(t, report, n)
			if n := b.planHonestly(manifests).Pending(); n != 0 {
				t.Errorf("the second plan has %d changes", n)
			}
			report = b.apply(strings.ReplaceAll(manifests, "title: Deal", "title: Order"), Config{})
			within(t, report, n)
		})
	}
}

// A portal whose filter rewrites one class of text in batches: only that goes alone,
// and nothing stays altered.
func TestCaseC19OnlyWhatThePortalRewritesGoesAlone(t *testing.T) {
	for name, rewrite := range map[string]*regexp.Regexp{
		"script tags": regexp.MustCompile(`%3Cscript`),
		"sql":         regexp.MustCompile(`select%20`),
		"handlers":    regexp.MustCompile(`onclick%3D`),
	} {
		t.Run(name, func(t *testing.T) {
			const n = 120 // of which 30 hold what is rewritten
			b := newBench(t)
			var alone atomic.Int64
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, `"cmd"`) {
					body = rewrite.ReplaceAllStringFunc(body, func(s string) string { return s[:len(s)-1] + "%20" + s[len(s)-1:] })
				} else if isWrite(body) || strings.Contains(body, `"fields"`) {
					alone.Add(1)
				}
				return pass(body), nil
			}
			manifests := textDeals(n, func(i int) string {
				if i%4 != 0 {
					return `additionalInfo: "Deal <b>1</b>"`
				}
				return map[string]string{"script tags": `additionalInfo: "<script>x"`, "sql": `additionalInfo: "select 1 from a"`, "handlers": `additionalInfo: "<b onclick=1>"`}[name]
			})
			report := b.apply(manifests, Config{})
			if d := cmp.Diff(map[Status]int{Succeeded: n}, report.Counts); d != "" {
				t.Error(d)
			}
			if n := b.planHonestly(manifests).Pending(); n != 0 {
				t.Errorf("the second plan has %d changes: a text stayed altered", n)
			}
			if alone := alone.Load(); alone != n/4 {
				t.Errorf("%d records went alone, want %d", alone, n/4)
			}
		})
	}
}

// tagged adds a multiple user field, and gives deals that have it.
func (b *bench) tagged(kind string, field map[string]any) {
	b.t.Helper()
	field["entityId"], field["fieldName"], field["multiple"] = "CRM_"+strings.ToUpper(kind), "UF_CRM_"+strings.ToUpper(kind)+"_TAGS", "Y"
	if _, err := b.client.Call(b.t.Context(), "userfieldconfig.add", bitrix.Params{"moduleId": "crm", "field": field}); err != nil {
		b.t.Fatal(err)
	}
}

// What is emptied goes in batches, and is read back 2,450 records at a time.
func TestCaseC19EmptyingGoesInBatches(t *testing.T) {
	for name, field := range map[string]string{
		"a link":          "companyId: 1",
		"a list of links": "contactIds: [1]",
		"a date":          `additionalInfo: "x"`,
		"an amount":       "probability: 5",
		"a custom list":   "TAGS: [a, b]",
		"several at once": "companyId: 1, additionalInfo: x, TAGS: [a]",
	} {
		t.Run(name, func(t *testing.T) {
			const n = 150
			b := newBench(t)
			b.tagged("deal", map[string]any{"userTypeId": "string"})
			for _, p := range []bitrix.Params{{"entityTypeId": 4, "fields": map[string]any{"title": "C"}}, {"entityTypeId": 3, "fields": map[string]any{"name": "P"}}} {
				if _, err := b.client.Call(t.Context(), "crm.item.add", p); err != nil {
					t.Fatal(err)
				}
			}
			b.apply(textDeals(n, func(int) string { return field }), Config{})
			cleared := regexp.MustCompile(`: (\[[^]]*\]|[^,{}]+)(,|$)`).ReplaceAllString(field, ": null$2")
			if strings.Contains(cleared, "Ids") || strings.Contains(cleared, "TAGS") {
				cleared = strings.NewReplacer("contactIds: null", "contactIds: []", "TAGS: null", "TAGS: []").Replace(cleared)
			}
			manifests := textDeals(n, func(int) string { return cleared })
			report := b.apply(manifests, Config{})
			if d := cmp.Diff(map[Status]int{Succeeded: n}, report.Counts); d != "" {
				t.Errorf("%s\n%+v", d, report.Items.List()[0])
			}
			within(t, report, n)
			if n := b.planHonestly(manifests).Pending(); n != 0 {
				t.Errorf("the second plan has %d changes", n)
			}
		})
	}
}

// keeps lets the portal answer that it has emptied a field and keep its value, by the
// methods that fit.
func keeps(field string, methods *regexp.Regexp) func(string, func(string) *http.Response) (*http.Response, error) {
	sent := regexp.MustCompile(`(?i)` + field + `(%5D|")`)
	shown := regexp.MustCompile(`("` + field + `"):(\[[^\]]*\]|"[^"]*"|\d+)`)
	return func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if !methods.MatchString(body) {
			return pass(body), nil
		}
		r := pass(sent.ReplaceAllString(body, "noSuchField$1"))
		raw, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(shown.ReplaceAllString(string(raw), `$1:null`)))
		return r, err
	}
}

// What the portal answers to have emptied is read again; where it is still there the
// older method empties it, and where that does not either the item says so.
func TestCaseC5WhatIsNotEmptiedIsSeen(t *testing.T) {
	for name, tc := range map[string]struct {
		name, wire   string // of the field; wire is a pattern
		value, empty string
		kept         string // the methods that keep it
		want         Status
	}{
		"a list, by crm.item.update":   {"TAGS", "ufCrm[A-Za-z_]*TAGS", "[a, b]", "[]", `crm\.item\.update`, Succeeded},
		"a list, by every method":      {"TAGS", "(?:ufCrm|UF_CRM)[A-Za-z_]*TAGS", "[a, b]", "[]", `crm\.(item|deal)\.update|TAGS`, Partial},
		"a text, by crm.item.update":   {"additionalInfo", "additionalInfo", "x", "null", `crm\.item\.update`, Succeeded},
		"a number, by crm.item.update": {"probability", "probability", "5", "null", `crm\.item\.update`, Succeeded},
	} {
		t.Run(name, func(t *testing.T) {
			const n, most = 120, 3 + 3 + 4 // saves, saves by the older method, reads
			b := newBench(t)
			b.tagged("deal", map[string]any{"userTypeId": "string"})
			b.apply(textDeals(n, func(int) string { return tc.name + ": " + tc.value }), Config{})
			manifests := textDeals(n, func(int) string { return tc.name + ": " + tc.empty })
			b.tamper = keeps(tc.wire, regexp.MustCompile(tc.kept))
			report := b.apply(manifests, Config{})
			if d := cmp.Diff(map[Status]int{tc.want: n}, report.Counts); d != "" {
				t.Errorf("%s\n%+v", d, report.Items.List()[0])
			}
			if tc.want == Succeeded && report.Requests > most {
				t.Errorf("%d requests, want at most %d", report.Requests, most)
			}
			if o := report.Items.List()[0]; tc.want == Partial && (o.Code != "NOT_STORED" || o.Field != tc.name || !strings.Contains(words.Text(o.Error), tc.name)) {
				t.Errorf("code %s, field %s, error %q", o.Code, o.Field, o.Error)
			}
			pending := b.planHonestly(manifests).Pending()
			if tc.want == Succeeded && pending != 0 || tc.want == Partial && pending != n {
				t.Errorf("the second plan has %d changes", pending)
			}
		})
	}
}

// A portal that refuses what stands for null in a batch gets null, in calls of its own.
func TestCaseC19WhatABatchIsRefusedForGoesPlainly(t *testing.T) {
	const n = 10
	b := newBench(t)
	b.apply(textDeals(n, func(int) string { return "probability: 5" }), Config{})
	empty := regexp.MustCompile(`crm\.item\.update(\?[^"]*probability%5D=["&])`)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		return pass(empty.ReplaceAllString(body, "crm.item.nosuch$1")), nil
	}
	manifests := textDeals(n, func(int) string { return "probability: null" })
	report := b.apply(manifests, Config{})
	if d := cmp.Diff(map[Status]int{Succeeded: n}, report.Counts); d != "" {
		t.Errorf("%s\n%+v", d, report.Items.List()[0])
	}
	if n := b.planHonestly(manifests).Pending(); n != 0 {
		t.Errorf("the second plan has %d changes", n)
	}
}

// The first record of a class of text may come to no end of its own: the others do not
// wait for it for ever.
func TestCaseC19AFirstRecordThatFailsHoldsNobodyUp(t *testing.T) {
	for name, refused := range map[string]string{
		"refused":                  `crm\.item\.add(\?[^"]*title%5D=Deal%200[&"])`,
		"every second one refused": `crm\.item\.add(\?[^"]*title%5D=Deal%20\d*[02468][&"])`,
		"all refused":              `crm\.item\.add(\?[^"]*title%5D=Deal)`,
	} {
		t.Run(name, func(t *testing.T) {
			const n = 120
			b := newBench(t)
			pattern := regexp.MustCompile(refused)
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				return pass(pattern.ReplaceAllString(body, "crm.item.nosuch$1")), nil
			}
			report := b.apply(textDeals(n, func(int) string { return `additionalInfo: "<b>1</b>"` }), Config{})
			if report.Counts[Succeeded]+report.Counts[Failed] != n || report.Counts[Failed] == 0 {
				t.Errorf("counts %v", report.Counts)
			}
			within(t, report, n)
		})
	}
}
