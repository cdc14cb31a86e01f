package undo

import (
	"encoding/json"
	"slices"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A Run is one that is to be undone: what it was to do, and what its journal tells.
type Run struct {
	ID    string
	Plan  *plan.Plan
	State *journal.State
}

// learn takes in the ids that a run had learned.
func learn(known *wire.Known, p *plan.Plan, s *journal.State) {
	for n, k := range s.Nodes {
		if n.Item >= p.Changes.Len() {
			continue
		}
		address := p.Changes.Entry(n.Item).Address
		switch {
		case k.ID == "" || k.TakenBack:
		case n.Step > 0:
			known.SetStep(address, n.Step-1, k.ID)
		default:
			known.SetID(address, k.ID)
		}
		if k.EntityTypeID != 0 {
			known.SetType(address, wire.CreatedType{EntityTypeID: k.EntityTypeID, Category: k.Pipeline})
		}
		if k.Field != "" {
			known.SetField(address, wire.CreatedField{Wire: k.Field})
		}
	}
}

// A deed is what runs did to one resource.
type deed struct {
	*plan.Change // of the run that came to it first
	id           string
	entityTypeID int
	made         bool // it was created
	gone         bool // it was deleted
	claimed      bool // it was created, or another run's is used: nobody can tell
	doubtful     bool // nobody knows whether it was written
	partial      bool // not all of it was stored
	ended        bool // it is known what became of all of it
	overtaken    bool // its answer was lost, and somebody has saved the record since: it may have been written
	released     bool // an adopted record was given back
	summed       bool // the amount was looked at after the product rows
	fields       []effect
	rows         []rowDeed
	held         []plan.Field // declared fields that agreed
	moved        []Moved
	image        *Image
	mark         []plan.Mark // that it carries since
	deps         []value.Address

	row       kind.Row // what is there; nil: nothing
	products  []kind.Row
	partRows  []kind.Row // its requisites, with what belongs to them
	addresses []kind.Row
	prices    map[string][]kind.Row // by type
	pointers  []kind.RecordID
	items     int           // of a type: records that are there
	refused   *kind.Refusal // why the portal does not show it
}

// An effect is a field that was set.
type effect struct {
	plan.Field             // Want: what was set, with ids
	before     value.Value // what was there
	part       plan.Part   // Products or Price if it has methods of its own
	priceType  string
}

// A rowDeed is a row beside a record that was made, changed or deleted.
type rowDeed struct {
	plan.Step
	fields  []plan.Field
	id      string // of the row
	claimed bool
	owner   string // id of the row that it belongs to; "" for the record
	within  bool   // what it belongs to was made by the same deed
}

// gather collects what runs did, by resource, in the order of their plans. It also counts the
// resources on which a run left no trace, since they were as declared.
func gather(runs []Run) (deeds []*deed, untouched int, err error) {
	byAddress := make(map[value.Address]*deed)
	known := &wire.Known{} // runs that resume others have their plan, and go on from their ids
	for n, run := range runs {
		g := gatherer{Run: run, known: known, earlier: runs[:n]}
		learn(known, run.Plan, run.State)
		untouched = run.Plan.Unchanged.Len() + run.Plan.UnlistedCount()
		for i, e := range run.Plan.Changes.Entries() {
			if e.Action == plan.NoOp {
				untouched++
			}
			if !e.Writes() || !g.touched(i, e) {
				continue
			}
			c, err := run.Plan.Changes.Change(i)
			if err != nil {
				return nil, 0, err
			}
			d := byAddress[e.Address]
			if d == nil {
				d = &deed{Change: c, id: c.ID, entityTypeID: c.EntityTypeID}
			}
			if g.take(i, c, d) && byAddress[e.Address] == nil {
				byAddress[e.Address] = d
				deeds = append(deeds, d)
			}
		}
	}
	return deeds, untouched, nil
}

// A gatherer reads one run.
type gatherer struct {
	Run
	known   *wire.Known
	earlier []Run
}

// made gives the id of what a node has made, in this run or an earlier one.
func (g *gatherer) made(item, step int) string {
	for _, run := range append([]Run{g.Run}, g.earlier...) {
		if k := run.State.Nodes[journal.Node{Item: item, Step: step}]; k != nil && k.ID != "" {
			return k.ID
		}
	}
	return ""
}

func (g *gatherer) node(item, step int) *journal.Known {
	return g.State.Nodes[journal.Node{Item: item, Step: step}]
}

// touched tells whether anything was sent for a change.
func (g *gatherer) touched(i int, e *plan.Entry) bool {
	for step := range e.Steps + 1 {
		if g.node(i, step) != nil {
			return true
		}
	}
	return false
}

// doubtful tells whether nobody knows what became of a node. What the portal has answered, and the
// run could not compare, was done.
func doubtful(k *journal.Known) bool {
	return k != nil && (len(k.Flights) > 0 || k.Last.Is == journal.Doubtful || k.Last.Is == "unknown" && !k.Saved)
}

// take adds what a run did for a change, and tells whether it did anything.
func (g *gatherer) take(i int, c *plan.Change, d *deed) (did bool) {
	main := g.node(i, 0)
	saved := main != nil && (main.Saved || main.Overtaken) && !main.TakenBack
	d.doubtful = d.doubtful || doubtful(main) && !saved
	if saved {
		d.claimed = d.claimed || main.Claimed
		d.partial = d.partial || main.Last.Is == "partial"
		d.ended, d.overtaken = main.Ended, !main.Saved
	}
	d.released = d.released || saved && c.Detached
	switch c.Action {
	case plan.Create:
		if saved && main.ID != "" {
			d.made, d.id = true, main.ID
			d.entityTypeID = max(d.entityTypeID, main.EntityTypeID)
		} else if !d.made && !d.doubtful {
			return false
		}
	case plan.Delete:
		d.gone = saved
		d.image = g.image(i)
		return saved || d.doubtful
	}
	if ready, err := wire.Settle(c, g.known); err == nil && saved {
		d.entityTypeID = ready.EntityTypeID
		d.set(ready.Fields(), "", "")
		d.held = ready.Held()
		if marks := ready.Mark(); len(marks) > 0 {
			d.mark = marks
		}
	}
	if len(d.mark) == 0 {
		d.mark = c.Own
	}
	if img := g.image(i); img != nil {
		d.moved = append(d.moved, img.Moved...)
	}
	for _, dep := range c.Deps {
		if !slices.Contains(d.deps, dep) {
			d.deps = append(d.deps, dep)
		}
	}
	return g.takeSteps(i, c, d) || saved || d.doubtful
}

func (g *gatherer) image(i int) *Image {
	raw := g.State.Images[journal.Node{Item: i}]
	if raw == nil {
		return nil
	}
	img := &Image{}
	if json.Unmarshal(raw, img) != nil {
		return nil
	}
	return img
}

// set notes that fields were set, after what an earlier run may have set them to.
func (d *deed) set(fields []plan.Field, part plan.Part, priceType string) {
	for _, f := range fields {
		name, _ := f.Between()
		f.Name = name
		if i := slices.IndexFunc(d.fields, func(e effect) bool { return e.Name == name }); i >= 0 {
			d.fields[i].Want = f.Want
			continue
		}
		d.fields = append(d.fields, effect{Field: f, before: f.Live, part: part, priceType: priceType})
	}
}

// takeSteps adds what the steps of a change did.
func (g *gatherer) takeSteps(i int, c *plan.Change, d *deed) (did bool) {
	for s := range c.Steps {
		k := g.node(i, s+1)
		if doubtful(k) {
			d.doubtful = true
		}
		step := &c.Steps[s]
		if k == nil || k.TakenBack || !k.Saved && (step.Part != plan.Sum || k.Last.Is != "succeeded") {
			continue // the amount is looked at, and mostly need not be sent
		}
		did = g.takeStep(i, c, d, s, k) || did
	}
	return did
}

func (g *gatherer) takeStep(i int, c *plan.Change, d *deed, s int, k *journal.Known) bool {
	step, own := c.Steps[s], c.FieldsOf(c.Fields, s+1)
	switch step.Part {
	case plan.Requisite, plan.BankDetail, plan.Address:
		g.takeRow(i, c, d, step, own, k)
		return true
	}
	fields, err := wire.SettledFields(g.known, own)
	if err != nil {
		return false // what it refers to was not made, so it was not sent
	}
	d.summed = d.summed || step.Part == plan.Sum
	if step.Part == plan.Fields || step.Part == plan.Sum {
		step.Part, step.Type = "", ""
	}
	d.set(fields, step.Part, step.Type)
	return true
}

func (g *gatherer) takeRow(i int, c *plan.Change, d *deed, step plan.Step, fields []plan.Field, k *journal.Known) {
	r := rowDeed{Step: step, fields: fields, id: step.ID, claimed: k.Claimed, owner: step.Of.ID}
	if r.id == "" && !step.Remove {
		r.id = k.ID
	}
	if step.Of.Step > 0 {
		r.owner, r.within = g.made(i, step.Of.Step), c.Steps[step.Of.Step-1].ID == ""
	}
	d.rows = append(d.rows, r)
}

// isRecord names the live record of a deed.
func (d *deed) record() kind.RecordID {
	return d.store().Record(value.IDNumber(d.id))
}

func (d *deed) store() kind.Store {
	s := d.Change.Store()
	s.EntityTypeID = d.entityTypeID
	return s
}
