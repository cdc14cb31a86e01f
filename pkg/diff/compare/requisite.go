package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// The parts whose rows are matched by marks.
var (
	requisitesPart = kind.Requisites()[0]
	bankPart, _    = requisitesPart.Part(kind.BankDetailsPart)
)

// plainText is the codec of a text.
var plainText = value.MustCodecOf(kind.Texts)

// rowTypes are the types that requisites and bank details have, by their names, and how
// their values are meant: the older methods keep a user field for yes or no as 1 or 0.
var rowTypes = map[kind.FieldType]value.Type{
	"char":            {Name: "boolean"},
	kind.TypeBoolean:  {Name: "flag"},
	kind.TypeDouble:   {Name: "double", Places: 6, Nullable: true},
	kind.TypeInteger:  {Name: "integer", Nullable: true},
	kind.TypeString:   {Name: "string"},
	kind.TypeText:     {Name: "text"},
	kind.TypeDate:     {Name: "date"},
	kind.TypeDatetime: {Name: "datetime"},
	kind.TypeStatus:   {Name: "crm_status"},
	kind.TypeCurrency: {Name: "crm_currency"},
	kind.TypeUser:     {Name: "user"},
	kind.TypeEmployee: {Name: "user"},
}

// rowType says how the values of a column of requisites or bank details are meant.
func rowType(live kind.LiveField) (value.Type, bool) {
	t, ok := rowTypes[live.Type]
	t.Dictionary, t.Label = live.StatusType, string(live.Type)
	if live.Type == kind.TypeString && slices.Contains(identColumns, live.Name) {
		t.Name = "ident"
	}
	return t, ok
}

// An entry is one declared requisite, or bank details.
type entry struct {
	key     string // in lower case
	path    string // how field names begin, such as "requisites.main"
	pos     value.Pos
	targets []declared.Target
	preset  int // requisites: the template
	pinned  value.Node
	bank    *[]entry        // requisites: the declared bank details; nil if they are not managed
	posted  *[]addressEntry // requisites: the declared addresses; nil if they are not managed
}

// want is the declared value of a column as it is sent, "" if none is declared.
func (e *entry) want(s *meta.Scope, wire string) string {
	for _, tg := range e.targets {
		if tg.Wire == wire && tg.Value.Kind != value.Null {
			if v, err := tg.Codec.Parse(s.Names(), tg.Value); err == nil && !v.IsEmpty() {
				return v.Text
			}
		}
	}
	return ""
}

// entries reads a declared list of requisites or bank details, sorted by key: their
// order in the manifest means nothing.
func (c *Comparer) entries(s *meta.Scope, family *kind.Part, fields kind.LiveFields, v value.Node, path string) []entry {
	out := make([]entry, 0, len(v.Items))
	for _, item := range v.Items {
		e := entry{key: spec.MainKey, pos: item.Pos}
		if key, ok := item.Get("key"); ok {
			e.key = strings.ToLower(key.Text)
		}
		e.path = path + "." + e.key
		for _, p := range item.Pairs {
			c.entryPair(s, family, fields, &e, p)
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	return out
}

func (c *Comparer) entryPair(s *meta.Scope, family *kind.Part, fields kind.LiveFields, e *entry, p value.Pair) {
	var err error
	switch p.Key {
	case "key":
	case "preset":
		e.pinned = p.Value
		e.preset, err = presetOf(&c.Meta.Requisites, p.Value.Text)
	case kind.ColumnsPart:
		for _, field := range p.Value.Pairs {
			tg, err := officialTarget(fields, e.path, field)
			if err != nil {
				c.Object(field.Pos, err)
				continue
			}
			e.targets = append(e.targets, tg)
		}
	case kind.BankDetailsPart:
		bank := c.entries(s, &bankPart, c.Meta.Requisites.BankFields, p.Value, e.path+"."+p.Key)
		e.bank = &bank
	case kind.AddressesPart:
		posted := c.addressEntries(p.Value, e.path+"."+p.Key)
		e.posted = &posted
	default:
		rule, _ := family.Column(p.Key)
		typ := rule.ValueType()
		typ.Label = string(kind.TypeString)
		e.targets = append(e.targets, declared.Target{Name: e.path + "." + rule.Name, Value: p.Value, Pos: p.Pos, Type: typ, Codec: value.MustCodecOf(typ), Wire: rule.Wire})
	}
	if err != nil {
		c.File(denial.ProblemWith(p.Value, err), denial.CodeOf(err))
	}
}

// officialTarget is a field that goes by its official name, or a user field by its code.
func officialTarget(fields kind.LiveFields, path string, p value.Pair) (declared.Target, error) {
	tg := declared.Target{Name: path + "." + p.Key, Value: p.Value, Pos: p.Pos}
	live, ok := fields.ByName[p.Key]
	if hits := fields.ByCode[p.Key]; !ok && len(hits) == 1 {
		live, ok = hits[0], true
	}
	switch {
	case !ok:
		return tg, value.WithHint(denial.Unmet("NO_FIELD", "unknown-field", "no-field-here", "", value.T("field", p.Key)), officialHint(fields, p.Key))
	case live.ReadOnly || !isOfficial(live):
		return tg, denial.Unmet("READ_ONLY", "read-only", "not-among-fields", "beside-official-fields", value.T("field", p.Key))
	case live.Multiple:
		return tg, denial.Unmet("NOT_WRITABLE", "type", "multiple-cannot-be-declared", "remove-from-manifest", value.T("field", p.Key))
	}
	tg.Wire = live.Name
	t, ok := rowType(live)
	if !ok {
		return tg, denial.Unmet("NOT_WRITABLE", "type", "type-cannot-be-declared", "remove-from-manifest", value.T("field", p.Key), value.T("type", live.Type))
	}
	tg.Type, tg.Codec = t, value.MustCodecOf(t)
	return tg, nil
}

// isOfficial tells whether a field is one of the details rather than of the row itself.
func isOfficial(f kind.LiveField) bool {
	return f.Dynamic || strings.HasPrefix(f.Name, "RQ_") || f.Name == "COMMENTS"
}

func officialHint(fields kind.LiveFields, name string) value.Message {
	var names []string
	for _, f := range fields.ByName {
		if isOfficial(f) {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	if near, ok := spec.Suggest(name, names); ok {
		return value.Say("did-you-mean", value.T("name", near))
	}
	return value.Say("fields-are", value.Some("names", names))
}

// marksOf ties a row to its entry. The owner that it belongs to is part of the identity
// too, so that the key need not be unique on the portal. The external code holds 45
// characters, the originator 255.
func marksOf(owner, key string) []plan.Mark {
	return []plan.Mark{{Wire: "ORIGINATOR_ID", Value: ownerCode(owner)}, {Wire: "XML_ID", Value: rowPrefix + key}}
}

const rowPrefix = "b24apply:"

func ownerCode(owner string) string { return "b24apply:" + owner }

// isOurs tells whether a row carries the mark of an entry of one of the owners.
func isOurs(row kind.Row, owners []string) bool {
	owner, _ := strings.CutPrefix(row.Text("ORIGINATOR_ID"), plan.MarkPrefix)
	return slices.Contains(owners, owner) && row.Text("ORIGINATOR_ID") == ownerCode(owner) && strings.HasPrefix(row.Text("XML_ID"), rowPrefix)
}

// isUnowned tells whether no program has put its mark on a row.
func isUnowned(row kind.Row) bool { return row.Text("ORIGINATOR_ID") == "" && row.Text("XML_ID") == "" }

// A pairing is what declared entries and live rows come to.
type pairing struct {
	rows    []kind.Row      // for each entry its live row; nil is a new one
	adopted []value.Message // whose that was before, if it is given the entry's mark now
	gone    []kind.Row      // ours, and declared no more
}

// A pairer finds the live rows of entries.
type pairer struct {
	scope  *meta.Scope
	family *kind.Part
	owners []string // whose marks count: the project's name, and its former ones
	force  bool     // what belongs to others is taken over
}

// pair finds the live row of each entry. What cannot be told apart is an error.
func (p *pairer) pair(entries []entry, live []kind.Row) (out pairing, err error) {
	out = pairing{rows: make([]kind.Row, len(entries)), adopted: make([]value.Message, len(entries))}
	taken := make(map[int]string)
	for i := range entries {
		e := &entries[i]
		out.rows[i], out.adopted[i], err = p.find(e, live)
		if err != nil {
			return out, err
		}
		if out.rows[i] == nil {
			continue
		}
		id := out.rows[i].Int("ID")
		if other, ok := taken[id]; ok {
			return out, value.Bad("", p.family.Rows.BothFit, "tell-rows-apart", value.T("entry", other), value.T("other", e.path), value.N("id", id))
		}
		taken[id] = e.path
	}
	out.gone = rowsWhere(live, func(row kind.Row) bool { return isOurs(row, p.owners) && taken[row.Int("ID")] == "" })
	return out, nil
}

// find gives the live row of an entry, and whose it was until now: the one that carries
// its mark, under the first of the owners or a former one; else the one on which half of
// the mark is left; else the only unowned one that means the same.
func (p *pairer) find(e *entry, live []kind.Row) (kind.Row, value.Message, error) {
	for n, owner := range p.owners {
		hits := rowsWhere(live, func(row kind.Row) bool { return plan.Carries(row, marksOf(owner, e.key)) })
		switch {
		case len(hits) > 1:
			return nil, value.Message{}, doubleRows(e.path, p.family, hits)
		case len(hits) == 1 && n > 0:
			return hits[0], value.Say("row-is-of-former-name", value.T("owner", owner)), nil
		case len(hits) == 1:
			return hits[0], value.Message{}, nil
		}
	}
	halved, nobodys := value.Say("row-has-half-of-mark"), value.Say("row-is-nobodys")
	unowned := rowsWhere(live, isUnowned)
	for _, way := range []struct {
		rows  []kind.Row
		whose value.Message
	}{
		{rowsWhere(live, func(row kind.Row) bool {
			return row.Text("ORIGINATOR_ID") == "" && row.Text("XML_ID") == rowPrefix+e.key
		}), halved},
		{rowsWhere(p.half(live), func(row kind.Row) bool { return e.isTwin(p.scope, p.family, row) }), halved},
		{rowsWhere(unowned, func(row kind.Row) bool { return e.isTwin(p.scope, p.family, row) }), nobodys},
		{rowsWhere(unowned, func(row kind.Row) bool { return e.isSame(p.scope, p.family, row) }), nobodys},
	} {
		switch {
		case len(way.rows) > 1:
			return nil, value.Message{}, value.Bad("", p.family.Rows.SeveralFit, "change-unmeant-rows", value.T("entry", e.path), value.N("n", len(way.rows)), value.T("ids", upperIDs(way.rows)))
		case len(way.rows) == 1:
			return way.rows[0], way.whose, nil
		}
	}
	return p.others(e, live)
}

// half gives the rows that name an owner of ours and no entry.
func (p *pairer) half(live []kind.Row) []kind.Row {
	return rowsWhere(live, func(row kind.Row) bool {
		owner, ours := strings.CutPrefix(row.Text("ORIGINATOR_ID"), plan.MarkPrefix)
		return ours && slices.Contains(p.owners, owner) && row.Text("XML_ID") == ""
	})
}

// others refuses an entry that would be made beside a row which may be it: one with half
// of a mark, or one of another owner that means the same. By force that one is taken over.
func (p *pairer) others(e *entry, live []kind.Row) (kind.Row, value.Message, error) {
	if half := p.half(live); len(half) > 0 {
		return nil, value.Message{}, value.Bad("", p.family.Rows.HalfMarked, "set-external-code",
			value.T("entry", e.path), value.T("code", rowPrefix+e.key), value.T("ids", upperIDs(half)))
	}
	foreign := rowsWhere(live, func(row kind.Row) bool {
		alike := e.isTwin(p.scope, p.family, row) || row.Text("XML_ID") == rowPrefix+e.key
		return alike && !isUnowned(row) && !isOurs(row, p.owners)
	})
	switch {
	case len(foreign) == 0:
		return nil, value.Message{}, nil
	case len(foreign) == 1 && p.force:
		return foreign[0], value.Say("row-is-of-other", value.M("holder", rowOwner(foreign[0]))), nil
	}
	return nil, value.Message{}, value.Bad("FOREIGN_OWNER", "row-belongs-to", "leave-row-or-force",
		value.T("entry", e.path), value.T("row", rowName(foreign[0])), value.M("holder", rowOwner(foreign[0])))
}

// rowOwner names whom a row belongs to.
func rowOwner(row kind.Row) value.Message {
	if owner, ours := strings.CutPrefix(row.Text("ORIGINATOR_ID"), plan.MarkPrefix); ours {
		return value.Say("project-of-name", value.Q("owner", owner))
	}
	return value.Say("other-system-of-row", value.Q("originator", row.Text("ORIGINATOR_ID")), value.Q("code", row.Text("XML_ID")))
}

// doubleRows refuses rows that carry one mark.
func doubleRows(path string, family *kind.Part, hits []kind.Row) error {
	ids := make([]int, len(hits))
	for i, row := range hits {
		ids[i] = row.Int("ID")
	}
	why, hint := plan.DoubleMark(family.Rows.CarryMark, ids)
	return value.WithHint(value.Bad(plan.CodeDoubleMark, "of-field", "", value.T("field", path), value.M("said", why)), hint)
}

// isTwin tells whether an unowned row is what an entry means.
func (e *entry) isTwin(s *meta.Scope, family *kind.Part, row kind.Row) bool {
	if e.preset != 0 && e.preset != row.Int("PRESET_ID") {
		return false
	}
	equal := false
	for _, wire := range slices.Concat(family.Rows.Twins, family.Rows.Apart) {
		want, live := e.want(s, wire), row.Text(wire)
		if want != "" && live != "" && !sameDetail(wire, want, live) {
			return false
		}
		equal = equal || want != "" && sameDetail(wire, want, live) && slices.Contains(family.Rows.Twins, wire)
	}
	return equal
}

// isSame tells whether an unowned row, of which no detail says what it is, has the name
// and every column of an entry that has no such detail either: making it once more would
// make one more at every run, were the portal to drop marks.
func (e *entry) isSame(s *meta.Scope, family *kind.Part, row kind.Row) bool {
	if e.preset != 0 && e.preset != row.Int("PRESET_ID") || row.Text("NAME") != e.rowName(s, family) {
		return false
	}
	for _, wire := range family.Rows.Twins {
		if e.want(s, wire) != "" || row.Text(wire) != "" {
			return false
		}
	}
	for _, tg := range e.targets {
		if _, differs, err := declared.Compare(s, &tg, row); differs || err != nil {
			return false
		}
	}
	return true
}

// rowName is the name of a row that is made for an entry, which the portal demands.
func (e *entry) rowName(s *meta.Scope, family *kind.Part) string {
	name := e.want(s, "NAME")
	if name == "" && family == &requisitesPart {
		name = presetName(&s.Meta.Requisites, e.preset)
	} else if name == "" {
		name = cmp.Or(e.want(s, family.Rows.Named), e.key)
	}
	return name
}

func rowsWhere(rows []kind.Row, ok func(kind.Row) bool) []kind.Row {
	var out []kind.Row
	for _, row := range rows {
		if ok(row) {
			out = append(out, row)
		}
	}
	return out
}

func upperIDs(rows []kind.Row) string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = strconv.Itoa(row.Int("ID"))
	}
	return strings.Join(ids, ", ")
}

// rowName is how plans name a live row that they take over or remove.
func rowName(row kind.Row) string {
	return strings.TrimSpace(fmt.Sprintf("%s (id %d)", row.Text("NAME"), row.Int("ID")))
}
