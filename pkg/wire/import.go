package wire

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Imported gives the call as the import of a record; false if it is another one. An import starts no
// automation, takes phones and e-mails in lists of their own, and answers with nothing but an id.
// Source: api-reference/crm/universal/import/index.md.
func Imported(c Call) (*Ready, bool) {
	r, ok := c.(*Ready)
	return r, ok && r.imports()
}

func (r *Ready) imports() bool {
	return !r.byAdd && r.keyField == nil && r.Change.Action == plan.Create && r.Change.Route.Imports() && r.family.Import != ""
}

// ByAdd makes of an import that was refused the add that its route allows. It is false where the
// route allows none.
func (r *Ready) ByAdd() bool {
	if !r.imports() || r.Change.Route.Fallback != kind.FallbackAdd {
		return false
	}
	r.byAdd = true
	return true
}

// ImportMethods are the methods by which the records of an import are created: one that takes several
// in one command, and one that takes one.
func (r *Ready) ImportMethods() (several, one string) { return r.family.BatchImport, r.family.Import }

// requestImport is the call that imports the record alone.
func (r *Ready) requestImport() bitrix.Command {
	return bitrix.Command{Method: r.family.Import, Params: r.params(bitrix.Params{"fields": r.rowFields()})}
}

// rowFields are the fields of the record as an import takes them.
func (r *Ready) rowFields() map[string]any {
	fields := r.wireFields(r.fields, true)
	for _, m := range r.mark {
		fields[m.Wire] = m.Value
	}
	return fields
}

// MaxImport is how many records one command takes.
// Source: api-reference/crm/universal/import/crm-item-batch-import.md.
const MaxImport = 20

// codeTooManyRows says that a command has more records than the portal takes.
const codeTooManyRows = "MAX_IMPORT_BATCH_SIZE_EXCEEDED"

// A Packing is some imports of one entity type in as few commands as carry them.
type Packing struct {
	Commands []bitrix.Command

	rows [][]int // of each command, the imports in it
	one  string  // the method that imports one
}

// PackImports packs the commands of imports, given as [Ready.Request] makes them, most records to a
// command; 0 leaves each in its own.
func PackImports(r *Ready, commands []bitrix.Command, most int) *Packing {
	p := &Packing{one: r.family.Import}
	if most == 0 {
		p.Commands = commands
		for i := range commands {
			p.rows = append(p.rows, []int{i})
		}
		return p
	}
	for at := 0; at < len(commands); at += most {
		end := min(at+most, len(commands))
		c := bitrix.Command{Method: r.family.BatchImport, Params: maps.Clone(commands[at].Params)}
		delete(c.Params, "fields")
		data, rows := make([]any, 0, end-at), make([]int, 0, end-at)
		for i := at; i < end; i++ {
			data, rows = append(data, commands[i].Params["fields"]), append(rows, i)
			c.AsIs = c.AsIs || commands[i].AsIs
		}
		c.Params["data"] = data
		p.Commands, p.rows = append(p.Commands, c), append(p.rows, rows)
	}
	return p
}

// Rows are the imports that a command carries.
func (p *Packing) Rows(command int) []int { return p.rows[command] }

// TooMany tells whether the portal has refused a command for the number of its records, of which
// none was looked at.
func (p *Packing) TooMany(command int, o *bitrix.Outcome) bool {
	var refusal *bitrix.Error
	return len(p.rows[command]) > 1 && errors.As(o.Err, &refusal) && refusal.Code == codeTooManyRows
}

// Spread gives what an outcome of a command says of each of its imports, in their order: an answer as
// that to the import of one, or an error. An answer that does not match the command says nothing of
// any, so that it is looked what was made.
func (p *Packing) Spread(command int, o *bitrix.Outcome) []bitrix.Outcome {
	out := make([]bitrix.Outcome, len(p.rows[command]))
	if o.Err != nil || p.Commands[command].Method == p.one {
		for i := range out {
			out[i] = *o
		}
		return out
	}
	var answer struct {
		Items []struct {
			Item        json.RawMessage `json:"item"`
			Error       json.RawMessage `json:"error"`
			Description string          `json:"error_description"`
		} `json:"items"`
	}
	err := json.Unmarshal(o.Result, &answer)
	if err == nil && len(answer.Items) != len(out) {
		err = value.Err("outcomes-do-not-match", value.N("outcomes", len(answer.Items)), value.N("n", len(out)))
	}
	for i := range out {
		if err != nil {
			out[i].Err = &bitrix.UnknownOutcome{Method: p.Commands[command].Method, Cause: err}
			continue
		}
		row := &answer.Items[i]
		if len(row.Error) > 0 && string(row.Error) != "null" {
			out[i].Err = &bitrix.Error{Method: p.one, Status: http.StatusOK, Code: kind.Text(row.Error), Description: row.Description}
			continue
		}
		out[i].Result, _ = json.Marshal(map[string]json.RawMessage{"item": row.Item}) // it was read as JSON
	}
	return out
}

// A Made is a record that carries the mark of an import, as a list shows it.
type Made struct {
	ID  int
	Row kind.Row
}

// A MadeLook looks up the marks of imports, and reads in the same lists what was imported.
type MadeLook struct {
	*MarkLook
}

// NewMadeLook packs the look-up of imports. They are of one entity type, so that lists of their marks
// can show their fields.
func NewMadeLook(calls []Call) *MadeLook {
	l := &MadeLook{NewMarkLook(calls)}
	for i := range l.Lists {
		g := idGroup{columns: make(map[string]bool)}
		for _, c := range l.groups[i].calls {
			if r, ok := calls[c].(*Ready); ok {
				for _, name := range r.declared([]string{"id", kind.SavedTime, makers[0], savers[0]}) {
					g.columns[name] = true
				}
			}
		}
		g.whole = g.columns[kind.ContactsField] // which nothing else shows
		l.Lists[i].Params["select"] = g.selected()
	}
	return l
}

// Read gives, for each call, what carries its mark, by id. It is nil where that is not known, and the
// error says why.
func (l *MadeLook) Read(answers []bitrix.Listing) (made [][]Made, err error) {
	made = make([][]Made, len(l.makers))
	for g, answer := range answers {
		if answer.Err != nil && !bitrix.IsNotFound(answer.Err) {
			err = answer.Err
			continue
		}
		for _, i := range l.groups[g].calls {
			made[i] = []Made{}
		}
		wrong := l.sort(g, answer.Rows, func(call, id int, row kind.Row) {
			if !slices.ContainsFunc(made[call], func(m Made) bool { return m.ID == id }) {
				made[call] = append(made[call], Made{id, row.Clone()})
			}
		})
		if wrong != nil {
			return nil, wrong
		}
	}
	for i := range made {
		slices.SortFunc(made[i], func(a, b Made) int { return a.ID - b.ID })
	}
	return made, err
}

// VerifyMade is Verify for a record that was just imported: its times and authors are as they were
// sent, which the next save moves.
func (r *Ready) VerifyMade(row kind.Row) []Mismatch {
	out := r.Verify(row)
	for i := range r.fields {
		if d := &r.fields[i]; r.laterStamp(d.Name) {
			if m, differs := mismatch(d, row); differs {
				out = append(out, m)
			}
		}
	}
	return out
}

// laterStamp tells whether a field is a time or an author that a save of the record moves.
func (r *Ready) laterStamp(field string) bool {
	return field != kind.CreatedTime && field != kind.CreatedBy && r.Change.Facts.Stamps(field)
}

// stampless gives the fields of a change that are neither times nor authors.
func (r *Ready) stampless(fields []plan.Field) []plan.Field {
	stamp := func(d plan.Field) bool { return r.Change.Facts.Stamps(d.Name) }
	if !slices.ContainsFunc(fields, stamp) {
		return fields
	}
	return slices.DeleteFunc(slices.Clone(fields), stamp)
}

// importedContacts puts phones and e-mails where an import takes them.
func importedContacts(fields map[string]any, contacts value.Edits) {
	for _, e := range contacts {
		list, _ := fields[e.TypeID].([]any)
		fields[e.TypeID] = append(list, e.Row())
	}
}
