// Package madeup makes plans up, for tests of what people see of a plan, and for looking at it: a large
// one in which some changes are unlike the others, and one whose every text is hostile. Equal
// numbers give equal plans.
package madeup

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Entity types of records.
const (
	leads     = 1
	deals     = 2
	contacts  = 3
	companies = 4
)

// A maker makes changes up.
type maker struct {
	r    *rand.Rand
	out  []plan.Change
	id   int
	line int
}

// stages are those of the only pipeline.
var stages = []plan.Stage{{ID: "NEW", Title: "New"}, {ID: "PREPARATION", Title: "Qualification"}, {ID: "PREPAYMENT_INVOICE", Title: "Proposal"}, {ID: "EXECUTING", Title: "Negotiation"},
	{ID: "FINAL_INVOICE", Title: "Contract"}, {ID: "WON", Title: "Won", Semantics: "S"}, {ID: "LOSE", Title: "Lost", Semantics: "F"}}

var (
	firstNames = []string{"Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Henry", "Irina", "James", "Karin", "Leon", "Maria", "Nadia"}
	lastNames  = []string{"Adler", "Bauer", "Crane", "Duval", "Ek", "Fischer", "Gordon", "Hoffmann", "Ivers", "Jansen", "Keller", "Lindgren", "Moreau"}
	works      = []string{"Annual service", "Website redesign", "Delivery of spare parts", "Framework contract", "Warehouse audit", "Training days"}
	firms      = []string{"Harbour Boats Ltd", "Linden Joinery GmbH", "Pico Makers AG", "North Logistics Oy", "Granite Foods SARL", "Amber Optics AG", "Cobalt Paper Ltd"}
)

// Plan makes a plan of about so many changes, at least some hundred: numbers spelt otherwise, owners
// changed, new deals, stages moved, amounts, rows, texts, options, deletions and refusals, with a few
// of them unlike the others.
func Plan(size int) *plan.Plan {
	m := &maker{r: rand.New(rand.NewPCG(10, 13)), id: 1000}
	scale := float64(size) / 100_000
	n := func(of int) int { return max(4, int(float64(of)*scale)) }
	m.phones(n(60_000))
	m.owners("Deal", deals, n(18_400), true)
	m.owners("Company", companies, n(8_250), false)
	m.owners("Lead", leads, n(3_220), false)
	m.newDeals(n(8_000))
	m.moves(n(900), n(480), n(120))
	m.amounts(n(40))
	m.rows(n(30))
	m.texts(n(30))
	m.deletions(n(300))
	m.refusals(n(200))
	p := &plan.Plan{Owner: "acme-crm", Env: "prod", Portal: "acme.bitrix24.eu", Project: "b24apply.yaml", Changes: plan.List(m.out...),
		Pipelines: []plan.Pipeline{{EntityTypeID: deals, ID: "0", Title: "Sales", Stages: stages}}}
	p.Changes.Sort()
	return Known(p)
}

// Known gives a plan the facts of its kinds and a digest.
func Known(p *plan.Plan) *plan.Plan {
	if err := p.Know(nil); err != nil {
		panic(err)
	}
	p.Changes.Sort()
	digest, err := p.DigestOf(plan.Mode{Command: "apply"})
	if err != nil {
		panic(err)
	}
	p.Digest = digest
	return p
}

func pick[T any](m *maker, of []T) T { return of[m.r.IntN(len(of))] }

func (m *maker) add(c plan.Change, file string) *plan.Change {
	m.line += 7
	c.Source = value.Pos{File: file, Line: m.line}
	if c.Action != plan.Create {
		m.id++
		c.ID = strconv.Itoa(m.id)
	}
	m.out = append(m.out, c)
	return &m.out[len(m.out)-1]
}

func address(kind string, n int) value.Address {
	return value.Address(fmt.Sprintf("%s/made-up-%06d", kind, n))
}

func user(name string, id int, dismissed bool) value.Shown {
	parts := []value.ShownPart{value.P(value.PartID, strconv.Itoa(id))}
	if dismissed {
		parts = append(parts, value.P(value.PartDismissed, "Y"))
	}
	return value.InParts(name, value.Bracketed, parts...)
}

func money(amount string) value.Shown {
	return value.InParts(amount, value.Alone, value.P(value.PartCurrency, "EUR"))
}

func stage(id string) value.Shown {
	for _, s := range stages {
		if s.ID == id {
			return value.InParts(s.Title, value.Alone, value.P(value.PartID, id), value.ShownPart{Name: value.PartPipeline, Shown: value.InParts("Sales", value.Alone, value.P(value.PartID, "0"))})
		}
	}
	return value.Shown{Text: id}
}

// Shown shows a text.
func text(s string) value.Shown { return value.Shown{Text: s} }

func field(name, label, of string, before, after value.Shown) plan.Field {
	return plan.Field{Name: name, Label: label, Type: value.Type{Name: of}, Before: before, After: after, Wire: name}
}

// saved says who saved a record last.
func (m *maker) saved() *plan.Saves {
	by := pick(m, []value.Shown{user("Mila Novak", 22, false), user("Tom Reyes", 9, false), user("Olga Petrova", 1, false)})
	return &plan.Saves{Saved: plan.Save{By: by, At: fmt.Sprintf("2026-11-%02dT%02d:%02d:00+03:00", 1+m.r.IntN(28), m.r.IntN(24), m.r.IntN(60))}}
}

func (m *maker) person() string { return pick(m, firstNames) + " " + pick(m, lastNames) }
func (m *maker) work() string   { return pick(m, works) + ", " + pick(m, firms) }

// phones are numbers in another spelling, of which three are other numbers.
func (m *maker) phones(n int) {
	for i := range n {
		d := fmt.Sprintf("%07d", m.r.IntN(1e7))
		before, after := pick(m, []string{"030 ", "0049 30 ", "(+49 30) "})+d[:3]+" "+d[3:], "+49 30 "+d
		other := n > 1000 && (i == n/3 || i == n/2 || i == 2*n/3)
		if other {
			after = fmt.Sprintf("+49 30 %07d", m.r.IntN(1e7))
		}
		f := field("phones", "Phone", "crm_multifield", value.Several([]value.Shown{text(before)}), value.Several([]value.Shown{text(after)}))
		f.Type.Multi, f.Respelt, f.Wire, f.List = "PHONE", !other, kind.ContactsField, &value.ListChange{Gone: []int{0}, Come: []int{0}}
		m.add(plan.Change{Address: address("contact", i), Kind: "Contact", Action: plan.Update, EntityTypeID: contacts, Title: m.person(), Fields: []plan.Field{f}, Last: m.saved()}, "data/contacts-2026-11.csv")
	}
}

// owners change from one who has left to another user; one deal goes to one who has left too.
func (m *maker) owners(kind string, entity, n int, odd bool) {
	ivan, olga, max := user("Ivan Sokolov", 14, true), user("Olga Petrova", 1, false), user("Max Weber", 31, true)
	for i := range n {
		to := olga
		if odd && i == n/2 {
			to = max
		}
		title := m.work()
		if kind == "Company" {
			title = pick(m, firms)
		}
		m.add(plan.Change{Address: address(map[string]string{"Deal": "deal", "Company": "company", "Lead": "lead"}[kind], 100_000+i), Kind: kind, Action: plan.Update, EntityTypeID: entity, Title: title,
			Fields: []plan.Field{field("assignedById", "Responsible person", "user", ivan, to)}, Last: m.saved()}, "manifests/owners.yaml")
	}
}

func (m *maker) newDeals(n int) {
	for i := range n {
		amount := pick(m, []int{900, 1240, 2100, 4800, 7600, 12000, 18400})
		if i == n/2 {
			amount *= 1000
		}
		title := fmt.Sprintf("%s 2026-%04d", pick(m, works), i+1)
		fields := []plan.Field{
			field("assignedById", "Responsible person", "user", value.Shown{}, pick(m, []value.Shown{user("Olga Petrova", 1, false), user("Mila Novak", 22, false)})),
			field("closedate", "Expected close date", "date", value.Shown{}, text(fmt.Sprintf("2026-12-%02d", 1+m.r.IntN(28)))),
			field("companyId", "Company", "crm_company", value.Shown{}, value.InParts("company/made-up-"+strconv.Itoa(m.r.IntN(900)), value.Pointer, value.P(value.PartID, strconv.Itoa(m.r.IntN(900))))),
			field("opportunity", "Amount", "double", value.Shown{}, money(strconv.Itoa(amount))),
			field("stageId", "Stage", "stage", value.Shown{}, stage("NEW")),
			field("title", "Name", "string", value.Shown{}, text(title)),
		}
		if i%3 == 0 {
			fields = append(fields, field("comments", "Comment", "markup", value.Shown{}, text("Call before noon.")))
		}
		m.add(plan.Change{Address: address("deal", 200_000+i), Kind: "Deal", Action: plan.Create, EntityTypeID: deals, Title: title, Fields: fields}, "data/deals-q4.csv")
	}
}

// moves are stages; one deal moves back from its end.
func (m *maker) moves(proposal, fresh, lost int) {
	move := func(from, to string, i int) {
		m.add(plan.Change{Address: address("deal", 300_000+m.line), Kind: "Deal", Action: plan.Update, EntityTypeID: deals, Title: m.work(), Fields: []plan.Field{field("stageId", "Stage", "stage", stage(from), stage(to))}, Last: m.saved()}, "manifests/pipeline.yaml")
	}
	for i := range proposal {
		move("PREPAYMENT_INVOICE", "EXECUTING", i)
	}
	for i := range fresh {
		move("NEW", "PREPARATION", i)
	}
	for i := range lost {
		move("EXECUTING", "LOSE", i)
	}
	move("WON", "NEW", 0)
}

// amounts change a little, and one a hundred-fold.
func (m *maker) amounts(n int) {
	for i := range n {
		b := pick(m, []int{900, 1240, 2100, 4800, 12000})
		a := b + b/20
		if i == n/2 {
			a = 100 * b
		}
		m.add(plan.Change{Address: address("deal", 400_000+i), Kind: "Deal", Action: plan.Update, EntityTypeID: deals, Title: m.work(), Fields: []plan.Field{field("opportunity", "Amount", "double", money(strconv.Itoa(b)), money(strconv.Itoa(a)+".50"))}, Last: m.saved()}, "data/deals-q4.csv")
	}
}

func row(name, price string, quantity int, discount string) value.Shown {
	parts := []value.ShownPart{value.P("name", name), value.P("price", price), value.P("quantity", strconv.Itoa(quantity)), value.P(value.PartCurrency, "EUR")}
	if discount != "" {
		parts = append(parts, value.P("discountRate", discount))
	}
	return value.InParts(strconv.Itoa(quantity)+" × "+name, value.Row, parts...)
}

func (m *maker) rows(n int) {
	for i := range n {
		q := 1 + m.r.IntN(12)
		before := []value.Shown{row("Support, month", "100.00", q, ""), row("Licence, seat", "45.50", 3, ""), row("Transport", "60.00", 1, "")}
		after := []value.Shown{row("Support, month", "100.00", q+2, ""), row("Licence, seat", "43.20", 3, "5"), row("Express surcharge", "35.00", 1, "")}
		f := field("products", "Products", "products", value.Several(before), value.Several(after))
		f.List = &value.ListChange{Gone: []int{0, 1, 2}, Come: []int{0, 1, 2}}
		m.add(plan.Change{Address: address("deal", 500_000+i), Kind: "Deal", Action: plan.Update, EntityTypeID: deals, Title: m.work(), Fields: []plan.Field{f}, Last: m.saved()}, "manifests/pipeline.yaml")
	}
}

const long = "The customer pays by the quarter and wants the invoice as a PDF. Deliveries go to the back gate on Slipway Road before ten in the morning. Ask for Ada at the reception; she signs for everything up to five thousand euro."

func (m *maker) texts(n int) {
	after := "The customer pays by the month and wants the invoice as a PDF. Deliveries go to the back gate on Slipway Road between eight and nine in the morning, never later. Ask for Ada at the reception; she signs for everything."
	for i := range n {
		interests := field("INTERESTS", "Interested in", "enumeration", value.Several([]value.Shown{text("Rental"), text("Service")}), value.Several([]value.Shown{text("Rental"), text("Training"), text("Leasing")}))
		interests.Type.Multiple, interests.List = true, &value.ListChange{Gone: []int{1}, Come: []int{1, 2}}
		fields := []plan.Field{field("comments", "Comment", "markup", text(long), text(after))}
		if i%2 == 0 {
			fields = append([]plan.Field{interests}, fields...)
		}
		m.add(plan.Change{Address: address("company", 600_000+i), Kind: "Company", Action: plan.Update, EntityTypeID: companies, Title: pick(m, firms), Fields: fields, Last: m.saved()}, "manifests/notes.yaml")
	}
}

func (m *maker) deletions(n int) {
	for i := range n {
		name, entity, of := "lead", leads, "Lead"
		if i%5 == 2 {
			name, entity, of = "deal", deals, "Deal"
		}
		amount := pick(m, []string{"0", "500", "1200"})
		if i == 2 {
			amount = "48000"
		}
		title := m.work()
		c := m.add(plan.Change{Address: address(name, 700_000+i), Kind: of, Action: plan.Delete, EntityTypeID: entity, Title: title, Removal: true, Reason: plan.Reason{Message: value.Verbatim("it is not declared any more, and carries the mark of acme-crm")}, Last: m.saved(),
			Fields: []plan.Field{field("assignedById", "Responsible person", "user", user("Mila Novak", 22, false), value.Shown{}), field("opportunity", "Amount", "double", money(amount), value.Shown{}), field("title", "Name", "string", text(title), value.Shown{})}}, "")
		c.Source = value.Pos{}
		if i%20 == 0 {
			c.Pointers = []plan.Pointers{{EntityTypeID: 7, Kind: "Quote", Count: 1 + i%3}}
			c.Risk = value.Verbatim(fmt.Sprintf("%d quotes point at it", 1+i%3))
		}
	}
}

func (m *maker) refusals(n int) {
	for i := range n {
		m.add(plan.Change{Address: address("contact", 800_000+i), Kind: "Contact", Action: plan.Refuse, EntityTypeID: contacts, Title: m.person(),
			Reason: plan.Reason{Code: "AMBIGUOUS_KEY", Message: value.Verbatim(fmt.Sprintf("2 records carry its mark: ids %d, %d", 7000+i, 9000+i)), Hint: value.Verbatim("keep one of them, and clear the mark on the others or delete them")}}, "data/contacts-2026-11.csv")
	}
}
