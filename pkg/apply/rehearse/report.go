package rehearse

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Step is how one item ended when the plan was carried out, or taken back.
type Step struct {
	Status string        `json:"status"` // as in a report of apply
	ID     string        `json:"id,omitempty"`
	Code   string        `json:"code,omitempty"`
	Error  value.Message `json:"error,omitzero"`
}

// Well tells whether the step has done what it was for.
func (s *Step) Well() bool {
	return s == nil || slices.Contains([]string{"succeeded", "unchanged", "kept"}, s.Status)
}

// An Item is one change of the plan, or a record beside the plan that does not come back.
type Item struct {
	Resource value.Address `json:"resource,omitempty"` // "" of a record that the plan is not about
	Kind     string        `json:"kind"`
	Action   plan.Action   `json:"action,omitempty"`
	ID       string        `json:"id,omitempty"` // "" of what is created
	Title    string        `json:"title,omitempty"`
	Applied  *Step         `json:"applied,omitempty"`
	Undone   *Step         `json:"undone,omitempty"` // nil where there was nothing to take back
	NewID    string        `json:"newId,omitempty"`  // of what was deleted, and created again
	Gone     bool          `json:"gone,omitempty"`   // it was there before, and is not any more
	Differs  []Difference  `json:"differs,omitempty"`
}

// Well tells whether there is nothing to be said of an item but that it went as planned.
func (i *Item) Well() bool {
	return i.Applied.Well() && i.Undone.Well() && !i.Gone && len(i.Differs) == 0
}

// A Count says how many rows a method has shown.
type Count struct {
	Method string `json:"method"`
	Rows   int    `json:"rows"`
}

// An Unlike is a field that the portal in a box does not show as the real one does.
type Unlike struct {
	Kind    string `json:"kind"`
	Field   string `json:"field"`
	Records int    `json:"records"`
}

// A Report tells how a rehearsal went.
type Report struct {
	Owner   string
	Env     string
	Portal  string // the real one
	Records int    // that were read there
	Read    []Count
	Lacks   []Lack   // what it refuses to show
	Unlike  []Unlike // what the portal in a box does not show in the same way
	Items   []Item
	// Again are what a second plan would still change; Planned tells whether there was one, since
	// a saved plan may have come without its manifests.
	Again   []value.Address
	Planned bool
	Notes   []plan.Note // of the plan that takes back
	Changes int         // of the plan
	Refused int         // items of the plan for which nothing is sent
}

// The exit codes of a rehearsal.
const (
	ExitDone  = 0
	ExitItems = 3
)

// ExitCode is 0 if everything went as planned and came back, else 3.
func (r *Report) ExitCode() int {
	if r.Refused+len(r.Again) > 0 || slices.ContainsFunc(r.Items, func(i Item) bool { return !i.Well() }) {
		return ExitItems
	}
	return ExitDone
}

// Counted counts rows by method.
func Counted(tables []Table) (out []Count) {
	for _, t := range tables {
		i := slices.IndexFunc(out, func(c Count) bool { return c.Method == t.Method })
		if i < 0 {
			i = len(out)
			out = append(out, Count{Method: t.Method})
		}
		out[i].Rows += len(t.Rows)
	}
	return out
}

// UnlikeOf counts the fields that two readings of the same records on two portals show in other
// ways, by kind.
func UnlikeOf(real, box []*Record) (out []Unlike) {
	there := byRecord(box)
	for _, rec := range real {
		other := there[rec.key()]
		if other == nil {
			other = &Record{Store: rec.Store, ID: rec.ID}
		}
		for _, d := range Compare(rec, other, nil) {
			i := slices.IndexFunc(out, func(u Unlike) bool { return u.Kind == rec.Store.Kind.Name && u.Field == d.Field })
			if i < 0 {
				i = len(out)
				out = append(out, Unlike{Kind: rec.Store.Kind.Name, Field: d.Field})
			}
			out[i].Records++
		}
	}
	return out
}

func (r *Record) key() kind.RecordID { return r.Store.Record(r.ID) }

func byRecord(list []*Record) map[kind.RecordID]*Record {
	out := make(map[kind.RecordID]*Record, len(list))
	for _, r := range list {
		out[r.key()] = r
	}
	return out
}

// A Course is what happened in a rehearsal.
type Course struct {
	Plan    *plan.Plan
	Applied map[value.Address]Step
	Undone  map[value.Address]Step
	Before  []*Record // in the portal in a box, before anything was carried out
}

// Renewed finds the records that were deleted and created again.
func (c *Course) Renewed() (Renewed, error) {
	out := make(Renewed)
	for i, e := range c.Plan.Changes.Entries() {
		if e.Action != plan.Delete {
			continue
		}
		change, err := c.Plan.Changes.Brief(i)
		if err != nil {
			return nil, err
		}
		if u, ok := c.Undone[change.Address]; ok && change.IsRecord() && u.ID != "" && u.ID != change.ID {
			out[change.Store().Record(value.IDNumber(change.ID))] = u.ID
		}
	}
	return out, nil
}

// ScopeAfter are the records that are to be compared with those before: renewed ones by their new
// ids.
func (c *Course) ScopeAfter(renewed Renewed) Scope {
	s := make(Scope)
	for _, rec := range c.Before {
		id := rec.ID
		if other, ok := renewed[rec.key()]; ok {
			id = value.IDNumber(other)
		}
		s.add(rec.Store, id)
	}
	return s
}

// Items tells how every change ended and what of which record did not come back, given what is
// there in the end.
func (c *Course) Items(renewed Renewed, after []*Record) ([]Item, error) {
	now, told := byRecord(after), make(map[kind.RecordID]bool)
	before := byRecord(c.Before)
	var out []Item
	for i, e := range c.Plan.Changes.Entries() {
		if e.Action == plan.NoOp {
			continue
		}
		change, err := c.Plan.Changes.Brief(i)
		if err != nil {
			return nil, err
		}
		item := Item{Resource: change.Address, Kind: change.Kind, Action: change.Action, ID: change.ID, Title: change.Title, Applied: stepOf(c.Applied, change.Address), Undone: stepOf(c.Undone, change.Address)}
		if change.IsRecord() && change.ID != "" {
			key := change.Store().Record(value.IDNumber(change.ID))
			if was := before[key]; was != nil {
				item.compare(was, now, renewed)
				told[key] = true
				if err := item.asDeclared(c.Plan.Changes, i); err != nil {
					return nil, err
				}
			}
		}
		out = append(out, item)
	}
	for _, was := range c.Before {
		if told[was.key()] {
			continue
		}
		item := Item{Kind: was.Store.Kind.Name, ID: value.ID(was.ID), Title: was.Store.Kind.Title(was.Row.Text)}
		if item.compare(was, now, renewed); !item.Well() {
			out = append(out, item)
		}
	}
	return out, nil
}

func stepOf(steps map[value.Address]Step, a value.Address) *Step {
	if s, ok := steps[a]; ok {
		return &s
	}
	return nil
}

// asDeclared calls fields as manifests do.
func (i *Item) asDeclared(changes *plan.Source, at int) error {
	if len(i.Differs) == 0 {
		return nil
	}
	c, err := changes.Change(at)
	if err != nil {
		return err
	}
	for k := range i.Differs {
		for f := range c.Fields {
			if d := &c.Fields[f]; d.Wire == i.Differs[k].Field && !d.Multi() {
				i.Differs[k].Field = d.Name
			}
		}
	}
	return nil
}

// compare notes what did not come back of a record.
func (i *Item) compare(was *Record, now map[kind.RecordID]*Record, renewed Renewed) {
	key := was.key()
	i.NewID = renewed[key]
	if i.NewID != "" {
		key.ID = value.IDNumber(i.NewID)
	}
	is := now[key]
	if i.Gone = is == nil; !i.Gone {
		i.Differs = Compare(was, is, renewed)
	}
}
