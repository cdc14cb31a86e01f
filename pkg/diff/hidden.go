package diff

import (
	"errors"

	"github.com/b24apply/b24apply/pkg/diff/declared"
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
	if f.Meta.Hidden == nil {
		f.Meta.Hidden = make(map[kind.Topic]*kind.Refusal)
	}
	f.Meta.Hidden[topic] = refusal
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
func notRead(v *declared.View, st *State, r *spec.Resource) *kind.Refusal {
	if no := st.NotRead[r.Address]; no != nil {
		return no
	}
	return v.Hides(r)
}

// refuseBlind refuses to prune a portal that was not read whole.
func (c *computer) refuseBlind(p *plan.Plan) {
	if no := c.state.Blind; no != nil && p.Refused == nil {
		p.Refused = &plan.Refusal{Code: "PRUNE_BLIND", Message: value.Say("prune-is-blind", value.M("why", no.Says()))}
	}
}
