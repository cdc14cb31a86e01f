package value

import "encoding/json"

// A Shown is a value for people, in parts that ui lays out. The zero Shown is empty.
type Shown struct {
	Text  string  `json:"text,omitempty"`  // what is read first: a text, a name, an amount, an address
	Note  string  `json:"note,omitempty"`  // what stands with it: an id, the type of a number, a currency
	Style Style   `json:"style,omitempty"` // how the two stand together
	Items []Shown `json:"items,omitempty"` // several values
}

// Style says how Text and Note of a Shown stand together.
type Style string

// The styles.
const (
	Alone     Style = ""          // Text alone
	Spaced    Style = "spaced"    // Text Note: an amount and its currency, a type and an id
	Bracketed Style = "bracketed" // Text (Note): a name and its id, a number and its type
	Pointer   Style = "pointer"   // Text → Note: a declared resource and the id that it has
	Open      Style = "open"      // Text, whose id is known after apply
	Added     Style = "added"     // + Text: it is added to a list
	Removed   Style = "removed"   // - Text: it is removed from a list
)

// IsEmpty tells whether nothing is shown.
func (s Shown) IsEmpty() bool { return s.Text == "" && s.Note == "" && len(s.Items) == 0 }

// String gives one value as one text.
func (s Shown) String() string {
	text := s.Text
	if len(s.Items) == 1 {
		text = s.Items[0].String()
	}
	switch s.Style {
	case Spaced:
		return text + " " + s.Note
	case Bracketed:
		return text + " (" + s.Note + ")"
	case Pointer:
		return text + " → " + s.Note
	case Open:
		return text + " (known after apply)"
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
	case s.Style == Alone && len(s.Items) > 0:
		out := make([]string, len(s.Items))
		for i, item := range s.Items {
			out[i] = item.String()
		}
		return out
	case s.IsEmpty():
		return nil
	}
	return s.String()
}

// MarshalJSON writes what Plain gives.
func (s Shown) MarshalJSON() ([]byte, error) { return json.Marshal(s.Plain()) }
