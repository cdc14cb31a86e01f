package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

const (
	// contactSize is how many phones or e-mails one call looks for. The portal shows
	// at most 20 records of a kind; one less is asked for, so that an answer in which
	// each was found once is not full.
	contactSize = contactsShown - 1
	// contactsShown is how many records an answer holds at most.
	contactsShown = 20
)

// A contactCall is one search for phones or e-mails of one entity type.
type contactCall struct {
	entity string // what the search calls the entity type: LEAD
	typeID string
	values []string
}

// A contactAnswer is a call with the ids of the records that it named, which are all of
// them unless it is full.
type contactAnswer struct {
	contactCall
	ids  []int
	full bool
}

// askContacts answers queries by phone or e-mail: the records that have any of the
// values are found, read, and matched with the queries here.
// Source: api-reference/crm/duplicates/crm-duplicate-find-by-comm.md.
func (f *fetcher) askContacts(ctx context.Context, queries []*query) error {
	byEntity := make(map[int][]*query)
	for _, q := range queries {
		byEntity[q.entityTypeID] = append(byEntity[q.entityTypeID], q)
	}
	for _, entity := range slices.Sorted(maps.Keys(byEntity)) {
		answers, err := f.findContacts(ctx, contactCalls(byEntity[entity]))
		if err != nil {
			return err
		}
		rows, err := f.readNamed(ctx, byEntity[entity], answers)
		if err == nil {
			err = f.noteNear(ctx, byEntity[entity], answers, rows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readNamed reads the records that were named, and hands each to the queries whose phone
// or e-mail it has.
func (f *fetcher) readNamed(ctx context.Context, queries []*query, answers []contactAnswer) (map[int]Row, error) {
	var ids []int
	for _, a := range answers {
		ids = append(ids, a.ids...)
	}
	slices.Sort(ids)
	g, index := asGroup(queries), f.indexContacts(queries)
	rows := make(map[int]Row)
	return rows, f.readIDs(ctx, g, slices.Compact(ids), func(row Row) {
		row = g.trim(row)
		rows[row.Int("id")] = row
		for _, q := range index.candidates(row) {
			if q.meets(row) {
				q.rows = append(q.rows, row)
			} else if q.slot.kind != nil && slices.Contains(f.owners(), q.slot.holder(row).owner) {
				q.held = append(q.held, row)
			}
		}
	})
}

// contactCalls lists the searches that queries of one entity type need.
func contactCalls(queries []*query) []contactCall {
	values := make(map[string][]string)
	for _, q := range queries {
		c, _ := q.contact()
		values[c.multi] = append(values[c.multi], q.spellings()...)
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
			calls = append(calls, contactCall{queries[0].kind.Codes.Duplicates, typeID, part})
		}
	}
	return calls
}

// spellings and normals are what is searched for by the query's phones or e-mails, and
// what is compared, each in their order; both are worked out once.
func (q *query) spellings() []string {
	return slices.Concat(q.spelledEach()...)
}

func (q *query) spelledEach() [][]string {
	if c, ok := q.contact(); ok && q.spelled == nil {
		q.spelled = c.spellings()
	}
	return q.spelled
}

func (q *query) normals() []string {
	if c, ok := q.contact(); ok && q.normal == nil {
		q.normal = c.values()
	}
	return q.normal
}

// spellings gives what is searched for: e-mails as they are written, phones in each
// spelling that a portal may know.
func (c condition) spellings() [][]string {
	rows := c.want.([]contactRow)
	out := make([][]string, len(rows))
	for i, r := range rows {
		switch {
		case c.multi == "EMAIL":
			out[i] = []string{strings.TrimSpace(r.value)}
		case value.PhoneDigits(r.value) != "": // the portal refuses a search for nothing
			out[i] = value.PhoneSpellings(r.value, c.contact().region)
		}
	}
	return out
}

// findContacts gives the answers to calls. One that is full may have left records out, so
// its values are searched for in halves.
func (f *fetcher) findContacts(ctx context.Context, calls []contactCall) ([]contactAnswer, error) {
	var answers []contactAnswer
	for len(calls) > 0 {
		var again []contactCall
		err := f.search(ctx, calls, func(c contactCall, result json.RawMessage) error {
			found, err := contactIDs(result, c.entity)
			full := len(found) >= contactsShown
			if full && len(c.values) > 1 {
				half := len(c.values) / 2
				again = append(again, contactCall{c.entity, c.typeID, c.values[:half]}, contactCall{c.entity, c.typeID, c.values[half:]})
				return err
			}
			if len(found) > 0 {
				answers = append(answers, contactAnswer{c, found, full})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		calls = again
	}
	return answers, nil
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
		Params: bitrix.Params{"type": c.typeID, "values": values, "entity_type": c.entity}}
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
type contactIndex struct {
	queries map[string][]*query
	codecs  []multifieldCodec
}

func (f *fetcher) indexContacts(queries []*query) contactIndex {
	index := contactIndex{queries: make(map[string][]*query), codecs: []multifieldCodec{f.multifield("PHONE"), f.multifield("EMAIL")}}
	for _, q := range queries {
		c, _ := q.contact()
		for _, value := range q.normals() {
			index.queries[c.multi+" "+value] = append(index.queries[c.multi+" "+value], q)
		}
	}
	return index
}

// candidates gives the queries that one of a row's phones or e-mails is asked for
// by, each once.
func (x contactIndex) candidates(row Row) []*query {
	var out []*query
	for _, c := range x.codecs {
		for _, r := range c.rowsOf(row) {
			for _, q := range x.queries[c.typeID+" "+c.normal(r.value)] {
				if !slices.Contains(out, q) {
					out = append(out, q)
				}
			}
		}
	}
	return out
}

// rowsOf gives the live entries of a record.
func (c multifieldCodec) rowsOf(row Row) []contactRow {
	live, err := c.read(row["fm"])
	if err != nil {
		return nil
	}
	return contactRows(live)
}
