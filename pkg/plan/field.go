package plan

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Field is one field that a change sets.
type Field struct {
	Name  string     `json:"name"`            // as declared; an entry of parents is "parents.deal"
	Label string     `json:"label,omitempty"` // what the portal calls it; "" if that is not known
	Type  value.Type `json:"type"`
	// Before and After are for people and for reports: what the field holds and what it will
	// hold, with the names that the portal has for ids.
	Before value.Shown `json:"before,omitzero"`
	After  value.Shown `json:"after,omitzero"`
	// List tells which entries go and which come; nil unless both are lists.
	List *value.ListChange `json:"list,omitempty"`
	// Respelt tells that the two differ in how they are spelt only: in case, blanks or line breaks.
	Respelt bool `json:"respelt,omitempty"`
	// Note says what else people should know, such as "set after contact/jane exists".
	Note value.Message `json:"note,omitzero"`

	Wire   string        `json:"wire,omitempty"`   // name in the method's fields; "" while Parent does not exist
	Parent value.Address `json:"parent,omitempty"` // the SPA whose parentId{N} this is, if the plan creates it
	Older  string        `json:"older,omitempty"`  // its name in the older methods, if it is to be emptied
	Zone   string        `json:"zone,omitempty"`   // in which instants are shown, a name or an offset; "": in their own
	Traced bool          `json:"traced,omitempty"` // what it holds is remembered once it is applied
	Theirs bool          `json:"theirs,omitempty"` // it is remembered as what a person has made of it: it is put back
	Fixed  bool          `json:"fixed,omitempty"`  // it can be set only when the record is created
	Once   bool          `json:"once,omitempty"`   // it is set now and belongs to people afterwards
	Human  bool          `json:"human,omitempty"`  // once people change it, it is theirs
	Step   int           `json:"step,omitempty"`   // 0: the request that saves the record; n: the step with index n-1

	Want value.Value `json:"want,omitzero"` // canonical declared value; links and stages may still be open
	Live value.Value `json:"live,omitzero"` // canonical live value
}

// Multi tells whether the field is one sort of contact data, sent together with the others.
func (d *Field) Multi() bool { return d.Wire == kind.ContactsField }

// interim is behind the name of a field that gets a value in between: the wanted one comes
// with a later step, under the name itself.
const interim = "~"

// InBetween is the name of a field for the value that it has in between.
func InBetween(name string) string { return name + interim }

// Between gives the declared name of a field, and tells whether its value is one in between.
func (d *Field) Between() (name string, between bool) { return strings.CutSuffix(d.Name, interim) }
