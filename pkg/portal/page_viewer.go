package portal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// A viewer reads the store for one page. It remembers the names it looked up.
type viewer struct {
	*store
	people     map[int64]string
	statusSets map[string]map[string]status // by directory and STATUS_ID
	pipes      map[int]map[int64]string     // names of pipelines by entity type
	captions   map[string]string            // of linked items by path
}

func newViewer(s *store) *viewer {
	return &viewer{
		store:      s,
		statusSets: make(map[string]map[string]status),
		pipes:      make(map[int]map[int64]string),
		captions:   make(map[string]string),
	}
}

// person returns the name of a user.
func (v *viewer) person(ctx context.Context, id int64) (string, error) {
	if v.people == nil {
		v.people = make(map[int64]string)
		err := v.scan(ctx, func(rows *sql.Rows) error {
			var id int64
			var first, last string
			err := rows.Scan(&id, &first, &last)
			v.people[id] = strings.TrimSpace(first + " " + last)
			return err
		}, `SELECT id, name, last_name FROM portal_user`)
		if err != nil {
			return "", err
		}
	}
	if name := v.people[id]; name != "" {
		return name, nil
	}
	return fmt.Sprintf("User %d", id), nil
}

// statusOf returns the entry of a directory with this STATUS_ID; one that does
// not exist is named by its id alone.
func (v *viewer) statusOf(ctx context.Context, directory, id string) (status, error) {
	set, ok := v.statusSets[directory]
	if !ok {
		list, err := v.statuses(ctx, `WHERE entity_id = ? ORDER BY sort, id`, directory)
		if err != nil {
			return status{}, err
		}
		set = make(map[string]status, len(list))
		for _, st := range list {
			set[st.statusID] = st
		}
		v.statusSets[directory] = set
	}
	if st, ok := set[id]; ok {
		return st, nil
	}
	return status{name: id}, nil
}

// linked returns a link to an item by its name; only a text if it is gone.
func (v *viewer) linked(ctx context.Context, etid int, id int64) (piece, error) {
	path := itemPath(etid, id)
	if text, ok := v.captions[path]; ok {
		return piece{Text: text, URL: path}, nil
	}
	e, err := v.entity(ctx, int64(etid))
	var unknown *fault
	if errors.As(err, &unknown) {
		return piece{Text: fmt.Sprintf("#%d of type %d", id, etid)}, nil
	}
	if err != nil {
		return piece{}, err
	}
	recs, err := v.query(ctx, e, e.captionFields(), `WHERE "id" = ?`, id)
	if err != nil {
		return piece{}, err
	}
	if len(recs) == 0 {
		return piece{Text: fmt.Sprintf("%s #%d (deleted)", e.name, id)}, nil
	}
	text := e.caption(recs[0])
	v.captions[path] = text
	return piece{Text: text, URL: path}, nil
}

// captionFields are the fields that name an item.
func (e *entity) captionFields() []*field {
	names := []string{"title"}
	if e.id == 3 {
		names = []string{"name", "secondName", "lastName"}
	}
	fields := make([]*field, len(names))
	for i, name := range names {
		fields[i] = e.set.byName[name]
	}
	return fields
}

// caption returns the name of an item.
func (e *entity) caption(rec *record) string {
	var words []string
	for _, f := range e.captionFields() {
		if word := rec.text(f.name); word != "" {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return fmt.Sprintf("%s #%d", e.name, rec.id)
	}
	return strings.Join(words, " ")
}
