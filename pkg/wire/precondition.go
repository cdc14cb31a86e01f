package wire

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A KeyLook asks once more for what creates were looked for by their match keys, when the plan
// found nothing: somebody may have made it since.
type KeyLook struct {
	Lists    []bitrix.List
	Contacts []kind.ContactSearch // phones and e-mails are looked for by a method of their own

	keys  []keyOf
	lists [][]int // the keys that each list asks for
}

// A keyOf is one match key of a call.
type keyOf struct {
	plan.MatchKey
	call  int
	at    kind.Store
	slot  plan.Slot
	owner string // of the marks of this project
}

// NewKeyLook asks for the match keys of creates.
func NewKeyLook(calls []Call) *KeyLook {
	l := &KeyLook{}
	shapes := make(map[string][]int)
	var order []string
	for i, c := range calls {
		r, ok := c.(*Ready)
		if !ok || r.keyField != nil || !r.Once() {
			continue
		}
		for _, key := range r.keys() {
			key.call = i
			n := len(l.keys)
			l.keys = append(l.keys, key)
			if contact, ok := key.Contact(); ok {
				l.search(key.at.Kind, contact)
				continue
			}
			shape := key.Shape()
			if shape == "" {
				shape = strconv.Itoa(n) // it stands alone
			}
			shape += " " + strconv.Itoa(key.at.Number()) + " " + strconv.Itoa(key.at.Iblock)
			if shapes[shape] == nil {
				order = append(order, shape)
			}
			shapes[shape] = append(shapes[shape], n)
		}
	}
	for i := range l.Contacts {
		slices.Sort(l.Contacts[i].Values)
		l.Contacts[i].Values = slices.Compact(l.Contacts[i].Values)
	}
	for _, shape := range order {
		for part := range slices.Chunk(shapes[shape], kind.SearchSize) {
			l.Lists, l.lists = append(l.Lists, l.list(part)), append(l.lists, part)
		}
	}
	return l
}

// keys gives the match keys of a create that a record can meet.
func (r *Ready) keys() (out []keyOf) {
	at := r.Change.Store()
	at.EntityTypeID = r.EntityTypeID
	slot := plan.SlotAt(r.Change.Facts, wiresIn(r.mark))
	for _, names := range r.Change.Match {
		k := keyOf{at: at, slot: slot, owner: slot.Holder(rowOfMark(r.mark)).Owner}
		for _, name := range names {
			i := slices.IndexFunc(r.fields, func(d plan.Field) bool { return d.Name == name })
			if i < 0 {
				break
			}
			c, ok := plan.ConditionOf(&r.fields[i])
			if !ok {
				break
			}
			k.MatchKey = append(k.MatchKey, c)
		}
		if len(k.MatchKey) == len(names) {
			out = append(out, k)
		}
	}
	return out
}

func wiresIn(marks []plan.Mark) []string {
	out := make([]string, len(marks))
	for i, m := range marks {
		out[i] = m.Wire
	}
	return out
}

// rowOfMark is a row that carries a mark.
func rowOfMark(marks []plan.Mark) kind.Row {
	row := make(kind.Row, len(marks))
	for _, m := range marks {
		row[m.Wire], _ = json.Marshal(m.Value) // a text
	}
	return row
}

// search adds the phones or e-mails of a condition to what is searched for.
func (l *KeyLook) search(of *kind.Kind, c plan.Condition) {
	i := slices.IndexFunc(l.Contacts, func(s kind.ContactSearch) bool { return s.Kind == of && s.TypeID == c.Multi })
	if i < 0 {
		i = len(l.Contacts)
		l.Contacts = append(l.Contacts, kind.ContactSearch{Kind: of, TypeID: c.Multi, All: true})
	}
	l.Contacts[i].Values = append(l.Contacts[i].Values, slices.Concat(c.Spellings()...)...)
}

// list asks for some keys of one shape.
func (l *KeyLook) list(part []int) bitrix.List {
	keys := make([]plan.MatchKey, len(part))
	columns := make(map[string]bool)
	for i, n := range part {
		keys[i] = l.keys[n].MatchKey
		for _, name := range l.keys[n].columns() {
			columns[name] = true
		}
	}
	first := &l.keys[part[0]]
	filter := make(map[string]any)
	for _, c := range plan.Where(keys...) {
		if c.Test == kind.AnyOf {
			filter[first.at.Kind.Methods.Among(c.Field)] = c.Values
		} else {
			filter["="+c.Field] = c.Values[0]
		}
	}
	g := idGroup{idBin: idBin{Store: first.at}, columns: columns}
	return listOf(first.at, filter, g.selected())
}

// columns are what tells whether a row meets the key, and whose it is.
func (k *keyOf) columns() []string {
	out := append([]string{"id"}, k.slot.AllWires()...)
	for _, c := range k.MatchKey {
		out = append(out, kind.ColumnsOf(c.Type, c.Wire)...)
	}
	return out
}

// Named asks for the records that were named for phones and e-mails.
func (l *KeyLook) Named(answers []kind.ContactAnswer) []bitrix.List {
	var lists idLists
	seen := make(map[kind.RecordID]bool)
	for _, a := range answers {
		var at kind.Store
		var columns []string
		for _, k := range l.keys {
			if c, ok := k.Contact(); ok && k.at.Kind == a.Kind && c.Multi == a.TypeID {
				at, columns = k.at, append(columns, k.columns()...)
			}
		}
		for _, id := range a.IDs {
			if of := at.Record(id); !seen[of] {
				seen[of] = true
				lists.add(at, id, columns)
			}
		}
	}
	return lists.lists()
}

// Read gives, for each call of which somebody else's record meets a key, the id of the first.
func (l *KeyLook) Read(answers, named []bitrix.Listing) (map[int]int, error) {
	found := make(map[int]int)
	take := func(rows []json.RawMessage, keys func(kind.Row) []int) error {
		for _, raw := range rows {
			row, err := kind.DecodeRow(raw)
			if err != nil {
				return err
			}
			for _, n := range keys(row) {
				k := &l.keys[n]
				if k.Meets(row) && k.slot.Holder(row).Owner != k.owner {
					if id := row.Int("id"); found[k.call] == 0 || id < found[k.call] {
						found[k.call] = id
					}
				}
			}
		}
		return nil
	}
	for i, a := range answers {
		if a.Err != nil && !bitrix.IsNotFound(a.Err) {
			return nil, a.Err
		}
		if err := take(a.Rows, func(kind.Row) []int { return l.lists[i] }); err != nil {
			return nil, err
		}
	}
	index := l.contactIndex()
	for _, a := range named {
		if a.Err != nil && !bitrix.IsNotFound(a.Err) {
			return nil, a.Err
		}
		if err := take(a.Rows, index.keys); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// A contactIndex finds keys by the phones and e-mails that they ask for.
type contactIndex struct {
	keysOf map[string][]int
	types  []value.Type
}

func (l *KeyLook) contactIndex() contactIndex {
	x := contactIndex{keysOf: make(map[string][]int)}
	for n, k := range l.keys {
		c, ok := k.Contact()
		if !ok {
			continue
		}
		if !slices.ContainsFunc(x.types, func(t value.Type) bool { return t.Multi == c.Multi && t.Region == c.Type.Region }) {
			x.types = append(x.types, c.Type)
		}
		for _, normal := range c.Values() {
			x.keysOf[c.Multi+" "+normal] = append(x.keysOf[c.Multi+" "+normal], n)
		}
	}
	return x
}

func (x contactIndex) keys(row kind.Row) (out []int) {
	for _, t := range x.types {
		live, err := value.MustCodecOf(t).Read(row[kind.ContactsField])
		if err != nil {
			continue
		}
		for _, entry := range live.Entries() {
			for _, n := range x.keysOf[t.Multi+" "+t.Normal(entry.Text)] {
				if !slices.Contains(out, n) {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// A Referral is a record that a create links to, and that was there when the plan was made.
type Referral struct {
	Call  int
	Field string // as declared
	Name  string // what the manifest calls it
	ID    int
}

// A ReferralLook asks whether what creates link to is still there.
type ReferralLook struct {
	Lists []bitrix.List

	referrals []Referral
	at        []int // the list of each
}

// NewReferralLook asks for what was there when the plan was made and creates link to.
func NewReferralLook(calls []Call) *ReferralLook {
	l := &ReferralLook{}
	var lists idLists
	asked := make(map[kind.RecordID]int)
	for i, c := range calls {
		r, ok := c.(*Ready)
		if !ok || r.keyField != nil || !r.Once() || !r.Change.IsRecord() {
			continue
		}
		for k := range r.fields {
			if slices.Contains(r.open, r.fields[k].Name) {
				continue // this run has made it just now
			}
			for of, ref := range LinksOf(&r.fields[k]) {
				ref.Call = i
				if _, known := asked[of.Record(ref.ID)]; !known {
					asked[of.Record(ref.ID)] = lists.add(of, ref.ID, nil)
				}
				l.referrals, l.at = append(l.referrals, ref), append(l.at, asked[of.Record(ref.ID)])
			}
		}
	}
	l.Lists = lists.lists()
	return l
}

// noteOpen notes which links of a create are open: what they name is made by this run.
func (r *Ready) noteOpen() {
	for i := range r.fields {
		want := value.Wanted(r.fields[i].Want)
		if want.IsOpen() || want.Form == value.FormList && slices.ContainsFunc(want.Parts, func(p value.Part) bool { return p.Value.IsOpen() }) {
			r.open = append(r.open, r.fields[i].Name)
		}
	}
}

// LinksOf gives the records of the CRM that a field names and that had an id when the plan was made.
func LinksOf(d *plan.Field) func(yield func(kind.Store, Referral) bool) {
	return func(yield func(kind.Store, Referral) bool) {
		if !d.Codec().Traits().Links {
			return
		}
		want := value.Wanted(d.Want)
		links := want.Entries()
		if want.Form == value.FormText {
			links = []value.Value{want}
		}
		for _, v := range links {
			entity, id := linked(d, v)
			if entity == 0 || id == 0 {
				continue
			}
			name := string(v.Ref())
			if name == "" {
				name = v.Text
			}
			if !yield(kind.Store{Kind: kind.BuiltIn().OfEntity(entity), EntityTypeID: entity}, Referral{Field: d.Name, Name: name, ID: id}) {
				return
			}
		}
	}
}

// linked gives the entity type and the id of what a link names, if it is a record of the CRM.
func linked(d *plan.Field, v value.Value) (entityTypeID, id int) {
	if d.Type.Name == string(kind.TypeCRM) {
		code, id, _ := v.Record()
		return kind.BuiltIn().ByShort(code), value.IDNumber(id)
	}
	if digits, ok := strings.CutPrefix(d.Wire, "parentId"); ok {
		entityTypeID, _ = strconv.Atoi(digits)
		return entityTypeID, value.IDNumber(v.Text)
	}
	if k := kind.BuiltIn().ByLink(kind.FieldType(d.Type.Public())); k != nil {
		return k.EntityTypeID, value.IDNumber(v.Text)
	}
	return 0, 0
}

// Gone lists what is not there any more. What the portal does not tell is left out.
func (l *ReferralLook) Gone(answers []bitrix.Listing) []Referral {
	shown := make([]map[int]kind.Row, len(answers))
	for i, a := range answers {
		if a.Err == nil {
			shown[i], _ = rowsByID(a.Rows)
		}
	}
	var out []Referral
	for i, ref := range l.referrals {
		if rows := shown[l.at[i]]; rows != nil && rows[ref.ID] == nil {
			out = append(out, ref)
		}
	}
	return out
}
