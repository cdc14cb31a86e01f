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
	lookShape() string
	// look asks for what carries the mark of any of some calls of one shape.
	look(calls []markedCall) bitrix.List
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

// A group are the calls that one list asks about; any of them reads its rows.
type group struct {
	reads markedCall
	calls []int
}

// NewMarkLook packs the look-up of what calls have created. Those that [Marked] is
// false of are not asked about.
func NewMarkLook(calls []Call) *MarkLook {
	l := &MarkLook{makers: make([]maker, len(calls))}
	byShape := make(map[string][]int)
	var shapes []string
	for i, c := range calls {
		m, ok := asMarked(c)
		if !ok {
			continue
		}
		l.makers[i] = m.asMade()
		shape := m.lookShape()
		if byShape[shape] == nil {
			shapes = append(shapes, shape)
		}
		byShape[shape] = append(byShape[shape], i)
	}
	for _, shape := range shapes {
		for part := range slices.Chunk(byShape[shape], kind.SearchSize) {
			asked := make([]markedCall, len(part))
			for k, i := range part {
				asked[k] = calls[i].(markedCall)
			}
			l.Lists, l.groups = append(l.Lists, asked[0].look(asked)), append(l.groups, group{asked[0], part})
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
	for _, raw := range rows {
		row, err := kind.DecodeRow(raw)
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

func (r *Ready) lookShape() string {
	if r.family.Alone {
		return r.family.List
	}
	shape := fmt.Sprint(r.family.List, " ", r.EntityTypeID, " ", r.Change.Store().Iblock)
	for i, m := range r.mark {
		shape += " " + m.Wire
		if i < len(r.mark)-1 {
			shape += "=" + m.Value
		}
	}
	return shape
}

func (r *Ready) look(calls []markedCall) bitrix.List {
	l := r.Find()
	if r.family.Alone {
		return l
	}
	last := r.mark[len(r.mark)-1].Wire
	keys := make([]any, len(calls))
	for i, c := range calls {
		keys[i] = c.asMade().markKey()
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

func (c *rowCall) lookShape() string {
	return fmt.Sprint(c.family.Rows.Method, " ", c.of["ENTITY_TYPE_ID"], " ", c.step.Mark[0].Value)
}

// look asks for the marked rows of all parents at once: their keys are alike.
func (c *rowCall) look(calls []markedCall) bitrix.List {
	var parents, keys []any
	for _, m := range calls {
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
