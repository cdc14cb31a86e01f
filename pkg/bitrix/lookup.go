package bitrix

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/internal/crash"
)

// KeysPerList is how many keys LookUp asks for in one list. A page has room for
// one more row, so that one which is not full has shown every row even though
// no key is unique on the portal.
const KeysPerList = PageSize - 1

// lookUpWindow is how many reading requests of one LookUp are in flight at most.
const lookUpWindow = 4

// LookUp reads the rows whose field has one of the keys: 49 keys a list, 50
// lists a request, several requests at once. The rows come in the order of the
// keys' requests, equal keys give equal order, and memory is bounded by the
// requests in flight. It stops after the first error, which it yields with a nil
// row.
//
// The field is as the method's filter names it, such as "originId" or "id". Keys
// must not be empty, since the portal would take that for "has none", and each
// should occur once. The portal's comparison may ignore case and trailing
// blanks: whoever needs the exact key compares again.
func (c *Client) LookUp(ctx context.Context, l List, field string, keys iter.Seq[string]) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		next, stopKeys := iter.Pull2(lookUpRounds(l, field, keys))
		defer stopKeys()
		ctx, cancel := context.WithCancel(ctx)
		r := &relay{client: c, stop: make(chan struct{})}
		defer r.workers.Wait()
		defer cancel()
		defer close(r.stop)
		var window []<-chan part
		more := true
		for {
			for more && len(window) < lookUpWindow {
				var round []*cursor
				var err error
				if round, err, more = next(); more {
					window = append(window, r.read(ctx, round, err))
				}
				more = more && err == nil
			}
			if len(window) == 0 {
				return
			}
			for p := range window[0] {
				if !hand(p.rows, p.err, yield) {
					return
				}
			}
			window = window[1:]
		}
	}
}

// A relay reads rounds of lists, each on a goroutine of its own.
type relay struct {
	client  *Client
	stop    chan struct{} // closed when nobody reads any more
	workers crash.Group
}

// read starts to read lists. Their rows come through the channel, page by page.
func (r *relay) read(ctx context.Context, round []*cursor, err error) <-chan part {
	parts := make(chan part, 1)
	r.workers.Go(func() {
		defer close(parts)
		if err != nil {
			part{nil, err}.send(parts, r.stop)
			return
		}
		for len(round) > 0 {
			r.client.advance(ctx, round)
			p := collect(round)
			if !p.send(parts, r.stop) || p.err != nil {
				return
			}
			round = slices.DeleteFunc(round, func(cur *cursor) bool { return cur.done })
		}
	})
	return parts
}

// collect joins the pages that were read last, up to the first that failed.
func collect(round []*cursor) (p part) {
	for _, cur := range round {
		p.rows, p.err = append(p.rows, cur.page...), cur.err
		if p.err != nil {
			return p
		}
	}
	return p
}

// lookUpRounds cuts keys into lists, and those into rounds of 50. Keys that a
// batch cannot carry go into lists of their own, so that they hold up no other.
func lookUpRounds(l List, field string, keys iter.Seq[string]) iter.Seq2[[]*cursor, error] {
	return func(yield func([]*cursor, error) bool) {
		var packed, alone []any
		var round []*cursor
		// flush makes a list of keys, and a round of the lists if it is full or last.
		flush := func(part []any, last bool) bool {
			if len(part) > 0 {
				cur, err := lookUpCursor(l, field, part)
				if err != nil {
					yield(nil, err)
					return false
				}
				round = append(round, cur)
			}
			if len(round) < MaxBatch && !last || len(round) == 0 {
				return true
			}
			full := round
			round = nil
			return yield(full, nil)
		}
		for key := range keys {
			if key == "" {
				yield(nil, fmt.Errorf("%s: look up %s: a key is empty, which would match every record that has none", l.Method, field))
				return
			}
			part := &packed
			if !Carries(Params{"key": key}) {
				part = &alone
			}
			if *part = append(*part, key); len(*part) == KeysPerList {
				if !flush(*part, false) {
					return
				}
				*part = nil
			}
		}
		_ = flush(packed, false) && flush(alone, false) && flush(nil, true)
	}
}

// lookUpCursor is the list of some keys.
func lookUpCursor(l List, field string, keys []any) (*cursor, error) {
	filter := map[string]any{}
	given, ok := l.Params["filter"].(map[string]any)
	if !ok && l.Params["filter"] != nil {
		return nil, fmt.Errorf("%s: the filter must be a map, not a %T", l.Method, l.Params["filter"])
	}
	if _, grouped := given["logic"]; grouped {
		filter["0"] = given
	} else {
		maps.Copy(filter, given)
	}
	if _, taken := filter["@"+field]; taken {
		return nil, fmt.Errorf("%s: the filter has %q already, which is where the keys go", l.Method, "@"+field)
	}
	filter["@"+field] = keys
	params := maps.Clone(l.Params)
	if params == nil {
		params = Params{}
	}
	params["filter"] = filter
	l.Params = params
	return newCursor(l)
}
