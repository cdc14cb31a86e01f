package value

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// A Type says how the values of a field are meant. It is data, so that a saved plan can
// find the codec again; nothing in it holds a value.
type Type struct {
	Name string `json:"name"` // as crm.item.fields names it: "double", "crm_status"; or one of ours, such as "stage"

	Multiple bool `json:"multiple,omitempty"` // several values
	Ordered  bool `json:"ordered,omitempty"`  // of several values: their order means something
	Primary  bool `json:"primary,omitempty"`  // of several links: the first one is the primary one
	Members  bool `json:"members,omitempty"`  // it is declared as {add: […], remove: […]}
	Wrapped  bool `json:"wrapped,omitempty"`  // a property of a product, whose values stand in {value, valueId}

	Blank    bool `json:"blank,omitempty"`    // an empty text empties it: a user field
	Nullable bool `json:"nullable,omitempty"` // a number that can be nothing, which is not 0
	NoClear  bool `json:"noClear,omitempty"`  // it cannot be emptied
	Filled   bool `json:"filled,omitempty"`   // only null empties it, an empty text is a mistake
	Natural  bool `json:"natural,omitempty"`  // an integer that is not negative

	Places  int  `json:"places,omitempty"`  // a double: the decimals that are kept
	Max     int  `json:"max,omitempty"`     // an integer: the largest, if not 0
	Length  int  `json:"length,omitempty"`  // a text: the most characters (code points), if not 0
	Minutes bool `json:"minutes,omitempty"` // an instant of which no seconds are kept

	Choices    []string `json:"choices,omitempty"`    // a choice: its values
	Entities   []string `json:"entities,omitempty"`   // crm: the codes of the record types that it takes, such as D, CO or T83
	Dictionary string   `json:"dictionary,omitempty"` // crm_status: the list of its values
	Field      string   `json:"field,omitempty"`      // a list: the field or property whose options it has; a price: the id of its type
	Multi      string   `json:"multi,omitempty"`      // crm_multifield: the typeId, such as PHONE
	Region     string   `json:"region,omitempty"`     // of national phones, such as DE; "" if it is not known
	Currency   string   `json:"currency,omitempty"`   // products: in which prices are shown
	Columns    []Column `json:"columns,omitempty"`    // products: what a row holds, in the order in which it is compared

	Label string `json:"label,omitempty"` // what reports call the type, if not by its Name
}

// Public is the name of the type in reports.
func (t Type) Public() string { return cmp.Or(t.Label, t.Name) }

// A Codec gives meaning to the values of a type: it reads what is declared and what the
// portal holds into one canonical form, compares the two, and writes the declared one
// for the wire, for people and for a manifest. It is used by whoever has a value, and
// is the only place where values are compared.
type Codec interface {
	// Parse reads a declared value that is not null. Without names it looks at the form
	// only, and names stay as they are written. The error is a *Fault, or what Names
	// gives for a link that cannot be followed.
	Parse(n Names, d Node) (Value, error)
	// Read reads the portal's JSON of the field.
	Read(raw []byte) (Value, error)
	// Same tells whether the portal's value is the declared one. A reference that is
	// still open is the same as nothing.
	Same(want, live Value) bool
	// Wire gives what a request carries to make a field that holds live hold want. It is
	// made of nil, texts, numbers, lists and maps, of an Upload, or a multi-field's Edits.
	Wire(want, live Value) any
	// Show gives a value for people. Without names, ids stay ids.
	Show(n Names, v Value) Shown
	// Declare gives the value as a manifest would say it.
	Declare(n Names, v Value) Node
	// After is what the field holds once want is sent, as far as it is known before.
	After(want, live Value) Value
	// Key gives the same text for live values that are the same, whatever answer shows
	// them; it does not depend on names.
	Key(v Value) string
	// Schema is the JSON Schema of the declared form of one field.
	Schema() map[string]any
	// Traits say what else is known of the type.
	Traits() Traits
}

// Traits are facts about a type that others ask for.
type Traits struct {
	OneLine   bool // a text without line breaks
	Text      bool // a text, of which an answer may show another spelling
	Rewritten bool // a text that the portal rewrites when it is saved
	Set       bool // of several values the portal keeps no order that means something
	Findable  bool // records can be looked up by it
	Listed    bool // a filter may hold many values of it, since each has one spelling
	Trimmed   bool // blanks around it mean nothing to a look-up
	Keyed     bool // two values are the same exactly if their keys are
	Plain     bool // the portal's bytes for it are its canonical text, so equal bytes are equal values
	Users     bool // its values are users
	Links     bool // its values are records of the CRM
	Flag      bool // yes or no
	Instant   bool // a time, which is shown in a time zone
	File      bool // its values are files, of which the portal shows the ids only
}

// codecs is the one table that chooses a codec by the name of a type. What a codec does
// with several values, with memberships and with wrapped values stands around it.
// Source: api-reference/crm/data-types.md,
// api-reference/crm/universal/user-defined-fields/crm-userfield-types.md.
var codecs = map[string]func(Type) Codec{
	"string":         func(t Type) Codec { return textCodec{base{t, ""}} },
	"text":           func(t Type) Codec { return textCodec{base{t, ""}} },
	"location":       func(t Type) Codec { return locationCodec{textCodec{base{t, ""}}} },
	"url":            func(t Type) Codec { return urlCodec{textCodec{base{t, ""}}} },
	"ident":          func(t Type) Codec { return identCodec{textCodec{base{t, ""}}} },
	"markup":         func(t Type) Codec { return markupCodec{textCodec{base{t, ""}}} },
	"choice":         func(t Type) Codec { return choiceCodec{base{t, ""}} },
	"crm_currency":   func(t Type) Codec { return currencyCodec{base{t, ""}} },
	"integer":        func(t Type) Codec { return integerCodec{base{t, t.nothing()}} },
	"double":         func(t Type) Codec { return doubleCodec{base{t, t.nothing()}} },
	"boolean":        func(t Type) Codec { return booleanCodec{base{t, "N"}} },
	"char":           func(t Type) Codec { return booleanCodec{base{t, "N"}} },
	"flag":           func(t Type) Codec { return flagCodec{booleanCodec{base{t, "0"}}} },
	"date":           func(t Type) Codec { return dateCodec{base{t, t.nothing()}} },
	"datetime":       func(t Type) Codec { return datetimeCodec{base{t, t.nothing()}} },
	"user":           func(t Type) Codec { return userCodec{base{t, t.nothing()}} },
	"employee":       func(t Type) Codec { return userCodec{base{t, t.nothing()}} },
	"crm_status":     func(t Type) Codec { return statusCodec{base{t, ""}} },
	"stage":          func(t Type) Codec { return stageCodec{base{t, ""}} },
	"crm_category":   func(t Type) Codec { return categoryCodec{base{t, nil}} },
	"crm_company":    func(t Type) Codec { return linkCodec{base{t, nil}} },
	"crm_contact":    func(t Type) Codec { return linkCodec{base{t, nil}} },
	"crm_lead":       func(t Type) Codec { return linkCodec{base{t, nil}} },
	"crm_deal":       func(t Type) Codec { return linkCodec{base{t, nil}} },
	"crm_quote":      func(t Type) Codec { return linkCodec{base{t, nil}} },
	"crm_entity":     func(t Type) Codec { return linkCodec{base{t, nil}} },
	"product":        func(t Type) Codec { return linkCodec{base{t, nil}} },
	"section":        func(t Type) Codec { return linkCodec{base{t, 0}} },
	"crm":            func(t Type) Codec { return crmCodec{base{t, ""}} },
	"iblock_section": func(t Type) Codec { return idCodec{base{t, ""}} },
	"iblock_element": func(t Type) Codec { return idCodec{base{t, ""}} },
	"hlblock":        func(t Type) Codec { return idCodec{base{t, ""}} },
	"enumeration":    func(t Type) Codec { return enumCodec{base{t, ""}} },
	"money":          func(t Type) Codec { return moneyCodec{base{t, ""}} },
	"address":        func(t Type) Codec { return addressCodec{base{t, ""}} },
	"file":           func(t Type) Codec { return fileCodec{base{t, ""}} },
	"crm_multifield": func(t Type) Codec { return multifieldCodec{base{t, nil}} },
	"catalog":        func(t Type) Codec { return namedCodec{base{t, 0}, "catalogue"} },
	"measure":        func(t Type) Codec { return namedCodec{base{t, 0}, "unit"} },
	"vat":            func(t Type) Codec { return namedCodec{base{t, 0}, "VAT"} },
	"option":         func(t Type) Codec { return namedCodec{base{t, nil}, "option"} },
	"price":          func(t Type) Codec { return priceCodec{base{t, nil}} },
	"relations":      func(t Type) Codec { return relationsCodec{base{t, nil}} },
	"checkbox":       func(t Type) Codec { return checkBoxCodec{booleanCodec{base{t, "N"}}} },
}

// nothing is what empties a field: an empty text, which unlike null fits into a batch,
// where the field takes it.
func (t Type) nothing() any {
	if t.Blank {
		return ""
	}
	return nil
}

// made are the codecs of types that were asked for, since a plan of many records asks for the
// same few again and again. It is replaced, never written to.
var made atomic.Pointer[map[flatType]Codec]

// mostMade is how many codecs are kept; a portal has some hundred fields.
const mostMade = 4096

// CodecOf finds the codec of a type; false if there is none for its values.
func CodecOf(t Type) (Codec, bool) {
	if len(t.Choices)+len(t.Entities)+len(t.Columns) > 0 {
		return makeCodec(t)
	}
	known, key := made.Load(), t.flat()
	if known != nil {
		if c, ok := (*known)[key]; ok {
			return c, true
		}
	}
	c, ok := makeCodec(t)
	if !ok {
		return nil, false
	}
	more := make(map[flatType]Codec)
	if known != nil && len(*known) < mostMade {
		maps.Copy(more, *known)
	}
	more[key] = c
	made.CompareAndSwap(known, &more) // who comes too late makes it again
	return c, true
}

func makeCodec(t Type) (Codec, bool) {
	name := t.Name
	if strings.HasPrefix(name, "rest_") { // of an application: a text that only it understands
		name = "string"
	}
	one, ok := codecs[name]
	if !ok {
		return nil, false
	}
	c := one(t)
	if t.Multiple {
		c = severalOf(t, c)
	}
	if t.Wrapped {
		c = propertyCodec{c}
	}
	if set, is := c.(wholeSet); is && t.Members {
		c = membersCodec{set}
	}
	return c, true
}

// HasCodec tells whether CodecOf knows types of a name.
func HasCodec(name string) bool { return codecs[name] != nil || strings.HasPrefix(name, "rest_") }

// MustCodecOf is CodecOf for a type that is known to have one.
func MustCodecOf(t Type) Codec {
	c, ok := CodecOf(t)
	if !ok {
		panic("no codec of type " + t.Name)
	}
	return c
}

// Register adds a type of field, whose codec makes gives for one value. It is for tests
// and for start-up, before anything asks for a codec; undo takes the type away again.
func Register(name string, makes func(Type) Codec) (undo func()) {
	before, there := codecs[name]
	codecs[name] = makes
	made.Store(nil)
	return func() {
		if delete(codecs, name); there {
			codecs[name] = before
		}
		made.Store(nil)
	}
}

// Of gives the codec of one of several values, or the codec itself.
func Of(c Codec) Codec {
	switch c := Whole(c).(type) {
	case listCodec:
		return c.one
	case fileListCodec:
		return c.one
	case propertyCodec:
		return Of(c.Codec)
	}
	return Whole(c)
}

// Whole gives the codec of all values behind a membership, or the codec itself.
func Whole(c Codec) Codec {
	if m, ok := c.(membersCodec); ok {
		return m.wholeSet
	}
	return c
}

// Equal tells whether two types are the same in every part.
func (t Type) Equal(u Type) bool {
	return t.flat() == u.flat() && slices.Equal(t.Choices, u.Choices) && slices.Equal(t.Entities, u.Entities) &&
		slices.EqualFunc(t.Columns, u.Columns, func(a, b Column) bool { return a.Name == b.Name && a.Wire == b.Wire && a.Type.Equal(b.Type) })
}

// A flatType is a type without its lists, so that Go compares it.
type flatType struct {
	texts   [7]string
	flags   [11]bool
	numbers [3]int
}

func (t *Type) flat() flatType {
	return flatType{
		texts:   [...]string{t.Name, t.Dictionary, t.Field, t.Multi, t.Region, t.Currency, t.Label},
		flags:   [...]bool{t.Multiple, t.Ordered, t.Primary, t.Members, t.Wrapped, t.Blank, t.Nullable, t.NoClear, t.Filled, t.Natural, t.Minutes},
		numbers: [...]int{t.Places, t.Max, t.Length},
	}
}

// HoldsText tells whether values of the type, or of its entries, hold words that a portal's
// filter may alter in a batch.
func (t Type) HoldsText() bool {
	c, ok := CodecOf(Type{Name: t.Public()})
	return ok && c.Traits().Text
}
