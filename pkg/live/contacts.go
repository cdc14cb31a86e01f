package live

import (
	"context"
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// contactsPerCall is how many phones or e-mails one call looks for: one less than an
// answer shows records, so that one in which each was found once is not full.
const contactsPerCall = kind.ContactsShown - 1

// Contacts finds out which records have phones or e-mails, 19 values a call and 50 calls
// a request. Answers name ids only, and those that name none are left out.
// Source: api-reference/crm/duplicates/crm-duplicate-find-by-comm.md.
func (r *Reader) Contacts(ctx context.Context, searches []kind.ContactSearch) ([]kind.ContactAnswer, error) {
	var answers []kind.ContactAnswer
	for calls := contactCalls(searches); len(calls) > 0; {
		var again []kind.ContactSearch
		err := r.findContacts(ctx, calls, func(c kind.ContactSearch, result json.RawMessage) error {
			ids, err := contactIDs(result, c.Kind.Codes.Duplicates)
			full := len(ids) >= kind.ContactsShown
			if full && c.All && len(c.Values) > 1 {
				half := len(c.Values) / 2
				again = append(again, withValues(c, c.Values[:half]), withValues(c, c.Values[half:]))
			} else if len(ids) > 0 {
				answers = append(answers, kind.ContactAnswer{ContactSearch: c, IDs: ids, Full: full})
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

func withValues(c kind.ContactSearch, values []string) kind.ContactSearch {
	c.Values = values
	return c
}

// contactCalls cuts searches into calls. Values that a batch cannot carry go into calls of
// their own, so that they take no others out of the batch.
func contactCalls(searches []kind.ContactSearch) []kind.ContactSearch {
	var calls []kind.ContactSearch
	for _, s := range searches {
		var packed, alone []string
		for _, v := range s.Values {
			if bitrix.Carries(bitrix.Params{"values": []any{v}}) {
				packed = append(packed, v)
			} else {
				alone = append(alone, v)
			}
		}
		for _, values := range [][]string{packed, alone} {
			for len(values) > 0 {
				n := min(len(values), contactsPerCall)
				calls, values = append(calls, withValues(s, values[:n:n])), values[n:]
			}
		}
	}
	return calls
}

// findContacts makes the calls, 50 to a batch. Those that a batch cannot carry exactly go
// by themselves.
func (r *Reader) findContacts(ctx context.Context, calls []kind.ContactSearch, take func(kind.ContactSearch, json.RawMessage) error) error {
	var commands []bitrix.Command
	var batched []kind.ContactSearch
	for _, c := range calls {
		command := contactCommand(c)
		if bitrix.Carries(command.Params) {
			commands, batched = append(commands, command), append(batched, c)
			continue
		}
		answer, err := r.client.Call(ctx, command.Method, command.Params)
		if err == nil {
			err = take(c, answer.Result)
		}
		if err != nil {
			return withScope(err)
		}
	}
	return r.each(ctx, commands, func(i int, answer bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		return take(batched[i], answer.Result)
	})
}

func contactCommand(c kind.ContactSearch) bitrix.Command {
	values := make([]any, len(c.Values))
	for i, v := range c.Values {
		values[i] = v
	}
	return bitrix.Command{Method: "crm.duplicate.findbycomm",
		Params: bitrix.Params{"type": c.TypeID, "values": values, "entity_type": c.Kind.Codes.Duplicates}}
}

func contactIDs(result json.RawMessage, entity string) ([]int, error) {
	byType, err := kind.DecodeRow(result)
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, raw := range value.Elements(byType[entity]) {
		if id := (kind.Row{"id": raw}).Int("id"); id > 0 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
