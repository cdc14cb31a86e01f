package diff

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A portal compares phones and e-mails by rules of its own. What it names for one, and
// what is another one by ours, may still be the record that is meant: so it is noted for
// the query, and never passed by.

// noteNear notes the records that the portal named for a query's phone or e-mail and
// that do not have it as far as is known; a record that it does not show has nothing.
// An answer does not tell for which of the values it named a record: where that is not
// plain, they are asked for one by one.
func (f *fetcher) noteNear(ctx context.Context, queries []*query, named map[int][]contactCall, rows map[int]Row) error {
	if len(named) == 0 {
		return nil
	}
	spelled := make(map[contactValue][][]string)
	for _, q := range queries {
		c, _ := q.contact()
		for _, value := range q.spellings() {
			key := contactValue{c.multi, value}
			spelled[key] = append(spelled[key], q.normals())
		}
	}
	var alone []contactCall
	asked := make(map[contactValue]bool)
	for id, calls := range named {
		for _, call := range calls {
			for _, value := range f.doubtful(call, rows[id], spelled) {
				if key := (contactValue{call.typeID, value}); !asked[key] {
					asked[key] = true
					alone = append(alone, contactCall{call.entityTypeID, call.typeID, []string{value}})
				}
			}
		}
	}
	slices.SortFunc(alone, func(a, b contactCall) int {
		return cmp.Or(strings.Compare(a.typeID, b.typeID), strings.Compare(a.values[0], b.values[0]))
	})
	near := make(map[contactValue][]int)
	err := f.search(ctx, alone, func(c contactCall, result json.RawMessage) error {
		ids, err := contactIDs(result, contactEntities[c.entityTypeID])
		near[contactValue{c.typeID, c.values[0]}] = ids
		return err
	})
	if len(near) == 0 {
		return err
	}
	for _, q := range queries {
		q.noteNear(near, rows)
	}
	return err
}

// A contactValue is one spelling of a phone or an e-mail.
type contactValue struct{ typeID, value string }

// doubtful gives the values of a call for which it may have named a row that does not
// have them: all, if the row has none of them; else those that look like one of the row's.
// spelled holds, for each value, what the queries that spell it so look for.
func (f *fetcher) doubtful(call contactCall, row Row, spelled map[contactValue][][]string) []string {
	c := f.multifield(call.typeID)
	live := c.rowsOf(row)
	normals := make([]string, len(live))
	for i, r := range live {
		normals[i] = c.normal(r.value)
	}
	has := func(wanted []string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(normals, w) })
	}
	var out []string
	explained := false
	for _, value := range call.values {
		queries := spelled[contactValue{call.typeID, value}]
		explained = explained || slices.ContainsFunc(queries, has)
		open := slices.ContainsFunc(queries, func(wanted []string) bool { return !has(wanted) })
		if open && slices.ContainsFunc(live, func(r contactRow) bool { return c.typeID == "PHONE" && lookAlike(value, r.value) }) {
			out = append(out, value)
		}
	}
	if !explained {
		return call.values
	}
	return out
}

// lookAlike tells whether two phones end alike.
func lookAlike(a, b string) bool {
	const enough = 6
	a, b = spec.PhoneDigits(a), spec.PhoneDigits(b)
	return len(a) >= enough && len(b) >= enough && a[len(a)-enough:] == b[len(b)-enough:]
}

// noteNear notes what was named for the query's own values. A row that differs in
// another condition too is another record.
func (q *query) noteNear(near map[contactValue][]int, rows map[int]Row) {
	contact, _ := q.contact()
	for _, value := range q.spellings() {
		for _, id := range near[contactValue{contact.multi, value}] {
			row, shown := rows[id]
			switch {
			case slices.ContainsFunc(slices.Concat(q.rows, q.near), func(r Row) bool { return r.Int("id") == id }):
			case !shown:
				q.near = append(q.near, Row{"id": json.RawMessage(strconv.Itoa(id))})
			case !slices.ContainsFunc(q.conditions, func(c condition) bool { return c.multi != contact.multi && !c.meets(row) }):
				q.near = append(q.near, row)
			}
		}
	}
}

// unlike judges records that the portal named for a match key and that do not agree. A
// number of a known country is certainly another one; else nobody knows, and creating the
// record could double it.
func (v *view) unlike(r *spec.Resource, m Match) identity {
	doubt := slices.ContainsFunc(m.Near, func(row Row) bool { return !v.told(r, m, row) })
	if !doubt {
		return identity{}
	}
	return refusal("MATCH_UNSURE", fmt.Sprintf("the portal names %s for its %s, and whether it has the same is not known%s",
		describeRows(m.Near), listing(r.Identity.Match[m.Key].Fields), v.livePhones(m.Near)), "")
}

// told tells whether a record certainly is another one: it is shown, and the phones of
// both sides are numbers of known countries.
func (v *view) told(r *spec.Resource, m Match, row Row) bool {
	c := v.multifield("PHONE")
	live := c.rowsOf(row)
	declared, ok := r.Field("phones")
	if !ok || !slices.Contains(r.Identity.Match[m.Key].Fields, "phone") {
		return false
	}
	known := func(number string) bool { return spec.KnownPhone(number, c.region) }
	for _, item := range declared.Value.Members() {
		if value, ok := item.Get("value"); ok {
			item = value
		}
		if !known(item.Text) {
			return false
		}
	}
	return len(live) > 0 && !slices.ContainsFunc(live, func(l contactRow) bool { return !known(l.value) })
}

// livePhones quotes the phones of records, as far as they are shown.
func (v *view) livePhones(rows []Row) string {
	var out []string
	for _, row := range rows {
		for _, l := range v.multifield("PHONE").rowsOf(row) {
			out = append(out, fmt.Sprintf("%q", l.value))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ": it has " + strings.Join(shorten(out), ", ")
}

// warnNear warns of a create beside a record that the portal takes for the same.
func (c *computer) warnNear(ch *Change, r *spec.Resource) {
	m := c.state.Matches[r.Address]
	if ch.Action != Create || len(m.Near) == 0 {
		return
	}
	p := problem(r.Identity.Match[m.Key].Pos, complain("match", "look at the record; if it is the one that is meant, name it under metadata.ids",
		"%s is created beside %s, which the portal names for its %s%s", r.Address, describeRows(m.Near), listing(r.Identity.Match[m.Key].Fields), c.livePhones(m.Near)))
	p.Severity = spec.SeverityWarning
	c.problems = append(c.problems, p)
}
