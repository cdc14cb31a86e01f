package undo

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// An Image is what the journal keeps of a record beside the plan: all of it before it is
// deleted, as the portal tells it, or what a save has moved by itself.
type Image struct {
	Record      json.RawMessage `json:"record,omitempty"` // the answer of the kind's get, or a row of its list in the same form, links included
	Products    []kind.Row      `json:"products,omitempty"`
	Requisites  []kind.Row      `json:"requisites,omitempty"`
	BankDetails []kind.Row      `json:"bankDetails,omitempty"`
	Addresses   []kind.Row      `json:"addresses,omitempty"` // of the record itself and of its requisites
	Prices      []kind.Row      `json:"prices,omitempty"`
	Lacks       []Lack          `json:"lacks,omitempty"` // what the portal refuses to show
	Moved       []Moved         `json:"moved,omitempty"`
}

// A Moved is an undeclared field that a save has moved, with its canonical values.
type Moved struct {
	Field string      `json:"field"`
	From  value.Value `json:"from,omitzero"`
	To    value.Value `json:"to,omitzero"`
}

// A Lack is something that the portal refuses to show: a part of the record, or all of it.
type Lack struct {
	Part string        `json:"part,omitempty"` // such as products; "" for the record itself
	Why  value.Message `json:"why"`            // in the portal's words
}

// Lack notes that the portal refuses to show a part.
func (img *Image) Lack(part string, err error) {
	img.Lacks = append(img.Lacks, Lack{part, value.SaidBy(err)})
}
