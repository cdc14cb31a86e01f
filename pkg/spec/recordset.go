package spec

import (
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec/table"
	"github.com/b24apply/b24apply/pkg/value"
)

// A RecordSet is a document that declares a record for each row of a table.
type RecordSet struct {
	Name    string // metadata.name, which is in no address
	Pos     value.Pos
	Records *kind.Kind // what its rows are
	Space   string     // the first part of their addresses
	// Complete tells that its rows are all that the project has of them.
	Complete bool
	Rules    RowRules
	Counts   RowCounts
	Rejects  []Reject // in the order of the table
	// Named are the addresses that rows name and do not declare: those that were rejected, and
	// those that where leaves out. Nameless tells that there are rows whose addresses nobody knows.
	Named    map[value.Address]bool
	Nameless bool
	Table    *Table   // of the rows; nil if it cannot be read
	Others   []*Table // what else was read for the rows

	common   *Resource      // what its records have in common
	mapping  *table.Mapping // nil if it cannot be used
	body     value.Node
	manifest *source
	warnings alike       // of rows
	records  []rowRecord // of the declared ones, in the order of the table
	declared []*Resource // the same, if Options keep them
}

// RowRules say what becomes of rows that are not as they must be.
type RowRules struct {
	Skip        bool   // the others go on; else nothing is done
	OnDuplicate string // error, which "" is too, first or last

	most    string // maxInvalid as it is written
	max     int    // so many may be rejected if Skip; -1 is no bound
	percent float64
	pos     value.Pos
}

// RowCounts tell what became of the rows of a set: each is counted once.
type RowCounts struct{ Rows, Valid, Rejected, Duplicate, Skipped int }

// recordSet reads what a document says of a table and its records; nil if the table cannot
// be read by it.
func (d *document) recordSet() *RecordSet {
	metadata, _ := d.root.Get("metadata")
	name, named := metadata.Get("name")
	valid := d.checkName(name, named)
	body, _ := d.root.Get("spec")
	d.explain(d.schemas.validate(d.kind, d.root))
	entity, _ := body.Get("entity")
	records := d.kinds.ByName(entity.Text)
	if !valid || len(d.problems) > 0 || records == nil || !records.HasFields() {
		return nil
	}
	manage, _ := body.Get("manage")
	s := &RecordSet{Name: kept(name.Text), Pos: name.Pos, Records: records, Complete: manage.Text == "complete", Rules: readRowRules(body), body: cloneNode(body), manifest: d.src}
	of := *d
	of.kind = records
	s.common = &Resource{Kind: records, Labels: labels(d.root)}
	var spaced bool
	if s.Space, spaced = of.space(s.common); records.Space == "" && !spaced {
		d.problem(entity.Pos, entity.Text, "required", value.Say("name-type-of-items"), value.Say("is-missing", value.T("name", "type")))
		return nil
	}
	of.readRoute(s.common)
	of.refuseRoute(body)
	fields, parts := of.mapped(body, s.common.Route())
	of.readIdentity(s.common, fields)
	of.readLifecycle(s.common)
	of.readPolicies(s.common, fields, parts)
	if of.report.problems.HasErrors() {
		return nil
	}
	return s
}

// mapped gives the fields and parts that the records of a set declare, with texts for values:
// what a set says about fields is checked once, not for every row.
func (d *document) mapped(body value.Node, route kind.Route) (fields, parts []value.Field) {
	declared, _ := body.Get("map")
	parents := value.Field{Name: "parents", Value: value.Node{Kind: value.Map}}
	for _, p := range declared.Pairs {
		f := value.Field{Name: p.Key, Value: value.Node{Kind: value.Scalar, Text: p.Key, Pos: p.Pos}, Pos: p.Pos}
		if of, is := strings.CutPrefix(p.Key, "parents."); is {
			f.Name = of
			parents.Pos, parents.Value.Pos = p.Pos, p.Pos
			parents.Value.Pairs = append(parents.Value.Pairs, value.Pair{Key: of, Value: f.Value, Pos: p.Pos})
			continue
		}
		if hint, ok := d.canDeclare(p.Key, route); !ok {
			d.problem(p.Pos, p.Key, "unknown-field", hint, value.Say("no-such-field", value.T("kind", d.kind.Name), value.T("name", quote(p.Key))))
		}
		fields = append(fields, f)
	}
	if len(parents.Value.Pairs) > 0 {
		fields = append(fields, parents)
	}
	for _, part := range d.kind.Parts {
		if v, ok := body.Get(part.Name); ok {
			parts = append(parts, value.Field{Name: part.Name, Value: v, Pos: v.Pos})
		}
	}
	for _, p := range body.Pairs {
		if _, has := d.kind.Part(p.Key); p.Value.Kind != value.Null && !has && isPartName(d.kinds, p.Key) {
			d.problem(p.Pos, p.Key, "unknown-field", value.Message{}, value.Say("no-such-field", value.T("kind", d.kind.Name), value.T("name", quote(p.Key))))
		}
	}
	return fields, parts
}

// canDeclare tells whether records of the kind can declare a field of a name; hint is what to do if not.
func (d *document) canDeclare(name string, route kind.Route) (hint value.Message, ok bool) {
	rule, known := d.rule(name)
	rule = routed(rule, route)
	switch {
	case known && rule.Refuse != "":
		return value.Say(rule.Hint), false
	case known, d.kind.Class == kind.ClassRecord && userField.MatchString(name), d.kind.Properties && userField.MatchString(name):
		return value.Message{}, true
	}
	var names []string
	for _, r := range d.kind.Fields {
		if r.Refuse == "" {
			names = append(names, r.Name)
		}
	}
	return d.unknownHint(fieldsPath, name, names), false
}

// refuseRoute refuses a route for kinds that nothing imports.
func (d *document) refuseRoute(body value.Node) {
	if at := slices.IndexFunc(body.Pairs, func(p value.Pair) bool { return p.Key == "route" }); at >= 0 && d.kind.Methods.BatchImport == "" {
		d.problem(body.Pairs[at].Pos, "route", "unknown-field", value.Message{}, value.Say("nothing-imports-kind", value.K("kinds", d.kind.Name, d.kind.Plural)))
	}
}

// isPartName tells whether records of some kind can have a part of a name.
func isPartName(kinds *kind.Table, name string) bool {
	return slices.ContainsFunc(kinds.All(), func(k *kind.Kind) bool { _, has := k.Part(name); return has })
}

// readRowRules reads what stands under rows; the schema has checked its form.
func readRowRules(body value.Node) RowRules {
	rows, _ := body.Get("rows")
	text := func(key string) string {
		v, _ := rows.Get(key)
		return kept(v.Text)
	}
	out := RowRules{Skip: text("onInvalid") == "skip", OnDuplicate: text("onDuplicate"), most: text("maxInvalid"), pos: rows.Pos}
	if v, ok := rows.Get("maxInvalid"); ok {
		out.pos = v.Pos
	}
	out.max, out.percent = readMost(out.most)
	return out
}

// cloneNode is a copy that keeps nothing of its document alive.
func cloneNode(n value.Node) value.Node {
	n.Text = kept(n.Text)
	n.Items, n.Pairs = slices.Clone(n.Items), slices.Clone(n.Pairs)
	for i := range n.Items {
		n.Items[i] = cloneNode(n.Items[i])
	}
	for i := range n.Pairs {
		n.Pairs[i].Key, n.Pairs[i].Value = kept(n.Pairs[i].Key), cloneNode(n.Pairs[i].Value)
	}
	return n
}

// onlyIfEmpty gives fields the policy that the mapping says. Of what is no record of the CRM
// nothing tells what people have written.
func (s *RecordSet) onlyIfEmpty(fields []string, r *report) {
	if len(fields) == 0 {
		return
	}
	if s.Records.Class != kind.ClassRecord {
		at, _ := s.body.Get("map")
		r.problem(at.Pos, "", "map", value.Message{}, value.Say("only-if-empty-is-for-records", value.K("kinds", s.Records.Name, s.Records.Plural)))
		return
	}
	all := make(Policies, len(s.common.Policies)+len(fields))
	maps.Copy(all, s.common.Policies)
	for _, name := range fields {
		all[name] = PolicyOnlyIfEmpty
	}
	s.common.Policies = all
}
