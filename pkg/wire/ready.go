package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Known is what a run has learned about what it created. It belongs to one
// goroutine; the zero value is ready.
type Known struct {
	// Files reads the files that records are given; nil: none can be sent.
	Files ReadFile

	ids    map[value.Address]int
	types  map[value.Address]CreatedType
	fields map[value.Address]CreatedField
	steps  map[stepKey]int
}

// A CreatedType is a smart process type that this run created.
type CreatedType struct {
	EntityTypeID int
	Category     int   // id of its first pipeline
	Err          error // why Category is not known
}

// SetID records the id of a created record.
func (k *Known) SetID(a value.Address, id string) {
	if k.ids == nil {
		k.ids = make(map[value.Address]int)
	}
	k.ids[a] = value.IDNumber(id)
}

// SetType records a created type.
func (k *Known) SetType(a value.Address, t CreatedType) {
	if k.types == nil {
		k.types = make(map[value.Address]CreatedType)
	}
	k.types[a] = t
}

// settleValue fills in the ids of records that this run has created.
func (k *Known) settle(v value.Value) (value.Value, error) {
	typ, code, isStage := v.NewStage()
	switch {
	case isStage:
		id, err := k.stageID(typ, code)
		return value.Text(id), err
	case v.IsOpen():
		id := k.ids[v.Ref()]
		if id == 0 {
			return v, fmt.Errorf("%s: %w", v.Ref(), errRef)
		}
		return v.Settled(strconv.Itoa(id)), nil
	case v.RelatedTo() != "" && v.Text == "":
		v.Text = value.ID(k.types[v.RelatedTo()].EntityTypeID)
		if v.Text == "" {
			return v, fmt.Errorf("%s: %w", v.RelatedTo(), errRef)
		}
		return v, nil
	case v.Form == value.FormText || v.IsEmpty() || !slices.ContainsFunc(v.Parts, isNotPlain):
		return v, nil
	}
	out := value.Value{Form: v.Form}
	seen := make(map[string]bool)
	for _, p := range v.Parts {
		isRef := p.Value.Ref() != ""
		settled, err := k.settle(p.Value)
		if err != nil {
			return v, err
		}
		// Two names of one record are one link.
		if v.Form == value.FormList && isRef && seen[settled.Text] {
			continue
		}
		seen[settled.Text] = true
		out.Parts = append(out.Parts, value.Part{Name: p.Name, Value: settled})
	}
	return out, nil
}

// isNotPlain tells whether there may be something to settle in a part of a value.
func isNotPlain(p value.Part) bool {
	_, _, isStage := p.Value.NewStage()
	return isStage || p.Value.Form == value.FormList || p.Value.Form == value.FormMap || p.Value.Ref() != "" || p.Value.RelatedTo() != ""
}

// stageID is the full id of a stage of a type that this run has created.
func (k *Known) stageID(typ value.Address, code string) (string, error) {
	t := k.types[typ]
	switch {
	case t.EntityTypeID == 0:
		return "", fmt.Errorf("%s: %w", typ, errRef)
	case t.Err != nil:
		return "", value.While(t.Err, "pipeline-was-not-read", value.T("type", typ))
	}
	return kind.BuiltIn().Items().StageID(t.EntityTypeID, t.Category, code), nil
}

// A Ready change has every id that it needs. It can be sent, and its answer
// verified.
type Ready struct {
	Change       *plan.Change
	EntityTypeID int
	fields       []plan.Field // settled: want holds ids, wire is never empty
	held         []plan.Field // what must be so afterwards too
	family       kind.Methods
	mark         []plan.Mark
	keyField     *plan.KeyField
	files        ReadFile
	byAdd        bool     // an import was refused, and an add is allowed
	open         []string // names of the fields that link to what this run has made
}

// Settle fills in the ids that this run has learned, in the fields of the change themselves. It
// fails if something that the change refers to does not exist.
func Settle(c *plan.Change, k *Known) (*Ready, error) {
	r := &Ready{}
	if err := r.Settle(c, k); err != nil {
		return nil, err
	}
	return r, nil
}

// Settle is [Settle] in the room of a call that nobody needs any more.
func (r *Ready) Settle(c *plan.Change, k *Known) (err error) {
	*r = Ready{Change: c, EntityTypeID: c.EntityTypeID, family: c.Facts.Methods, files: k.Files}
	if r.family.Typed && r.EntityTypeID == 0 {
		r.EntityTypeID = k.types[c.Type].EntityTypeID
		if r.EntityTypeID == 0 {
			return fmt.Errorf("%s: %w", c.Type, errRef)
		}
	}
	if r.mark, err = k.settleMark(c); err != nil {
		return err
	}
	if r.keyField, err = k.settleField(c); err != nil {
		return err
	}
	r.fields, r.held = c.FieldsOf(c.Fields, 0), c.Held
	if c.Action == plan.Create {
		r.noteOpen()
	}
	return cmp.Or(settleFields(k, r.fields), settleFields(k, r.held))
}

// settleFields fills in ids in place.
func settleFields(k *Known, fields []plan.Field) (err error) {
	for i := range fields {
		d := &fields[i]
		if d.Want, err = k.settle(d.Want); err != nil {
			return fmt.Errorf("%s: %w", d.Name, err)
		}
		if d.Wire == "" {
			entity := k.types[d.Parent].EntityTypeID
			if entity == 0 {
				return fmt.Errorf("%s: %s: %w", d.Name, d.Parent, errRef)
			}
			d.Wire = fmt.Sprintf("parentId%d", entity)
		}
	}
	return nil
}

// Alone tells whether the call must not share a request with others: creating or
// changing a type takes many steps on the portal.
func (r *Ready) Alone() bool { return r.family.Alone }

// Request is the call that makes the change.
func (r *Ready) Request() bitrix.Command {
	c := r.Change
	if r.keyField != nil {
		return requestField(r.keyField)
	}
	if r.imports() {
		return r.requestImport()
	}
	fields := r.wireFields(r.fields, c.Action == plan.Create)
	for _, m := range r.mark {
		fields[m.Wire] = m.Value
	}
	if c.Action == plan.Create {
		return bitrix.Command{Method: r.family.Add, Params: r.params(bitrix.Params{"fields": fields})}
	}
	if !r.family.Alone {
		fields = blanked(fields)
	}
	return bitrix.Command{Method: r.family.Update, Params: r.params(bitrix.Params{"id": value.IDNumber(c.ID), "fields": fields})}
}

// Repairable tells whether sending the mismatched fields once more, alone and as
// JSON, can help: after a create, whose defaults fill what was declared empty; for
// a field that the save moved, as a final stage moves the closing date; and for
// texts, which the portal's filter may alter in a batch.
func (r *Ready) Repairable(mismatches []Mismatch) bool {
	moved := slices.ContainsFunc(r.fields, isMove)
	if r.imports() {
		return false // a save would start what the import does not
	}
	return r.keyField == nil && slices.ContainsFunc(mismatches, func(m Mismatch) bool {
		return r.lacksMark(m) || !m.Mark && !m.Empty && (r.Change.Action == plan.Create || m.Held || m.text || moved && !m.move)
	})
}

// isMove tells whether a field moves the record to another stage, which moves
// others with it.
func isMove(d plan.Field) bool { return d.Name == kind.StageField || d.Name == kind.PipelineField }

// Repair is an update of just the named fields of the record with this id.
func (r *Ready) Repair(id int, mismatches []Mismatch) bitrix.Command {
	var fields []plan.Field
	for _, d := range slices.Concat(r.fields, r.held) {
		for _, m := range mismatches {
			if m.Field == d.Name && !m.Empty {
				d.Live = m.live
				fields = append(fields, d)
			}
		}
	}
	wired := r.wireFields(fields, false)
	if slices.ContainsFunc(mismatches, r.lacksMark) {
		for _, m := range r.mark {
			wired[m.Wire] = m.Value
		}
	}
	return bitrix.Command{Method: r.family.Update, Params: r.params(bitrix.Params{"id": id, "fields": wired})}
}

// lacksMark tells whether a record was created without its mark, which an update may
// write.
func (r *Ready) lacksMark(m Mismatch) bool {
	return m.Mark && !m.Type && !m.Claimed && r.Change.Action == plan.Create
}

// Get reads the record again, whole.
func (r *Ready) Get(id int) bitrix.Command {
	if r.keyField != nil {
		return getField(r.keyField, id)
	}
	return bitrix.Command{Method: r.family.Get, Params: r.params(bitrix.Params{"id": id})}
}

func (r *Ready) params(p bitrix.Params) bitrix.Params {
	if r.family.Typed {
		p["entityTypeId"] = r.EntityTypeID
	}
	return p
}

// wireFields builds the fields of a call. A create leaves out what is empty
// anyway, except texts: the portal has defaults for some, such as sourceId.
func (r *Ready) wireFields(fields []plan.Field, create bool) map[string]any {
	out := make(map[string]any, len(fields)+2)
	relations := make(map[string]any)
	var contacts value.Edits
	for i := range fields {
		d := &fields[i]
		if r.byAdd && r.Change.Facts.Stamps(d.Name) {
			continue // which an add does not take
		}
		sent := r.files.wireOf(d)
		switch {
		case d.Multi():
			contacts = append(contacts, sent.(value.Edits)...)
		case d.Type.Name == string(kind.TypeRelations):
			relations[d.Wire] = sent
		case create && (d.Want.IsEmpty() && sent != "" || value.IsEmptyList(sent)):
		default:
			out[d.Wire] = sent
		}
	}
	if len(contacts) > 0 && create && r.imports() {
		importedContacts(out, contacts)
	} else if len(contacts) > 0 && create {
		out[kind.ContactsField] = contacts.List()
	} else if len(contacts) > 0 {
		out[kind.ContactsField] = contacts.ByRow()
	}
	if len(relations) > 0 {
		out[kind.RelationsField] = relations
	}
	r.complete(out, create)
	return out
}

// Object takes the object out of the answer to Request, Repair or Get, with its id
// and, for a type, its entityTypeId.
func (r *Ready) Object(result json.RawMessage) (row kind.Row, id, entityTypeID int, err error) {
	columns := r.columns()
	if row, err = kind.MemberOf(result, r.family.Item, columns); err != nil && r.family.Stored != "" {
		row, err = kind.MemberOf(result, r.family.Stored, columns)
	}
	if err != nil {
		return nil, 0, 0, err
	}
	if row.Int("id") == 0 {
		return nil, 0, 0, value.Err("answer-has-no-id")
	}
	entityTypeID = r.EntityTypeID
	if !r.family.Typed {
		entityTypeID = row.Int("entityTypeId")
	}
	return row, row.Int("id"), entityTypeID, nil
}

// columns are what is looked at of a stored record; nil for all of it.
func (r *Ready) columns() []string {
	if r.keyField != nil || !r.Change.IsRecord() || r.family.Alone {
		return nil
	}
	out := make([]string, 0, 8+len(makers)+len(savers)+len(r.fields)+len(r.held))
	out = append(append(append(out, "id", "entityTypeId", savedTime), makers...), savers...)
	out = r.declared(out)
	for i := range r.Change.Moves {
		out = append(out, kind.ColumnsOf(r.Change.Moves[i].Type, r.Change.Moves[i].Wire)...)
	}
	return out
}

// declared adds the columns of what is declared, and of the marks.
func (r *Ready) declared(out []string) []string {
	for _, fields := range [][]plan.Field{r.fields, r.held} {
		for i := range fields {
			out = append(out, kind.ColumnsOf(fields[i].Type, fields[i].Wire)...)
		}
	}
	for _, marks := range [][]plan.Mark{r.mark, r.Change.Own} {
		for _, m := range marks {
			out = append(out, m.Wire)
		}
	}
	return out
}

// A Mismatch is a declared field that the portal does not hold as declared.
type Mismatch struct {
	Field     string
	Want, Got any           // for people: nil, a string, a []string, a value.Message or several
	Mark      bool          // part of the owner's mark
	Type      bool          // of a type, not of a record
	Held      bool          // agreed before and was not sent
	Empty     bool          // it was to be emptied
	Claimed   bool          // the mark that the record carried when the plan was made
	Hint      value.Message // what to do about it, if the type of the field says so
	live      value.Value
	text      bool
	move      bool
}

// Verify compares what the portal returned with everything that the record
// declares, whether it was sent or agreed before: a save can move other fields. The
// owner's mark is part of it: a record without its mark would be created again.
func (r *Ready) Verify(row kind.Row) []Mismatch {
	if r.keyField != nil {
		return verifyField(r.keyField, row)
	}
	var out []Mismatch
	for i := range r.fields {
		if r.laterStamp(r.fields[i].Name) {
			continue
		}
		if m, differs := mismatch(&r.fields[i], row); differs {
			m.Empty = r.Change.Action != plan.Create && r.fields[i].Clears()
			out = append(out, m)
		}
	}
	for i := range r.held {
		if m, differs := mismatch(&r.held[i], row); differs {
			m.Held = true
			out = append(out, m)
		}
	}
	for _, m := range r.mark {
		if row.Text(m.Wire) != m.Value {
			out = append(out, Mismatch{Field: m.Wire, Want: m.Value, Got: row.Text(m.Wire), Mark: true, Type: !r.Change.IsRecord()})
		}
	}
	for _, m := range r.Change.Own {
		if raw, shown := row[m.Wire]; shown && kind.Text(raw) != m.Value {
			out = append(out, Mismatch{Field: m.Wire, Want: m.Value, Got: kind.Text(raw), Mark: true, Claimed: true})
		}
	}
	return out
}

// mismatch compares one field with what the portal returned.
func mismatch(d *plan.Field, row kind.Row) (Mismatch, bool) {
	codec := d.Codec()
	if (d.Want.Form == value.FormText || d.Multi()) && value.RawSame(codec, d.Want, row[d.Wire]) {
		return Mismatch{}, false
	}
	live, err := d.Read(row)
	if err == nil && codec.Same(d.Want, live) {
		return Mismatch{}, false
	}
	names := kind.BuiltIn().PlainNames()
	return Mismatch{Field: d.Name, Want: d.Shown(names, d.Want), Got: d.Shown(names, live), live: live,
		Hint: keptAs(d, live), text: d.Type.HoldsText(), move: isMove(*d)}, true
}

// HasText tells whether any of the mismatches is a text.
func HasText(mismatches []Mismatch) bool {
	return slices.ContainsFunc(mismatches, func(m Mismatch) bool { return m.text })
}

// Find is the look-up that settles an unknown outcome of a create: which live
// records carry the mark. Source: api-reference/crm/universal/crm-item-list.md.
func (r *Ready) Find() bitrix.List {
	if r.keyField != nil {
		return findField(r.keyField)
	}
	if r.family.Alone {
		return bitrix.List{Method: r.family.List, Params: bitrix.Params{}, Items: r.family.Items}
	}
	filter := make(map[string]any)
	columns := []any{"id"}
	for _, m := range r.mark {
		filter["="+m.Wire] = m.Value
		columns = append(columns, m.Wire)
	}
	columns = r.narrow(filter, columns)
	return bitrix.List{Method: r.family.List, Params: r.params(bitrix.Params{"filter": filter, "select": columns}), Items: r.family.Items}
}

// Found picks the rows of Find's answer that are this change's, and their ids.
func (r *Ready) Found(rows []json.RawMessage) ([]int, error) {
	var ids []int
	for _, raw := range rows {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return nil, err
		}
		if r.keyField != nil {
			if isField(r.keyField, row) {
				ids = append(ids, row.Int("id"))
			}
			continue
		}
		if !r.family.Alone && plan.Carries(row, r.mark) || r.family.Alone && r.isType(row) {
			ids = append(ids, row.Int("id"))
		}
	}
	return ids, nil
}

// isType tells whether a live type is the one that this change creates.
func (r *Ready) isType(row kind.Row) bool {
	want := make(map[string]string)
	for _, m := range r.mark {
		want[m.Wire] = m.Value
	}
	for _, d := range r.fields {
		if d.Name == "code" || d.Name == "entityTypeId" || d.Name == "title" {
			want[d.Name] = d.Want.Text
		}
	}
	if n, pinned := want["entityTypeId"]; pinned {
		return row.Text("entityTypeId") == n
	}
	if row.Text("code") != "" {
		return row.Text("code") == want["code"]
	}
	return row.Text("title") == want["title"]
}

// errRef is why a reference has no id when it is needed.
var errRef = value.Err("referred-record-is-missing")

// keptAs says how to make a difference end that the portal makes of a text which it
// rewrites by rules that are not known here. No state tells a later plan that the live
// text is what became of the declared one; the answer itself, once it is declared,
// stays as it is.
func keptAs(d *plan.Field, live value.Value) value.Message {
	if live.IsEmpty() || d.Want.IsEmpty() || !d.Codec().Traits().Rewritten {
		return value.Message{}
	}
	return value.Say("portal-rewrites-text", value.T("field", d.Name))
}
