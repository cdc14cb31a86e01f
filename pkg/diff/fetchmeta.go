package diff

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
)

// readTypes reads the portal's smart process types, if the manifests name any.
func (f *fetcher) readTypes(ctx context.Context) error {
	if !slices.ContainsFunc(f.subjects(), f.needsTypes) && !namesFormerTypes(f.set) {
		return nil
	}
	return f.fetchTypes(ctx)
}

func (f *fetcher) fetchTypes(ctx context.Context) error {
	rows, err := f.pages(ctx, "crm.type.list", bitrix.Params{"order": map[string]any{"id": "ASC"}}, "types")
	if err != nil {
		return fmt.Errorf("read the smart process types: %w", err)
	}
	for _, row := range rows {
		f.meta.Types = append(f.meta.Types, liveType(row))
	}
	return nil
}

func liveType(row Row) LiveType {
	return LiveType{ID: row.Int("id"), EntityTypeID: row.Int("entityTypeId"), Title: row.Text("title"), Code: row.Text("code"), Row: row}
}

// A question is one part of the metadata that is asked for in a batch.
type question struct {
	method  string
	params  bitrix.Params
	list    bool   // the answer is a list under key, or at the top if key is ""
	key     string // the key of the list
	rows    func([]Row) error
	object  func(json.RawMessage) error // not a list: takes the result
	missing func()                      // what it means if the thing does not exist; nil is an error
	hint    bool                        // without an answer it stays unknown, and nothing else
}

// readSettings reads, in one batch where it fits, the fields, pipelines and
// dictionaries that the declared fields need.
func (f *fetcher) readSettings(ctx context.Context) error {
	f.meta.Fields = make(map[int]LiveFields)
	f.meta.Missing = make(map[int]bool)
	f.meta.Categories = make(map[int][]Category)
	questions := f.questions()
	commands := make([]bitrix.Command, len(questions))
	for i, q := range questions {
		commands[i] = bitrix.Command{Method: q.method, Params: q.params}
	}
	return f.each(ctx, "read the portal's settings", commands, func(i int, r bitrix.Response, err error) error {
		q := questions[i]
		switch {
		case bitrix.IsNotFound(err) && q.missing != nil:
			q.missing()
			return nil
		case q.hint && errors.As(err, new(*bitrix.Error)) && !bitrix.IsAuth(err):
			return nil
		case err != nil:
			return err
		case !q.list:
			return q.object(r.Result)
		}
		rows, err := rowsOf(r.Result, q.key)
		if err == nil && (r.Next != nil || r.Total != nil && *r.Total > len(rows)) {
			rows, err = f.pages(ctx, q.method, q.params, q.key)
		}
		if err != nil {
			return err
		}
		return q.rows(rows)
	})
}

func (f *fetcher) questions() []question {
	var out []question
	needs, statuses := f.needs()
	for _, n := range needs {
		entity := n.entityTypeID
		out = append(out, question{
			method: "crm.item.fields", params: bitrix.Params{"entityTypeId": entity},
			object: func(result json.RawMessage) (err error) {
				f.meta.Fields[entity], err = decodeFields(f.meta.Kinds, result)
				return err
			},
			missing: func() { f.meta.Missing[entity] = true },
		})
		if n.categories && f.meta.of(entity).Stages.Pipelines {
			out = append(out, question{
				method: "crm.category.list", params: bitrix.Params{"entityTypeId": entity}, list: true, key: "categories",
				rows: func(rows []Row) error {
					f.meta.Categories[entity] = decodeCategories(rows)
					return nil
				},
				missing: func() {},
			})
		}
	}
	if statuses {
		out = append(out, question{
			method: "crm.status.list", params: bitrix.Params{"order": map[string]any{"SORT": "ASC"}}, list: true,
			rows: func(rows []Row) error {
				f.meta.Statuses = decodeStatuses(rows)
				return nil
			},
		})
	}
	out = append(out, f.callerQuestions()...)
	out = append(out, f.currencyQuestions()...)
	out = append(out, f.requisiteQuestions()...)
	out = append(out, f.catalogQuestions()...)
	for _, t := range f.relationTypes() {
		out = append(out, question{
			method: "crm.type.get", params: bitrix.Params{"id": t.ID},
			object: func(result json.RawMessage) error {
				row, err := member(result, "type")
				if err == nil {
					*t = liveType(row)
				}
				return err
			},
		})
	}
	return out
}

// A need is what the declared records of one live entity type ask of the metadata.
type need struct {
	entityTypeID int
	categories   bool
}

// needs lists the live entity types, and whether any field needs the dictionaries.
func (f *fetcher) needs() (needs []need, statuses bool) {
	byEntity := make(map[int]*need)
	for _, r := range f.subjects() {
		if r.Kind.Class != spec.ClassRecord {
			continue
		}
		t := f.recordType(r)
		if t == (recordType{}) {
			t, _ = f.formerType(r) // of a record that must be gone the type need not be declared
		}
		n := byEntity[t.entityTypeID]
		if n == nil {
			n = &need{entityTypeID: t.entityTypeID}
			byEntity[t.entityTypeID] = n
		}
		statuses = statuses || declaresRequisiteLists(r)
		for _, field := range r.Fields() {
			rule, known := r.Kind.Field(field.Name)
			n.categories = n.categories || field.Name == kind.StageField || field.Name == kind.PipelineField
			// The type of a user field is not known yet; it may be a dictionary's.
			statuses = statuses || rule.Type == spec.TypeStatus || !known
		}
	}
	for _, entity := range slices.Sorted(maps.Keys(byEntity)) {
		if entity != 0 {
			needs = append(needs, *byEntity[entity])
		}
	}
	return needs, statuses
}

// relationTypes lists the live types whose relations are declared: a list of
// types does not show them.
func (f *fetcher) relationTypes() []*LiveType {
	var out []*LiveType
	for _, r := range f.set.Resources {
		if _, ok := r.Field("relations"); !ok || r.Kind.Class != spec.ClassType {
			continue
		}
		if m := f.matchType(r); m.live != nil {
			out = append(out, m.live)
		}
	}
	return out
}

// readUsers reads the portal's users if a field names one. All are read, and
// matched here: the portal's own filter ignores what the scope does not show, and
// takes _ and % for wildcards. Where users are declared by id only, their names are
// for the reader, and can be missing.
// Source: api-reference/user/user-get.md.
func (f *fetcher) readUsers(ctx context.Context) error {
	var users []string
	for _, r := range f.subjects() {
		users = append(users, f.declaredUsers(r)...)
	}
	if slices.ContainsFunc(f.set.Resources, f.yielding) {
		users = append(users, "0") // whoever saved a record is shown by name
	}
	if len(users) == 0 {
		return nil
	}
	byID := !slices.ContainsFunc(users, func(u string) bool { return strings.Trim(u, "0123456789") != "" })
	rows, err := f.pages(ctx, "user.get", bitrix.Params{"sort": "ID", "order": "ASC"}, "")
	var refusal *bitrix.Error
	if byID && errors.As(err, &refusal) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the portal's users: %w", err)
	}
	for _, row := range rows {
		f.meta.Users = append(f.meta.Users, User{
			ID: row.Int("ID"), Email: row.Text("EMAIL"), Active: yn(row["ACTIVE"]) == "Y",
			Name: strings.TrimSpace(row.Text("NAME") + " " + row.Text("LAST_NAME")),
		})
	}
	return nil
}

// declaredUsers gives what a record writes where a user stands.
func (f *fetcher) declaredUsers(r *spec.Resource) (users []string) {
	if r.Kind.Class != spec.ClassRecord {
		return nil
	}
	for _, field := range r.Fields() {
		typ := spec.FieldType("")
		if rule, known := r.Kind.Field(field.Name); known {
			typ = rule.Type
		} else if live, err := f.liveField(f.recordType(r).entityTypeID, field.Name); err == nil {
			typ = live.Type
		}
		if !namesUsers(typ) {
			continue
		}
		users = append(users, declaredScalars(field.Value)...)
	}
	return users
}

// pages reads a small list by offset, as the families without keyset need it. The
// documentation of these methods promises no "next", so a full page is followed by
// the next one until one brings nothing new.
func (f *fetcher) pages(ctx context.Context, method string, params bitrix.Params, key string) ([]Row, error) {
	params = maps.Clone(params)
	seen := make(map[string]bool)
	var rows []Row
	for {
		params["start"] = len(rows)
		r, err := f.client.Call(ctx, method, params)
		if err != nil {
			return nil, err
		}
		page, err := rowsOf(r.Result, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		before := len(rows)
		for _, row := range page {
			if id := row.Text("id") + row.Text("ID"); !seen[id] {
				seen[id] = true
				rows = append(rows, row)
			}
		}
		more := len(page) >= bitrix.PageSize || r.Next != nil || r.Total != nil && *r.Total > len(rows)
		if len(rows) == before || !more {
			return rows, nil
		}
	}
}

func decodeFields(kinds *kind.Table, result json.RawMessage) (LiveFields, error) {
	rows, err := member(result, "fields")
	if err != nil {
		return LiveFields{}, err
	}
	var fields []LiveField
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		row, err := decodeRow(rows[name])
		if err != nil {
			return LiveFields{}, fmt.Errorf("field %s: %w", name, err)
		}
		settings, err := decodeRow(row["settings"])
		if err != nil {
			settings = nil // a type whose settings are no map has no precision
		}
		fields = append(fields, LiveField{
			Precision: int32(settings.Int("PRECISION")), NoSeconds: settings.Text("USE_SECOND") == "N",
			Name: name, Type: spec.FieldType(row.Text("type")), StatusType: cmp.Or(row.Text("statusType"), settings.Text("ENTITY_TYPE")), UpperName: row.Text("upperName"),
			Required: yn(row["isRequired"]) == "Y", Defaulted: hasDefault(settings), Titles: titlesOf(row),
			ReadOnly: yn(row["isReadOnly"]) == "Y", Multiple: yn(row["isMultiple"]) == "Y", Dynamic: yn(row["isDynamic"]) == "Y",
			Options: decodeOptions(row["items"]), Entities: decodeEntities(kinds, settings),
		})
	}
	return NewLiveFields(fields), nil
}

func decodeCategories(rows []Row) []Category {
	out := make([]Category, len(rows))
	for i, row := range rows {
		out[i] = Category{ID: row.Int("id"), Name: row.Text("name"), Code: row.Text("code"), Default: yn(row["isDefault"]) == "Y"}
	}
	if len(out) == 1 {
		out[0].Default = true
	}
	return out
}

// decodeStatuses files the entries by dictionary, in the order of their SORT.
func decodeStatuses(rows []Row) map[string][]StatusEntry {
	slices.SortStableFunc(rows, func(a, b Row) int { return a.Int("SORT") - b.Int("SORT") })
	out := make(map[string][]StatusEntry)
	for _, row := range rows {
		entity := row.Text("ENTITY_ID")
		out[entity] = append(out[entity], StatusEntry{ID: row.Text("STATUS_ID"), Name: row.Text("NAME")})
	}
	return out
}

// pipelineOf gives the pipeline of a live record: what it says, else what its stage
// says ("C9:NEW", "DT177_3:NEW"), else the default one.
func (m *Meta) pipelineOf(entityTypeID int, row Row) int {
	if row.Text(kind.PipelineField) != "" {
		return row.Int(kind.PipelineField)
	}
	if n, ok := m.of(entityTypeID).PipelineOf(entityTypeID, row.Text(kind.StageField)); ok {
		return n
	}
	d, _ := m.defaultCategory(entityTypeID)
	return d.ID
}
