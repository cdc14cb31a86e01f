package compare

import (
	"cmp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/draft"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A keeper tells, for one record, which of its declared values are the manifest's and
// which belong to people, by the policies of the fields.
type keeper struct {
	*Comparer
	ch  *plan.Change
	r   *spec.Resource
	row kind.Row // nil for a record that is to be created
}

func (c *Comparer) keeper(ch *plan.Change, r *spec.Resource, row kind.Row) *keeper {
	return &keeper{Comparer: c, ch: ch, r: r, row: row}
}

// manages tells whether a field is looked at at all: what is ignored is not, and what
// is set at creation only is not once the record exists, so that the name of a user
// who has left since is no problem.
func (k *keeper) manages(field string) bool {
	switch k.Set.Policy(k.r, field) {
	case spec.PolicyIgnore:
		return false
	case spec.PolicyCreateOnly:
		return k.row == nil
	}
	return true
}

// sets tells whether a field is managed and was not left to people.
func (k *keeper) sets(field string) bool {
	return k.manages(field) && !slices.ContainsFunc(k.ch.Kept, func(d plan.Field) bool { return d.Name == field })
}

// managed gives the targets that are to be compared. A stage goes with its pipeline:
// where people own that and have chosen another one, the declared stage means nothing.
func (k *keeper) managed(s *meta.Scope, targets []declared.Target) []declared.Target {
	if shape := k.ShapeOf(k.r); shape != nil && shape.Enforce {
		return targets
	}
	var out []declared.Target
	var pipeline *declared.Target
	for i, tg := range targets {
		switch {
		case k.isFilled(s, &tg): // and is to be set only where it is not
		case k.manages(tg.Name) && !(tg.Name == kind.PipelineField && k.keepsPipeline(s, &tg)):
			out = append(out, tg)
		case tg.Name == kind.PipelineField && k.row != nil && k.Set.Policy(k.r, tg.Name) != spec.PolicyIgnore:
			pipeline = &targets[i]
		}
	}
	if pipeline != nil && k.elsewhere(s, *pipeline) {
		out = slices.DeleteFunc(out, func(tg declared.Target) bool {
			if tg.Name != kind.StageField {
				return false
			}
			k.keepStage(s, tg)
			return true
		})
	}
	k.dropDeps(out)
	return out
}

// isFilled tells whether a field that is set only where it is empty holds something.
func (k *keeper) isFilled(s *meta.Scope, tg *declared.Target) bool {
	if k.row == nil || k.Set.Policy(k.r, tg.Name) != spec.PolicyOnlyIfEmpty {
		return false
	}
	live, err := tg.Read(s, k.row)
	return err != nil || !live.IsEmpty()
}

// keepsPipeline tells whether people have moved the record to another pipeline, and
// may keep it there. What is wrong with the declared one is reported later.
func (k *keeper) keepsPipeline(s *meta.Scope, tg *declared.Target) bool {
	if k.row == nil {
		return false
	}
	d, differs, err := declared.Compare(s, tg, k.row)
	return err == nil && differs && k.keeps(&d)
}

// elsewhere tells whether the record is in another pipeline than the declared one. A
// name that this portal does not have any more is none that the record could be in.
func (k *keeper) elsewhere(s *meta.Scope, pipeline declared.Target) bool {
	_, differs, err := declared.Compare(s, &pipeline, k.row)
	return err != nil || differs
}

func (k *keeper) keepStage(s *meta.Scope, tg declared.Target) {
	s.Stages.Category = k.Meta.PipelineOf(s.EntityTypeID, k.row)
	d := plan.Field{Name: tg.Name, Type: tg.Type, After: value.ShownText(tg.Value.Text), Note: value.Say("pipeline-is-kept")}
	if live, err := tg.Read(s, k.row); err == nil {
		d.Before = tg.Codec.Show(s.Names(), live)
	}
	k.note(d)
}

// markOnce notes which fields of a new record no later plan will look at.
func (c *Comparer) markOnce(ch *plan.Change, r *spec.Resource) {
	for i := range ch.Fields {
		ch.Fields[i].Once = ch.Action == plan.Create && c.Set.Policy(r, ch.Fields[i].Name) == spec.PolicyCreateOnly
	}
}

// keepSum leaves the amount of a record as it is whose product rows are left to people:
// the portal puts the sum of those there with every save.
func (k *keeper) keepSum() {
	const name = "opportunity"
	rows, err := value.MustCodecOf(kind.ProductsType("")).Read(k.row[kind.ProductsPart])
	i := slices.IndexFunc(k.ch.Fields, func(d plan.Field) bool { return d.Name == name })
	if i < 0 || k.row == nil || err != nil || rows.IsEmpty() || !sumsProducts(k.r, k.row) {
		return
	}
	d := k.ch.Fields[i]
	k.note(keptOf(&d, value.Say("sum-of-kept-products")))
	k.ch.Fields = slices.Delete(k.ch.Fields, i, i+1)
}

// keptOf is a difference that stays as people made it.
func keptOf(d *plan.Field, why value.Message) plan.Field {
	return plan.Field{Name: d.Name, Label: d.Label, Type: d.Type, Before: d.Before, After: d.After, List: d.List, Respelt: d.Respelt, Note: why}
}

// note adds a difference that stays.
func (k *keeper) note(d plan.Field) {
	i, _ := slices.BinarySearchFunc(k.ch.Kept, d, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
	k.ch.Kept = slices.Insert(k.ch.Kept, i, d)
}

// dropDeps forgets the dependencies that only unmanaged fields have, so that nobody
// waits for them and no circle goes through them.
func (k *keeper) dropDeps(targets []declared.Target) {
	kept := []value.Address{value.NewAddress("spa", k.r.Type)}
	for _, tg := range targets {
		kept = append(kept, tg.Parent)
		kept = draft.RefsIn(kept, tg.Value)
	}
	for _, part := range k.r.Parts() {
		kept = draft.RefsIn(kept, part.Value)
	}
	var dropped []value.Address
	for _, f := range k.r.Fields() {
		if !k.manages(f.Name) {
			dropped = draft.RefsIn(dropped, f.Value)
		}
	}
	if len(dropped) > 0 {
		k.ch.Deps = draft.Without(k.ch.Deps, dropped, kept)
	}
}

// keeps tells whether a value that differs from the declared one stays as people made
// it, and notes it then.
func (k *keeper) keeps(d *plan.Field) bool {
	k.mark(d)
	if k.row == nil || k.Set.Policy(k.r, d.Name) != spec.PolicyKeepHuman {
		return false
	}
	why, yields := k.yields(d)
	if yields {
		k.theirs(d)
		k.note(keptOf(d, why))
	}
	return yields
}

// peoples is the trace of a value that is a person's: no live value is written so.
const peoples = "\x00"

// theirs has a person's value remembered as such where nothing was known: once the
// record is saved for another reason, its last save does not tell any more.
func (k *keeper) theirs(d *plan.Field) {
	trace := d.Trace(k.ch.EntityTypeID, k.ch.ID, value.Value{})
	if _, known := k.memory.Applied.Find(k.memory.Portal, trace); !known {
		trace.Value = peoples
		k.ch.Agreed = append(k.ch.Agreed, trace)
	}
}

// agrees notes a value that already is as declared: what people do to it from now on is
// theirs.
func (k *keeper) agrees(d *plan.Field) {
	if k.mark(d); !d.Traced || k.row == nil {
		return
	}
	trace := d.Trace(k.ch.EntityTypeID, k.ch.ID, d.Live)
	if last, known := k.memory.Applied.Find(k.memory.Portal, trace); !known || last != k.memory.Applied.Digest(k.memory.Portal, trace) {
		k.ch.Agreed = append(k.ch.Agreed, trace)
	}
}

// mark tells whether the value of a field is to be remembered once it is applied. One
// that was remembered before is, whatever the policy is now: an outdated digest would
// make our own value look like a person's.
func (k *keeper) mark(d *plan.Field) {
	d.Human = k.Set.Policy(k.r, d.Name) == spec.PolicyKeepHuman
	d.Traced = d.Human
	if !d.Traced && k.row != nil {
		_, d.Traced = k.memory.Applied.Find(k.memory.Portal, plan.Trace{EntityTypeID: k.ch.EntityTypeID, ID: k.ch.ID, Field: d.Name})
	}
}

// yields tells whether the live value of a field is a person's, and why. It is ours if
// it still is what was applied last, or, where nothing is known about that, if the
// record was last saved by the user who is calling.
func (k *keeper) yields(d *plan.Field) (why value.Message, yes bool) {
	trace := d.Trace(k.ch.EntityTypeID, k.ch.ID, d.Live)
	last, known := k.memory.Applied.Find(k.memory.Portal, trace)
	by := k.row.Int("updatedBy")
	switch {
	case known && last == k.memory.Applied.Digest(k.memory.Portal, trace):
		return value.Message{}, false
	case !known && by != 0 && by == k.memory.Caller:
		return value.Message{}, false
	case known && by == k.memory.Caller:
		return value.Say("changed-since-apply"), true
	case known:
		return value.Say("changed-since-apply-and-saved", value.M("saved", k.lastSave(by))), true
	}
	return k.lastSave(by), true
}

// lastSave says who saved the record last, and on which day of the portal.
func (k *keeper) lastSave(by int) value.Message {
	who := value.M("who", value.Say("somebody"))
	if by != 0 {
		who = value.M("who", value.Say("user-of-id", value.N("id", by)))
	}
	if u, ok := k.Meta.User(by); ok && u.Name != "" {
		who = value.T("who", u.Name)
	}
	if day, _, ok := strings.Cut(k.row.Text("updatedTime"), "T"); ok {
		return value.Say("last-saved-on", who, value.T("day", day))
	}
	return value.Say("last-saved", who)
}

// contests keeps a field as it is because of which another resource is refused.
func (k *keeper) contests(d *plan.Field) bool {
	all := k.contested[k.r.Address]
	i := slices.IndexFunc(all, func(x Contest) bool { return slices.Contains(x.Fields, d.Name) })
	if i < 0 || k.row == nil {
		return false
	}
	k.note(keptOf(d, value.Say("refused-because-of-it", value.T("resource", all[i].By))))
	return true
}

// A Contest is a resource that is refused because match finds the record of another
// one. The fields by which it found it, and those of the other one's own match, stay as
// they are until people have decided: were a number taken from the record, the next run
// would find nothing and create the refused resource.
type Contest struct {
	By     value.Address
	Fields []string
}
