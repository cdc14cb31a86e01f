package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A refusing is a portal with a record of every sort of reading that a run does, which
// refuses one method after the other.
type refusing struct {
	*pruned
	round int // of the manifests, from 10 on
}

// refusable are the manifests. In each round "ROUND" is another number, so that every record
// is changed, and one is created that was not there before.
const refusable = `kind: SPA
metadata: {name: asset}
spec: {title: Assets ROUND, code: asset, entityTypeId: 1036, relations: {child: [deal]}}
---
kind: SPAItem
metadata: {name: item}
spec: {type: asset, fields: {title: Item ROUND}}
---
kind: Company
metadata: {name: acme}
spec:
  fields: {title: Acme ROUND}
  requisites: [{key: main, preset: Organization, fields: {RQ_INN: "7707083893"}, bankDetails: [{key: bank, fields: {RQ_ACC_NUM: "ROUND"}}], addresses: {legal: {city: Rome ROUND}}}]
---
kind: Contact
metadata: {name: jane}
spec: {match: [[phones]], adopt: ifUnowned, fields: {name: Jane ROUND, phones: ["+49 30 1234567"]}}
---
kind: Contact
metadata: {name: new-ROUND}
spec: {match: [[phones]], adopt: ifUnowned, fields: {name: New ROUND, phones: ["+49 30 7654ROUND"]}}
---
kind: Lead
metadata: {name: lead}
spec: {fields: {title: Lead ROUND}, addresses: {legal: {city: Rome ROUND}}}
---
kind: Deal
metadata: {name: plain}
spec: {fields: {title: Plain ROUND}}
---
kind: Deal
metadata: {name: staged}
spec: {fields: {title: Staged ROUND, stageId: New}}
---
kind: Deal
metadata: {name: users}
spec: {fields: {title: Users ROUND, assignedById: Olga Petrova}}
---
kind: Deal
metadata: {name: userid}
spec: {fields: {title: UserID ROUND, assignedById: 1}}
---
kind: Deal
metadata: {name: link}
spec: {fields: {title: Link ROUND, companyId: {ref: company/acme}}}
---
kind: Deal
metadata: {name: linkid}
spec: {fields: {title: LinkID ROUND, companyId: 1}}
---
kind: Deal
metadata: {name: lookup}
spec: {fields: {title: Lookup ROUND, companyId: {lookup: {company: {title: Stranger}}}}}
---
kind: Deal
metadata: {name: rows}
spec: {fields: {title: Rows ROUND, currencyId: EUR}, products: [{name: A, price: "5.00", quantity: ROUND}]}
---
kind: Deal
metadata: {name: money}
spec: {fields: {title: Money ROUND, opportunity: "ROUND.00", currencyId: EUR}}
---
kind: Deal
metadata: {name: option}
spec: {fields: {title: Option ROUND, SIZE: Large}}
---
kind: Deal
metadata: {name: kept}
spec: {policy: {title: keepHuman}, fields: {title: Kept ROUND}}
---
kind: Deal
metadata: {name: new-ROUND}
spec: {fields: {title: New ROUND}}
---
kind: ProductSection
metadata: {name: drinks}
spec: {fields: {name: Drinks ROUND}}
---
kind: Product
metadata: {name: chai}
spec: {fields: {name: Chai ROUND, iblockSectionId: {ref: productsection/drinks}, price: {amount: "ROUND.00", currency: EUR}}}
---
kind: Product
metadata: {name: kg}
spec: {fields: {name: Kg ROUND, measure: pcs, vatId: 20}}
---
kind: Product
metadata: {name: typed}
spec: {fields: {name: Typed ROUND, COLOUR: red}}
`

func newRefusing(t *testing.T) *refusing {
	t.Helper()
	r := &refusing{pruned: &pruned{world: openWorld(t, portal.Config{}), dir: t.TempDir()}, round: 10}
	r.pruned.write(map[string]string{"b24apply.yaml": projectOf("")})
	for method, params := range map[string]string{
		"crm.item.add":                `{"entityTypeId":4,"fields":{"title":"Stranger"}}`,
		"userfieldconfig.add":         `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_SIZE","userTypeId":"enumeration","enum":[{"value":"Large","xmlId":"L"}]}}`,
		"catalog.productProperty.add": `{"fields":{"iblockId":23,"name":"Colour","code":"COLOUR","propertyType":"S"}}`,
	} {
		r.post(method, params)
	}
	r.next()
	r.run(exitDone, "apply", "-C", r.dir, "--yes")
	return r
}

// next writes the manifests of another round.
func (r *refusing) next() {
	r.round++
	text := "apiVersion: b24apply/v1\n" + strings.ReplaceAll(refusable, "\n---\n", "\n---\napiVersion: b24apply/v1\n")
	path := filepath.Join(r.dir, "m", "all.yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "ROUND", fmt.Sprint(r.round))), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// An attempt is a run while a portal refuses something.
type attempt struct {
	report jsonReport
	said   string
	code   int
}

// apply applies while the portal goes wrong; late waits with that until the plan is made.
func (r *refusing) apply(fault string, late bool, args ...string) attempt {
	r.t.Helper()
	var out, errs bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: boxPlan, settle: 2 * time.Second}
	if late {
		e.planned = func(*plan.Plan) { r.fault(fault) }
	} else {
		r.fault(fault)
	}
	code := run(r.t.Context(), e, append([]string{"apply", "--yes", "--sees-all", "-o", "json", "--max-refused", "100", "-C", r.dir, "--portal", r.url}, args...))
	r.fault("")
	a := attempt{said: out.String() + errs.String(), code: code}
	if strings.HasPrefix(out.String(), "{") {
		if err := json.Unmarshal(out.Bytes(), &a.report); err != nil {
			r.t.Errorf("%s: %v in %s", fault, err, tail(a.said))
		}
	}
	return a
}

// items gives the resources of a report with a status, without the number of the round.
func (r *refusing) items(a attempt, status string) string {
	var out []string
	for _, item := range a.report.Items {
		if item.Status == status {
			out = append(out, strings.TrimSuffix(item.Resource, fmt.Sprint("-", r.round)))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// refuses checks that an apply refused some items with the portal's words, that others wait for
// them, and that all others are done.
func (r *refusing) refuses(a attempt, failed, blocked string) {
	r.t.Helper()
	want := exitItems
	if failed == "" {
		want = exitDone
	}
	if got := r.items(a, "failed"); got != failed || a.code != want {
		r.t.Errorf("exit code %d, want %d; refused %q, want %q\n%s", a.code, want, got, failed, tail(a.said))
	}
	if got := r.items(a, "blocked"); got != blocked {
		r.t.Errorf("blocked %q, want %q", got, blocked)
	}
	for _, item := range a.report.Items {
		if item.Code == "TYPE_NOT_EMPTY" || item.Code == "SECTION_NOT_EMPTY" {
			continue // of what is refused
		}
		if item.Status == "failed" && (item.Code != "NOT_READ" || item.Hint == "" || !strings.Contains(item.Error, "Zugriff verweigert")) {
			r.t.Errorf("%s: %s %q, %q", item.Resource, item.Code, item.Error, item.Hint)
		}
		if item.Status != "succeeded" && item.Status != "failed" && item.Status != "blocked" {
			r.t.Errorf("%s is %s: %s", item.Resource, item.Status, item.Error)
		}
	}
}

// heals checks that everything is done once the portal answers again, and nothing twice.
func (r *refusing) heals(a attempt) {
	r.t.Helper()
	seen := make(map[string]bool)
	for _, item := range a.report.Items {
		if seen[item.Resource] {
			r.t.Errorf("%s is reported twice", item.Resource)
		}
		seen[item.Resource] = true
	}
	if len(seen) != strings.Count(refusable, "kind: ") && a.code != exitAuth && a.code != exitError {
		r.t.Errorf("%d items are reported", len(seen))
	}
	if b := r.apply("", false); b.code != exitDone {
		r.t.Errorf("exit code %d of a portal that answers again\n%s", b.code, tail(b.said))
	}
	for method, params := range map[string]string{
		"crm.item.list": fmt.Sprintf(`{"entityTypeId":2,"filter":{"=title":"New %d"}}`, r.round), "crm.company.list": `{}`,
	} {
		if got, want := r.total(method, params), map[string]int{"crm.item.list": 1, "crm.company.list": 2}[method]; got != want {
			r.t.Errorf("%s %s finds %d, want %d", method, params, got, want)
		}
	}
}

func (r *refusing) total(method, params string) int {
	r.t.Helper()
	response, err := http.Post(r.url+method, "application/json", strings.NewReader(params))
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Total int }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		r.t.Fatal(err)
	}
	return answer.Total
}

func refusalOf(method, code string) string {
	return fmt.Sprintf(`{"kind":"fail","method":%q,"code":%q,"text":"Zugriff verweigert"}`, method, code)
}

// What each method tells, and whom it refuses if the portal refuses it.
var refusedMethods = func() [][3]string {
	const (
		deals   = "deal/kept deal/link deal/linkid deal/lookup deal/money deal/new deal/option deal/plain deal/rows deal/staged deal/userid deal/users"
		records = "asset/item company/acme contact/jane contact/new " + deals + " lead/lead"
	)
	return [][3]string{ // method, refused, blocked
		{"crm.type.list", "asset/item spa/asset"},
		{"crm.type.get", "spa/asset", "asset/item"},
		{"crm.item.fields", records},
		{"crm.item.list", records},
		{"crm.category.list", "deal/staged"},
		{"crm.status.list", "deal/staged"},
		{"user.get", "deal/users"},
		{"profile", "deal/kept"},
		{"crm.currency.list"},
		{"crm.duplicate.findbycomm", "contact/new"},
		{"crm.item.productrow.list", "deal/rows"},
		{"crm.requisite.fields", "company/acme", "deal/link"},
		{"crm.requisite.bankdetail.fields", "company/acme", "deal/link"},
		{"crm.requisite.preset.list", "company/acme", "deal/link"},
		{"crm.requisite.list", "company/acme", "deal/link"},
		{"crm.requisite.bankdetail.list", "company/acme", "deal/link"},
		{"crm.enum.addresstype", "company/acme lead/lead", "deal/link"},
		{"crm.address.list", "company/acme lead/lead", "deal/link"},
		{"userfieldconfig.list"}, // the option is named by its label
		{"catalog.catalog.list", "product/chai product/kg product/typed productsection/drinks"},
		{"catalog.priceType.list", "product/chai"},
		{"catalog.measure.list", "product/kg"},
		{"catalog.vat.list", "product/kg"},
		{"catalog.productProperty.list", "product/typed"},
		{"catalog.productPropertyEnum.list", "product/typed"},
		{"catalog.product.list", "product/chai product/kg product/typed"},
		{"catalog.section.list", "productsection/drinks", "product/chai"},
		{"catalog.price.list", "product/chai"},
	}
}()

func (r *refusing) each(t *testing.T, do func(method, failed, blocked string)) {
	for _, row := range refusedMethods {
		t.Run(row[0], func(t *testing.T) {
			r.t, r.world.t = t, t
			r.next()
			do(row[0], row[1], row[2])
		})
	}
	r.t, r.world.t = t, t
}

// Whatever the portal refuses to tell while a plan is made refuses what needs it; the others
// are done. Once it answers again all is done, and nothing twice.
func TestARefusedMethodRefusesWhatNeedsItAndNothingElse(t *testing.T) {
	t.Parallel()
	r := newRefusing(t)
	r.each(t, func(method, failed, blocked string) {
		a := r.apply(refusalOf(method, "ACCESS_DENIED"), false)
		r.refuses(a, failed, blocked)
		r.heals(a)
	})
	r.run(exitDone, "plan", "-C", r.dir, "--detailed-exitcode")
}

// What is refused while a run writes changes nothing about that every item has one outcome,
// not even if the answer of a create is lost.
func TestWhatIsRefusedWhileWritingLosesNoItem(t *testing.T) {
	t.Parallel()
	r := newRefusing(t)
	for _, fault := range []string{
		refusalOf("crm.item.list", "ACCESS_DENIED"), refusalOf("crm.item.get", "ACCESS_DENIED"), refusalOf("crm.item.productrow.list", "ACCESS_DENIED"),
		refusalOf("crm.requisite*.list", "ACCESS_DENIED"), refusalOf("crm.address.list", "ACCESS_DENIED"), refusalOf("catalog.*.list", "ACCESS_DENIED"), refusalOf("catalog.*.get", "ACCESS_DENIED"),
		`{"kind":"drop-after","method":"crm.item.add","n":1},{"kind":"fail","method":"crm.item.list","code":"ACCESS_DENIED","n":2}`,
		`{"kind":"drop-after","method":"crm.item.update","n":1},{"kind":"fail","method":"crm.item.get","code":"ACCESS_DENIED","n":2}`,
		`{"kind":"drop-after","method":"crm.item.productrow.set","n":1},{"kind":"fail","method":"crm.item.productrow.list","code":"ACCESS_DENIED","n":1}`,
		`{"kind":"drop-after","method":"crm.requisite.update","n":1},{"kind":"fail","method":"crm.requisite.*","code":"ACCESS_DENIED","n":1}`,
	} {
		r.next()
		a := r.apply(fault, true)
		if a.code != exitDone && a.code != exitItems {
			t.Errorf("%s: exit code %d\n%s", fault, a.code, tail(a.said))
		}
		r.heals(a)
	}
	r.run(exitDone, "plan", "-C", r.dir, "--detailed-exitcode")
}

// A refusal reaches as far as it says: a method, or the credential.
func TestARefusalReachesAsFarAsItSays(t *testing.T) {
	r := newRefusing(t)
	status := func(method, code string, n int) string {
		return strings.TrimSuffix(refusalOf(method, code), "}") + fmt.Sprintf(`,"status":%d}`, n)
	}
	for _, tc := range []struct {
		fault, failed string
		code          int
	}{
		{refusalOf("catalog.vat.list", "insufficient_scope"), "product/kg", exitItems},
		{status("user.get", "insufficient_scope", 401), "deal/users", exitItems},
		{refusalOf("crm.status.list", "insufficient_scope"), "", exitAuth},
		{status("crm.type.list", "ACCESS_DENIED", 403), "asset/item spa/asset", exitItems},
		{status("crm.type.list", "ACCESS_DENIED", 401), "", exitAuth},
		{status("catalog.measure.list", "ERROR_METHOD_NOT_FOUND", 404), "product/kg", exitItems},
		{refusalOf("crm.status.list", "METHOD_CONFIRM_WAITING"), "deal/staged", exitItems},
		{refusalOf("crm.category.list", "PAYMENT_REQUIRED"), "", exitAuth},
		{status("user.get", "INVALID_CREDENTIALS", 401), "", exitAuth},
		{`{"kind":"expired-token"}`, "", exitAuth},
	} {
		r.next()
		a := r.apply(tc.fault, false)
		if got := r.items(a, "failed"); a.code != tc.code || got != tc.failed {
			t.Errorf("%s: exit code %d, want %d, refused %q, want %q\n%s", tc.fault, a.code, tc.code, got, tc.failed, tail(a.said))
		}
	}
}

const removable = `kind: SPA
metadata: {name: equipment}
spec: {title: Equipment, code: equipment}
---
kind: SPAItem
metadata: {name: lathe}
spec: {type: equipment, fields: {title: Lathe}}
---
kind: Deal
metadata: {name: old}
spec: {fields: {title: Old}}
---
kind: ProductSection
metadata: {name: dishes}
spec: {fields: {name: Dishes}}
---
kind: Product
metadata: {name: cup}
spec: {fields: {name: Cup, iblockSectionId: {ref: productsection/dishes}}}
---
kind: Company
metadata: {name: stays}
spec: {fields: {title: Stays}}`

const removed = "kind: Absent\nspec: {resources: [spa/equipment, equipment/lathe, deal/old, product/cup, productsection/dishes]}"

// What cannot be read is not taken for gone, nor for empty: an Absent of it is refused, and
// deletes nothing. The others are deleted.
func TestWhatCannotBeReadIsNotDeleted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ method, failed, blocked, done string }{
		{"crm.type.list", "equipment/lathe spa/equipment", "", "deal/old product/cup productsection/dishes"},
		{"crm.item.fields", "deal/old equipment/lathe spa/equipment", "", "product/cup productsection/dishes"},
		{"crm.item.list", "deal/old equipment/lathe spa/equipment", "", "product/cup productsection/dishes"},
		{"catalog.catalog.list", "product/cup productsection/dishes", "", "deal/old equipment/lathe spa/equipment"},
		{"catalog.product.list", "product/cup productsection/dishes", "", "deal/old equipment/lathe spa/equipment"},
		{"catalog.section.list", "productsection/dishes", "", "deal/old equipment/lathe product/cup spa/equipment"},
	} {
		t.Run(tc.method, func(t *testing.T) {
			r := &refusing{pruned: newPruned(t, map[string]string{"m/a.yaml": removable})}
			r.pruned.write(map[string]string{"m/a.yaml": removed})
			a := r.apply(refusalOf(tc.method, "ACCESS_DENIED"), false)
			r.refuses(a, tc.failed, tc.blocked)
			if got := r.items(a, "succeeded"); got != tc.done {
				t.Errorf("deleted %q, want %q", got, tc.done)
			}
			r.run(exitDone, "apply", "-C", r.dir, "--yes")
		})
	}
}

// A prune needs to have read everything.
func TestAPruneOfWhatCannotBeReadWritesNothing(t *testing.T) {
	r := &refusing{pruned: newPruned(t, map[string]string{"m/a.yaml": removable})}
	_, rest, _ := strings.Cut(removable, "kind: Deal\nmetadata: {name: old}\nspec: {fields: {title: Old}}\n---\n")
	r.pruned.write(map[string]string{"m/a.yaml": deals("another") + "\n---\n" + rest, "m/b.yaml": removable[:strings.Index(removable, "---\nkind: Deal")-1]})
	for _, method := range []string{"crm.type.list", "crm.item.fields", "crm.item.list", "catalog.catalog.list", "catalog.product.list", "catalog.section.list"} {
		r.portal.ResetStats()
		a := r.apply(refusalOf(method, "ACCESS_DENIED"), false, "--prune")
		if n := r.portal.Stats().Writes; a.code != exitRefused || n != 0 || !strings.Contains(a.said, "--prune is refused because the portal was not read whole") {
			t.Errorf("%s: exit code %d, %d writes\n%s", method, a.code, n, tail(a.said))
		}
	}
}

// Doctor looks at a portal that refuses any one method, and says what it found.
func TestDoctorEndsWhateverIsRefused(t *testing.T) {
	r := newRefusing(t)
	r.each(t, func(method, _, _ string) {
		r.fault(refusalOf(method, "ACCESS_DENIED"))
		said, code := r.outcome("doctor")
		r.fault("")
		if code != exitDone && code != exitAuth || !strings.Contains(said, "portal") {
			t.Errorf("exit code %d: %s", code, tail(said))
		}
	})
}

// What the portal does not show of a record that is deleted does not come back with it, and
// is named by whoever brings it back.
func TestAnUndoNamesWhatTheDeletedRecordHeldUnseen(t *testing.T) {
	const stays = "\n---\nkind: Deal\nmetadata: {name: stays}\nspec: {fields: {title: Stays}}"
	state := []string{"--state-dir", t.TempDir()}
	r := &refusing{pruned: newPruned(t, map[string]string{"m/a.yaml": "kind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, currencyId: EUR}, products: [{name: Work, price: \"5.00\"}]}" + stays})}
	r.pruned.write(map[string]string{"m/a.yaml": "kind: Absent\nspec: {resources: [deal/d]}" + stays})
	a := r.apply(refusalOf("crm.item.productrow.list", "ACCESS_DENIED"), true, state...)
	if a.code != exitDone || r.items(a, "succeeded") != "deal/d" {
		t.Fatalf("exit code %d\n%s", a.code, tail(a.said))
	}
	const want = "products: what it held was not kept, since the portal did not show it: crm.item.productrow.list on "
	for _, verb := range []string{"--out", "--yes"} {
		code := map[string]int{"--out": exitDone, "--yes": exitItems}[verb]
		args := []string{"undo", "last", verb}
		if verb == "--out" {
			args = append(args, filepath.Join(t.TempDir(), "undo.ndjson"))
		}
		if said := r.run(code, append(args, state...)...); !strings.Contains(strings.Join(strings.Fields(said), " "), want) {
			t.Errorf("%s: no %q in\n%s", verb, want, said)
		}
	}
}

// A glance is what a plan does, and what it says of the whole.
type glance struct {
	Changes []struct{ Address, Action string }
	Notes   json.RawMessage
}

// glanceWith plans while the portal goes wrong.
func (r *refusing) glanceWith(fault string) (g glance, said string, code int) {
	r.t.Helper()
	var out, errs bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: boxPlan}
	r.fault(fault)
	code = run(r.t.Context(), e, []string{"plan", "-o", "json", "--sees-all", "-C", r.dir, "--portal", r.url})
	r.fault("")
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &g); err != nil {
			r.t.Fatalf("%v in %s", err, tail(out.String()))
		}
	}
	return g, out.String() + errs.String(), code
}

// Whichever list of a plan is refused, once: what is planned otherwise than without that is
// refused, and what is said of the whole plan goes missing only where something is. So nothing
// is taken for nobody's, undeclared or empty because the portal did not tell.
func TestWhicheverListIsRefusedNothingIsTakenForGranted(t *testing.T) {
	many := make([]string, 60)
	for i := range many {
		many[i] = fmt.Sprint("d", i)
	}
	product := "kind: Product\nmetadata: {name: tea}\nspec: {fields: {name: Tea}}"
	for name, tc := range map[string]struct {
		before, after, project string
		says                   string // by the plan that nothing disturbs
	}{
		"other owners":             {before: product, after: product, project: strings.Replace(projectOf(""), "acme", "other", 1), says: "OWNER_RENAMED"},
		"many that are undeclared": {before: deals(many...), after: deals("new"), says: "NOT_DECLARED"},
		"a section that is not empty": {
			before: "kind: ProductSection\nmetadata: {name: s}\nspec: {fields: {name: S}}\n---\nkind: Product\nmetadata: {name: p}\nspec: {fields: {name: P, iblockSectionId: {ref: productsection/s}}}\n---\n" + deals("stays"),
			after:  "kind: Absent\nspec: {resources: [productsection/s]}\n---\n" + deals("stays"), says: "SECTION_NOT_EMPTY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &refusing{pruned: newPruned(t, map[string]string{"m/a.yaml": tc.before})}
			r.pruned.write(map[string]string{"m/a.yaml": tc.after})
			if tc.project != "" {
				r.pruned.write(map[string]string{"b24apply.yaml": tc.project})
			}
			calm, said, code := r.glanceWith("")
			if !strings.Contains(said, tc.says) {
				t.Fatalf("exit code %d, no %s in %s", code, tc.says, tail(said))
			}
			met := 0
			for _, method := range []string{"crm.item.list", "catalog.product.list", "catalog.section.list"} {
				for k := 1; k <= 8; k++ {
					fault := fmt.Sprintf(`{"kind":"fail","method":%q,"code":"ACCESS_DENIED","text":"Zugriff verweigert","every":%d,"n":1}`, method, k)
					g, said, code := r.glanceWith(fault)
					if strings.Contains(said, "Zugriff verweigert") {
						met++
					}
					r.grants(fault, calm, g, code, said)
				}
			}
			if met < 3 {
				t.Errorf("only %d plans have met a refusal", met)
			}
		})
	}
}

// grants checks a disturbed plan against a calm one.
func (r *refusing) grants(fault string, calm, g glance, code int, said string) {
	r.t.Helper()
	actions := make(map[string]string)
	for _, c := range g.Changes {
		actions[c.Address] = c.Action
	}
	alike := true
	for _, c := range calm.Changes {
		if actions[c.Address] != c.Action {
			alike = false
			if actions[c.Address] != "refuse" {
				r.t.Errorf("%s: %s is planned as %q, not as %q (exit code %d)\n%s", fault, c.Address, actions[c.Address], c.Action, code, tail(said))
			}
		}
	}
	if alike && string(calm.Notes) != string(g.Notes) {
		r.t.Errorf("%s: notes %s, not %s", fault, g.Notes, calm.Notes)
	}
}
