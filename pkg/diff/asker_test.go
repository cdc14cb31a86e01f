package diff

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

// A tablePortal answers from tables, and notes what it was asked. Whatever stands in no
// table the portal does not have.
type tablePortal struct {
	names    kind.Names
	types    []kind.LiveType
	rows     map[int][]kind.Row // by entityTypeId
	stores   map[int][]kind.Row // of the catalogue, by iblockId
	parts    map[string]map[int][]kind.Row
	hidden   map[string]map[int]*kind.Refusal // parts that are not shown, by their owners
	refused  map[int]*kind.Refusal            // stores that are not shown, by entityTypeId
	asked    []string
	searches []kind.Search
	block    int // see Find
}

func (p *tablePortal) note(format string, args ...any) {
	p.asked = append(p.asked, fmt.Sprintf(format, args...))
}

func (p *tablePortal) Portal() string { return "x.example" }

func (p *tablePortal) Types(context.Context) ([]kind.LiveType, error) {
	p.note("types")
	return p.types, nil
}

func (p *tablePortal) Users(context.Context) ([]kind.User, error) {
	p.note("users")
	return []kind.User{{ID: 5, Name: "Ann Ott", Active: true}}, nil
}

func (p *tablePortal) Catalogs(context.Context) (kind.Catalog, error) { return kind.Catalog{}, nil }

func (p *tablePortal) Names(_ context.Context, w kind.Wanted) (kind.Names, error) {
	var wanted []string
	for _, e := range w.Entities {
		wanted = append(wanted, fmt.Sprint(e.EntityTypeID))
	}
	for name, is := range map[string]bool{"statuses": w.Statuses, "currencies": w.Currencies, "requisites": w.Requisites} {
		if is {
			wanted = append(wanted, name)
		}
	}
	slices.Sort(wanted)
	p.note("names %s", strings.Join(wanted, " "))
	return p.names, nil
}

func (p *tablePortal) Caller(context.Context) (kind.Caller, error) { return p.names.Caller, nil }

func (p *tablePortal) OptionCodes(_ context.Context, lists []kind.OptionList) ([]map[int]string, error) {
	return make([]map[int]string, len(lists)), nil
}

// Find gives blocks of one search, or as many as block says. What it gave is of no use when
// the loop goes on.
func (p *tablePortal) Find(_ context.Context, searches iter.Seq[kind.Search]) iter.Seq2[kind.Block, error] {
	return func(yield func(kind.Block, error) bool) {
		b := kind.Block{}
		give := func() bool {
			goOn := len(b.Answers) == 0 || yield(b, nil)
			for _, a := range b.Answers {
				spoil(a.Rows)
			}
			b = kind.Block{First: b.First + len(b.Answers)}
			return goOn
		}
		for s := range searches {
			a := p.answer("find", s)
			for i := range a.Rows {
				a.Rows[i] = a.Rows[i].Clone()
			}
			if b.Answers = append(b.Answers, a); len(b.Answers) >= p.block && !give() {
				return
			}
		}
		give()
	}
}

// spoil writes over rows and all that they hold.
func spoil(rows []kind.Row) {
	for i, row := range rows {
		for name, raw := range row {
			for j := range raw {
				raw[j] = 'x'
			}
			row[name] = []byte(`"spoilt"`)
		}
		rows[i] = nil
	}
}

func (p *tablePortal) Alone(kind.Search) bool { return false }

func (p *tablePortal) First(_ context.Context, searches []kind.Search) ([]kind.Answer, error) {
	var out []kind.Answer
	for _, s := range searches {
		out = append(out, p.answer("first", s))
	}
	return out, nil
}

func (p *tablePortal) Scan(_ context.Context, s kind.Search) iter.Seq2[kind.Row, error] {
	return func(yield func(kind.Row, error) bool) {
		for _, row := range p.answer("scan", s).Rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (p *tablePortal) Contacts(context.Context, []kind.ContactSearch) ([]kind.ContactAnswer, error) {
	return nil, nil
}

func (p *tablePortal) Parts(_ context.Context, searches []kind.PartSearch) ([]map[int][]kind.Row, error) {
	out := make([]map[int][]kind.Row, len(searches))
	refused := &kind.PartRefusals{ByOwner: make([]map[int]*kind.Refusal, len(searches))}
	for i, s := range searches {
		p.note("%s of %d %v", s.Part, s.EntityTypeID, s.Owners)
		out[i], refused.ByOwner[i] = make(map[int][]kind.Row), make(map[int]*kind.Refusal)
		for _, id := range s.Owners {
			if no := p.hidden[s.Part][id]; no != nil {
				refused.ByOwner[i][id] = no
				continue
			}
			for _, row := range p.parts[s.Part][id] {
				out[i][id] = append(out[i][id], row.Clone())
			}
		}
	}
	if slices.ContainsFunc(refused.ByOwner, func(m map[int]*kind.Refusal) bool { return len(m) > 0 }) {
		return out, refused
	}
	return out, nil
}

func (p *tablePortal) Files(_ context.Context, files []kind.FileLink) ([]kind.FileContent, error) {
	return make([]kind.FileContent, len(files)), nil
}

func (p *tablePortal) answer(how string, s kind.Search) kind.Answer {
	var fields []string
	for _, c := range s.Where {
		fields = append(fields, fmt.Sprintf("%s×%d", c.Field, len(c.Values)))
	}
	p.note("%s %d by %s", how, s.Store.EntityTypeID, strings.Join(fields, " "))
	p.searches = append(p.searches, s)
	a := kind.Answer{Refused: p.refused[s.Store.EntityTypeID]}
	rows := p.rows[s.Store.EntityTypeID]
	if s.Store.Iblock != 0 {
		rows = p.stores[s.Store.Iblock]
	}
	for _, row := range rows {
		if a.Refused == nil && fits(s.Where, row) {
			a.Rows = append(a.Rows, row)
		}
	}
	a.Total = len(a.Rows)
	return a
}

// fits tells whether a row meets conditions, as the portal compares: without case.
func fits(where []kind.Condition, row kind.Row) bool {
	return !slices.ContainsFunc(where, func(c kind.Condition) bool {
		live := strings.ToLower(row.Text(c.Field))
		any := slices.ContainsFunc(c.Values, func(v any) bool {
			want := strings.ToLower(fmt.Sprint(v))
			if c.Test == kind.Contains || c.Test == kind.Lacks {
				return strings.Contains(live, want)
			}
			return live == want
		})
		return any == (c.Test == kind.Lacks)
	})
}

func companies(n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: o}\nspec: {manifests: []}\n")
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c%d}\nspec: {fields: {title: C%d}}\n", i, i)
	}
	return b.String()
}

func companyPortal(rows ...kind.Row) *tablePortal {
	return &tablePortal{
		names: kind.Names{Fields: map[int]kind.LiveFields{4: fields("id", "title"), 2: fields("id", "title", "companyId", "stageId")}, Caller: kind.Caller{ID: 1, Admin: true}},
		rows:  map[int][]kind.Row{4: rows},
	}
}

func marked(t *testing.T, id int, owner, name, title string) kind.Row {
	return row(t, fmt.Sprintf(`{"id":%d,"originatorId":%q,"originId":%q,"title":%q}`, id, "b24apply:"+owner, name, title))
}

// What is asked follows from the manifests: names of what is declared, then the records by
// their marks, 49 a search, then what else carries the mark, since something is created.
func TestFetchAsksForWhatTheManifestsMean(t *testing.T) {
	p := companyPortal(marked(t, 7, "o", "c1", "Else"), marked(t, 8, "O", "C2", "X"), marked(t, 9, "other", "c3", "C3"))
	state, err := Fetch(t.Context(), p, load(t, companies(60)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"names 4", "find 4 by originId×49 originatorId×1", "find 4 by originId×11 originatorId×1", "first 4 by originatorId×1", "first 4 by title×49", "first 4 by title×10"}
	if diff := cmp.Diff(want, p.asked); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if s := p.searches[0]; !s.Whole || s.Contacts || !slices.Contains(s.Columns, "title") || slices.Contains(s.Columns, "companyId") {
		t.Errorf("%+v", s)
	}
	if len(state.Records) != 1 || state.Records["company/c1"][0].Int("id") != 7 || !state.SeesAll {
		t.Errorf("records %v", state.Records)
	}
	if o := state.Others["company/c3"]; len(o) != 1 || o[0].Owner != "other" {
		t.Errorf("others %v", state.Others)
	}
}

// Nothing is asked for that nothing needs.
func TestFetchAsksForNothingNeedless(t *testing.T) {
	p := companyPortal(marked(t, 7, "o", "c0", "C0"))
	if _, err := Fetch(t.Context(), p, load(t, companies(1))); err != nil {
		t.Fatal(err)
	}
	if want := []string{"names 4", "find 4 by originId×1 originatorId×1"}; !slices.Equal(p.asked, want) {
		t.Errorf("%q", p.asked)
	}
}

// What a store does not show refuses the records that were looked for there. For links it
// only means that nobody knows.
func TestARefusedStoreRefusesItsRecordsUnlessItIsOnlyLinkedTo(t *testing.T) {
	denied := &kind.Refusal{Scope: kind.ScopeKind, Code: "ACCESS_DENIED", Err: errors.New("crm.item.list: Access denied (ACCESS_DENIED)")}
	p := companyPortal()
	p.refused = map[int]*kind.Refusal{4: denied}
	wantNotRead(t, p, load(t, companies(1)))
	p = companyPortal()
	p.names.Fields[2].ByName["companyId"] = kind.LiveField{Name: "companyId", Type: kind.TypeCompany}
	p.refused = map[int]*kind.Refusal{4: denied}
	state, err := Fetch(t.Context(), p, load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, companyId: 3}}\n"))
	if err != nil || len(state.Meta.Linked) != 0 {
		t.Errorf("%v, %v", state, err)
	}
	p.refused = nil
	state, err = Fetch(t.Context(), p, load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, companyId: 3}}\n"))
	if there, asked := state.Meta.Linked[kind.RecordID{EntityTypeID: 4, ID: 3}]; err != nil || there || !asked {
		t.Errorf("%v, %v", state.Meta.Linked, err)
	}
	p = companyPortal()
	p.names.Refused = map[kind.Topic]*kind.Refusal{{What: kind.TellFields, ID: 4}: denied}
	wantNotRead(t, p, load(t, companies(1)))
	for _, ask := range p.asked {
		if strings.Contains(ask, " 4 ") {
			t.Errorf("asked %q of a kind whose fields are not told", ask)
		}
	}
}

// A record that was found and does not show its mark may be that of any name that was asked for:
// those are refused, and nothing else. One that match finds may be somebody's.
func TestARecordWithoutItsMarkRefusesWhatItMayBe(t *testing.T) {
	bare := map[string]string{
		"mark":  `{"id":7,"originatorId":"b24apply:o","originId":"c0","title":"C0"}`,
		"match": `{"id":7,"originatorId":null,"originId":null,"title":"C0"}`,
	}
	for name, hidden := range map[string]string{"mark": "originatorId", "match": "originId"} {
		p := bareCompanies{companyPortal(row(t, bare[name])), hidden}
		manifest := companies(1)
		if name == "match" {
			manifest = strings.Replace(manifest, "spec: {fields: {title: C0}}", "spec: {match: [[title]], fields: {title: C0}}", 1)
		}
		set := load(t, manifest+"---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D}}\n")
		state, err := Fetch(t.Context(), p, set)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, problems := Compute(set, state)
		if len(problems) > 0 || got.Changes.Len() != 2 {
			t.Fatalf("%s: %v, %+v", name, problems, got)
		}
		company, deal := changesIn(got)[0], changesIn(got)[1]
		if company.Action != plan.Refuse || company.Reason.Code != "NOT_READ" || !strings.Contains(words.Text(company.Reason.Message), "record 7 and does not show its "+hidden) || deal.Action != plan.Create {
			t.Errorf("%s: %+v, %s", name, company, deal.Action)
		}
	}
}

// bareCompanies is a portal that finds companies and does not show one of their columns.
type bareCompanies struct {
	*tablePortal
	hidden string
}

func (p bareCompanies) Find(ctx context.Context, searches iter.Seq[kind.Search]) iter.Seq2[kind.Block, error] {
	return func(yield func(kind.Block, error) bool) {
		for block, err := range p.tablePortal.Find(ctx, searches) {
			for _, a := range block.Answers {
				for _, row := range a.Rows {
					delete(row, p.hidden)
				}
			}
			if !yield(block, err) {
				return
			}
		}
	}
}

// wantNotRead wants the one resource to be refused, without a record and with the portal's words.
func wantNotRead(t *testing.T, p *tablePortal, set *spec.Set) {
	t.Helper()
	state, err := Fetch(t.Context(), p, set)
	if err != nil {
		t.Fatal(err)
	}
	got, problems := Compute(set, state)
	if len(problems) > 0 || got.Changes.Len() != 1 {
		t.Fatalf("%v, %+v", problems, got)
	}
	if ch := changesIn(got)[0]; ch.Action != plan.Refuse || ch.Reason.Code != "NOT_READ" || ch.ID != "" || !strings.Contains(ch.Reason.Message.String(), "Access denied (ACCESS_DENIED)") {
		t.Errorf("%+v", ch)
	}
}

// Requisites are asked for of the records that were found, then what belongs to them, and
// all of it stands in the records' rows.
func TestWhatBelongsToRecordsIsAskedForStepByStep(t *testing.T) {
	p := companyPortal(marked(t, 7, "o", "c0", "C0"))
	p.parts = map[string]map[int][]kind.Row{
		kind.RequisitesPart:  {7: {row(t, `{"ID":"3","ENTITY_TYPE_ID":"4","ENTITY_ID":"7","RQ_INN":"1"}`)}},
		kind.BankDetailsPart: {3: {row(t, `{"ID":"5","ENTITY_ID":"3"}`)}},
		kind.AddressesPart:   {},
	}
	manifest := strings.Replace(companies(1), "{fields: {title: C0}}", "{fields: {title: C0}, requisites: [{key: main, preset: \"1\", fields: {RQ_INN: \"1\"}}]}", 1)
	state, err := Fetch(t.Context(), p, load(t, manifest))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"requisites of 4 [7]", "bankDetails of 8 [3]", "addresses of 8 [3]"}
	if diff := cmp.Diff(want, p.asked[2:]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	requisites := state.Records["company/c0"][0].Rows(kind.RequisitesPart)
	if len(requisites) != 1 || len(requisites[0].Rows(kind.BankDetailsPart)) != 1 || string(requisites[0][kind.AddressesPart]) != "[]" {
		t.Errorf("%s", requisites)
	}
}

// A prune scans what is declared of, under each of the owner's names, and counts the rest.
func TestAPruneAsksForWhatIsMarked(t *testing.T) {
	p := companyPortal(marked(t, 7, "o", "c0", "C0"), marked(t, 8, "o", "old", "Old"), marked(t, 9, "o2", "old", "Old"))
	set := load(t, companies(1))
	state, err := Fetch(t.Context(), p, set)
	if err == nil {
		err = FetchUndeclared(t.Context(), p, set, state)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(state.Undeclared) != 1 || state.Undeclared[0].Row.Int("id") != 8 || state.Undeclared[0].Resource.Address != "company/old" {
		t.Errorf("%+v", state.Undeclared)
	}
	if !slices.Contains(p.asked, "scan 4 by originatorId×1") || !slices.Contains(p.asked, "first 2 by originatorId×1") {
		t.Errorf("%q", p.asked)
	}
}
