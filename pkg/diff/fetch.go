package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// lookupSize is how many keys one list asks for: a page holds 50 rows, so one page
// answers one look-up.
const lookupSize = 50

// Fetch reads what Compute needs: metadata once, then the records that carry the
// owner's mark, 50 keys a list and 50 lists a request. It only calls reading
// methods. Errors are the client's, wrapped with what was being read.
func Fetch(ctx context.Context, client *bitrix.Client, set *spec.Set) (*State, error) {
	f := &fetcher{client: client, state: &State{Portal: client.Portal(), Records: make(map[spec.Address][]Row)}}
	f.view = view{set: set, meta: &f.state.Meta}
	for _, step := range []func(context.Context) error{f.readTypes, f.readSettings, f.readUsers, f.readRecords} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return f.state, nil
}

type fetcher struct {
	view
	client *bitrix.Client
	state  *State
}

// readRecords looks every declared record up by its mark.
func (f *fetcher) readRecords(ctx context.Context) error {
	groups := f.groups()
	lists := make([]bitrix.List, len(groups))
	for i, g := range groups {
		lists[i] = g.list(f.set.Project.Name)
	}
	answers, err := f.client.Lists(ctx, lists)
	if err != nil {
		return fmt.Errorf("look records up by their key: %w", err)
	}
	for i, g := range groups {
		if err := f.take(g, answers[i]); err != nil {
			return err
		}
	}
	return f.complete(ctx, groups)
}

// A group is up to lookupSize records of one entity type that are fetched by one list.
type group struct {
	kind         *spec.Kind
	entityTypeID int
	whole        bool // fm is wanted, which only select * brings
	columns      []string
	byName       map[string]*spec.Resource
}

// groups sorts the declared records into look-ups. Records of a type that does
// not exist yet need none, and quotes have no key to look for.
func (f *fetcher) groups() []*group {
	type bin struct {
		entityTypeID int
		whole        bool
	}
	open := make(map[bin]*group)
	columns := make(map[*group]map[string]bool)
	var all []*group
	for _, r := range f.set.Resources {
		t := f.recordType(r)
		if r.Kind.Class != spec.ClassRecord || r.Kind.Key == spec.KeyNone || t.entityTypeID == 0 || t.refused {
			continue
		}
		wires, whole := f.wires(r, t)
		b := bin{t.entityTypeID, whole}
		g := open[b]
		if g == nil || len(g.byName) == lookupSize {
			g = &group{kind: r.Kind, entityTypeID: t.entityTypeID, whole: whole, byName: make(map[string]*spec.Resource)}
			open[b], columns[g] = g, make(map[string]bool)
			all = append(all, g)
		}
		g.byName[r.Address.Name()] = r
		for _, w := range wires {
			columns[g][w] = true
		}
	}
	for _, g := range all {
		g.columns = slices.Sorted(maps.Keys(columns[g]))
	}
	return all
}

// wires lists the columns that comparing a record needs. What is wrong with its
// fields is Compute's to say.
func (f *fetcher) wires(r *spec.Resource, t recordType) (wires []string, whole bool) {
	wires = []string{"id", "categoryId", "title", "name", "lastName"}
	for _, m := range mark(r.Kind, "", "") {
		wires = append(wires, m.wire)
	}
	targets, _ := f.targets(r, t)
	for _, tg := range targets {
		whole = whole || tg.wire == "fm"
		wires = append(wires, tg.wire)
	}
	// A field that this plan brings about is not there yet.
	wires = slices.DeleteFunc(wires, func(w string) bool { _, ok := f.meta.Fields[t.entityTypeID][w]; return !ok || w == "fm" })
	return wires, whole
}

func (g *group) list(owner string) bitrix.List {
	names := slices.Sorted(maps.Keys(g.byName))
	keys := make([]any, len(names))
	filter := make(map[string]any)
	for i, name := range names {
		marks := mark(g.kind, owner, name)
		last := marks[len(marks)-1]
		keys[i] = last.value
		filter["@"+last.wire] = keys
		for _, m := range marks[:len(marks)-1] {
			filter["="+m.wire] = m.value
		}
	}
	selected := []any{}
	if g.whole {
		selected = append(selected, "*", "uf*")
	} else {
		for _, c := range g.columns {
			selected = append(selected, c)
		}
	}
	return bitrix.List{
		Method: families[spec.ClassRecord].list,
		Items:  families[spec.ClassRecord].items,
		Params: bitrix.Params{"entityTypeId": g.entityTypeID, "filter": filter, "select": selected},
	}
}

// take files the rows under the addresses whose mark they carry, byte for byte;
// the portal's own comparison is looser.
func (f *fetcher) take(g *group, rows []json.RawMessage) error {
	for _, raw := range rows {
		row, err := decodeRow(raw)
		if err != nil {
			return fmt.Errorf("look %s up by their key: %w", g.kind.Plural, err)
		}
		for _, r := range g.owners(row) {
			if carries(row, mark(g.kind, f.set.Project.Name, r.Address.Name())) {
				f.state.Records[r.Address] = append(f.state.Records[r.Address], row)
			}
		}
	}
	return nil
}

func (g *group) owners(row Row) []*spec.Resource {
	marks := mark(g.kind, "", "")
	value := row.Text(marks[len(marks)-1].wire)
	if r, ok := g.byName[value]; ok {
		return []*spec.Resource{r}
	}
	if i := lastColon(value); i >= 0 {
		if r, ok := g.byName[value[i+1:]]; ok {
			return []*spec.Resource{r}
		}
	}
	return nil
}

func lastColon(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == ':' {
			return i
		}
	}
	return -1
}

// complete reads those records whole whose row lacks a declared column: a list
// may leave out what crm.item.get returns.
func (f *fetcher) complete(ctx context.Context, groups []*group) error {
	var commands []bitrix.Command
	var rows []Row
	for _, g := range groups {
		for _, name := range slices.Sorted(maps.Keys(g.byName)) {
			for _, row := range f.state.Records[g.byName[name].Address] {
				if g.lacks(row) {
					commands = append(commands, bitrix.Command{Method: families[spec.ClassRecord].get, Params: bitrix.Params{"entityTypeId": g.entityTypeID, "id": row.Int("id")}})
					rows = append(rows, row)
				}
			}
		}
	}
	return f.each(ctx, "read records", commands, func(i int, r bitrix.Response) error {
		full, err := member(r.Result, families[spec.ClassRecord].item)
		if err != nil {
			return err
		}
		maps.Copy(rows[i], full)
		return nil
	})
}

func (g *group) lacks(row Row) bool {
	if _, ok := row["fm"]; g.whole && !ok {
		return true
	}
	return slices.ContainsFunc(g.columns, func(c string) bool { _, ok := row[c]; return !ok })
}

// each runs commands 50 to a batch and hands each answer over; the first failure
// ends it.
func (f *fetcher) each(ctx context.Context, doing string, commands []bitrix.Command, take func(int, bitrix.Response) error) error {
	for first := 0; first < len(commands); first += lookupSize {
		part := commands[first:min(first+lookupSize, len(commands))]
		outcomes, err := f.client.Batch(ctx, part)
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		for i, o := range outcomes {
			if o.Err != nil {
				return fmt.Errorf("%s: %w", doing, o.Err)
			}
			if err := take(first+i, o.Response); err != nil {
				return fmt.Errorf("%s: %s: %w", doing, part[i].Method, err)
			}
		}
	}
	return nil
}
