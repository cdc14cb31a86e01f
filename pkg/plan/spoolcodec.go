package plan

import (
	"encoding/binary"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A spoolCodec writes changes compactly. What the fields of records of one shape have alike –
// names, types, how they are sent – it keeps once in memory, and the file has a number in its
// place; values are texts with their lengths, since most of a large plan is values. What few
// changes have goes as their JSON. Of what an Entry holds nothing is written.
type spoolCodec struct {
	rest    Change           // room
	columns []Field          // fields without what differs from record to record
	byName  map[string][]int // their numbers
	matches [][][]string     // match keys, which records of one shape have alike
	routes  []kind.Route     // which all records of one kind may have alike
}

// encode adds a change to b, and tells where its fields begin.
func (s *spoolCodec) encode(b []byte, c *Change) (all []byte, fields int) {
	b = putText(b, c.Title)
	b = putText(b, string(c.Type))
	b = putText(b, c.Saved)
	b = putText(b, c.Declared)
	b = binary.AppendUvarint(b, uint64(len(c.Mark)))
	for _, m := range c.Mark {
		b = putText(putText(b, m.Wire), m.Value)
	}
	b = binary.AppendUvarint(b, uint64(s.match(c.Match)))
	b = binary.AppendUvarint(b, uint64(s.route(c.Route)))
	b = putText(b, s.restOf(c))
	fields = len(b)
	b = s.putFields(b, c.Fields)
	return s.putFields(b, c.Held), fields
}

// An extent is how much of a change is read.
type extent int

const (
	brief extent = iota // without its fields
	sent                // its fields without what people are shown of their values
	whole
)

// decode gives a change without what its entry holds, from all that was written of it, or
// from what stands before its fields. The lists of c, whatever is in them, give their room.
func (s *spoolCodec) decode(c *Change, text string, much extent) error {
	r := spoolReader{text: text}
	fields, held, marks := c.Fields[:0], c.Held[:0], c.Mark[:0]
	*c = Change{}
	title, typ, saved, declared := r.string(), r.string(), r.string(), r.string()
	for range r.count() {
		marks = append(marks, Mark{Wire: r.string(), Value: r.string()})
	}
	match := r.number()
	route := r.number()
	if match > uint64(len(s.matches)) || route > uint64(len(s.routes)) {
		return unread(errSpoolDamaged)
	}
	if rest := r.string(); rest != "" {
		if err := json.Unmarshal([]byte(rest), c); err != nil {
			return unread(err)
		}
	}
	c.Title, c.Type, c.Saved, c.Declared, c.Mark = title, value.Address(typ), saved, declared, marks
	if match > 0 {
		c.Match = s.matches[match-1]
	}
	if route > 0 {
		c.Route = s.routes[route-1]
	}
	if much != brief {
		r.blind = much == sent
		c.Fields = s.fields(&r, fields)
		c.Held = s.fields(&r, held)
		r.bad = r.bad || r.text != ""
	}
	if r.bad {
		return unread(errSpoolDamaged)
	}
	return nil
}

// restOf is the JSON of what a change holds beside what is written in other ways; "" if that
// is nothing.
func (s *spoolCodec) restOf(c *Change) string {
	rest := &s.rest
	*rest = *c
	(&Entry{}).fill(rest)
	rest.Title, rest.Type, rest.Saved, rest.Declared, rest.Mark, rest.Fields, rest.Held, rest.Match, rest.Route = "", "", "", "", nil, nil, nil, nil, kind.Route{}
	if reflect.ValueOf(rest).Elem().IsZero() {
		return ""
	}
	text, err := json.Marshal(rest)
	if err != nil || string(text) == noRest {
		return ""
	}
	return string(text)
}

// noRest is the JSON of a change that holds nothing.
var noRest = func() string { text, _ := json.Marshal(&Change{}); return string(text) }()

// match gives the number of match keys that a change has alike with others; 0 for none.
func (s *spoolCodec) match(keys [][]string) int {
	if len(keys) == 0 {
		return 0
	}
	equal := func(known [][]string) bool { return slices.EqualFunc(known, keys, slices.Equal[[]string]) }
	at := slices.IndexFunc(s.matches, equal)
	if at < 0 {
		at = len(s.matches)
		s.matches = append(s.matches, keys)
	}
	return at + 1
}

// route gives the number of a route; 0 for the ordinary one.
func (s *spoolCodec) route(r kind.Route) int {
	if r == (kind.Route{}) {
		return 0
	}
	at := slices.Index(s.routes, r)
	if at < 0 {
		at = len(s.routes)
		s.routes = append(s.routes, r)
	}
	return at + 1
}

func (s *spoolCodec) putFields(b []byte, fields []Field) []byte {
	b = binary.AppendUvarint(b, uint64(len(fields)))
	for i := range fields {
		d := &fields[i]
		b = binary.AppendUvarint(b, uint64(s.column(d)))
		b = putShown(putShown(b, d.Before), d.After)
		b = putList(b, d.List)
		b = append(b, flag(d.Respelt))
		b = putNote(b, d.Note)
		b = putValue(putValue(b, d.Want), d.Live)
	}
	return b
}

func (s *spoolCodec) fields(r *spoolReader, room []Field) []Field {
	n := r.count()
	if n == 0 {
		return room
	}
	out := slices.Grow(room, n)
	for range n {
		at := r.number()
		if at >= uint64(len(s.columns)) {
			r.bad = true
			return nil
		}
		out = append(out, s.columns[at])
		d := &out[len(out)-1]
		d.Before, d.After = r.shown(), r.shown()
		d.List, d.Respelt = r.list(), r.byte() == 1
		d.Note = r.note()
		d.Want, d.Live = r.value(), r.value()
	}
	return out
}

// column gives the number of what a field has alike with others.
func (s *spoolCodec) column(d *Field) int {
	for _, at := range s.byName[d.Name] {
		if d.sameColumn(&s.columns[at]) {
			return at
		}
	}
	s.columns = append(s.columns, d.column())
	if s.byName == nil {
		s.byName = make(map[string][]int)
	}
	s.byName[d.Name] = append(s.byName[d.Name], len(s.columns)-1)
	return len(s.columns) - 1
}

// column is what a field has alike with others: itself without values.
func (d *Field) column() Field {
	c := *d
	c.Before, c.After, c.List, c.Respelt, c.Note = value.Shown{}, value.Shown{}, nil, false, value.Message{}
	c.Want, c.Live = value.Value{}, value.Value{}
	return c
}

// sameColumn tells whether two fields differ in nothing but values.
func (d *Field) sameColumn(e *Field) bool {
	return d.Name == e.Name && d.Label == e.Label && d.Wire == e.Wire && d.Parent == e.Parent && d.Older == e.Older && d.Zone == e.Zone &&
		d.Traced == e.Traced && d.Theirs == e.Theirs && d.Fixed == e.Fixed && d.Once == e.Once && d.Human == e.Human && d.Step == e.Step && d.Type.Equal(e.Type)
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func putText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func putValue(b []byte, v value.Value) []byte {
	b = append(b, byte(v.Form))
	if v.Form == value.FormText {
		b = putText(b, v.Text)
	}
	if v.Form == value.FormEmpty {
		return b
	}
	b = binary.AppendUvarint(b, uint64(len(v.Parts)))
	for _, p := range v.Parts {
		b = putValue(putText(b, p.Name), p.Value)
	}
	return b
}

// putShown writes a text and, behind a byte that tells whether there is any, the rest.
func putShown(b []byte, s value.Shown) []byte {
	b = putText(b, s.Text)
	if s.Rest == nil {
		return append(b, 0)
	}
	b = putText(append(b, 1), string(s.Rest.Style))
	b = binary.AppendUvarint(b, uint64(len(s.Rest.Parts)))
	for _, p := range s.Rest.Parts {
		b = putShown(putText(b, p.Name), p.Shown)
	}
	b = binary.AppendUvarint(b, uint64(len(s.Rest.Items)))
	for _, item := range s.Rest.Items {
		b = putShown(b, item)
	}
	return putNote(b, s.Rest.Says)
}

// putList writes which entries of a list go and come as JSON, since few fields tell it.
func putList(b []byte, list *value.ListChange) []byte {
	if list == nil {
		return putText(b, "")
	}
	text, _ := json.Marshal(list) // it is made of numbers
	return putText(b, string(text))
}

// putNote writes a message: a byte that tells whether there is any, its code and its arguments.
func putNote(b []byte, note value.Message) []byte {
	if note.IsZero() {
		return append(b, 0)
	}
	return putMessage(append(b, 1), &note)
}

func putMessage(b []byte, m *value.Message) []byte {
	b = putText(b, m.Code)
	b = binary.AppendUvarint(b, uint64(len(m.Args)))
	for i := range m.Args {
		a := &m.Args[i]
		b = putText(putText(putText(b, a.Name), a.Text), a.Kind)
		b = binary.AppendUvarint(b, uint64(len(a.List)))
		for _, text := range a.List {
			b = putText(b, text)
		}
		b = append(b, flag(a.Message != nil))
		if a.Message != nil {
			b = putMessage(b, a.Message)
		}
		b = binary.AppendUvarint(b, uint64(len(a.Messages)))
		for j := range a.Messages {
			b = putMessage(b, &a.Messages[j])
		}
	}
	return b
}

// A spoolReader takes what putText and its kin have written off the front of a text.
type spoolReader struct {
	text  string
	bad   bool // it ends too early
	blind bool // what people are shown is passed over
}

func (r *spoolReader) number() uint64 {
	var n uint64
	for i := range min(len(r.text), binary.MaxVarintLen64) {
		b := r.text[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.text = r.text[i+1:]
			return n
		}
	}
	r.bad, r.text = true, ""
	return 0
}

// count is the number of things that follow, each of which takes a byte at least.
func (r *spoolReader) count() int {
	n := r.number()
	if n > uint64(len(r.text)) {
		r.bad, r.text = true, ""
		return 0
	}
	return int(n)
}

func (r *spoolReader) string() string {
	n := r.count()
	text := r.text[:n]
	r.text = r.text[n:]
	return text
}

func (r *spoolReader) byte() byte {
	if r.text == "" {
		r.bad = true
		return 0
	}
	b := r.text[0]
	r.text = r.text[1:]
	return b
}

func (r *spoolReader) value() value.Value {
	v := value.Value{Form: value.Form(r.byte())}
	if v.Form == value.FormText {
		v.Text = r.string()
	}
	if v.Form == value.FormEmpty {
		return v
	}
	if n := r.count(); n > 0 {
		v.Parts = slices.Grow(v.Parts, n)
		for range n {
			v.Parts = append(v.Parts, value.Part{Name: r.string(), Value: r.value()})
		}
	}
	return v
}

func (r *spoolReader) shown() value.Shown {
	s := value.Shown{Text: r.string()}
	if r.blind {
		s.Text = ""
	}
	if r.byte() == 0 {
		return s
	}
	if r.blind {
		r.passRest()
		return s
	}
	s.Rest = &value.Rest{Style: value.Style(r.string())}
	for range r.count() {
		s.Rest.Parts = append(s.Rest.Parts, value.ShownPart{Name: r.string(), Shown: r.shown()})
	}
	for range r.count() {
		s.Rest.Items = append(s.Rest.Items, r.shown())
	}
	s.Rest.Says = r.note()
	return s
}

// passRest passes over what shown reads of a Rest.
func (r *spoolReader) passRest() {
	r.string()
	for range r.count() {
		r.string()
		r.shown()
	}
	for range r.count() {
		r.shown()
	}
	r.note()
}

func (r *spoolReader) list() *value.ListChange {
	text := r.string()
	if text == "" {
		return nil
	}
	list := &value.ListChange{}
	r.bad = json.Unmarshal([]byte(text), list) != nil || r.bad
	return list
}

func (r *spoolReader) note() (note value.Message) {
	if r.byte() == 1 {
		note = r.message()
	}
	return note
}

func (r *spoolReader) message() value.Message {
	m := value.Message{Code: r.string()}
	n := r.count()
	if n == 0 {
		return m
	}
	m.Args = make([]value.Arg, 0, n)
	for range n {
		a := value.Arg{Name: r.string(), Text: r.string(), Kind: r.string()}
		for range r.count() {
			a.List = append(a.List, r.string())
		}
		if r.byte() == 1 {
			one := r.message()
			a.Message = &one
		}
		for range r.count() {
			a.Messages = append(a.Messages, r.message())
		}
		m.Args = append(m.Args, a)
	}
	return m
}
