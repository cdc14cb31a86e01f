package portal

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
)

// historySchema returns the statements that create the table of what happened
// to items: one row per saved add, update and deletion. Imports bring items that
// have their history elsewhere, and come by the million; they write none.
func historySchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS crm_history (
			id INTEGER PRIMARY KEY AUTOINCREMENT, etid INTEGER NOT NULL, item INTEGER NOT NULL, at INTEGER NOT NULL,
			user INTEGER NOT NULL, action TEXT NOT NULL, changes TEXT NOT NULL) STRICT`,
		`CREATE INDEX IF NOT EXISTS crm_history_item ON crm_history (etid, item)`,
	}
}

// A change is one field of an item before and after, in storage form; lists of
// ids are []int64, communications []string.
type change struct {
	field    string
	from, to any
}

// An event is one row of the history.
type event struct {
	at      int64 // Unix seconds
	user    int64
	action  string
	changes []change
}

// note adds a row to the history of an item. What a new item holds can be read
// from the item and its later changes, so that its row names no fields.
func (s *store) note(ctx context.Context, e *entity, action string, old, rec *record) error {
	triples := [][3]any{}
	if action != actionAdd {
		for _, c := range e.changes(old, rec) {
			triples = append(triples, [3]any{c.field, c.from, c.to})
		}
	}
	text, err := json.Marshal(triples)
	if err != nil {
		return err
	}
	return s.exec(ctx, `INSERT INTO crm_history (etid, item, at, user, action, changes) VALUES (?, ?, ?, ?, ?, ?)`,
		e.id, old.id, s.now.Unix(), s.user, action, string(text))
}

// changes lists the fields that differ between two states of an item, without
// those that the portal keeps up by itself.
func (e *entity) changes(old, rec *record) []change {
	var list []change
	for _, f := range e.columns() {
		if from, to := old.vals[f.name], rec.vals[f.name]; from != to && !f.readOnly {
			list = append(list, change{f.name, from, to})
		}
	}
	for _, f := range e.lists() {
		if from, to := old.links[f.name], rec.links[f.name]; !slices.Equal(from, to) {
			list = append(list, change{f.name, from, to})
		}
	}
	if !slices.Equal(old.comms, rec.comms) {
		list = append(list, change{"fm", commTexts(old.comms), commTexts(rec.comms)})
	}
	return list
}

// commTexts lists communications as texts for people.
func commTexts(comms []comm) []string {
	texts := make([]string, len(comms))
	for i, c := range comms {
		texts[i] = commLabel(c) + ": " + c.value
	}
	return texts
}

// commLabel names the kind of a communication, such as "Phone (mobile)".
func commLabel(c comm) string {
	name := map[string]string{"PHONE": "Phone", "EMAIL": "E-mail", "WEB": "Website", "IM": "Messenger", "LINK": "Link"}[c.typeID]
	return name + " (" + strings.ToLower(c.valueType) + ")"
}

// history returns the newest rows of an item's history, newest first.
func (s *store) history(ctx context.Context, e *entity, id int64, limit int) ([]event, error) {
	var list []event
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var ev event
		var text string
		if err := rows.Scan(&ev.at, &ev.user, &ev.action, &text); err != nil {
			return err
		}
		var err error
		ev.changes, err = e.decodeChanges(text)
		list = append(list, ev)
		return err
	}, `SELECT at, user, action, changes FROM crm_history WHERE etid = ? AND item = ? ORDER BY id DESC LIMIT ?`, e.id, id, limit)
	return list, err
}

// decodeChanges reads the changes of a row back into storage form. A field that
// exists no longer keeps the values as JSON gives them.
func (e *entity) decodeChanges(text string) ([]change, error) {
	var triples [][3]any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&triples); err != nil {
		return nil, err
	}
	list := make([]change, len(triples))
	for i, t := range triples {
		name, _ := t[0].(string)
		f := e.find(name)
		list[i] = change{name, f.stored64(t[1]), f.stored64(t[2])}
	}
	return list, nil
}

// stored64 turns a number of JSON into the one that the field stores.
func (f *field) stored64(v any) any {
	switch v := v.(type) {
	case json.Number:
		if x, err := v.Float64(); f != nil && f.typ.class() == classReal && err == nil {
			return x
		}
		if n, err := v.Int64(); err == nil {
			return n
		}
		return v.String()
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = f.stored64(item)
		}
		return list
	}
	return v
}
