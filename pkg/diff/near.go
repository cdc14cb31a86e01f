package diff

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A portal compares phones and e-mails by rules of its own. What it names for one, and
// what is another one by ours, may still be the record that is meant: so it is noted for
// the query, and never passed by.

// noteNear notes the records that the portal named for a query's phone or e-mail and
// that do not have it as far as is known; a record that it does not show has nothing.
// An answer does not tell for which of its values it named a record. Where that is not
// plain, those that no record has are asked for once more, and one by one if that names
// anything.
func (f *fetcher) noteNear(ctx context.Context, queries []*query, answers []kind.ContactAnswer, rows map[int]kind.Row) error {
	d := f.newDoubts(queries, rows)
	together, alone := d.open(answers)
	again, err := f.searchContacts(ctx, together)
	if err != nil {
		return err
	}
	for _, a := range again {
		alone = append(alone, singly(a.ContactSearch, a.Values)...)
	}
	slices.SortFunc(alone, func(a, b kind.ContactSearch) int {
		return cmp.Or(strings.Compare(a.TypeID, b.TypeID), strings.Compare(a.Values[0], b.Values[0]))
	})
	answers, err = f.searchContacts(ctx, alone)
	if err != nil || len(answers) == 0 {
		return err
	}
	near := make(map[contactValue][]int)
	for _, a := range answers {
		near[contactValue{a.TypeID, a.Values[0]}] = a.IDs
	}
	for _, q := range queries {
		q.noteNear(near, rows)
	}
	return nil
}

// open gives the values of answers that are asked for once more, together or one by one,
// and notes which answers are full.
func (d *doubts) open(answers []kind.ContactAnswer) (together, alone []kind.ContactSearch) {
	for _, a := range answers {
		open, certain := d.of(a)
		once := a.ContactSearch
		once.Values, once.All = open, false
		switch {
		case len(open) == 0:
		case certain || len(open) == 1:
			alone = append(alone, singly(once, open)...)
		default:
			together = append(together, once)
		}
		if a.Full {
			d.markFull(a)
		}
	}
	return together, alone
}

// singly makes a search for each of some values.
func singly(s kind.ContactSearch, values []string) []kind.ContactSearch {
	out := make([]kind.ContactSearch, len(values))
	for i, v := range values {
		out[i] = s
		out[i].Values = []string{v}
	}
	return out
}

// A contactValue is one spelling of a phone or an e-mail.
type contactValue struct{ typeID, value string }

// A spelling is who asks for a contactValue, and how that is compared.
type spelling struct {
	queries []*query
	normals []string
}

// doubts tells for which values an answer may have named records that do not have them.
type doubts struct {
	*fetcher
	spelled map[contactValue]*spelling
	rows    map[int]kind.Row
	live    map[contactOwner]map[string]bool // the normalised values of records
}

type contactOwner struct {
	typeID string
	id     int
}

func (f *fetcher) newDoubts(queries []*query, rows map[int]kind.Row) *doubts {
	d := &doubts{f, make(map[contactValue]*spelling), rows, make(map[contactOwner]map[string]bool)}
	for _, q := range queries {
		c, _ := q.contact()
		for i, spellings := range q.spelledEach() {
			for _, value := range spellings {
				key := contactValue{c.Multi, value}
				s := d.spelled[key]
				if s == nil {
					s = &spelling{}
					d.spelled[key] = s
				}
				s.queries = append(s.queries, q)
				if n := q.normals()[i]; !slices.Contains(s.normals, n) {
					s.normals = append(s.normals, n)
				}
			}
		}
	}
	return d
}

// of gives the values of an answer of which it may have named a record that does not have
// them: those for which nothing is found, so that a create may follow. It is certain if a
// record has none of the values that were asked for. Else it may still have been named for
// two of them, if it has a further value, or one that looks like one.
func (d *doubts) of(a kind.ContactAnswer) (open []string, certain bool) {
	var unmet, free []string
	for _, value := range a.Values {
		s := d.spelled[contactValue{a.TypeID, value}]
		if !slices.ContainsFunc(s.queries, func(q *query) bool { return len(q.rows) == 0 }) {
			continue
		}
		unmet = append(unmet, value)
		if !slices.ContainsFunc(a.IDs, func(id int) bool { return d.has(a, id, value) }) {
			free = append(free, value)
		}
	}
	if len(unmet) == 0 {
		return nil, false
	}
	maybe := false
	for _, id := range a.IDs {
		if !slices.ContainsFunc(a.Values, func(value string) bool { return d.has(a, id, value) }) {
			return unmet, true
		}
		maybe = maybe || d.further(a, id, free)
	}
	if !maybe {
		return nil, false
	}
	return free, false
}

// has tells whether a record has a value.
func (d *doubts) has(a kind.ContactAnswer, id int, value string) bool {
	live := d.liveOf(a.TypeID, id)
	return slices.ContainsFunc(d.spelled[contactValue{a.TypeID, value}].normals, func(n string) bool { return live[n] })
}

func (d *doubts) liveOf(typeID string, id int) map[string]bool {
	key := contactOwner{typeID, id}
	live, known := d.live[key]
	if !known {
		c := d.Multifield(typeID)
		live = make(map[string]bool)
		for _, r := range declared.ContactsIn(c, d.rows[id]) {
			live[c.Normal(r.Text)] = true
		}
		d.live[key] = live
	}
	return live
}

// manyContacts is how many phones or e-mails of a record are looked at one by one.
const manyContacts = 20

// further tells whether a record has a value beside those of an answer, or one that looks
// like one of some values.
func (d *doubts) further(a kind.ContactAnswer, id int, values []string) bool {
	live := d.liveOf(a.TypeID, id)
	if len(live) > manyContacts {
		return true
	}
	asked := make(map[string]bool)
	for _, value := range a.Values {
		for _, n := range d.spelled[contactValue{a.TypeID, value}].normals {
			asked[n] = true
		}
	}
	for n := range live {
		if !asked[n] || slices.ContainsFunc(values, func(value string) bool { return lookAlike(a.TypeID, value, n) }) {
			return true
		}
	}
	return false
}

// markFull notes the queries of a value for which the portal names as many records as it
// shows at most.
func (d *doubts) markFull(a kind.ContactAnswer) {
	for _, value := range a.Values {
		for _, q := range d.spelled[contactValue{a.TypeID, value}].queries {
			q.full = true
		}
	}
}

// lookAlike tells whether two phones end alike, or two e-mails begin alike but for case,
// signs and what stands behind a +.
func lookAlike(typeID, a, b string) bool {
	if typeID != "PHONE" {
		return mailbox(a) == mailbox(b)
	}
	const enough = 6
	a, b = value.PhoneDigits(a), value.PhoneDigits(b)
	return len(a) >= enough && len(b) >= enough && a[len(a)-enough:] == b[len(b)-enough:]
}

func mailbox(email string) string {
	name, _, _ := strings.Cut(strings.ToLower(email), "@")
	name, _, _ = strings.Cut(name, "+")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name)
}

// noteNear notes what was named for the query's own values. A row that differs in
// another condition too is another record.
func (q *query) noteNear(near map[contactValue][]int, rows map[int]kind.Row) {
	contact, _ := q.contact()
	for _, value := range q.spellings() {
		for _, id := range near[contactValue{contact.Multi, value}] {
			row, shown := rows[id]
			switch {
			case slices.ContainsFunc(slices.Concat(q.rows, q.near), func(r kind.Row) bool { return r.Int("id") == id }):
			case !shown:
				q.near = append(q.near, kind.Row{"id": json.RawMessage(strconv.Itoa(id))})
			case !slices.ContainsFunc(q.conditions, func(c plan.Condition) bool { return c.Multi != contact.Multi && !c.Meets(row) }):
				q.near = append(q.near, row)
			}
		}
	}
}

// unlike judges records that the portal named for a match key and that do not agree. A
// number of a known country is certainly another one; else nobody knows, and creating the
// record could double it.
func unlike(v *declared.View, r *spec.Resource, m Match) identity {
	if !m.Full && len(m.Near) == 0 {
		return identity{}
	}
	fields := value.L("fields", r.Identity.Match[m.Key].Fields)
	if m.Full {
		return refusal("MATCH_UNSURE", value.Say("named-and-no-more-shown", value.N("n", kind.ContactsShown), fields), value.Message{})
	}
	doubt := slices.ContainsFunc(m.Near, func(row kind.Row) bool { return !told(v, r, m, row) })
	if !doubt {
		return identity{}
	}
	why, near := "named-and-not-known", []value.Arg{denial.RecordsNamed("records", r.Kind, m.Near), fields}
	if has := liveContacts(v, r, m); len(has) > 0 {
		why, near = "named-and-not-known-which", append(near, value.Some("contacts", has))
	}
	return refusal("MATCH_UNSURE", value.Say(why, near...), value.Message{})
}

// told tells whether a record certainly is another one: it is shown, and the phones of
// both sides are numbers of known countries.
func told(v *declared.View, r *spec.Resource, m Match, row kind.Row) bool {
	c := v.Multifield("PHONE")
	live := declared.ContactsIn(c, row)
	declared, ok := r.Field("phones")
	if !ok || !slices.Contains(r.Identity.Match[m.Key].Fields, "phone") {
		return false
	}
	known := func(number string) bool { return value.KnownPhone(number, c.Region) }
	for _, item := range declared.Value.Members() {
		if value, ok := item.Get("value"); ok {
			item = value
		}
		if !known(item.Text) {
			return false
		}
	}
	return len(live) > 0 && !slices.ContainsFunc(live, func(l value.Value) bool { return !known(l.Text) })
}

// liveContacts quotes the phones or e-mails of the records that are near, as far as they
// are shown.
func liveContacts(v *declared.View, r *spec.Resource, m Match) []string {
	var out []string
	for _, name := range r.Identity.Match[m.Key].Fields {
		rule, _ := r.Kind.Field(spec.DeclaredAs(name))
		for _, row := range m.Near {
			if rule.Multi == "" {
				break
			}
			for _, l := range declared.ContactsIn(v.Multifield(rule.Multi), row) {
				out = append(out, fmt.Sprintf("%q", l.Text))
			}
		}
	}
	return out
}

// warnNear warns of a create beside a record that the portal takes for the same.
func (c *computer) warnNear(ch *plan.Change, r *spec.Resource) {
	m := c.state.Matches[r.Address]
	if ch.Action != plan.Create || len(m.Near) == 0 {
		return
	}
	why := "created-beside"
	near := []value.Arg{value.T("resource", r.Address), denial.RecordsNamed("records", r.Kind, m.Near), value.L("fields", r.Identity.Match[m.Key].Fields)}
	if has := liveContacts(&c.View, r, m); len(has) > 0 {
		why, near = "created-beside-which-has", append(near, value.Some("contacts", has))
	}
	p := denial.Problem(r.Identity.Match[m.Key].Pos, value.Bad("match", why, "look-and-name-it", near...))
	c.Warn(p)
}
