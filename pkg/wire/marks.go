package wire

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A markedCall creates something that is found again by its mark, and of which nothing
// on the portal prevents a second one.
type markedCall interface {
	Call
	// lookShape is equal for calls that one list can ask about.
	lookShape() lookShape
	// look asks for what any of some calls of one shape has made.
	look([]maker) bitrix.List
	rowKey(kind.Row) string
	idOf(kind.Row) int
	// double is the sentence where several are there.
	double() string
	// asMade is as much of the call as tells what it made.
	asMade() maker
}

// A maker tells what a call has made. markKey is equal to the rowKey of a row that may be
// it, and made tells whether it is.
type maker interface {
	markKey() string
	made(kind.Row) bool
}

// A lookShape is what calls have alike that one list can ask about.
type lookShape struct {
	method               string
	of                   string // the entity type that rows belong to
	entityTypeID, iblock int
	mark                 [2]plan.Mark // but for the value of its last part, which is the call's own
}

// A recordMark is the mark of a record, of several parts; the last one is its own.
type recordMark []plan.Mark

func (m recordMark) markKey() string        { return m[len(m)-1].Value }
func (m recordMark) made(row kind.Row) bool { return plan.Carries(row, m) }

// asMarked gives the call as one that creates something with a mark. A user field is
// none: the portal does not take its name twice.
func asMarked(c Call) (markedCall, bool) {
	m, ok := c.(markedCall)
	if r, isReady := c.(*Ready); isReady && (r.keyField != nil || len(r.mark) == 0 && !r.family.Alone) {
		return nil, false
	}
	return m, ok && c.Once()
}

// Marked tells whether the call creates something that carries a mark.
func Marked(c Call) bool {
	_, ok := asMarked(c)
	return ok
}

// DoubleOf says that several things carry the mark of what the call has created, and what
// to do about it.
func DoubleOf(c Call, ids []int) (why, hint value.Message) {
	sentence := "records-carry-mark"
	if m, ok := asMarked(c); ok {
		sentence = m.double()
	}
	return plan.DoubleMark(sentence, ids)
}

// LookSize is how many marks one request can look up: 49 to a list, 50 lists.
const LookSize = kind.SearchSize * bitrix.MaxBatch

// A MarkLook asks which things on the portal carry the marks of calls.
type MarkLook struct {
	Lists []bitrix.List

	makers []maker // by call; nil for those that are not asked about
	groups []group // of each list
}

// A group are the calls that one list asks about; one of their shape reads its rows.
type group struct {
	reads markedCall
	calls []int
}

// NewMarkLook packs the look-up of what calls have created. Those that [Marked] is
// false of are not asked about.
func NewMarkLook(calls []Call) *MarkLook {
	m := NewMarks(len(calls))
	for i, c := range calls {
		m.Add(i, c, func() Call { return c })
	}
	return m.Look()
}

// Marks gather what calls have created, for one look-up of all. They keep no more of most calls than
// their marks.
type Marks struct {
	makers []maker
	shapes []group
	known  map[lookShape]int // the shapes by their number
}

// NewMarks gathers the marks of so many calls.
func NewMarks(calls int) *Marks {
	return &Marks{makers: make([]maker, calls), known: make(map[lookShape]int)}
}

// Add adds call i. If it is the first one of its shape, keep gives it again, to be kept; else c may be
// another one when Add has returned.
func (m *Marks) Add(i int, c Call, keep func() Call) {
	call, ok := asMarked(c)
	if !ok {
		return
	}
	shape := call.lookShape()
	at, known := m.known[shape]
	if !known {
		kept, ok := asMarked(keep())
		if !ok {
			return
		}
		at = len(m.shapes)
		m.known[kept.lookShape()], m.shapes = at, append(m.shapes, group{reads: kept})
	}
	m.makers[i], m.shapes[at].calls = call.asMade(), append(m.shapes[at].calls, i)
}

// Look packs the look-up.
func (m *Marks) Look() *MarkLook {
	l := &MarkLook{makers: m.makers}
	for _, shape := range m.shapes {
		for part := range slices.Chunk(shape.calls, kind.SearchSize) {
			asked := make([]maker, len(part))
			for k, i := range part {
				asked[k] = m.makers[i]
			}
			l.Lists, l.groups = append(l.Lists, shape.reads.look(asked)), append(l.groups, group{shape.reads, part})
		}
	}
	return l
}

// Read gives, for each call, the ids of what carries its mark byte for byte, in order. It
// is nil where that is not known, and the error says why. A list of what the portal does
// not show yet, such as the items of a new type, is empty.
func (l *MarkLook) Read(answers []bitrix.Listing) (ids [][]int, err error) {
	ids = make([][]int, len(l.makers))
	for g, answer := range answers {
		if answer.Err != nil && !bitrix.IsNotFound(answer.Err) {
			err = answer.Err
			continue
		}
		for _, i := range l.groups[g].calls {
			ids[i] = []int{}
		}
		wrong := l.sort(g, answer.Rows, func(call, id int, _ kind.Row) { ids[call] = append(ids[call], id) })
		if wrong != nil {
			return nil, wrong
		}
	}
	for i := range ids {
		slices.Sort(ids[i])
		ids[i] = slices.Compact(ids[i])
	}
	return ids, err
}

// sort gives the rows of one list to the calls whose marks they carry.
func (l *MarkLook) sort(group int, rows []json.RawMessage, take func(call, id int, row kind.Row)) error {
	g := &l.groups[group]
	byKey := make(map[string][]int)
	for _, i := range g.calls {
		byKey[l.makers[i].markKey()] = append(byKey[l.makers[i].markKey()], i)
	}
	var reader kind.RowReader
	for _, raw := range rows {
		row, err := reader.Read(raw)
		if err != nil {
			return err
		}
		for _, i := range byKey[g.reads.rowKey(row)] {
			if l.makers[i].made(row) {
				take(i, g.reads.idOf(row), row)
			}
		}
	}
	return nil
}

func (r *Ready) lookShape() lookShape {
	if r.family.Alone {
		return lookShape{method: r.family.List}
	}
	s := lookShape{method: r.family.List, entityTypeID: r.EntityTypeID, iblock: r.Change.Store().Iblock}
	copy(s.mark[:], r.mark)
	s.mark[len(r.mark)-1].Value = ""
	return s
}

func (r *Ready) look(made []maker) bitrix.List {
	l := r.Find()
	if r.family.Alone {
		return l
	}
	last := r.mark[len(r.mark)-1].Wire
	keys := make([]any, len(made))
	for i, m := range made {
		keys[i] = m.markKey()
	}
	filter := l.Params["filter"].(map[string]any)
	delete(filter, "="+last)
	filter[r.family.Among(last)] = keys
	return l
}

func (r *Ready) asMade() maker {
	if r.family.Alone {
		return typeMark{r}
	}
	return recordMark(r.mark)
}

// A typeMark tells a type from others. All have one key, since they are told apart by more
// than their code.
type typeMark struct{ *Ready }

func (t typeMark) markKey() string        { return "" }
func (t typeMark) made(row kind.Row) bool { return t.isType(row) }

func (r *Ready) rowKey(row kind.Row) string {
	if r.family.Alone {
		return ""
	}
	return row.Text(r.mark[len(r.mark)-1].Wire)
}

func (r *Ready) idOf(row kind.Row) int { return row.Int("id") }

func (r *Ready) double() string {
	if r.family.Alone {
		return "types-carry-mark"
	}
	return "records-carry-mark"
}

func (c *rowCall) lookShape() lookShape {
	return lookShape{method: c.family.Rows.Method, of: fmt.Sprint(c.of["ENTITY_TYPE_ID"]), mark: [2]plan.Mark{{Value: c.step.Mark[0].Value}}}
}

// look asks for the marked rows of all parents at once: their keys are alike.
func (c *rowCall) look(made []maker) bitrix.List {
	var parents, keys []any
	for _, m := range made {
		other := m.(*rowCall)
		if !slices.Contains(parents, other.of["ENTITY_ID"]) {
			parents = append(parents, other.of["ENTITY_ID"])
		}
		if key := any(other.step.Mark[len(other.step.Mark)-1].Value); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	l := c.Find()
	filter := map[string]any{"@ENTITY_ID": parents, "@XML_ID": keys}
	columns := append(l.Params["select"].([]any), "ENTITY_ID")
	if typ, ok := c.of["ENTITY_TYPE_ID"]; ok {
		filter["ENTITY_TYPE_ID"], columns = typ, append(columns, "ENTITY_TYPE_ID")
	}
	l.Params["filter"], l.Params["select"] = filter, columns
	return l
}

func (c *rowCall) asMade() maker { return c }

func (c *rowCall) markKey() string {
	return fmt.Sprint(c.of["ENTITY_ID"], " ", c.step.Mark[len(c.step.Mark)-1].Value)
}

func (c *rowCall) rowKey(row kind.Row) string {
	return fmt.Sprint(row.Int("ENTITY_ID"), " ", row.Text("XML_ID"))
}

func (c *rowCall) made(row kind.Row) bool { return plan.Carries(row, c.step.Mark) }

func (c *rowCall) idOf(row kind.Row) int { return row.Int("ID") }

func (c *rowCall) double() string { return c.family.Rows.CarryMark }
