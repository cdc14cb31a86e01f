package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Table holds rows that one reading method shows, in the order of their ids.
type Table struct {
	Method       string
	EntityTypeID int // of crm.item.list and crm.category.list
	Rows         []json.RawMessage
}

// A Lack is a method that shows nothing here, and why, in the portal's words.
type Lack struct {
	Method string
	Code   string // of the refusal
	Why    value.Message
}

// A Reader reads one portal.
type Reader struct {
	Client *bitrix.Client
	Kinds  *kind.Table

	lacks []Lack
}

// Lacks are what the portal has refused to show, each method once.
func (r *Reader) Lacks() []Lack { return r.lacks }

// lack notes what the portal refuses to show. Any other error is given back.
func (r *Reader) lack(method string, err error) error {
	var refused *bitrix.Error
	if !errors.As(err, &refused) || bitrix.IsRateLimit(err) || bitrix.IsAuth(err) && !bitrix.IsOfMethod(err) {
		return err
	}
	if !slices.ContainsFunc(r.lacks, func(l Lack) bool { return l.Method == method }) {
		r.lacks = append(r.lacks, Lack{method, refused.Code, value.SaidBy(err)})
	}
	return nil
}

// list reads all rows of a method; none of one that the portal refuses.
func (r *Reader) list(ctx context.Context, method string, params bitrix.Params) (Table, error) {
	t := Table{Method: method}
	for row, err := range r.Client.Pages(ctx, bitrix.Request{Method: method, Params: params}) {
		if err != nil {
			return Table{Method: method}, r.lack(method, err)
		}
		t.Rows = append(t.Rows, slices.Clone(row))
	}
	return t, nil
}

// each asks one method for many things, and gives what stands in the answers under a key.
func (r *Reader) each(ctx context.Context, method, key string, params []bitrix.Params) (Table, error) {
	t := Table{Method: method}
	for part := range slices.Chunk(params, bitrix.MaxBatch) {
		commands := make([]bitrix.Command, len(part))
		for i, p := range part {
			commands[i] = bitrix.Command{Method: method, Params: p}
		}
		outcomes, err := r.Client.Batch(ctx, commands)
		if err != nil {
			return t, err
		}
		for _, o := range outcomes {
			if o.Err != nil {
				if err := r.lack(method, o.Err); err != nil && !bitrix.IsNotFound(o.Err) {
					return t, err
				}
				continue
			}
			if row, ok := o.Response.Row(key); ok {
				t.Rows = append(t.Rows, slices.Clone(row.Raw()))
			}
		}
	}
	return t, nil
}
