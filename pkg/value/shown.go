package value

import (
	"bytes"
	"encoding/json"
	"slices"
)

// A Shown is a value for people, in parts that ui lays out. The zero Shown is empty. Most
// values are one text, and take no more room than that.
type Shown struct {
	Text string // what is read first: a text, a name, an amount, the address of a resource
	Rest *Rest  // what there is beside it; nil for a text alone
}

// A Rest is what is shown of a value beside its text. It may be shared, and is not to be
// changed once it is made.
type Rest struct {
	Style Style       `json:"style,omitempty"` // how the text and the first of Parts stand together
	Parts []ShownPart `json:"parts,omitempty"` // what belongs to the text, each under its name
	Items []Shown     `json:"items,omitempty"` // several values
	Says  Message     `json:"says,omitzero"`   // in place of the text: what is no value, such as a row that is there
}

// A ShownPart is a named detail of a shown value.
type ShownPart struct {
	Name  string `json:"name"`
	Shown Shown  `json:"shown"`
}

// The names of parts. A cell of a row has the name of its column.
const (
	PartID        = "id"        // of a user, a stage, an option, a pipeline or a record
	PartCurrency  = "currency"  // of an amount
	PartType      = "type"      // of a phone number and its like
	PartPipeline  = "pipeline"  // of a stage, itself with an id
	PartCode      = "code"      // of an option: what it is called on every portal
	PartDismissed = "dismissed" // "Y": a user who has left
	PartTitle     = "title"     // of a record that was looked up
	PartKind      = "kind"      // of a record that is named by its id
	PartPlace     = "place"     // of an address: latitude and longitude in degrees
	PartSize      = "size"      // of a file, for people
	PartBytes     = "bytes"     // of a file, a number
	PartSHA256    = "sha256"    // of a file, in hex
	PartOption    = "option"    // the id of an option whose label others have too
)

// Style says how the text and the first part of a Shown stand together.
type Style string

// The styles.
const (
	Alone     Style = ""          // Text alone
	Spaced    Style = "spaced"    // Text Part: an amount and its currency, a type and an id
	Bracketed Style = "bracketed" // Text (Part): a name and its id, a number and its type
	Pointer   Style = "pointer"   // Text → Part: a declared resource and the id that it has
	Open      Style = "open"      // Text, a declared resource whose id is known after apply
	Found     Style = "found"     // Text, what a look-up has found
	Number    Style = "number"    // Text, which is the id of a record
	Row       Style = "row"       // Text, a row of a table, whose cells are the parts
	Added     Style = "added"     // + Text: it is added to a list
	Removed   Style = "removed"   // - Text: it is removed from a list
)

// InParts shows a text with named parts.
func InParts(text string, style Style, parts ...ShownPart) Shown {
	return Shown{text, &Rest{Style: style, Parts: parts}}
}

// ShownText shows a text.
func ShownText(text string) Shown { return Shown{Text: text} }

// P is a part that is one text.
func P(name, text string) ShownPart { return ShownPart{name, Shown{Text: text}} }

// Several shows several values; none are empty.
func Several(items []Shown) Shown {
	if len(items) == 0 {
		return Shown{}
	}
	return Shown{Rest: &Rest{Items: items}}
}

// Worded shows what a message says.
func Worded(m Message) Shown { return Shown{Rest: &Rest{Says: m}} }

// Resolved shows links to resources whose ids were open with the ids that they got; id gives ""
// for those that got none.
func (s Shown) Resolved(id func(Address) string) Shown {
	if s.Style() == Open {
		if n := id(Address(s.Text)); n != "" {
			return InParts(s.Text, Pointer, P(PartID, n))
		}
		return s
	}
	if s.Rest == nil {
		return s
	}
	rest := *s.Rest
	rest.Items, rest.Parts = slices.Clone(rest.Items), slices.Clone(rest.Parts)
	for i := range rest.Items {
		rest.Items[i] = rest.Items[i].Resolved(id)
	}
	for i := range rest.Parts {
		rest.Parts[i].Shown = rest.Parts[i].Shown.Resolved(id)
	}
	return Shown{s.Text, &rest}
}

// Says is what a Shown says in words: the message that stands for its text, or the text with
// what is known of the record behind it. It is zero for a text that speaks for itself.
func (s Shown) Says() Message {
	switch s.Style() {
	case Open:
		return Say("known-after-apply", T("text", s.Text))
	case Found:
		return Say("found-by-lookup", T("text", s.Text))
	}
	if s.Rest == nil {
		return Message{}
	}
	return s.Rest.Says
}

// Said gives what people read: nil, a string, a []string, a Message, or a []Message for rows.
func (s Shown) Said() any {
	if m := s.Says(); !m.IsZero() {
		return m
	}
	if !s.IsList() || s.Items()[0].Style() != Row {
		return s.Plain()
	}
	rows := make([]Message, len(s.Items()))
	for i, row := range s.Items() {
		rows[i] = row.Says()
	}
	return rows
}

// With adds a detail to a value that is one text; what is empty stays so.
func (s Shown) With(part ShownPart) Shown {
	if s.Rest != nil || s.Text == "" {
		return s
	}
	return InParts(s.Text, Alone, part)
}

// IsEmpty tells whether nothing is shown.
func (s Shown) IsEmpty() bool { return s.Text == "" && s.Rest == nil }

// Items are the values of a Shown of several.
func (s Shown) Items() []Shown {
	if s.Rest == nil {
		return nil
	}
	return s.Rest.Items
}

// Style is how its text and its first part stand together.
func (s Shown) Style() Style {
	if s.Rest == nil {
		return Alone
	}
	return s.Rest.Style
}

// IsList tells whether several values are shown.
func (s Shown) IsList() bool { return s.Style() == Alone && len(s.Items()) > 0 }

// Parts are the details of a Shown.
func (s Shown) Parts() []ShownPart {
	if s.Rest == nil {
		return nil
	}
	return s.Rest.Parts
}

// Part gives a detail by its name; it is empty if there is none.
func (s Shown) Part(name string) Shown {
	for _, p := range s.Parts() {
		if p.Name == name {
			return p.Shown
		}
	}
	return Shown{}
}

// Aside is the part that stands with the text, as one text.
func (s Shown) Aside() string {
	if len(s.Parts()) == 0 {
		return ""
	}
	return s.Rest.Parts[0].Shown.String()
}

// String gives one value as one text, without what only [Shown.Says] tells.
func (s Shown) String() string {
	text := s.Text
	if len(s.Items()) == 1 {
		text = s.Rest.Items[0].String()
	}
	switch s.Style() {
	case Spaced:
		return text + " " + s.Aside()
	case Bracketed:
		return text + " (" + s.Aside() + ")"
	case Pointer:
		return text + " → " + s.Aside()
	case Added:
		return "+ " + text
	case Removed:
		return "- " + text
	}
	return text
}

// Plain gives nil, a string, or a []string for several values.
func (s Shown) Plain() any {
	switch {
	case s.IsList():
		out := make([]string, len(s.Items()))
		for i, item := range s.Items() {
			out[i] = item.String()
		}
		return out
	case s.IsEmpty():
		return nil
	}
	return s.String()
}

// shownObject is a Shown in JSON that is more than a text.
type shownObject struct {
	Text string `json:"text,omitempty"`
	*Rest
}

// MarshalJSON writes null, a text, or an object with text, style, parts and items.
func (s Shown) MarshalJSON() ([]byte, error) {
	switch {
	case s.IsEmpty():
		return []byte("null"), nil
	case s.Rest == nil:
		return quote(s.Text)
	}
	return json.Marshal(shownObject{s.Text, s.Rest})
}

// UnmarshalJSON reads what MarshalJSON has written.
func (s *Shown) UnmarshalJSON(raw []byte) error {
	*s = Shown{}
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if raw[0] == '"' {
		return json.Unmarshal(raw, &s.Text)
	}
	object := shownObject{Rest: new(Rest)}
	err := json.Unmarshal(raw, &object)
	s.Text, s.Rest = object.Text, object.Rest
	return err
}
