package plan

import (
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// A spoolCodec writes changes compactly. What the fields of records of one shape have alike –
// names, types, how they are sent – it keeps once in memory, and the file has a number in its
// place; values are texts with their lengths, since most of a large plan is values. What few
// changes have goes as their JSON. Of what an Entry holds nothing is written.
type spoolCodec struct {
	columns []Field          // fields without what differs from record to record
	byName  map[string][]int // their numbers
	matches [][][]string     // match keys, which records of one shape have alike
}

// encode adds a change to b, and tells where its fields begin.
func (s *spoolCodec) encode(b []byte, c *Change) (all []byte, fields int) {
	b = putText(b, c.Title)
	b = putText(b, string(c.Type))
	b = putText(b, c.Saved)
	b = binary.AppendUvarint(b, uint64(len(c.Mark)))
	for _, m := range c.Mark {
		b = putText(putText(b, m.Wire), m.Value)
	}
	b = binary.AppendUvarint(b, uint64(s.match(c.Match)))
	b = putText(b, restOf(c))
	fields = len(b)
	b = s.putFields(b, c.Fields)
	return s.putFields(b, c.Held), fields
}

// decode gives a change without what its entry holds, from all that was written of it, or
// from what stands before its fields.
func (s *spoolCodec) decode(text string, whole bool) (*Change, error) {
	r := spoolReader{text: text}
	c := &Change{}
	title, typ, saved := r.string(), r.string(), r.string()
	var marks []Mark
	for range r.count() {
		marks = append(marks, Mark{Wire: r.string(), Value: r.string()})
	}
	match := r.number()
	if match > uint64(len(s.matches)) {
		return nil, unread(errSpoolDamaged)
	}
	if rest := r.string(); rest != "" {
		if err := json.Unmarshal([]byte(rest), c); err != nil {
			return nil, unread(err)
		}
	}
	c.Title, c.Type, c.Saved, c.Mark = title, value.Address(typ), saved, marks
	if match > 0 {
		c.Match = s.matches[match-1]
	}
	if whole {
		c.Fields = s.fields(&r)
		c.Held = s.fields(&r)
		r.bad = r.bad || r.text != ""
	}
	if r.bad {
		return nil, unread(errSpoolDamaged)
	}
	return c, nil
}

// restOf is the JSON of what a change holds beside what is written in other ways; "" if that
// is nothing.
func restOf(c *Change) string {
	rest := *c
	(&Entry{}).fill(&rest)
	rest.Title, rest.Type, rest.Saved, rest.Mark, rest.Fields, rest.Held, rest.Match = "", "", "", nil, nil, nil, nil
	text, err := json.Marshal(&rest)
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

func (s *spoolCodec) fields(r *spoolReader) []Field {
	n := r.count()
	if n == 0 {
		return nil
	}
	out := make([]Field, 0, n)
	for range n {
		at := r.number()
		if at >= uint64(len(s.columns)) {
			r.bad = true
			return nil
		}
		d := s.columns[at]
		d.Before, d.After = r.shown(), r.shown()
		d.List, d.Respelt = r.list(), r.byte() == 1
		d.Note = r.note()
		d.Want, d.Live = r.value(), r.value()
		out = append(out, d)
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
	column := *d
	column.Before, column.After, column.List, column.Respelt, column.Note = value.Shown{}, value.Shown{}, nil, false, value.Message{}
	column.Want, column.Live = value.Value{}, value.Value{}
	s.columns = append(s.columns, column)
	if s.byName == nil {
		s.byName = make(map[string][]int)
	}
	s.byName[d.Name] = append(s.byName[d.Name], len(s.columns)-1)
	return len(s.columns) - 1
}

// sameColumn tells whether two fields differ in nothing but values.
func (d *Field) sameColumn(e *Field) bool {
	return d.Name == e.Name && d.Label == e.Label && d.Wire == e.Wire && d.Parent == e.Parent && d.Older == e.Older && d.Zone == e.Zone &&
		d.Traced == e.Traced && d.Fixed == e.Fixed && d.Once == e.Once && d.Human == e.Human && d.Step == e.Step && d.Type.Equal(e.Type)
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

// putNote writes a message as JSON, since few fields have one.
func putNote(b []byte, note value.Message) []byte {
	if note.IsZero() {
		return putText(b, "")
	}
	text, _ := json.Marshal(note) // it is made of texts
	return putText(b, string(text))
}

// A spoolReader takes what putText and its kin have written off the front of a text.
type spoolReader struct {
	text string
	bad  bool // it ends too early
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
	if r.byte() == 0 {
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
	if text := r.string(); text != "" {
		r.bad = json.Unmarshal([]byte(text), &note) != nil || r.bad
	}
	return note
}
