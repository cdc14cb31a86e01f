package bitrix

import (
	"context"
	"fmt"
	"iter"
	"maps"
)

// KeysPerList is how many keys LookUp asks for in one list. A page has room for
// one more row, so that one which is not full has shown every row even though
// no key is unique on the portal.
const KeysPerList = PageSize - 1

// A Block is what LookUp has found for some keys.
type Block struct {
	Keys []string // at most KeysPerList, in the order in which they came
	Rows []Row    // all rows of these keys, in the order of their ids
}

// LookUp reads the rows whose field has one of the keys: a list takes 49 keys, a request
// 50 lists, and several requests are in flight. The blocks come in the order of the
// keys, except that keys which a batch cannot carry come in blocks of their own, so that
// they hold up no other. It stops after the first error, which it yields with an empty
// block. For memory and the life of the rows see StreamLists.
//
// The field is as the method's filter names it, such as "originId" or "id". Keys
// must not be empty, since the portal would take that for "has none", and each
// should occur once. The portal's comparison may ignore case and trailing
// blanks: whoever needs the exact key compares again.
func (c *Client) LookUp(ctx context.Context, l List, field string, keys iter.Seq[string]) iter.Seq2[Block, error] {
	return func(yield func(Block, error) bool) {
		var asked [][]string // of the lists that are under way
		var bad error        // why there are no more lists
		lists := func(yield func(List) bool) {
			for part, err := range keyParts(l, field, keys) {
				var list List
				if err == nil {
					list, err = lookUpList(l, field, part)
				}
				if bad = err; bad != nil {
					return
				}
				asked = append(asked, part)
				if !yield(list) {
					return
				}
			}
		}
		for rows, err := range c.StreamLists(ctx, lists) {
			if err != nil {
				yield(Block{}, err)
				return
			}
			b := Block{asked[0], rows}
			asked = asked[1:]
			if !yield(b, nil) {
				return
			}
		}
		if bad != nil {
			yield(Block{}, bad)
		}
	}
}

// keyParts cuts keys into those of one list each.
func keyParts(l List, field string, keys iter.Seq[string]) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		var packed, alone []string
		for key := range keys {
			if key == "" {
				yield(nil, fmt.Errorf("%s: look up %s: a key is empty, which would match every record that has none", l.Method, field))
				return
			}
			part := &packed
			if !carriesText(key) {
				part = &alone
			}
			if *part == nil {
				*part = make([]string, 0, KeysPerList)
			}
			if *part = append(*part, key); len(*part) == KeysPerList {
				if !yield(*part, nil) {
					return
				}
				*part = nil
			}
		}
		if len(packed) > 0 && !yield(packed, nil) || len(alone) == 0 {
			return
		}
		yield(alone, nil)
	}
}

// lookUpList is the list of some keys.
func lookUpList(l List, field string, keys []string) (List, error) {
	filter := map[string]any{}
	given, ok := l.Params["filter"].(map[string]any)
	if !ok && l.Params["filter"] != nil {
		return l, fmt.Errorf("%s: the filter must be a map, not a %T", l.Method, l.Params["filter"])
	}
	if _, grouped := given["logic"]; grouped {
		filter["0"] = given
	} else {
		maps.Copy(filter, given)
	}
	if _, taken := filter["@"+field]; taken {
		return l, fmt.Errorf("%s: the filter has %q already, which is where the keys go", l.Method, "@"+field)
	}
	filter["@"+field] = keys
	params := maps.Clone(l.Params)
	if params == nil {
		params = Params{}
	}
	params["filter"] = filter
	l.Params = params
	return l, nil
}
