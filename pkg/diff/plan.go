package diff

import (
	"cmp"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/spec"
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
// resource, no-ops included, sorted by rank of kind and address, so equal inputs
// give equal plans.
type Plan struct {
	Owner   string   `json:"owner"`
	Project string   `json:"project,omitempty"` // path of the project file; "" without one
	Env     string   `json:"environment,omitempty"`
	Portal  string   `json:"portal"` // host, never a credential
	Changes []Change `json:"changes"`
	// Refused is why nothing of the plan may be sent; nil if it may.
	Refused *Refusal `json:"refused,omitempty"`
	// Notes are what people should know of the plan as a whole.
	Notes []Note `json:"notes,omitempty"`
	// Unseen are the kinds of records of which some would be created and of which it is
	// not known whether the credential sees every record.
	Unseen []string `json:"unseen,omitempty"`

	titles map[int]map[string]string // see Meta.titles
	// rowsByMark tells of which rows, by their methods, one was found by its mark.
	rowsByMark map[string]bool
}

// A Change is what happens to one resource and why.
type Change struct {
	Address      spec.Address   `json:"address"`
	Kind         string         `json:"kind"`
	Action       Action         `json:"action"`
	Reason       string         `json:"reason,omitempty"`       // a sentence for people; set for adopt and refuse
	Code         string         `json:"code,omitempty"`         // refuse: a stable code, such as AMBIGUOUS_KEY
	Hint         string         `json:"hint,omitempty"`         // refuse: what to do
	ID           int            `json:"id,omitempty"`           // the record's or type's id, 0 before a create
	EntityTypeID int            `json:"entityTypeId,omitempty"` // 0 if its type is created by this plan
	Title        string         `json:"title,omitempty"`        // what people call it: the live title, or the declared one
	Fields       []FieldDiff    `json:"fields,omitempty"`       // create: every field sent; update: those that differ; sorted by name
	Deps         []spec.Address `json:"deps,omitempty"`
	Steps        []Step         `json:"steps,omitempty"` // what is sent after the record itself is saved
	Risk         string         `json:"risk,omitempty"`  // delete: what it does to others, such as "12 deals point at it"
	Kept         []FieldDiff    `json:"kept,omitempty"`  // differences that stay, since people own the field: Before stays, After is declared, Note says why
	Source       spec.Pos       `json:"source"`

	kind *spec.Kind
	typ  spec.Address // records of an SPA: the SPA's address if it is declared
	mark []markField  // the owner's mark, if the call is to set it
	// markIn is the change that creates the user field of the mark, if this plan does.
	markIn   spec.Address
	byKey    bool           // the mark found the record
	takeover *takeover      // adopt: whose the record was when the plan was made
	keyField *keyField      // the change creates this user field
	agreed   []Trace        // see Agreed
	removal  bool           // of what is not declared
	place    map[string]any // what calls name beside the fields, such as the catalogue
	inside   int            // removal: the section of the catalogue that it lies in
	own      []markField    // update: the mark that the record carried when the plan was made
	saved    string         // update: when the record was saved last; "" if that is not known
	detached bool           // update: it clears the mark of what is not declared

	held []FieldDiff // update: declared fields that agree; the portal may move them, as a stage moves closedate
}

// A FieldDiff is one field that a change sets.
type FieldDiff struct {
	Name string         `json:"name"` // as declared; an entry of parents is "parents.deal"
	Type spec.FieldType `json:"type"`
	// Before and After are for people and for reports: nil, a string, or a
	// []string for several values. References read "company/acme → 815" or
	// "company/acme (known after apply)", ids with a name "12 Olga Petrova".
	Before any `json:"before"`
	After  any `json:"after"`
	// Note says what else people should know, such as "set after contact/jane exists".
	Note string `json:"note,omitempty"`

	codec  codec
	want   any            // canonical declared value; links and stages may still be open
	live   any            // canonical live value
	zone   *time.Location // in which instants are shown; nil: in their own
	older  string         // its name in the older methods, if it is to be emptied
	wire   string         // name in the method's fields; "" while parent does not exist
	parent spec.Address   // the SPA whose parentId{N} this is, if the plan creates it
	multi  bool           // one typeId of fm, sent together with the others
	traced bool           // what it holds is remembered once it is applied
	fixed  bool           // it can be set only when the record is created
	once   bool           // it is set now and belongs to people afterwards
	step   int            // 0: the request that saves the record; n: the step with index n-1
}

// IsRecord tells whether the change is one of a record or product, not of a type or field.
func (c *Change) IsRecord() bool { return c.kind.HasFields() }

// Pending lists the changes that would write, in plan order.
func (p *Plan) Pending() []*Change {
	var out []*Change
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Action != NoOp && c.Action != Refuse {
			out = append(out, c)
		}
	}
	return out
}

// sort orders the changes by rank of kind and address.
func (p *Plan) sort() {
	slices.SortStableFunc(p.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.kind.Rank, b.kind.Rank), cmp.Compare(a.Address, b.Address))
	})
}

// Counts gives the number of changes of each action.
func (p *Plan) Counts() map[Action]int {
	m := make(map[Action]int, len(Actions))
	for _, c := range p.Changes {
		m[c.Action]++
	}
	return m
}
