package plan

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Field is one field that a change sets.
type Field struct {
	Name string     `json:"name"` // as declared; an entry of parents is "parents.deal"
	Type value.Type `json:"type"`
	// Before and After are for people and for reports: nil, a string, or a
	// []string for several values. References read "company/acme → 815" or
	// "company/acme (known after apply)", ids with a name "12 Olga Petrova".
	Before any `json:"before"`
	After  any `json:"after"`
	// Note says what else people should know, such as "set after contact/jane exists".
	Note value.Message `json:"note,omitzero"`

	Wire   string        `json:"wire,omitempty"`   // name in the method's fields; "" while Parent does not exist
	Parent value.Address `json:"parent,omitempty"` // the SPA whose parentId{N} this is, if the plan creates it
	Older  string        `json:"older,omitempty"`  // its name in the older methods, if it is to be emptied
	Zone   string        `json:"zone,omitempty"`   // in which instants are shown, a name or an offset; "": in their own
	Traced bool          `json:"traced,omitempty"` // what it holds is remembered once it is applied
	Fixed  bool          `json:"fixed,omitempty"`  // it can be set only when the record is created
	Once   bool          `json:"once,omitempty"`   // it is set now and belongs to people afterwards
	Step   int           `json:"step,omitempty"`   // 0: the request that saves the record; n: the step with index n-1

	Want value.Value `json:"want,omitzero"` // canonical declared value; links and stages may still be open
	Live value.Value `json:"live,omitzero"` // canonical live value
}

// multifield is the name under which the portal keeps phones, e-mails, websites and
// messengers together.
const multifield = "fm"

// Multi tells whether the field is one sort of contact data, sent together with the others.
func (d *Field) Multi() bool { return d.Wire == multifield }

// UnmarshalJSON reads a field; lists of texts for people are []string again.
func (d *Field) UnmarshalJSON(raw []byte) error {
	type plain Field
	if err := json.Unmarshal(raw, (*plain)(d)); err != nil {
		return err
	}
	d.Before, d.After = texts(d.Before), texts(d.After)
	return nil
}

func texts(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]string, len(list))
	for i, x := range list {
		out[i], _ = x.(string)
	}
	return out
}
