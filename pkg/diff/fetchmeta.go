package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// readTypes reads the portal's smart process types, if the manifests name any.
func (f *fetcher) readTypes(ctx context.Context) error {
	named := slices.ContainsFunc(f.set.Resources, func(r *spec.Resource) bool { return r.Kind.Class == spec.ClassType })
	if !named {
		return nil
	}
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

// readSettings reads, in one batch where it fits, the fields, pipelines and
// dictionaries that the declared fields need.
func (f *fetcher) readSettings(ctx context.Context) error {
	var commands []bitrix.Command
	var takes []func(bitrix.Response) error
	ask := func(method string, params bitrix.Params, take func(bitrix.Response) error) {
		commands = append(commands, bitrix.Command{Method: method, Params: params})
		takes = append(takes, take)
	}
	f.meta.Fields = make(map[int]map[string]LiveField)
	f.meta.Categories = make(map[int][]Category)
	f.meta.Statuses = make(map[string][]StatusEntry)
	statuses := false
	for _, n := range f.needs() {
		entity := n.entityTypeID
		ask("crm.item.fields", bitrix.Params{"entityTypeId": entity}, func(r bitrix.Response) (err error) {
			f.meta.Fields[entity], err = decodeFields(r.Result)
			return err
		})
		statuses = statuses || n.statuses
		if n.categories && hasCategories(entity) {
			ask("crm.category.list", bitrix.Params{"entityTypeId": entity}, func(r bitrix.Response) (err error) {
				f.meta.Categories[entity], err = decodeCategories(r.Result)
				return err
			})
		}
	}
	if statuses {
		ask("crm.status.list", bitrix.Params{"order": map[string]any{"SORT": "ASC"}}, func(r bitrix.Response) (err error) {
			f.meta.Statuses, err = decodeStatuses(r.Result)
			return err
		})
	}
	for _, t := range f.relationTypes() {
		ask("crm.type.get", bitrix.Params{"id": t.ID}, func(r bitrix.Response) error {
			row, err := member(r.Result, "type")
			if err == nil {
				*t = liveType(row)
			}
			return err
		})
	}
	return f.each(ctx, "read the portal's settings", commands, func(i int, r bitrix.Response) error { return takes[i](r) })
}

// A need is what the declared records of one entity type ask of the metadata.
type need struct {
	entityTypeID         int
	categories, statuses bool
}

func (f *fetcher) needs() []need {
	byEntity := make(map[int]*need)
	for _, r := range f.set.Resources {
		t := f.recordType(r)
		if r.Kind.Class != spec.ClassRecord || t.entityTypeID == 0 {
			continue
		}
		n := byEntity[t.entityTypeID]
		if n == nil {
			n = &need{entityTypeID: t.entityTypeID}
			byEntity[t.entityTypeID] = n
		}
		for _, field := range r.Fields {
			rule, known := r.Kind.Field(field.Name)
			if field.Name == "stageId" || field.Name == "categoryId" {
				n.categories, n.statuses = true, true
			}
			// The type of a user field is not known yet; it may be a dictionary's.
			if rule.Type == spec.TypeStatus || !known {
				n.statuses = true
			}
		}
	}
	var out []need
	for _, n := range byEntity {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b need) int { return a.entityTypeID - b.entityTypeID })
	return out
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

// readUsers reads the portal's users if a field names one. All are read, and matched
// here: the portal's own filter ignores what the scope does not show, and takes _
// and % for wildcards.
func (f *fetcher) readUsers(ctx context.Context) error {
	ids := true
	named := false
	for _, r := range f.set.Resources {
		for _, field := range r.Fields {
			if !f.namesUser(r, field) {
				continue
			}
			named = true
			for _, v := range append(slices.Clone(field.Value.Items), field.Value) {
				ids = ids && strings.Trim(v.Text, "0123456789") == ""
			}
		}
	}
	if !named {
		return nil
	}
	rows, err := f.pages(ctx, "user.get", bitrix.Params{"sort": "ID", "order": "ASC"}, "")
	if ids && bitrix.IsAuth(err) {
		return nil // ids can be used without the right to read users
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

func (f *fetcher) namesUser(r *spec.Resource, field spec.Field) bool {
	if r.Kind.Class != spec.ClassRecord {
		return false
	}
	if rule, known := r.Kind.Field(field.Name); known {
		return rule.Type == spec.TypeUser
	}
	_, live, _ := f.liveField(f.recordType(r).entityTypeID, field.Name)
	return live.Type == spec.TypeUser
}

// pages reads a small list by offset, as the families without keyset need it.
func (f *fetcher) pages(ctx context.Context, method string, params bitrix.Params, key string) ([]Row, error) {
	var rows []Row
	for start := 0; ; {
		params["start"] = start
		r, err := f.client.Call(ctx, method, params)
		if err != nil {
			return nil, err
		}
		page, err := decodeList(r.Result, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		rows = append(rows, page...)
		if r.Next == nil || *r.Next <= start || len(page) == 0 {
			return rows, nil
		}
		start = *r.Next
	}
}

// decodeList reads a list that stands under a key, or at the top if key is "".
func decodeList(result json.RawMessage, key string) ([]Row, error) {
	if key != "" {
		outer, err := decodeRow(result)
		if err != nil {
			return nil, err
		}
		result = outer[key]
		if result == nil {
			return nil, fmt.Errorf("the answer has no %q", key)
		}
	}
	var rows []Row
	if err := json.Unmarshal(result, &rows); err != nil {
		return nil, err
	}
	return rows, nil
}

func decodeFields(result json.RawMessage) (map[string]LiveField, error) {
	rows, err := member(result, "fields")
	if err != nil {
		return nil, err
	}
	fields := make(map[string]LiveField, len(rows))
	for name, raw := range rows {
		var field LiveField
		if err := json.Unmarshal(raw, &field); err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		fields[name] = field
	}
	return fields, nil
}

func decodeCategories(result json.RawMessage) ([]Category, error) {
	rows, err := decodeList(result, "categories")
	if err != nil {
		return nil, err
	}
	out := make([]Category, len(rows))
	for i, row := range rows {
		out[i] = Category{ID: row.Int("id"), Name: row.Text("name"), Code: row.Text("code"), Default: yn(row["isDefault"]) == "Y"}
	}
	return out, nil
}

func decodeStatuses(result json.RawMessage) (map[string][]StatusEntry, error) {
	rows, err := decodeList(result, "")
	if err != nil {
		return nil, err
	}
	out := make(map[string][]StatusEntry)
	for _, row := range rows {
		entity := row.Text("ENTITY_ID")
		out[entity] = append(out[entity], StatusEntry{ID: row.Text("STATUS_ID"), Name: row.Text("NAME")})
	}
	return out, nil
}
