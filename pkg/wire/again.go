package wire

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// idLists read records by their ids, 49 to a list.
type idLists struct {
	groups []*idGroup
	open   map[idBin]*idGroup // the one that is being filled
}

type idBin struct {
	kind.Store
	whole bool // fm is wanted, which only select * brings
}

type idGroup struct {
	idBin
	at      int
	ids     []any
	columns map[string]bool
}

// add asks for some columns of a record, and gives the index of its list.
func (l *idLists) add(at kind.Store, id int, columns []string) int {
	b := idBin{at, slices.Contains(columns, kind.ContactsField)}
	g := l.open[b]
	if g == nil || len(g.ids) == kind.SearchSize {
		g = &idGroup{idBin: b, at: len(l.groups), columns: map[string]bool{"id": true}}
		if l.open == nil {
			l.open = make(map[idBin]*idGroup)
		}
		l.open[b], l.groups = g, append(l.groups, g)
	}
	g.ids = append(g.ids, id)
	for _, name := range columns {
		if name != kind.ContactsField {
			g.columns[name] = true
		}
	}
	return g.at
}

func (l *idLists) lists() []bitrix.List {
	out := make([]bitrix.List, len(l.groups))
	for i, g := range l.groups {
		out[i] = g.list()
	}
	return out
}

func (g *idGroup) list() bitrix.List {
	return listOf(g.Store, map[string]any{g.Kind.Methods.Among("id"): g.ids}, g.selected())
}

func (g *idGroup) selected() []any {
	columns := []any{}
	if g.whole {
		columns = append(columns, "*")
	}
	for _, name := range slices.Sorted(maps.Keys(g.columns)) {
		if !g.whole || kind.IsUserField(name) {
			columns = append(columns, name)
		}
	}
	return columns
}

// rowsByID reads the rows of a list.
func rowsByID(rows []json.RawMessage) (map[int]kind.Row, error) {
	out := make(map[int]kind.Row, len(rows))
	for _, raw := range rows {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return nil, err
		}
		out[row.Int("id")] = row
	}
	return out, nil
}

// An Again reads records anew that calls are about, as many in one request as there is room for.
type Again struct {
	Lists []bitrix.List

	calls []Call
	at    []int // the list that a call's record is in
}

// NewAgain asks for the records of calls of which [SavesRecord] is true.
func NewAgain(calls []Call) *Again {
	a := &Again{calls: calls, at: make([]int, len(calls))}
	var lists idLists
	for i, c := range calls {
		r := c.(*Ready)
		at := r.Change.Store()
		at.EntityTypeID = r.EntityTypeID
		columns := r.declared(nil)
		if r.Change.Saved != "" {
			columns = append(columns, savedTime)
		}
		a.at[i] = lists.add(at, value.IDNumber(r.Change.ID), columns)
	}
	a.Lists = lists.lists()
	return a
}

// SavesRecord tells whether a call saves a record that is there.
func SavesRecord(c Call) bool {
	r, ok := c.(*Ready)
	return ok && r.keyField == nil && !r.family.Alone && !r.Once() && r.Change.IsRecord()
}

// Read gives the row of each call's record, in as many columns as the call is about; nil where
// the portal does not show all of them.
func (a *Again) Read(answers []bitrix.Listing) []kind.Row {
	out := make([]kind.Row, len(a.calls))
	byID := make([]map[int]kind.Row, len(answers))
	for i, l := range answers {
		if l.Err == nil {
			byID[i], _ = rowsByID(l.Rows) // what cannot be read is read by itself
		}
	}
	for i, c := range a.calls {
		r := c.(*Ready)
		row := byID[a.at[i]][value.IDNumber(r.Change.ID)]
		if row != nil && !slices.ContainsFunc(r.declared(nil), func(name string) bool { _, shown := row[name]; return !shown }) {
			out[i] = row
		}
	}
	return out
}
