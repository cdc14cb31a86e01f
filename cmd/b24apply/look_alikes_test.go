package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/portal"
)

// An alikeWorld is a project whose plans create records, and a portal that may have some.
type alikeWorld struct {
	*pruned
}

func newAlikeWorld(t *testing.T) *alikeWorld {
	t.Helper()
	w := &alikeWorld{&pruned{world: openWorld(t, portal.Config{}), dir: t.TempDir()}}
	w.write(map[string]string{"b24apply.yaml": projectOf("  formerNames: []\n")})
	return w
}

// declare writes n documents of which each has its number in the place of #.
func (w *alikeWorld) declare(n int, document string) {
	w.t.Helper()
	docs := make([]string, n)
	for i := range docs {
		docs[i] = strings.ReplaceAll(document, "#", fmt.Sprint(1000+i))
	}
	w.write(map[string]string{"m/all.yaml": strings.Join(docs, "\n---\n")})
}

// An alikePlan is what a plan says of look-alikes, and the requests that it took.
type alikePlan struct {
	Changes []struct {
		Address, Action string
		Alike           []struct {
			ID string
			By []string
		}
	}
	Unlooked []struct {
		Kind, Code string
		Creates    int
	}
	requests int
}

// plan plans, which no look may end otherwise than well.
func (w *alikeWorld) plan(args ...string) (out alikePlan) {
	w.t.Helper()
	before := requestsOf(w.t, w.url)
	text := w.run(exitDone, append([]string{"plan", "-C", w.dir, "-o", "json"}, args...)...)
	out.requests = requestsOf(w.t, w.url) - before
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// named gives the ids that are named beside a resource.
func (p alikePlan) named(address string) (ids []string) {
	for _, c := range p.Changes {
		for _, a := range c.Alike {
			if c.Address == address {
				ids = append(ids, a.ID+" by "+strings.Join(a.By, ","))
			}
		}
	}
	return ids
}

// all counts the changes beside which something is named.
func (p alikePlan) all() (n int) {
	for _, c := range p.Changes {
		if len(c.Alike) > 0 {
			n++
		}
	}
	return n
}

// unlooked counts the creates that were not looked at for one reason.
func (p alikePlan) unlooked(code string) (n int) {
	for _, u := range p.Unlooked {
		if u.Code == code {
			n += u.Creates
		}
	}
	return n
}

// alikeKinds is a document of each kind that can look like another, how many phones and e-mails
// it has, and how many of 3,000 a plan looks at.
var alikeKinds = []struct {
	name, document  string
	contacts, looks int
}{
	{"company", "kind: Company\nmetadata: {name: r#}\nspec: {fields: {title: Title #, phones: [\"+49 30 123#\"], emails: [m#@example.com]}}", 2, 2450},
	{"tax ids", "kind: Company\nmetadata: {name: r#}\nspec: {fields: {title: Title #}, requisites: [{key: k, preset: Organization, fields: {RQ_INN: \"770708#\"}}]}", 0, 2450},
	{"contact", "kind: Contact\nmetadata: {name: r#}\nspec: {fields: {name: Ann, lastName: Ott #, phones: [\"+49 30 123#\"]}}", 1, 2450},
	{"lead", "kind: Lead\nmetadata: {name: r#}\nspec: {fields: {title: Title #, emails: [m#@example.com]}}", 1, 2450},
	{"deal", "kind: Deal\nmetadata: {name: r#}\nspec: {fields: {title: Title #}}", 0, 2450},
	{"quote", "kind: Quote\nmetadata: {name: r#}\nspec: {fields: {title: Title #}}", 0, 2450},
	{"invoice", "kind: Invoice\nmetadata: {name: r#}\nspec: {fields: {title: Title #}}", 0, 2450},
	{"product", "kind: Product\nmetadata: {name: r#}\nspec: {fields: {name: Title #}}", 0, 2450},
	{"section", "kind: ProductSection\nmetadata: {name: r#}\nspec: {fields: {name: Title #}}", 0, 2450},
	{"two spellings", "kind: Deal\nmetadata: {name: r#}\nspec: {fields: {title: \"Two  blanks\\u00a0#\"}}", 0, 2450},
	{"texts that no batch carries", "kind: Deal\nmetadata: {name: r#}\nspec: {fields: {title: \"<script>select # from title</script>\"}}", 0, 98},
	{"e-mails that no batch carries", "kind: Lead\nmetadata: {name: r#}\nspec: {fields: {title: Title #, emails: [\"javascript:#@example.com\"]}}", 1, 38},
}

// The law of requests: a plan of creates reads ⌈N/2450⌉ + 20 times at most, and phones and
// e-mails take ⌈values/1000⌉ more. What it does not look at, it counts.
func TestLookingForWhatIsAlikeTakesFewRequests(t *testing.T) {
	for _, of := range alikeKinds {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			w := newAlikeWorld(t)
			for _, n := range []int{10, 3000} {
				w.declare(n, of.document)
				p := w.plan()
				if most := ceil(n, 2450) + 20 + ceil(n*of.contacts, 1000); p.requests > most {
					t.Errorf("%d: %d requests, at most %d", n, p.requests, most)
				}
				if got, want := p.unlooked("look-is-bounded")+p.unlooked("look-is-alone"), max(0, n-of.looks); got != want {
					t.Errorf("%d: %d are not looked at, want %d: %v", n, got, want, p.Unlooked)
				}
			}
		})
	}
}

// What is found is read, which takes ⌈hits/2450⌉ requests more. What belongs to another project is
// no surprise.
func TestReadingWhatIsAlikeTakesFewRequests(t *testing.T) {
	t.Parallel()
	const n = 1000
	w, other := newAlikeWorld(t), t.TempDir()
	w.declare(n, alikeKinds[2].document)
	theirs := &pruned{world: w.world, dir: other}
	theirs.write(map[string]string{"b24apply.yaml": strings.Replace(projectOf("  formerNames: []\n"), "acme", "others", 1)})
	(&alikeWorld{theirs}).declare(n, alikeKinds[2].document)
	theirs.run(exitDone, "apply", "-C", other, "--yes")
	p := w.plan()
	for _, c := range p.Changes {
		if len(c.Alike) > 0 {
			t.Fatalf("%s: %v", c.Address, c.Alike)
		}
	}
	// Names, marks and other projects, last names, phones, and what they found.
	if most := 5 + ceil(n, 1000) + ceil(n, 2450); p.requests > most {
		t.Errorf("%d requests, at most %d", p.requests, most)
	}
	w.post("crm.item.add", `{"entityTypeId":3,"fields":{"name":"X",`+fm("PHONE", "+49301231500")+`}}`)
	if p = w.plan(); p.all() != 1 || fmt.Sprint(p.named("contact/r1500")) != "[1001 by phones]" {
		t.Errorf("%d are named, %v", p.all(), p.named("contact/r1500"))
	}
}

// alikeCases say beside which records a create is named: each is a portal's calls, a manifest,
// and what is named.
var alikeCases = []struct {
	name       string
	calls      [][2]string
	manifest   string
	named, all string // of "r", without --look-alikes and with it
}{
	{"case", company("ACME GmbH"), companyOf(`acme gmbh`), "1 by title", "1 by title"},
	{"composed letters", company("Caf\u00e9"), companyOf(`Cafe\u0301`), "1 by title", "1 by title"},
	{"letters that the portal has in parts", company("Cafe\u0301"), companyOf(`Caf\u00e9`), "", "1 by title"},
	{"a no-break blank", company("Two Words"), companyOf(`Two\u00a0Words`), "1 by title", "1 by title"},
	{"a no-break blank of the portal", company("Two\u00a0Words"), companyOf(`Two Words`), "", "1 by title"},
	{"two blanks", company("Two Words"), companyOf(`Two  Words`), "1 by title", "1 by title"},
	{"two blanks on both sides", company("Two  Words"), companyOf(`Two  Words`), "1 by title", "1 by title"},
	{"blanks outside", company("  Words "), companyOf(`Words`), "", "1 by title"},
	{"another title", company("Acme 1"), companyOf(`Acme 2`), "", ""},
	{"a text that no batch carries", company("<script>a</script>"), companyOf(`<script>a</script>`), "1 by title", "1 by title"},
	{"two that differ in blanks alone", company("Two  Words"), companyOf(`Two Words`, `Two  Words`), "1 by title", "1 by title"},
	{"the project's own", marked("acme"), companyOf(`Acme`), "", ""},
	{"another project's", marked("other"), companyOf(`Acme`), "", ""},
	{"another program's", [][2]string{add(4, `"title":"Acme","originatorId":"erp","originId":"x"`)}, companyOf(`Acme`), "1 by title", "1 by title"},
	{"a phone", [][2]string{add(3, `"name":"Ann",`+fm("PHONE", "+7 (495) 123-45-67"))}, contactOf(`phones: ["+7 495 1234567"]`), "1 by phones", "1 by phones"},
	{"an e-mail", [][2]string{add(3, `"name":"Ann",`+fm("EMAIL", "Ann@Ott.example"))}, contactOf(`emails: [ann@ott.example]`), "1 by emails", "1 by emails"},
	{"another project's phone", [][2]string{add(3, `"name":"Ann","originatorId":"b24apply:other","originId":"a",`+fm("PHONE", "+49301234567"))}, contactOf(`phones: ["+49 30 1234567"]`), "", ""},
	{"a company's phone", [][2]string{add(4, `"title":"A",`+fm("PHONE", "+49301234567"))}, contactOf(`phones: ["+49 30 1234567"]`), "", ""},
	{"a name without a last name", [][2]string{add(3, `"name":"ann"`), add(3, `"name":"Ann","lastName":"Ott"`)}, contactOf(`name: Ann`), "1 by name", "1 by name"},
	{"a tax id", taxed("7707-083893"), taxOf(`7707083893`), "", ""},
	{"a tax id with blanks", taxed("7707083893"), taxOf(`7707 083893`), "1 by RQ_INN", "1 by RQ_INN"},
	{"a product", [][2]string{{"catalog.product.add", `{"fields":{"iblockId":23,"name":"CHAI"}}`}}, "kind: Product\nmetadata: {name: r}\nspec: {fields: {name: chai}}", "1 by name", "1 by name"},
	{"a section at the top", sections(), "kind: ProductSection\nmetadata: {name: r}\nspec: {fields: {name: drinks}}", "1 by name", "1 by name"},
	{"a section in another", sections(), "kind: ProductSection\nmetadata: {name: r}\nspec: {fields: {name: hot, iblockSectionId: 1}}", "2 by name", "2 by name"},
	{"a section elsewhere", sections(), "kind: ProductSection\nmetadata: {name: r}\nspec: {fields: {name: hot}}", "", ""},
	{"a section in one that is not there", sections(), "kind: ProductSection\nmetadata: {name: new}\nspec: {fields: {name: New}}\n---\nkind: ProductSection\nmetadata: {name: r}\nspec: {fields: {name: hot, iblockSectionId: {ref: productsection/new}}}", "", ""},
}

func add(entity int, fields string) [2]string {
	return [2]string{"crm.item.add", fmt.Sprintf(`{"entityTypeId":%d,"fields":{%s}}`, entity, fields)}
}

func company(title string) [][2]string { return [][2]string{add(4, fmt.Sprintf(`"title":%q`, title))} }

func marked(owner string) [][2]string {
	return [][2]string{add(4, fmt.Sprintf(`"title":"Acme","originatorId":"b24apply:%s","originId":"x"`, owner))}
}

func fm(typeID, text string) string {
	return fmt.Sprintf(`"fm":{"n0":{"typeId":%q,"valueType":"WORK","value":%q}}`, typeID, text)
}

func taxed(inn string) [][2]string {
	return [][2]string{{"crm.requisite.preset.list", `{}`}, add(4, `"title":"Payer"`), {"crm.requisite.add", fmt.Sprintf(`{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":1,"PRESET_ID":1,"NAME":"Main","RQ_INN":%q}}`, inn)}}
}

func sections() [][2]string {
	return [][2]string{{"catalog.section.add", `{"fields":{"iblockId":23,"name":"Drinks"}}`}, {"catalog.section.add", `{"fields":{"iblockId":23,"iblockSectionId":1,"name":"Hot"}}`}}
}

// companyOf declares companies, of which the last one is "r".
func companyOf(titles ...string) string {
	var docs []string
	for i, title := range titles {
		name := "r"
		if i < len(titles)-1 {
			name = fmt.Sprint("before-", i)
		}
		docs = append(docs, fmt.Sprintf("kind: Company\nmetadata: {name: %s}\nspec: {fields: {title: \"%s\"}}", name, title))
	}
	return strings.Join(docs, "\n---\n")
}

func contactOf(fields string) string {
	if !strings.HasPrefix(fields, "name:") {
		fields = "name: Somebody, " + fields
	}
	return fmt.Sprintf("kind: Contact\nmetadata: {name: r}\nspec: {fields: {%s}}", fields)
}

func taxOf(inn string) string {
	return fmt.Sprintf("kind: Company\nmetadata: {name: r}\nspec: {fields: {title: Else}, requisites: [{preset: 1, fields: {RQ_INN: %q}}]}", inn)
}

func TestWhatLooksLikeACreateIsNamed(t *testing.T) {
	for _, c := range alikeCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newAlikeWorld(t)
			for _, call := range c.calls {
				w.post(call[0], call[1])
			}
			w.write(map[string]string{"m/all.yaml": c.manifest})
			for want, args := range map[string][]string{"plan: " + c.named: nil, "all: " + c.all: {"--look-alikes"}} {
				p := w.plan(args...)
				how := "plan: "
				if args != nil {
					how = "all: "
				}
				var named []string
				for _, change := range p.Changes {
					if _, name, _ := strings.Cut(change.Address, "/"); name == "r" {
						named = p.named(change.Address)
					}
				}
				if got := how + strings.Join(named, " "); got != want || len(p.Unlooked) > 0 {
					t.Errorf("%q, want %q; %v", got, want, p.Unlooked)
				}
			}
		})
	}
}
