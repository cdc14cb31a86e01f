package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// An Action is what happens to one resource.
type Action string

// The actions. Refuse stands for a resource that can be neither created nor
// updated safely, such as one whose key two records carry; Change.Reason says
// why, and nothing is sent for it.
const (
	Create Action = "create"
	Update Action = "update"
	Adopt  Action = "adopt"
	Delete Action = "delete"
	NoOp   Action = "no-op"
	Refuse Action = "refuse"
)

// Actions lists every action in the order in which counts are shown.
var Actions = []Action{Create, Adopt, Update, Delete, NoOp, Refuse}

// PortalInABox is the name, in place of a host, of a portal inside the process that asks.
const PortalInABox = "the portal in a box"

// A Plan lists what brings a portal to the declared state: one change for every
// resource, sorted by rank of kind and address, so equal inputs give equal plans.
// Records that stay as they are stand apart; see Plan.All.
type Plan struct {
	Owner   string  `json:"owner"`
	Project string  `json:"project,omitempty"` // path of the project file; "" without one
	Env     string  `json:"environment,omitempty"`
	Portal  string  `json:"portal"` // host, never a credential
	Changes *Source `json:"changes"`
	// Unchanged are records that already are as declared, in the order of changes.
	Unchanged *UnchangedList `json:"unchanged,omitzero"`
	// Unlisted are records that already are as declared, and that are only counted: those of
	// a plan that was saved.
	Unlisted []Unlisted `json:"unlisted,omitempty"`
	// Digest is that of what the plan does, in hex; "" if nobody asked. See DigestOf.
	Digest string `json:"digest,omitempty"`
	// TakesBack tells that the changes are those of an undo: nothing is declared.
	TakesBack bool `json:"takesBack,omitempty"`
	// Refused is why nothing of the plan may be sent; nil if it may.
	Refused *Refusal `json:"refused,omitempty"`
	// Guards are those beyond which the plan goes: none of it is sent then.
	Guards []Guard `json:"guards,omitempty"`
	// Notes are what people should know of the plan as a whole.
	Notes []Note `json:"notes,omitempty"`
	// Unlooked counts what was not looked at for records that look the same, by kind.
	Unlooked []Unlooked `json:"unlooked,omitempty"`
	// Unseen are the kinds of records of which some would be created and of which it is
	// not known whether the credential sees every record.
	Unseen []string `json:"unseen,omitempty"`
	// Titles are what people call the fields of each entity type, by entityTypeId and
	// title, with the names for manifests; "" if several fields are called so.
	Titles map[int]map[string]string `json:"titles,omitempty"`
	// Pipelines are those in which the plan moves or makes records, with all of their stages.
	Pipelines []Pipeline `json:"pipelines,omitempty"`
	// RowsByMark tells of which rows of records, by how the names of their methods begin,
	// one was found by its mark, which proves that the portal shows marks.
	RowsByMark map[string]bool `json:"rowsByMark,omitempty"`
}

// A Pipeline is a list of stages, in which the records of an entity type stand.
type Pipeline struct {
	EntityTypeID int     `json:"entityTypeId"`
	ID           string  `json:"id,omitempty"` // "" where the entity type has one list and no pipelines
	Title        string  `json:"title,omitempty"`
	Stages       []Stage `json:"stages"` // in their order
}

// A Stage is one of a pipeline.
type Stage struct {
	ID        string `json:"id"` // STATUS_ID
	Title     string `json:"title"`
	Semantics string `json:"semantics,omitempty"` // "S" won, "F" lost; else records go on from it
}

// A Note is what people should know of a plan as a whole.
type Note struct {
	Code      string          `json:"code"` // stable
	Message   value.Message   `json:"message"`
	Addresses []value.Address `json:"addresses,omitempty"`
	Lines     []value.Message `json:"lines,omitempty"` // what the sentence is about, one by one
}

// A Guard is a limit beyond which a plan goes.
type Guard struct {
	Knob   string `json:"knob"`         // guards.delete.max
	Limit  string `json:"limit"`        // "10" or "5%"
	Actual int    `json:"actual"`       // resources
	Of     int    `json:"of,omitempty"` // what a percentage is of
}

// A Refusal is why nothing of a plan may be sent.
type Refusal struct {
	Code    string        `json:"code"` // stable
	Message value.Message `json:"message"`
	Owner   string        `json:"owner,omitempty"` // whose the records are
}

func (r *Refusal) Error() string { return r.Says().String() }

// Says is the refusal as an error for people.
func (r *Refusal) Says() value.Message {
	return value.Say("plan-is-refused", value.T("code", r.Code), value.M("message", r.Message))
}

// Remedy is what to do about it.
func (r *Refusal) Remedy() value.Message { return value.Do(r.Code, value.T("owner", r.Owner)) }

// Know gives every change the facts of its kind, from a table of kinds; those of Bitrix24
// if it is nil. A kind that stands in neither is an error, and so is a field of a type whose
// values nothing here can read.
func (p *Plan) Know(kinds *kind.Table) error {
	if err := p.Unchanged.know(kinds); err != nil {
		return err
	}
	return p.Changes.know(kinds)
}

// Pending is the number of changes that would write.
func (p *Plan) Pending() int {
	n := 0
	for _, e := range p.Changes.Entries() {
		if e.Writes() {
			n++
		}
	}
	return n
}

// Counts gives the number of changes of each action.
func (p *Plan) Counts() map[Action]int {
	m := make(map[Action]int, len(Actions))
	if n := p.Unchanged.Len() + p.UnlistedCount(); n > 0 {
		m[NoOp] = n
	}
	for _, e := range p.Changes.Entries() {
		m[e.Action]++
	}
	return m
}

// Deletions lists the changes whose action is Delete, in the order in which they are
// sent: what ranks behind comes first.
func (p *Plan) Deletions() []int {
	var out []int
	for i, e := range p.Changes.Entries() {
		if e.Action == Delete {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		x, y := p.Changes.Entry(a), p.Changes.Entry(b)
		return cmp.Or(cmp.Compare(y.Facts.Rank, x.Facts.Rank), cmp.Compare(y.Address, x.Address))
	})
	return out
}

// FieldNamed finds the field of a record that a message of the portal names by its
// title, in quotation marks, as its refusals do. It gives the name for manifests, and
// nothing if the title is not that of just one field.
func (p *Plan) FieldNamed(c *Change, message string) string {
	name := ""
	for _, title := range quotedParts(message) {
		switch found := p.Titles[c.EntityTypeID][title]; {
		case found == "":
		case name == "":
			name = found
		case found != name:
			return ""
		}
	}
	return name
}

var straight = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "&quot;", `"`)

// quotedParts gives what stands in quotation marks.
func quotedParts(message string) []string {
	var out []string
	for i, part := range strings.Split(straight.Replace(message), `"`) {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	return out
}

// Adoption gives the part of a plan that only takes over the record of one resource:
// its mark is written and nothing else, after the user field that is to hold it. A
// record that carries the mark needs nothing; if there is none, the change is
// refused. It is nil if the plan does not hold the resource. The error is that of the
// plan's file.
func (p *Plan) Adoption(a value.Address) (*Plan, error) {
	part := *p
	part.Changes, part.Unchanged, part.Notes, part.Refused, part.Unlooked = List(), p.Unchanged.only(a), nil, nil, nil
	if part.Unchanged != nil {
		return &part, nil
	}
	c, err := p.Changes.find(a)
	if c == nil || err != nil {
		return nil, err
	}
	c.Fields, c.Kept, c.Held, c.Deps, c.Steps = nil, nil, nil, nil, nil
	c.Moves = slices.DeleteFunc(c.Moves, func(d Field) bool { return c.Takeover == nil || !slices.Contains(c.Takeover.Slot, d.Wire) })
	switch c.Action {
	case Create:
		c.RefuseFor("NOT_FOUND", value.Say("nothing-to-adopt", value.T("resource", a)), value.Message{})
	case Update:
		c.Action = NoOp
	case Adopt:
		field, err := p.Changes.find(c.MarkIn)
		if err != nil {
			return nil, err
		}
		if field != nil {
			c.Deps = []value.Address{c.MarkIn}
			_ = part.Changes.Append(field) // memory has no errors
		}
	}
	return &part, part.Changes.Append(c)
}
