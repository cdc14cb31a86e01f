package portal

import (
	"bytes"
	"cmp"
	"encoding/json"
	stdflag "flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var updateFacts = stdflag.Bool("update", false, "rewrite the facts from the documentation that B24_DOCS names")

var factsFile = filepath.Join("testdata", "conformance", "facts.jsonl")

// A factFamily is a group of methods that the portal has or will have as a whole.
type factFamily struct {
	name    string
	methods *regexp.Regexp
}

// factFamilies lists the groups; the first that matches a method counts.
func factFamilies() []factFamily {
	row := func(name, methods string) factFamily {
		return factFamily{name, regexp.MustCompile(`^(?i:` + methods + `)$`)}
	}
	return []factFamily{
		row(everyAnswer, `\*`),
		row("service", `app\.info|scope|methods|method\.get|profile|server\.time`),
		row("user", `user\.(get|current)`),
		row("user (search)", `user\.(search|fields)`),
		row("department", `department\.get`),
		row("crm.item.productrow", `crm\.item\.productrow\.\w+`),
		row("crm.item", `crm\.item\.\w+`),
		row("crm.type", `crm\.type\.\w+`),
		row("crm.category", `crm\.category\.\w+`),
		row("crm.status", `crm\.status\.[\w.]+`),
		row("userfieldconfig", `userfieldconfig\.\w+`),
		row("crm.requisite.bankdetail", `crm\.requisite\.bankdetail\.\w+`),
		row("crm.requisite.preset", `crm\.requisite\.preset\.\w+`),
		row("crm.requisite.link", `crm\.requisite\.link\.\w+`),
		row("crm.requisite.userfield", `crm\.requisite\.userfield\.\w+`),
		row("crm.requisite", `crm\.requisite\.\w+`),
		row("crm.entity", `crm\.entity\.mergeBatch`),
		row("crm.settings", `crm\.settings\.mode\.get`),
		row("crm.address", `crm\.address\.\w+`),
		row("crm.currency", `crm\.currency\.[\w.]+`),
		row("catalog.catalog", `catalog\.catalog\.\w+`),
		row("catalog.section", `catalog\.section\.\w+`),
		row("catalog.product", `catalog\.product\.\w+`),
		row("catalog.price", `catalog\.price\.\w+`),
		row("catalog.vat", `catalog\.vat\.\w+`),
		row("catalog.productProperty", `catalog\.productProperty\.\w+`),
		row("catalog.productPropertyEnum", `catalog\.productPropertyEnum\.\w+`),
		row("crm.automatedsolution", `crm\.automatedsolution\.\w+`),
		row("crm.duplicate", `crm\.duplicate\.findbycomm`),
		row("crm.timeline.comment", `crm\.timeline\.comment\.\w+`),
		row("crm.lead.userfield", `crm\.lead\.userfield\.\w+`),
		row("crm.lead", `crm\.lead\.\w+`),
		row("crm.deal.userfield", `crm\.deal\.userfield\.\w+`),
		row("crm.deal", `crm\.deal\.\w+`),
		row("crm.contact.userfield", `crm\.contact\.userfield\.\w+`),
		row("crm.contact", `crm\.contact\.\w+`),
		row("crm.company.userfield", `crm\.company\.userfield\.\w+`),
		row("crm.company", `crm\.company\.\w+`),
		row("crm.quote.userfield", `crm\.quote\.userfield\.\w+`),
		row("crm.quote", `crm\.quote\.\w+`),
	}
}

// everyAnswer is the family of the one fact about all answers: their time.
const everyAnswer = "every answer"

// familyOf names the family of a method, "" if it has none.
func familyOf(method string) string {
	for _, f := range factFamilies() {
		if f.methods.MatchString(method) {
			return f.name
		}
	}
	return ""
}

// factsFromDocs reads the facts of all families, sorted by method. If several
// pages describe a method, the one with the most parameters counts.
func factsFromDocs(dir string) ([]fact, error) {
	byMethod := make(map[string]fact)
	err := readDocs(dir, func(name string, text []byte) error {
		f, ok := readPage(name, text)
		f.Family = familyOf(f.Method)
		key := strings.ToLower(f.Method)
		known, again := byMethod[key]
		if ok && f.Family != "" && (!again || len(f.Params) > len(known.Params)) {
			byMethod[key] = f
		}
		return nil
	})
	facts := []fact{timing(byMethod)}
	for _, f := range byMethod {
		facts = append(facts, f)
	}
	sortFacts(facts)
	return facts, err
}

// timing moves what the examples show of "time" to one fact of its own.
func timing(facts map[string]fact) fact {
	all := fact{Method: "*", Family: everyAnswer, Answer: make(map[string]string)}
	for _, f := range facts {
		for at, types := range f.Answer {
			if at == "time" || strings.HasPrefix(at, "time.") {
				all.Answer[at] = types
				delete(f.Answer, at)
			}
		}
	}
	return all
}

func sortFacts(facts []fact) {
	slices.SortFunc(facts, func(a, b fact) int { return cmp.Compare(a.Method, b.Method) })
}

// encodeFacts writes one line a method.
func encodeFacts(t *testing.T, facts []fact) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for _, f := range facts {
		if err := encoder.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// loadFacts reads the committed table.
func loadFacts(t testing.TB) []fact {
	t.Helper()
	data, err := os.ReadFile(factsFile)
	if err != nil {
		t.Fatal(err)
	}
	var facts []fact
	for line := range bytes.Lines(data) {
		var f fact
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatalf("%s: %v", factsFile, err)
		}
		facts = append(facts, f)
	}
	return facts
}

// The committed facts are those of the documentation that B24_DOCS names;
// without it, they are at least sorted, complete and of known families.
func TestConformanceFactsAreThoseOfTheDocumentation(t *testing.T) {
	if dir := os.Getenv("B24_DOCS"); dir != "" {
		facts, err := factsFromDocs(dir)
		if err != nil {
			t.Fatal(err)
		}
		if *updateFacts {
			if err := os.WriteFile(factsFile, encodeFacts(t, facts), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := gocmp.Diff(string(encodeFacts(t, facts)), string(encodeFacts(t, loadFacts(t)))); diff != "" {
			t.Errorf("%s differs from the documentation; -update rewrites it (-docs +file):\n%s", factsFile, diff)
		}
	}
	facts := loadFacts(t)
	sorted := slices.Clone(facts)
	sortFacts(sorted)
	if diff := gocmp.Diff(sorted, facts); diff != "" {
		t.Errorf("%s is not sorted:\n%s", factsFile, diff)
	}
	counts := make(map[string]int)
	for _, f := range facts {
		if f.Family == "" || f.Family != familyOf(f.Method) {
			t.Errorf("%s is of family %q, want %q", f.Method, f.Family, familyOf(f.Method))
		}
		counts[f.Family]++
	}
	for _, f := range factFamilies() {
		if counts[f.name] == 0 {
			t.Errorf("no page describes a method of %s", f.name)
		}
	}
}
