package plan

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Change is what happens to one resource and why.
type Change struct {
	Address      value.Address   `json:"address"`
	Kind         string          `json:"kind"`
	Action       Action          `json:"action"`
	Reason       Reason          `json:"reason,omitzero"`        // set for adopt, delete and refuse
	ID           string          `json:"id,omitempty"`           // the record's or type's id, "" before a create
	EntityTypeID int             `json:"entityTypeId,omitempty"` // 0 if its type is created by this plan
	Type         value.Address   `json:"type,omitempty"`         // records of an SPA: the SPA, if it is declared
	Title        string          `json:"title,omitempty"`        // what people call it: the live title, or the declared one
	Fields       []Field         `json:"fields,omitempty"`       // create: every field sent; update: those that differ; sorted by name
	Held         []Field         `json:"held,omitempty"`         // update: declared fields that agree; the portal may move them, as a stage moves closedate
	Deps         []value.Address `json:"deps,omitempty"`         // what must be done before it
	Steps        []Step          `json:"steps,omitempty"`        // what is sent after the record itself is saved
	Risk         value.Message   `json:"risk,omitzero"`          // delete: what it does to others, such as "12 deals point at it"
	Pointers     []Pointers      `json:"pointers,omitempty"`     // delete: the records that stay and point at it, a sort each, the most first
	Last         *Saves          `json:"last,omitempty"`         // who saved what is overwritten; nil if nobody asked
	Kept         []Field         `json:"kept,omitempty"`         // differences that stay, since people own the field: Before stays, After is declared, Note says why
	Unread       []Unread        `json:"unread,omitempty"`       // declared fields that stay as they are, since their live values cannot be read
	Alike        []Alike         `json:"alike,omitempty"`        // create: records of the portal that look the same, by id
	Source       value.Pos       `json:"source"`
	// Labels are those of its manifest. What is done does not depend on them, but its order may.
	Labels   map[string]string `json:"labels,omitempty"`
	Declared string            `json:"declared,omitempty"` // a digest of what its manifest says, so that it can be seen whether it was edited since; "" without one

	Forgotten bool `json:"forgotten,omitempty"` // its values were erased; see Change.Forget

	Facts *kind.Kind `json:"-"` // what is known of Kind; see Plan.Know

	Mark     []Mark        `json:"mark,omitempty"`     // the owner's mark, if the call is to set it; delete: what must be there
	MarkIn   value.Address `json:"markIn,omitempty"`   // the change that creates the user field of the mark, if this plan does
	Own      []Mark        `json:"own,omitempty"`      // update: the mark that the record carried when the plan was made
	Marked   bool          `json:"marked,omitempty"`   // the mark found the record
	Takeover *Takeover     `json:"takeover,omitempty"` // adopt: whose the record was when the plan was made
	KeyField *KeyField     `json:"keyField,omitempty"` // the change creates this user field
	Agreed   []Trace       `json:"agreed,omitempty"`   // fields that were as declared when they were read, and are to be remembered
	Removal  bool          `json:"removal,omitempty"`  // of what is not declared
	Detached bool          `json:"detached,omitempty"` // update: it clears the mark of what is not declared
	Place    *Place        `json:"place,omitempty"`    // what lies in the catalogue: where
	Inside   string        `json:"inside,omitempty"`   // removal: id of the section of the catalogue that it lies in
	Match    [][]string    `json:"match,omitempty"`    // create: the keys by which a record was looked for, each the names of fields, and none was found
	Route    kind.Route    `json:"route,omitzero"`     // create: the way
	Saved    string        `json:"saved,omitempty"`    // update: when the record was saved last, as the portal writes it; "" if that is not known
	Double   *Double       `json:"double,omitempty"`   // delete: the record is one too many with its mark
	Firm     bool          `json:"firm,omitempty"`     // update: it is about what the plan has seen: links with another end are compared too, and nothing is planned anew
	Moves    []Field       `json:"moves,omitempty"`    // update, adopt: what its save may move though it is not declared; Live is what it was
}

// A Reason is why something happens to a resource.
type Reason struct {
	Code    string        `json:"code,omitempty"` // refuse: stable, such as AMBIGUOUS_KEY
	Message value.Message `json:"message,omitzero"`
	Hint    value.Message `json:"hint,omitzero"` // refuse: what to do
	// Conflict tells of a refusal that people have changed since what is to be undone.
	Conflict bool `json:"conflict,omitempty"`
}

// Saves tell who did what to a record last.
type Saves struct {
	Saved Save `json:"saved,omitzero"`
	Moved Save `json:"moved,omitzero"` // to its stage
}

// A Save is by whom and when something was done. Parts of it may be unknown.
type Save struct {
	By value.Shown `json:"by,omitzero"`  // a user
	At string      `json:"at,omitempty"` // as the portal writes it
}

// Pointers are the records of one entity type that point at one that is to be deleted.
type Pointers struct {
	EntityTypeID int       `json:"entityTypeId"`
	Kind         string    `json:"kind,omitempty"`  // "" for a smart process, which Title names
	Title        string    `json:"title,omitempty"` // what people call a smart process
	Count        int       `json:"count"`
	First        []Pointer `json:"first,omitempty"` // at most ten of them, by id
}

// A Pointer is a record that points at another. Its address and title are known if the
// plan is about it too.
type Pointer struct {
	ID      string        `json:"id"`
	Address value.Address `json:"address,omitempty"`
	Title   string        `json:"title,omitempty"`
}

// Unread is a field whose live value cannot be read.
type Unread struct {
	Field string        `json:"field"` // as declared
	Why   value.Message `json:"why"`
}

// Says names the field and says why.
func (u Unread) Says() value.Message {
	return value.Say("of-field", value.T("field", u.Field), value.M("said", u.Why))
}

// A Mark is one field of an owner's mark.
type Mark struct {
	Wire  string `json:"wire"` // "" if this plan creates the field
	Value string `json:"value"`
}

// A Takeover is what the plan saw of a record that is to be adopted.
type Takeover struct {
	Slot   []string `json:"slot,omitempty"` // the fields that are to carry the mark; none if this plan creates it
	Holder Holder   `json:"holder,omitzero"`
}

// A Holder is who owns a record: a project with the name of its resource, or
// another system, whose words are quoted. The zero value is nobody.
type Holder struct {
	Owner  string `json:"owner,omitempty"`
	Name   string `json:"name,omitempty"`
	System string `json:"system,omitempty"`
}

// Says names a holder as people know it.
func (h Holder) Says() value.Message {
	if h.Owner != "" {
		return value.Say("project-that-calls-it", value.Q("owner", h.Owner), value.Q("name", h.Name))
	}
	return value.Say("other-system", value.T("system", h.System))
}

// A KeyField is the user field that a change creates to hold the mark of the
// records of one entity type.
type KeyField struct {
	Code         string        `json:"code"`
	EntityTypeID int           `json:"entityTypeId,omitempty"`
	Type         value.Address `json:"type,omitempty"`   // the SPA, if the same plan creates it
	Object       string        `json:"object,omitempty"` // CRM_QUOTE; of a smart process CRM_ and the id of its type, "" while Type does not exist
}

// A Place is where something lies in the product catalogue, and its name there, since
// some methods want both beside the fields.
type Place struct {
	Catalogue string `json:"catalogue"` // its id
	Name      string `json:"name"`
}

// A Trace is the value that one field of one record was seen to hold as declared.
type Trace struct {
	EntityTypeID int    `json:"entityTypeId"`
	ID           string `json:"id"`
	Field        string `json:"field"` // as declared
	Value        string `json:"value"` // canonical
}

// IsRecord tells whether the change is one of a record or product, not of a type or field.
func (c *Change) IsRecord() bool { return c.Facts != nil && c.Facts.HasFields() }

// ByKey tells whether the plan found the record by its mark, which proves that the
// portal shows marks.
func (c *Change) ByKey() bool { return c.IsRecord() && c.Marked }

// Saves tells whether the change sends a request for the record itself: an update may
// consist of steps only.
func (c *Change) Saves() bool {
	return c.Action != Update || len(c.FieldsOf(c.Fields, 0)) > 0
}

// FieldsOf picks the fields that step number n sets: 0 is the record's own request,
// n its step with index n-1.
func (c *Change) FieldsOf(fields []Field, n int) []Field {
	if len(c.Steps) == 0 && n == 0 {
		return fields
	}
	var out []Field
	for i := range fields {
		if fields[i].Step == n {
			out = append(out, fields[i])
		}
	}
	return out
}

// AddStep adds a step that sets some fields of the change, by their names.
func (c *Change) AddStep(s Step, fields ...string) {
	c.Steps = append(c.Steps, s)
	for i := range c.Fields {
		if slices.Contains(fields, c.Fields[i].Name) {
			c.Fields[i].Step = len(c.Steps)
		}
	}
}

// SetsOnce tells whether a step of the change sets anything that no later plan will
// look at, since its policy is createOnly.
func (c *Change) SetsOnce(step int) bool {
	return slices.ContainsFunc(c.Fields, func(d Field) bool { return d.Once && d.Step == step+1 })
}

// RefuseFor makes the change one of which nothing is sent. Without a hint of its own it gets
// that of its code.
func (c *Change) RefuseFor(code string, why, hint value.Message) {
	c.Action, c.Reason = Refuse, Reason{Code: code, Message: why, Hint: hint.Or(value.Do(code))}
	c.Fields, c.Steps, c.Kept, c.Alike, c.Moves = nil, nil, nil, nil, nil
}

// TakesOver tells whether the change adopts a record. A type is adopted too, by its
// code, which nobody else can claim.
func (c *Change) TakesOver() bool { return c.Takeover != nil }

// CreatesField tells whether the change creates a user field for the mark.
func (c *Change) CreatesField() bool { return c.KeyField != nil }

// Stage is the stage that the change sets, as people know it; "" for none.
func (c *Change) Stage() string {
	for _, d := range c.Fields {
		if d.Name == kind.StageField {
			return d.After.String()
		}
	}
	return ""
}

// Page is the path of the page where people open the record of a change, by its id; "" if
// there is none, or not yet.
func (c *Change) Page(entityTypeID int, id string) string {
	if c.Facts == nil || entityTypeID == 0 {
		return ""
	}
	return c.Facts.URLPath(entityTypeID, id)
}
