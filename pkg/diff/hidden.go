package diff

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A portal may refuse to tell something of a kind, or to show records of it. What needs that
// is refused, and is never taken for something that is not there: it would be created again,
// or deleted with what it holds. A refused credential is the error of all.

// shown gives an error of the portal, unless it is the refusal of one question: that is noted
// under its topic.
func (f *fetcher) shown(topic kind.Tellable, err error) error {
	var refusal *kind.Refusal
	if !errors.As(err, &refusal) || refusal.Scope == kind.ScopeCredential {
		return err
	}
	f.hideTopic(kind.Topic{What: topic}, refusal)
	return nil
}

func (f *fetcher) hideTopic(topic kind.Topic, refusal *kind.Refusal) {
	if f.meta.Hidden == nil {
		f.meta.Hidden = make(map[kind.Topic]*kind.Refusal)
	}
	f.meta.Hidden[topic] = refusal
}

// hide notes that it is not known whether the record of an address is there.
func (f *fetcher) hide(a value.Address, refusal *kind.Refusal) {
	if f.state.NotRead == nil {
		f.state.NotRead = make(map[value.Address]*kind.Refusal)
	}
	f.state.NotRead[a] = refusal
}

// hidesAll hides the records that a group of look-ups has asked for.
func (f *fetcher) hidesAll(g *group, refusal *kind.Refusal) {
	for _, a := range g.addresses {
		f.hide(a, refusal)
	}
}

// notRead gives why a resource cannot be planned: what it takes was refused, or its look-up.
func notRead(v *view, st *State, r *spec.Resource) *kind.Refusal {
	if no := st.NotRead[r.Address]; no != nil {
		return no
	}
	return v.hides(r)
}

// hides gives the refusal of something that the portal would have to tell for a resource.
func (v *view) hides(r *spec.Resource) *kind.Refusal {
	if len(v.meta.Hidden) == 0 {
		return nil
	}
	for _, topic := range v.topics(r) {
		if no := v.meta.Hidden[topic]; no != nil {
			return no
		}
	}
	return nil
}

// topics lists what the portal has to tell for a resource.
func (v *view) topics(r *spec.Resource) (out []kind.Topic) {
	tell := func(needed bool, what kind.Tellable, id int) {
		if needed {
			out = append(out, kind.Topic{What: what, ID: id})
		}
	}
	tell(v.needsTypes(r) || v.namesType(r), kind.TellTypes, 0)
	switch r.Kind.Class {
	case kind.ClassType:
		_, related := r.Field("relations")
		if m := v.matchType(r); m.live != nil {
			tell(related, kind.TellRelations, m.live.ID)
		}
	case kind.ClassCatalog:
		tell(true, kind.TellCatalogs, 0)
		for _, name := range r.Outline().Fields {
			rule, known := r.Kind.Field(name)
			tell(rule.Type == kind.TypePrice, kind.TellPriceTypes, 0)
			tell(rule.Type == kind.TypeMeasure, kind.TellMeasures, 0)
			tell(rule.Type == kind.TypeVAT, kind.TellVATs, 0)
			tell(!known, kind.TellProperties, 0)
		}
	case kind.ClassRecord:
		v.recordTopics(r, tell)
	}
	return out
}

// recordTopics tells what the portal has to tell for a record.
func (v *view) recordTopics(r *spec.Resource, tell func(bool, kind.Tellable, int)) {
	t := v.recordType(r)
	if t == (recordType{}) {
		t, _ = v.formerType(r)
	}
	entity := t.entityTypeID
	tell(entity != 0, kind.TellFields, entity)
	for _, name := range r.Outline().Fields {
		typ := kind.FieldType("")
		if rule := r.Kind.Rule(name); rule != nil {
			typ = rule.Type
		} else if live, err := v.liveField(entity, name); err == nil {
			typ = live.Type
		}
		tell(name == kind.StageField || name == kind.PipelineField, kind.TellPipelines, entity)
		tell(typ == kind.TypeStatus, kind.TellStatuses, 0)
		if c, ok := value.CodecOf(value.Type{Name: string(typ)}); ok && c.Traits().Users {
			field, _ := r.Field(name)
			tell(slices.ContainsFunc(declaredScalars(field.Value), namesUser), kind.TellUsers, 0)
		}
	}
	parts := r.Outline().Parts
	requisites := slices.Contains(parts, kind.RequisitesPart)
	tell(requisites, kind.TellRequisites, 0)
	tell(requisites || slices.Contains(parts, kind.AddressesPart), kind.TellAddressTypes, 0)
	tell(declaresRequisiteLists(r), kind.TellStatuses, 0)
	tell(v.yielding(r), kind.TellCaller, 0)
}

// namesUser tells whether a user is named by anything but an id.
func namesUser(user string) bool { return strings.Trim(user, "0123456789") != "" }

// namesType tells whether a resource can only be understood with the portal's types: its own
// one is named, or a parent's.
func (v *view) namesType(r *spec.Resource) bool {
	if _, err := strconv.Atoi(r.Type); r.Type != "" && err != nil {
		return true
	}
	return slices.ContainsFunc(r.Fields(), func(f value.Field) bool {
		rule, _ := r.Kind.Field(f.Name)
		return rule.Type == kind.TypeParents && slices.ContainsFunc(f.Value.Pairs, func(p value.Pair) bool { return v.meta.Kinds.OfSpace(p.Key) == nil })
	})
}

// blind notes, for a prune, what the portal refused to tell: what is declared, or marked, may
// then be there and be taken for something else.
func (f *fetcher) blind(no *kind.Refusal) {
	if f.state.Blind == nil {
		f.state.Blind = no
	}
}

// readBlindly notes the first of the declared resources that could not be read.
func (f *fetcher) readBlindly(context.Context) error {
	for _, r := range f.subjects() {
		if no := notRead(&f.view, f.state, r); no != nil {
			f.blind(no)
			return nil
		}
	}
	return nil
}

// refuseBlind refuses to prune a portal that was not read whole.
func (c *computer) refuseBlind(p *plan.Plan) {
	if no := c.state.Blind; no != nil && p.Refused == nil {
		p.Refused = &plan.Refusal{Code: "PRUNE_BLIND", Message: value.Say("prune-is-blind", value.M("why", no.Says()))}
	}
}
