package declared

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

// A Question asks for the live records of one entity type that meet all conditions.
type Question struct {
	Kind         *kind.Kind
	EntityTypeID int
	Conditions   plan.MatchKey
}

// Question turns a lookup into one; nil if no record can be found, since the type does not
// exist yet. Its error is a complaint about what the lookup says.
func (v *View) Question(l value.Lookup) (*Question, error) {
	r := v.Set.LookupResource(l)
	if no := v.Hides(r); no != nil {
		return nil, denial.NotRead(no)
	}
	t := v.TypeOf(r)
	if t.isNew() {
		return nil, nil
	}
	if t.Store() == 0 || v.Meta.Missing[t.EntityTypeID] {
		return nil, denial.Unmet("NO_TYPE", "lookup", "no-type", "declare-type", value.Q("type", l.Space))
	}
	q := &Question{Kind: r.Kind, EntityTypeID: t.EntityTypeID}
	s := v.Scope(t)
	for _, f := range r.Fields() {
		tg, err := v.lookupTarget(r, t, f)
		if err != nil {
			return nil, value.At(f.Pos, err)
		}
		tg.Codec, tg.Type.Multiple, tg.Type.Members = value.Of(tg.Codec), false, false
		c, ok, err := v.NewCondition(s, tg)
		if err != nil || !ok {
			return nil, value.At(f.Value.Pos, cmp.Or(err, error(value.Bad("lookup", "nothing-to-look-for", "write-possible-value", value.T("field", f.Name)))))
		}
		q.Conditions = append(q.Conditions, c)
	}
	return q, nil
}

// lookupTarget is fieldTarget for a field that is only read, so that records can be
// looked up by what the portal or another system has written.
func (v *View) lookupTarget(r *spec.Resource, t Type, f value.Field) (Target, error) {
	live, err := v.LiveField(t.EntityTypeID, f.Name)
	if err == nil && live.ReadOnly {
		tg := Target{Name: f.Name, Value: f.Value, Pos: f.Pos, Wire: live.Name, Type: live.Type.ValueType()}
		live.Multiple = false
		return v.withCodec(tg, v.liveType(live))
	}
	return v.FieldTarget(r, t, f)
}

// LookedUp gives the one live record that a lookup finds, as a link that says so.
func (v *View) LookedUp(l value.Lookup) (value.Value, error) {
	if _, err := v.Question(l); err != nil {
		return value.Value{}, err
	}
	if no := v.Meta.Unfound[l.Key()]; no != nil {
		return value.Value{}, denial.NotRead(no)
	}
	switch rows := v.Found[l.Key()]; len(rows) {
	case 0:
		return value.Value{}, &denial.Refused{Code: "LOOKUP_NONE", Why: value.Say("lookup-finds-none", value.M("lookup", l.Says()))}
	case 1:
		id := rows[0].Int("id")
		label := fmt.Sprintf("%s %d", l.Space, id)
		title := v.Meta.Kinds.OfSpace(l.Space).TitleOf(rows[0])
		found := value.Text(strconv.Itoa(id), value.Part{Name: "found", Value: value.Text(label)})
		if title != "" {
			found = found.With("found", value.Text(label+" "+title)).With("title", value.Text(title))
		}
		return found, nil
	default:
		return value.Value{}, &denial.Refused{Code: "LOOKUP_AMBIGUOUS", Why: value.Say("lookup-finds-several", value.N("n", len(rows)), value.M("lookup", l.Says()), denial.RecordsNamed("records", v.Meta.Kinds.OfSpace(l.Space), rows)),
			Hint: value.Say("look-up-by-more")}
	}
}
