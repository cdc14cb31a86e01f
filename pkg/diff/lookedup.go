package diff

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A question asks for the live records of one entity type that meet all conditions.
type question struct {
	kind         *kind.Kind
	entityTypeID int
	conditions   plan.MatchKey
}

// question turns a lookup into one; nil if no record can be found, since the type does not
// exist yet. Its error is a complaint about what the lookup says.
func (v *view) question(l value.Lookup) (*question, error) {
	r := v.set.LookupResource(l)
	if no := v.hides(r); no != nil {
		return nil, denial.NotRead(no)
	}
	t := v.recordType(r)
	if t.isNew() {
		return nil, nil
	}
	if t.store() == 0 || v.meta.Missing[t.entityTypeID] {
		return nil, denial.Unmet("NO_TYPE", "lookup", "no-type", "declare-type", value.Q("type", l.Space))
	}
	q := &question{kind: r.Kind, entityTypeID: t.entityTypeID}
	s := v.scope(t)
	for _, f := range r.Fields() {
		tg, err := v.lookupTarget(r, t, f)
		if err != nil {
			return nil, value.At(f.Pos, err)
		}
		tg.codec, tg.typ.Multiple, tg.typ.Members = value.Of(tg.codec), false, false
		c, ok, err := v.newCondition(s, tg)
		if err != nil || !ok {
			return nil, value.At(f.Value.Pos, cmp.Or(err, error(value.Bad("lookup", "nothing-to-look-for", "write-possible-value", value.T("field", f.Name)))))
		}
		q.conditions = append(q.conditions, c)
	}
	return q, nil
}

// lookupTarget is fieldTarget for a field that is only read, so that records can be
// looked up by what the portal or another system has written.
func (v *view) lookupTarget(r *spec.Resource, t recordType, f value.Field) (target, error) {
	live, err := v.liveField(t.entityTypeID, f.Name)
	if err == nil && live.ReadOnly {
		tg := target{name: f.Name, value: f.Value, pos: f.Pos, wire: live.Name, typ: live.Type.ValueType()}
		live.Multiple = false
		return v.withCodec(tg, v.liveType(live))
	}
	return v.fieldTarget(r, t, f)
}

// LookedUp gives the one live record that a lookup finds, as a link that says so.
func (v *view) LookedUp(l value.Lookup) (value.Value, error) {
	if _, err := v.question(l); err != nil {
		return value.Value{}, err
	}
	if no := v.meta.Unfound[l.Key()]; no != nil {
		return value.Value{}, denial.NotRead(no)
	}
	switch rows := v.found[l.Key()]; len(rows) {
	case 0:
		return value.Value{}, &denial.Refused{Code: "LOOKUP_NONE", Why: value.Say("lookup-finds-none", value.M("lookup", l.Says()))}
	case 1:
		id := rows[0].Int("id")
		label := fmt.Sprintf("%s %d", l.Space, id)
		title := v.meta.Kinds.OfSpace(l.Space).TitleOf(rows[0])
		found := value.Text(strconv.Itoa(id), value.Part{Name: "found", Value: value.Text(label)})
		if title != "" {
			found = found.With("found", value.Text(label+" "+title)).With("title", value.Text(title))
		}
		return found, nil
	default:
		return value.Value{}, &denial.Refused{Code: "LOOKUP_AMBIGUOUS", Why: value.Say("lookup-finds-several", value.N("n", len(rows)), value.M("lookup", l.Says()), denial.RecordsNamed("records", v.meta.Kinds.OfSpace(l.Space), rows)),
			Hint: value.Say("look-up-by-more")}
	}
}
