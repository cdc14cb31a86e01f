package double

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func row(t *testing.T, text string) kind.Row {
	t.Helper()
	r, err := kind.DecodeRow(json.RawMessage(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var kinds = kind.BuiltIn()

// companyDouble is a double of companies from the rows of its records.
func companyDouble(t *testing.T, rows ...string) Double {
	d := Double{Address: "company/acme", Facts: kinds.ByName("Company"), EntityTypeID: 4, Mark: []plan.Mark{{Wire: "originId", Value: "acme"}}}
	for _, text := range rows {
		d.Records = append(d.Records, Record{Row: row(t, text)})
	}
	return d
}

func field(name string, typ kind.FieldType) plan.Field {
	return plan.Field{Name: name, Wire: name, Type: value.Type{Name: string(typ)}}
}

// portalOf knows the titles and the companies of companies and deals.
func portalOf(links ...Link) Portal {
	return Portal{Fields: map[int][]plan.Field{4: {field("title", kind.TypeString), field("comments", kind.TypeString), field("originId", kind.TypeString)}},
		Links: links, Pointed: map[int][]plan.PointingField{4: {{EntityTypeID: 2, Wire: "companyId"}}}}
}

func link(t *testing.T, k *kind.Kind, f plan.Field, text string) Link {
	return Link{Facts: k, EntityTypeID: k.EntityTypeID, Row: row(t, text), Field: f, Target: 4}
}

// told says of each change what it does, by which values, and what it waits for.
func told(changes []plan.Change) (out []string) {
	for _, c := range changes {
		text := fmt.Sprintf("%s %s", c.Action, c.Address)
		if c.Action == plan.Update {
			for _, f := range c.Fields {
				text += fmt.Sprintf(" %s: %s", f.Name, ids(f.Want))
			}
		}
		if c.Action == plan.Refuse {
			text += " " + why(c.Reason.Message)
		}
		if c.Double != nil {
			text += " keeps " + c.Double.Stays
		}
		for _, dep := range c.Deps {
			text += " after " + string(dep)
		}
		out = append(out, text)
	}
	return out
}

// ids are those that a value names.
func ids(v value.Value) string {
	var out []string
	for _, x := range entries(v) {
		out = append(out, x.Text)
	}
	return strings.Join(out, " ")
}

// why is the code of the sentence that says why a record is not deleted.
func why(m value.Message) string {
	for _, a := range m.Args {
		if a.Name == "why" {
			return a.Message.Code
		}
	}
	return m.Code
}

const kept = `{"id":3,"title":"Acme","originId":"acme","createdBy":1,"updatedBy":1}`

func TestOneRecordStaysAndTheOthersGoIfNothingIsLost(t *testing.T) {
	for name, tc := range map[string]struct {
		goes   string
		agreed []string
		change func(*Double, *Portal)
		want   string
	}{
		"alike":                 {goes: `{"id":9,"title":"Acme","originId":"acme","createdBy":1,"updatedBy":1}`, want: "delete company/acme#9 keeps 3"},
		"empty where it is not": {goes: `{"id":9,"title":"","createdBy":1}`, want: "delete company/acme#9 keeps 3"},
		"another title":         {goes: `{"id":9,"title":"Acme Ltd"}`, want: "refuse company/acme#9 double-differs"},
		"the declared title":    {goes: `{"id":9,"title":"Acme Ltd"}`, agreed: []string{"title"}, want: "delete company/acme#9 keeps 3"},
		"a comment more":        {goes: `{"id":9,"title":"Acme","comments":"Call"}`, agreed: []string{"title"}, want: "refuse company/acme#9 double-differs"},
		"saved by another":      {goes: `{"id":9,"title":"Acme","createdBy":1,"updatedBy":7}`, want: "refuse company/acme#9 undo-not-by-its-maker"},
		"worked on by another":  {goes: `{"id":9,"title":"Acme","createdBy":1,"updatedBy":1,"lastActivityBy":7}`, want: "refuse company/acme#9 undo-not-by-its-maker"},
		"prevented": {goes: `{"id":9,"title":"Acme"}`, change: func(d *Double, _ *Portal) { d.Prevented = value.Say("deletion-is-prevented") },
			want: "refuse company/acme#9 deletion-is-prevented"},
		"pointers that nobody may read": {goes: `{"id":9,"title":"Acme"}`, change: func(_ *Double, p *Portal) { p.Unread = []value.Message{value.Say("all-smart-process-items")} },
			want: "refuse company/acme#9 pointers-unread"},
		"the sum of no rows": {goes: `{"id":9,"title":"Acme","opportunity":0}`, change: func(_ *Double, p *Portal) { p.Fields[4] = append(p.Fields[4], field("opportunity", kind.TypeDouble)) },
			want: "delete company/acme#9 keeps 3"},
		"another sum": {goes: `{"id":9,"title":"Acme","opportunity":7}`, change: func(_ *Double, p *Portal) { p.Fields[4] = append(p.Fields[4], field("opportunity", kind.TypeDouble)) },
			want: "refuse company/acme#9 double-differs"},
		"a product": {goes: `{"id":9,"title":"Acme"}`, change: func(d *Double, _ *Portal) { d.Facts = kinds.ByName("Product") }, want: "refuse company/acme#9 double-of-catalogue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, p := companyDouble(t, kept, tc.goes), portalOf()
			d.Records[1].Agreed = make(map[string]bool)
			for _, name := range tc.agreed {
				d.Records[1].Agreed[name] = true
			}
			if tc.change != nil {
				tc.change(&d, &p)
			}
			if diff := cmp.Diff([]string{tc.want}, told(Plan([]Double{d}, p))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWhatPointsAtTheOthersMovesBeforeTheyGo(t *testing.T) {
	deal, contact := kinds.ByName("Deal"), kinds.ByName("Contact")
	one, several := field("companyId", kind.TypeCompany), field("companyIds", kind.TypeCompany)
	several.Type.Multiple = true
	fixed := link(t, deal, field("leadCompanyId", kind.TypeCompany), `{"id":8,"leadCompanyId":9}`)
	fixed.ReadOnly = true
	alike := `{"id":%d,"title":"Acme"}`
	three := companyDouble(t, kept, fmt.Sprintf(alike, 9), fmt.Sprintf(alike, 10))
	itself := companyDouble(t, `{"id":1,"title":"Site"}`, `{"id":2,"title":"Site"}`)
	itself.Address, itself.Facts, itself.EntityTypeID = "deal/site", deal, 2
	for name, tc := range map[string]struct {
		doubles []Double
		links   []Link
		want    []string
	}{
		"of three the lowest stays": {[]Double{three}, []Link{link(t, deal, one, `{"id":5,"companyId":10}`)},
			[]string{"update deal/#5 companyId: 3", "delete company/acme#9 keeps 3", "delete company/acme#10 keeps 3 after deal/#5"}},
		"a list names it once": {[]Double{three}, []Link{link(t, contact, several, `{"id":6,"companyIds":[9,4,3,10]}`)},
			[]string{"update contact/#6 companyIds: 3 4", "delete company/acme#9 keeps 3 after contact/#6", "delete company/acme#10 keeps 3 after contact/#6"}},
		"two fields of one record": {[]Double{three}, []Link{link(t, deal, one, `{"id":5,"companyId":9}`), link(t, deal, field("otherId", kind.TypeCompany), `{"id":5,"otherId":9}`)},
			[]string{"update deal/#5 companyId: 3 otherId: 3", "delete company/acme#9 keeps 3 after deal/#5", "delete company/acme#10 keeps 3"}},
		"what goes too goes before": {[]Double{three, itself}, []Link{link(t, deal, one, `{"id":2,"companyId":9}`), link(t, deal, one, `{"id":1,"companyId":9}`)},
			[]string{"update deal/#1 companyId: 3", "delete company/acme#9 keeps 3 after deal/#1 after deal/site#2", "delete company/acme#10 keeps 3", "delete deal/site#2 keeps 1"}},
		"a field that nobody can set": {[]Double{three}, []Link{fixed},
			[]string{"refuse company/acme#9 double-is-held", "delete company/acme#10 keeps 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Plan(tc.doubles, portalOf(tc.links...))
			if diff := cmp.Diff(tc.want, told(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if i := slices.IndexFunc(got, func(c plan.Change) bool { return c.Action == plan.Update && !c.Firm }); i >= 0 {
				t.Errorf("%s would be sent although its link is another one by then", got[i].Address)
			}
		})
	}
}
