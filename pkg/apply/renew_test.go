package apply

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// told gives what a report says of each item that is not as it should be: code and error.
func told(r *Report) map[string]string {
	out := make(map[string]string)
	for _, o := range r.Items.List() {
		if o.Status != Succeeded && o.Status != Unchanged {
			out[string(o.Resource)] = fmt.Sprint(o.Status, " ", o.Code, ": ", words.Text(o.Error))
		}
	}
	return out
}

// methods counts the commands of some methods.
func (b *bench) methods(suffix string) (n int) {
	for method, count := range b.portal.Stats().Commands {
		if strings.HasSuffix(method, suffix) {
			n += count
		}
	}
	return n
}

// One of a hundred that changed since the plan is left alone, and so is one whose mark was
// taken over; what nobody declares is no matter.
func TestCaseC4WhatHasChangedSinceThePlanIsLeftAlone(t *testing.T) {
	b := newBench(t)
	b.apply(companies(100), Config{})
	plan := b.planHonestly(renamed(100))
	b.call("crm.item.update", bitrix.Params{"entityTypeId": 4, "id": 1, "fields": map[string]any{"title": "By hand"}})
	b.call("crm.item.update", bitrix.Params{"entityTypeId": 4, "id": 2, "fields": map[string]any{"originatorId": "b24apply:other"}})
	b.call("crm.item.update", bitrix.Params{"entityTypeId": 4, "id": 3, "fields": map[string]any{"comments": "is no matter"}})
	before := updates(b)
	report := Run(t.Context(), plan, Config{Client: b.client, Older: true})
	checkComplete(t, report, 100)
	want := map[string]string{
		"company/c000": `conflict CHANGED_SINCE_PLAN: it has changed since the plan: title was "Company 0" when the plan was made, is "By hand", and would be "Firm 0"`,
		"company/c001": `conflict CHANGED_SINCE_PLAN: it has changed since the plan: originatorId was "b24apply:default" when the plan was made, and is "b24apply:other"`,
	}
	if d := cmp.Diff(want, told(report)); d != "" || report.Counts[Succeeded] != 98 || report.ExitCode != ExitItems || updates(b)-before != 98 {
		t.Errorf("%v, exit code %d, %d updates, -want +got:\n%s", report.Counts, report.ExitCode, updates(b)-before, d)
	}
}

// A plan is read again a block at a time: so many records as one request of lists asks about.
func TestCaseC4ABlockIsReadByOneRequest(t *testing.T) {
	const n = 5000
	b := newBench(t)
	b.apply(companies(n), Config{})
	for older, most := range map[bool]int{false: n / 50, true: n/50 + (n+2449)/2450 + 1} {
		plan := b.planHonestly(strings.ReplaceAll(companies(n), "title: Company", fmt.Sprint("title: Older ", older)))
		report := Run(t.Context(), plan, Config{Client: b.client, Older: older})
		if report.Counts[Succeeded] != n || report.Requests > most {
			t.Errorf("older %t: %v, %d requests, want at most %d", older, report.Counts, report.Requests, most)
		}
	}
}

// slow makes each saved record cost the portal so much time, in a bubble.
func slow(b *bench, method string, each time.Duration) {
	tamper := b.tamper
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		time.Sleep(time.Duration(strings.Count(body, method)) * each)
		if tamper != nil {
			return tamper(body, pass)
		}
		return pass(body), nil
	}
}

// A run that writes for longer than a minute reads again what it writes later: a person's value
// of meanwhile stays. It costs a request a minute, or one a block.
func TestCaseC4ALongRunReadsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 600
		b := newLimitedBench(t, portal.Limits{})
		b.apply(companies(n), Config{})
		plan := b.planHonestly(renamed(n))
		slow(b, "crm.item.update", time.Second)
		time.AfterFunc(8*time.Minute, func() {
			b.call("crm.item.update", bitrix.Params{"entityTypeId": 4, "id": n, "fields": map[string]any{"title": "By hand"}})
		})
		before := b.methods(".list")
		report := Run(t.Context(), plan, Config{Client: b.client, Concurrency: 1})
		took := report.Finished.Sub(report.Started)
		if d := cmp.Diff([]string{fmt.Sprintf("company/c%03d", n-1)}, conflicts(report)); d != "" || report.Counts[Succeeded] != n-1 || took < 9*time.Minute {
			t.Errorf("%v after %s, -want +got:\n%s", report.Counts, took, d)
		}
		if extra := report.Requests - report.writes(b, n); extra > int(took/time.Minute)+3 {
			t.Errorf("%d requests more than the %s need", extra, took)
		}
		t.Logf("%d lists read, %d requests in %s", b.methods(".list")-before, report.Requests, took)
	})
}

func conflicts(r *Report) (out []string) {
	for _, o := range r.Items.List() {
		if o.Status == Conflict {
			out = append(out, string(o.Resource))
		}
	}
	return out
}

// writes is how many requests so many updates take where a batch has as many as fit its time.
func (r *Report) writes(b *bench, n int) int { return (n + 19) / 20 }

// idsOf lists the companies whose titles begin so.
func (b *bench) idsOf(title string) (ids []int) {
	b.t.Helper()
	rows, err := b.client.Lists(b.t.Context(), []bitrix.List{{Method: "crm.item.list", Items: "items", Params: bitrix.Params{"entityTypeId": 4, "filter": map[string]any{"%title": title}, "select": []any{"id", "title"}}}})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, raw := range rows[0] {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			b.t.Fatal(err)
		}
		ids = append(ids, row.Int("id"))
	}
	return ids
}

// What was read and then waited in an outage for more than a minute is read again before it goes
// out, and so is what the client sends once more.
func TestCaseC4WhatWaitsInAnOutageIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 300
		b := newLimitedBench(t, portal.Limits{})
		b.apply(companies(n), Config{})
		plan := b.planHonestly(renamed(n))
		a := &absence{from: 2, lasts: 5 * time.Minute, how: refusedDial}
		b.tamper = a.tamper
		other := b.rival()
		var theirs int // what a person writes of what the run has not saved by then
		time.AfterFunc(3*time.Minute, func() {
			for _, id := range other.idsOf("Company") {
				other.call("crm.item.update", bitrix.Params{"entityTypeId": 4, "id": id, "fields": map[string]any{"title": "By hand"}})
				theirs++
			}
		})
		report := Run(t.Context(), plan, Config{Client: b.client})
		if left := len(other.idsOf("By hand")); theirs < n/2 || left != theirs || len(conflicts(report)) != theirs || report.Counts[Succeeded]+report.Counts[Unchanged] != n-theirs {
			t.Errorf("%v, %d of %d records hold what a person wrote", report.Counts, left, theirs)
		}
	})
}

// fieldsIn counts the user fields of a report, which the portal takes once.
func fieldsIn(r *Report) (n int) {
	for _, o := range r.Items.List() {
		if o.Status == Succeeded && o.Kind == kind.UserFields().Name {
			n++
		}
	}
	return n
}

// A plan of creates that another machine has carried out meanwhile finds everything as it is to
// be: nothing is made twice, and there is no conflict.
func TestCaseC4APlanOnTwoMachinesMakesOneSet(t *testing.T) {
	sets := map[string]string{"customers with rows": ""}
	for name, manifests := range rivalSets {
		sets[name] = manifests
	}
	sets["customers with rows"], _, _ = customersAndDeals()
	for name, manifests := range sets {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			other := b.rival()
			first, second := b.planHonestly(manifests), other.planHonestly(manifests)
			if report := Run(t.Context(), first, Config{Client: b.client}); report.ExitCode != ExitDone {
				t.Fatal(failures(report))
			}
			before, belongings := b.portal.Stats().Writes, b.belongings()
			report := Run(t.Context(), second, Config{Client: other.client, Older: true})
			checkComplete(t, report, second.Size())
			if report.ExitCode != ExitDone || b.portal.Stats().Writes != before || b.belongings() != belongings || report.Counts[Unchanged]+fieldsIn(report) != second.Size() {
				t.Errorf("exit code %d, %v, %d writes: %v", report.ExitCode, report.Counts, b.portal.Stats().Writes-before, told(report))
			}
		})
	}
}

// What a create counts on is asked again, and so are the parts of a record.
func TestCaseC4WhatAPlanCountsOnIsAskedAgain(t *testing.T) {
	contact := func(spec string) string {
		return "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: jane}\nspec: " + spec + "\n"
	}
	deal := func(spec string) string {
		return "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: " + spec + "\n"
	}
	add := func(b *bench, entityTypeID int, fields map[string]any) {
		b.call("crm.item.add", bitrix.Params{"entityTypeId": entityTypeID, "fields": fields})
	}
	update := func(b *bench, entityTypeID int, fields map[string]any) {
		b.call("crm.item.update", bitrix.Params{"entityTypeId": entityTypeID, "id": 1, "fields": fields})
	}
	rows := func(b *bench, price string) {
		b.call("crm.item.productrow.set", bitrix.Params{"ownerType": "D", "ownerId": 1, "productRows": []any{map[string]any{"productName": "Work", "price": price, "quantity": 1}}})
	}
	for name, tc := range map[string]struct {
		first, then string // what is applied, and what is planned then
		meanwhile   func(b *bench)
		want        map[string]string
		writes      int
	}{
		"a contact of the same e-mail": {"", contact(`{match: [[emails]], fields: {name: Jane, emails: [j@x.example]}}`),
			func(b *bench) {
				add(b, 3, map[string]any{"name": "J", "fm": []any{map[string]any{"typeId": "EMAIL", "valueType": "WORK", "value": "J@x.example"}}})
			},
			map[string]string{"contact/jane": "conflict EXISTS_NOW: a record that its match finds is there since the plan was made: id 1"}, 0},
		"a contact of the same name and post": {"", contact(`{match: [[name, post]], fields: {name: Jane, post: CEO}}`),
			func(b *bench) {
				add(b, 3, map[string]any{"name": "Jane", "post": "CTO"})
				add(b, 3, map[string]any{"name": "Jane", "post": "CEO"})
			},
			map[string]string{"contact/jane": "conflict EXISTS_NOW: a record that its match finds is there since the plan was made: id 2"}, 0},
		"nobody of that name": {"", contact(`{match: [[name, post]], fields: {name: Jane, post: CEO}}`),
			func(b *bench) { add(b, 3, map[string]any{"name": "Jane", "post": "CTO"}) }, map[string]string{}, 1},
		"its own other record": {"", contact(`{match: [[name]], fields: {name: Jane, post: CEO}}`),
			func(b *bench) {
				add(b, 3, map[string]any{"name": "Jane", "originatorId": "b24apply:default", "originId": "another"})
			}, map[string]string{}, 1},
		"a company that is gone": {companies(1), companies(1) + deal(`{fields: {title: D, companyId: {ref: company/c000}}}`),
			func(b *bench) { b.call("crm.item.delete", bitrix.Params{"entityTypeId": 4, "id": 1}) },
			map[string]string{"deal/d": "failed REFERENCE: company/c000, which companyId links to, is not on the portal any more: id 1"}, 0},
		"a link that somebody has set": {companies(3) + deal(`{fields: {title: D, companyId: {ref: company/c000}}}`), companies(3) + deal(`{fields: {title: D, companyId: {ref: company/c001}}}`),
			func(b *bench) { update(b, 2, map[string]any{"companyId": 3}) },
			map[string]string{"deal/d": `conflict CHANGED_SINCE_PLAN: it has changed since the plan: companyId was "1" when the plan was made, is "3", and would be "company/c001 → 2"`}, 0},
		"a link as it is to be": {companies(3) + deal(`{fields: {title: D, companyId: {ref: company/c000}}}`), companies(3) + deal(`{fields: {title: D, companyId: {ref: company/c001}}}`),
			func(b *bench) { update(b, 2, map[string]any{"companyId": 2}) }, map[string]string{}, 0},
		"product rows": {deal(`{fields: {title: D}, products: [{name: Work, price: "5"}]}`), deal(`{fields: {title: D}, products: [{name: Work, price: "7"}]}`),
			func(b *bench) { rows(b, "6") },
			map[string]string{"deal/d": `conflict CHANGED_SINCE_PLAN: products: it has changed since the plan`}, 0},
		"product rows as they are to be": {deal(`{fields: {title: D}, products: [{name: Work, price: "5"}]}`), deal(`{fields: {title: D}, products: [{name: Work, price: "7"}]}`),
			func(b *bench) { rows(b, "7") }, map[string]string{}, 0},
		"another line of an address": {"---\napiVersion: b24apply/v1\nkind: Lead\nmetadata: {name: l}\nspec: {fields: {title: L}, addresses: {legal: {city: Berlin}}}\n",
			"---\napiVersion: b24apply/v1\nkind: Lead\nmetadata: {name: l}\nspec: {fields: {title: L}, addresses: {legal: {city: Bonn}}}\n",
			func(b *bench) {
				b.call("crm.address.update", bitrix.Params{"fields": map[string]any{"TYPE_ID": 6, "ENTITY_TYPE_ID": 1, "ENTITY_ID": 1, "CITY": "Berlin", "POSTAL_CODE": "007"}})
			}, map[string]string{}, 1},
		"a requisite": {customers(1, "Berlin"), strings.ReplaceAll(customers(1, "Berlin"), "A & B", "C & D"),
			func(b *bench) {
				b.call("crm.requisite.update", bitrix.Params{"id": 1, "fields": map[string]any{"RQ_COMPANY_NAME": "By hand"}})
			},
			map[string]string{"company/c000": `conflict CHANGED_SINCE_PLAN: requisites.main: it has changed since the plan`}, 0},
		"a price": {goods(1, "5"), goods(1, "7"),
			func(b *bench) {
				b.call("catalog.price.update", bitrix.Params{"id": 1, "fields": map[string]any{"price": 6, "currency": "EUR"}})
			},
			map[string]string{"product/p000": `conflict CHANGED_SINCE_PLAN: price: it has changed since the plan`}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if tc.first != "" {
				if r := b.apply(tc.first, Config{}); r.ExitCode != ExitDone {
					t.Fatal(told(r))
				}
			}
			plan := b.planHonestly(tc.then)
			tc.meanwhile(b)
			before := b.portal.Stats().Writes
			report := Run(t.Context(), plan, Config{Client: b.client, Older: true})
			checkComplete(t, report, plan.Size())
			got := told(report)
			for resource, text := range got { // a long one is told by how it begins
				if want := tc.want[resource]; want != "" && strings.HasPrefix(text, want) {
					got[resource] = want
				}
			}
			if d := cmp.Diff(tc.want, got); d != "" || b.portal.Stats().Writes-before != tc.writes {
				t.Errorf("%v, %d writes, want %d; -want +got:\n%s", report.Counts, b.portal.Stats().Writes-before, tc.writes, d)
			}
			if strings.Contains(name, "line") {
				r, err := b.client.Call(t.Context(), "crm.address.list", bitrix.Params{"filter": map[string]any{"ENTITY_TYPE_ID": 1}})
				if err != nil || !strings.Contains(string(r.Result), `"007"`) || !strings.Contains(string(r.Result), `"Bonn"`) {
					t.Errorf("the address is %s, error %v", r.Result, err)
				}
			}
		})
	}
}
