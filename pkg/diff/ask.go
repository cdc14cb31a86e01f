package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

const (
	// contactSize is how many phones or e-mails one call looks for. The portal shows
	// at most 20 records of a kind; one less is asked for, so that an answer in which
	// each was found once is not full.
	contactSize = contactsShown - 1
	// contactsShown is how many records an answer holds at most.
	contactsShown = 20
)

// ask answers queries: by phones and e-mails through the search for duplicates, by
// other fields through lists, 49 values a list and 50 lists a request.
func (f *fetcher) ask(ctx context.Context, queries []*query) error {
	var contacts []*query
	shapes := make(map[string][]*query)
	var parts [][]*query
	for _, q := range queries {
		if _, ok := q.contact(); ok {
			contacts = append(contacts, q)
		} else if shape := q.shape(); shape != "" {
			// What a batch cannot carry would take its whole list out of the batch.
			shape += fmt.Sprint(" ", bitrix.Carries(bitrix.Params{"filter": filterOf([]*query{q})}))
			shapes[shape] = append(shapes[shape], q)
		} else {
			parts = append(parts, []*query{q})
		}
	}
	for _, shape := range slices.Sorted(maps.Keys(shapes)) {
		parts = slices.AppendSeq(parts, slices.Chunk(shapes[shape], lookupSize))
	}
	if err := f.askLists(ctx, parts); err != nil {
		return err
	}
	return f.askContacts(ctx, contacts)
}

// askLists answers queries by one list for each part.
func (f *fetcher) askLists(ctx context.Context, parts [][]*query) error {
	var lists []bitrix.List
	var groups []*group
	var asked [][]*query
	for _, part := range parts {
		for _, g := range f.spread(asGroup(part)) {
			lists, groups, asked = append(lists, g.listOf(filterOf(part))), append(groups, g), append(asked, part)
		}
	}
	return f.readLists(ctx, lists, groups, func(i int, row Row) {
		for _, q := range asked[i] {
			q.take(groups[i], row)
		}
	})
}

// take keeps a row that meets the query.
func (q *query) take(g *group, row Row) {
	if q.meets(row) {
		q.rows = append(q.rows, g.trim(row))
	}
}

// readLists reads lists and hands each row over, whole where a list left a column
// out.
func (f *fetcher) readLists(ctx context.Context, lists []bitrix.List, groups []*group, take func(int, Row)) error {
	answers, err := f.client.Lists(ctx, lists)
	if err != nil {
		return fmt.Errorf("look records up: %w", err)
	}
	for i, answer := range answers {
		hits := make([]hit, 0, len(answer))
		for _, raw := range answer {
			row, err := decodeRow(raw)
			if err != nil {
				return fmt.Errorf("look %s up: %w", groups[i].kind.Plural, err)
			}
			hits = append(hits, hit{groups[i], row})
		}
		if err := f.complete(ctx, hits); err != nil {
			return err
		}
		for _, h := range hits {
			if err := groups[i].slot.shows(h.row); err != nil {
				return fmt.Errorf("look %s up: %w", groups[i].kind.Plural, err)
			}
			take(i, h.row)
		}
	}
	return nil
}

// readIDs reads records by their ids, 49 to a list.
func (f *fetcher) readIDs(ctx context.Context, g *group, ids []int, take func(Row)) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var lists []bitrix.List
	var groups []*group
	for part := range slices.Chunk(ids, lookupSize) {
		keys := make([]any, len(part))
		for i, id := range part {
			keys[i] = id
		}
		for _, one := range f.spread(g) {
			lists, groups = append(lists, one.listOf(map[string]any{g.among("id"): keys})), append(groups, one)
		}
	}
	return f.readLists(ctx, lists, groups, func(_ int, row Row) { take(row) })
}

// A contactCall is one search for phones or e-mails of one entity type.
type contactCall struct {
	entityTypeID int
	typeID       string
	values       []string
}

// contactEntities are the entity types that have phones and e-mails.
var contactEntities = map[int]string{1: "LEAD", 3: "CONTACT", 4: "COMPANY"}

// askContacts answers queries by phone or e-mail: the records that have any of the
// values are found, read, and matched with the queries here.
// Source: api-reference/crm/duplicates/crm-duplicate-find-by-comm.md.
func (f *fetcher) askContacts(ctx context.Context, queries []*query) error {
	byEntity := make(map[int][]*query)
	for _, q := range queries {
		byEntity[q.entityTypeID] = append(byEntity[q.entityTypeID], q)
	}
	for _, entity := range slices.Sorted(maps.Keys(byEntity)) {
		ids, err := f.findContacts(ctx, contactCalls(entity, byEntity[entity]))
		if err != nil {
			return err
		}
		g, index := asGroup(byEntity[entity]), indexContacts(byEntity[entity])
		err = f.readIDs(ctx, g, ids, func(row Row) {
			for _, q := range index.candidates(row) {
				q.take(g, row)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// contactCalls lists the searches that queries of one entity type need.
func contactCalls(entity int, queries []*query) []contactCall {
	values := make(map[string][]string)
	for _, q := range queries {
		c, _ := q.contact()
		for _, r := range c.want.([]contactRow) {
			if c.multi == "EMAIL" || strings.ContainsAny(r.value, "0123456789") { // the portal refuses a search for nothing
				values[c.multi] = append(values[c.multi], strings.TrimSpace(r.value))
			}
		}
	}
	var calls []contactCall
	for _, typeID := range slices.Sorted(maps.Keys(values)) {
		all := values[typeID]
		slices.Sort(all)
		var plain, alone []string
		for _, v := range slices.Compact(all) {
			if bitrix.Carries(bitrix.Params{"values": []any{v}}) {
				plain = append(plain, v)
			} else {
				alone = append(alone, v)
			}
		}
		for _, part := range slices.Concat(slices.Collect(slices.Chunk(plain, contactSize)), slices.Collect(slices.Chunk(alone, contactSize))) {
			calls = append(calls, contactCall{entity, typeID, part})
		}
	}
	return calls
}

// findContacts gives the ids of the records that have any of the values. An answer
// that is full may have left some out, so its values are searched for in halves.
func (f *fetcher) findContacts(ctx context.Context, calls []contactCall) (ids []int, err error) {
	for len(calls) > 0 {
		var again []contactCall
		err := f.search(ctx, calls, func(c contactCall, result json.RawMessage) error {
			found, err := contactIDs(result, contactEntities[c.entityTypeID])
			if len(found) >= contactsShown && len(c.values) > 1 {
				half := len(c.values) / 2
				again = append(again, contactCall{c.entityTypeID, c.typeID, c.values[:half]}, contactCall{c.entityTypeID, c.typeID, c.values[half:]})
				return err
			}
			ids = append(ids, found...)
			return err
		})
		if err != nil {
			return nil, err
		}
		calls = again
	}
	return ids, nil
}

// search makes the calls, 50 to a batch. Those that a batch cannot carry exactly go
// by themselves.
func (f *fetcher) search(ctx context.Context, calls []contactCall, take func(contactCall, json.RawMessage) error) error {
	const doing = "look records up by phone and e-mail"
	var commands []bitrix.Command
	var batched []contactCall
	for _, c := range calls {
		command := c.command()
		if bitrix.Carries(command.Params) {
			commands, batched = append(commands, command), append(batched, c)
			continue
		}
		response, err := f.client.Call(ctx, command.Method, command.Params)
		if err == nil {
			err = take(c, response.Result)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return f.each(ctx, doing, commands, func(i int, r bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		return take(batched[i], r.Result)
	})
}

func (c contactCall) command() bitrix.Command {
	values := make([]any, len(c.values))
	for i, v := range c.values {
		values[i] = v
	}
	return bitrix.Command{Method: "crm.duplicate.findbycomm",
		Params: bitrix.Params{"type": c.typeID, "values": values, "entity_type": contactEntities[c.entityTypeID]}}
}

func contactIDs(result json.RawMessage, entity string) ([]int, error) {
	byType, err := decodeRow(result)
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, raw := range elements(byType[entity]) {
		if id := (Row{"id": raw}).Int("id"); id > 0 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// A contactIndex finds queries by the phones and e-mails that they ask for.
type contactIndex map[string][]*query

func indexContacts(queries []*query) contactIndex {
	index := make(contactIndex)
	for _, q := range queries {
		c, _ := q.contact()
		for _, value := range c.values() {
			index[c.multi+" "+value] = append(index[c.multi+" "+value], q)
		}
	}
	return index
}

// candidates gives the queries that one of a row's phones or e-mails is asked for
// by, each once.
func (x contactIndex) candidates(row Row) []*query {
	var out []*query
	for _, typeID := range []string{"PHONE", "EMAIL"} {
		live, err := multifieldCodec{typeID: typeID}.read(row["fm"])
		if err != nil || live == nil {
			continue
		}
		for _, r := range live.([]contactRow) {
			for _, q := range x[typeID+" "+normalContact(typeID, r.value)] {
				if !slices.Contains(out, q) {
					out = append(out, q)
				}
			}
		}
	}
	return out
}
