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
	Missing     []string        `json:"missing,omitempty"` // what the portal refuses to show, in its words
	Moved       []Moved         `json:"moved,omitempty"`
}

// A Moved is an undeclared field that a save has moved, with its canonical values.
type Moved struct {
	Field string      `json:"field"`
	From  value.Value `json:"from,omitzero"`
	To    value.Value `json:"to,omitzero"`
}
