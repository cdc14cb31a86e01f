package diff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A rowFamily is a set of older methods whose rows belong to another row and carry an
// external code: requisites belong to records, bank details to requisites.
type rowFamily struct {
	method string // how the names of its methods begin
	what   string // its rows, for people
	// twins are the columns of which one equal value, and no other one, tells that an
	// unowned row is what a declared entry means; those of apart must not differ.
	twins, apart []string
	columns      []rowColumn
	named        string // the column whose value names a new row
}

// A rowColumn is a property of an entry that does not stand among its official fields.
type rowColumn struct {
	name, wire string
	codec      codec
}

// requisiteRows are the requisites of contacts and companies. Branches of one company
// share a tax id, and their KPP tells them apart.
// Source: api-reference/crm/requisites/universal/index.md.
var requisiteRows = rowFamily{
	method: "crm.requisite", what: "requisites",
	twins: []string{"RQ_INN", "RQ_VAT_ID", "RQ_OGRN", "RQ_OGRNIP", "RQ_EDRPOU", "RQ_DRFO", "RQ_IIN", "RQ_BIN", "RQ_REGON", "RQ_PESEL", "RQ_SIRET", "RQ_CNPJ", "RQ_CPF"},
	apart: []string{"RQ_KPP"},
	columns: []rowColumn{
		{"name", "NAME", stringCodec{}},
		{"code", "CODE", stringCodec{}},
		{"active", "ACTIVE", booleanCodec{}},
		{"addressOnly", "ADDRESS_ONLY", booleanCodec{}},
		{"sort", "SORT", integerCodec{}},
	},
}

// bankRows are the bank details of requisites.
// Source: api-reference/crm/requisites/bank-detail/index.md.
var bankRows = rowFamily{
	method: "crm.requisite.bankdetail", what: "bank details",
	twins: []string{"RQ_IBAN", "RQ_ACC_NUM", "RQ_IIK"},
	columns: []rowColumn{
		{"name", "NAME", stringCodec{}},
		{"code", "CODE", stringCodec{}},
		{"active", "ACTIVE", booleanCodec{}},
		{"sort", "SORT", integerCodec{}},
		{"countryId", "COUNTRY_ID", integerCodec{}},
	},
	named: "RQ_BANK_NAME",
}

// rowCodecs are the codecs of the types that requisites and bank details have and
// records have not, or not so.
var rowCodecs = map[spec.FieldType]codec{
	"char":           booleanCodec{},
	spec.TypeBoolean: flagCodec{},
	spec.TypeDouble:  doubleCodec{places: 6, nullable: true},
	spec.TypeInteger: integerCodec{nullable: true},
}

// flagCodec is a user field for yes or no of the older methods, which keep it as 1 or 0.
type flagCodec struct{ booleanCodec }

func (flagCodec) send(want, _ any) any {
	if want == "Y" {
		return "1"
	}
	return "0"
}

// An entry is one declared requisite, or bank details.
type entry struct {
	key     string // in lower case
	path    string // how field names begin, such as "requisites.main"
	pos     spec.Pos
	targets []target
	preset  int // requisites: the template
	pinned  spec.Value
	bank    *[]entry        // requisites: the declared bank details; nil if they are not managed
	posted  *[]addressEntry // requisites: the declared addresses; nil if they are not managed
}

// want is the declared value of a column as it is sent, "" if none is declared.
func (e *entry) want(s *scope, wire string) string {
	for _, tg := range e.targets {
		if tg.wire == wire && tg.value.Kind != spec.Null {
			if v, err := tg.codec.parse(s, tg.value); err == nil && v != nil {
				return fmt.Sprint(v)
			}
		}
	}
	return ""
}

// entries reads a declared list of requisites or bank details, sorted by key: their
// order in the manifest means nothing.
func (c *computer) entries(s *scope, family *rowFamily, fields LiveFields, v spec.Value, path string) []entry {
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

func (c *computer) entryPair(s *scope, family *rowFamily, fields LiveFields, e *entry, p spec.Pair) {
	var err error
	switch p.Key {
	case "key":
	case "preset":
		e.pinned = p.Value
		e.preset, err = c.meta.Requisites.preset(p.Value.Text)
	case spec.ColumnsPart:
		for _, field := range p.Value.Pairs {
			tg, err := officialTarget(fields, e.path, field)
			if err != nil {
				c.problems = append(c.problems, problem(field.Pos, err))
				continue
			}
			e.targets = append(e.targets, tg)
		}
	case spec.BankDetailsPart:
		bank := c.entries(s, &bankRows, c.meta.Requisites.BankFields, p.Value, e.path+"."+p.Key)
		e.bank = &bank
	case spec.AddressesPart:
		posted := c.addressEntries(p.Value, e.path+"."+p.Key)
		e.posted = &posted
	default:
		i := slices.IndexFunc(family.columns, func(col rowColumn) bool { return col.name == p.Key })
		col := family.columns[i]
		e.targets = append(e.targets, target{name: e.path + "." + col.name, value: p.Value, pos: p.Pos, typ: spec.TypeString, codec: col.codec, wire: col.wire})
	}
	if err != nil {
		c.problems = append(c.problems, problemWith(p.Value, err))
	}
}

// officialTarget is a field that goes by its official name, or a user field by its code.
func officialTarget(fields LiveFields, path string, p spec.Pair) (target, error) {
	tg := target{name: path + "." + p.Key, value: p.Value, pos: p.Pos}
	live, ok := fields.byName[p.Key]
	if hits := fields.byCode[p.Key]; !ok && len(hits) == 1 {
		live, ok = hits[0], true
	}
	switch {
	case !ok:
		return tg, complain("unknown-field", officialHint(fields, p.Key), "%s: this portal has no such field", p.Key)
	case live.ReadOnly || !isOfficial(live):
		return tg, complain("read-only", "name, code, active and sort stand beside fields; b24apply keeps the rest itself", "%s is not written among fields", p.Key)
	case live.Multiple:
		return tg, complain("type", "remove it from the manifest", "%s: fields of several values cannot be declared here", p.Key)
	}
	tg.wire, tg.typ, tg.dict = live.Name, live.Type, live.StatusType
	if tg.codec, ok = rowCodecs[live.Type]; !ok {
		tg.codec, ok = codecs[live.Type]
	}
	if _, text := tg.codec.(stringCodec); text && slices.Contains(identColumns, live.Name) {
		tg.codec = identCodec{}
	}
	if _, links := tg.codec.(linkCodec); !ok || links {
		return tg, complain("type", "remove it from the manifest", "%s: fields of type %s cannot be declared here", p.Key, live.Type)
	}
	return tg, nil
}

// isOfficial tells whether a field is one of the details rather than of the row itself.
func isOfficial(f LiveField) bool {
	return f.Dynamic || strings.HasPrefix(f.Name, "RQ_") || f.Name == "COMMENTS"
}

func officialHint(fields LiveFields, name string) string {
	var names []string
	for _, f := range fields.byName {
		if isOfficial(f) {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	if near, ok := spec.Suggest(name, names); ok {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "fields: " + strings.Join(shorten(names), ", ")
}

// marksOf ties a row to its entry. The owner that it belongs to is part of the identity
// too, so that the key need not be unique on the portal. The external code holds 45
// characters, the originator 255.
func marksOf(owner, key string) []markField {
	return []markField{{"ORIGINATOR_ID", ownerCode(owner)}, {"XML_ID", rowPrefix + key}}
}

const rowPrefix = "b24apply:"

func ownerCode(owner string) string { return "b24apply:" + owner }

// isOurs tells whether a row carries the mark of an entry of one of the owners.
func isOurs(row Row, owners []string) bool {
	owner, _ := strings.CutPrefix(row.Text("ORIGINATOR_ID"), markPrefix)
	return slices.Contains(owners, owner) && row.Text("ORIGINATOR_ID") == ownerCode(owner) && strings.HasPrefix(row.Text("XML_ID"), rowPrefix)
}

// isUnowned tells whether no program has put its mark on a row.
func isUnowned(row Row) bool { return row.Text("ORIGINATOR_ID") == "" && row.Text("XML_ID") == "" }

// A pairing is what declared entries and live rows come to.
type pairing struct {
	rows    []Row  // for each entry its live row; nil is a new one
	adopted []bool // whether the row was nobody's before
	former  []bool // whether it carries the mark of a former owner
	gone    []Row  // ours, and declared no more
}

// pair finds the live row of each entry: the one that carries its mark, under the first
// of some owners or a former one, else the only unowned one that means the same. What
// cannot be told apart is an error.
func pair(s *scope, family *rowFamily, owners []string, entries []entry, live []Row) (pairing, error) {
	p := pairing{rows: make([]Row, len(entries)), adopted: make([]bool, len(entries)), former: make([]bool, len(entries))}
	taken := make(map[int]string)
	for i := range entries {
		e := &entries[i]
		var hits []Row
		for n := 0; n < len(owners) && len(hits) == 0; n++ {
			hits = rowsWhere(live, func(row Row) bool { return carries(row, marksOf(owners[n], e.key)) })
			p.former[i] = n > 0 && len(hits) > 0
		}
		if len(hits) == 0 {
			hits = rowsWhere(live, func(row Row) bool { return isUnowned(row) && e.isTwin(s, family, row) })
			p.adopted[i] = len(hits) > 0
		}
		if len(hits) > 1 && p.adopted[i] {
			return p, complain("", "change those on the portal that are not meant, or give them an external code", "%s: %d %s that nobody owns fit it: ids %s", e.path, len(hits), family.what, upperIDs(hits))
		}
		if len(hits) > 1 {
			return p, doubleRows(e.path, family, hits)
		}
		if len(hits) == 1 {
			id := hits[0].Int("ID")
			if other, ok := taken[id]; ok {
				return p, complain("", "declare what tells the two apart, such as a tax id", "%s and %s both fit one of the %s that nobody owns: id %d", other, e.path, family.what, id)
			}
			taken[id], p.rows[i] = e.path, hits[0]
		}
	}
	p.gone = rowsWhere(live, func(row Row) bool { return isOurs(row, owners) && taken[row.Int("ID")] == "" })
	return p, nil
}

// takes says whose the row of an entry was before it is given the entry's mark; "" if it
// carries that.
func (p *pairing) takes(i int) string {
	switch {
	case p.adopted[i]:
		return "nobody's"
	case p.former[i]:
		return "of " + strings.TrimPrefix(p.rows[i].Text("ORIGINATOR_ID"), markPrefix)
	}
	return ""
}

// doubleRows refuses rows that carry one mark.
func doubleRows(path string, family *rowFamily, hits []Row) error {
	ids := make([]int, len(hits))
	for i, row := range hits {
		ids[i] = row.Int("ID")
	}
	reason, hint := DoubleMark(family.what, ids)
	return complain(CodeDoubleMark, hint, "%s: %s", path, reason)
}

// isTwin tells whether an unowned row is what an entry means.
func (e *entry) isTwin(s *scope, family *rowFamily, row Row) bool {
	if e.preset != 0 && e.preset != row.Int("PRESET_ID") {
		return false
	}
	equal := false
	for _, wire := range slices.Concat(family.twins, family.apart) {
		want, live := e.want(s, wire), row.Text(wire)
		if want != "" && live != "" && !sameDetail(wire, want, live) {
			return false
		}
		equal = equal || want != "" && sameDetail(wire, want, live) && slices.Contains(family.twins, wire)
	}
	return equal
}

func rowsWhere(rows []Row, ok func(Row) bool) []Row {
	var out []Row
	for _, row := range rows {
		if ok(row) {
			out = append(out, row)
		}
	}
	return out
}

func upperIDs(rows []Row) string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = strconv.Itoa(row.Int("ID"))
	}
	return strings.Join(ids, ", ")
}

// rowName is how plans name a live row that they take over or remove.
func rowName(row Row) string {
	return strings.TrimSpace(fmt.Sprintf("%s (id %d)", row.Text("NAME"), row.Int("ID")))
}

// belongingRows gives the rows of one sort that the fetch has put into a row.
func belongingRows(row Row, part string) []Row {
	var rows []Row
	if json.Unmarshal(row[part], &rows) != nil {
		return nil
	}
	return rows
}
