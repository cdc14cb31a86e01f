package apply

import (
	"context"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

const (
	codeKeyNotStored  = "KEY_NOT_STORED"
	codeKeyNotVisible = "KEY_NOT_VISIBLE"
)

// A portal that drops the mark, or hides records from the credential, would get
// every record again at the next run. So the first record of an entity type that is
// created is looked up by its mark before any further one is sent; where the plan has
// found a record by its mark, that is proof enough. If the first one is refused, the
// next ones are tried by the batch.
type proofState struct {
	proven, proving bool
	refused         bool // a first one told nothing
	tried           int  // how many are on their way to prove it
	broken          error
}

// prover is the state once another record is on its way to prove the mark.
func (p proofState) prover() proofState {
	p.tried++
	p.proving = !p.refused || p.tried == bitrix.MaxBatch
	return p
}

// awaitsProof parks a node of which it is known without making its task that it waits for a proof:
// those of a whole kind do when it begins.
func (r *runner) awaitsProof(i int) bool {
	if r.graph.node(i).step >= 0 {
		return false
	}
	store, ok := wire.ProofStoreOf(r.entry(i))
	if !ok || !r.proof[store].proving || r.proof[store].broken != nil {
		return false
	}
	r.parked[store] = append(r.parked[store], i)
	return true
}

// settleProof takes what a job found out about the marks of entity types, and lets
// the parked creates go on or fails them.
func (r *runner) settleProof(proof map[string]proofState) {
	for entity, state := range proof {
		switch {
		case state != proofState{}:
			r.proof[entity] = state
		case !r.proof[entity].proven && r.proof[entity].broken == nil:
			r.proof[entity] = proofState{refused: true}
		}
		if r.proof[entity].broken != nil {
			r.dropUnproven(entity)
		}
		parked := r.parked[entity]
		delete(r.parked, entity)
		r.ready.items = append(parked, r.ready.items...)
	}
}

// dropUnproven fails what is about to be sent and would be an orphan.
func (r *runner) dropUnproven(store string) {
	r.drop(func(t *task) bool {
		if t.store != store || t.doubt != nil {
			return false
		}
		r.finish(unproven(t.index, r.proof[store].broken))
		return true
	})
}

var errHiddenMark = said(value.Say("mark-is-not-shown"))

func unproven(index int, why error) result {
	return result{index: index, outcome: Outcome{Status: Failed, Error: value.SaidBy(why), Code: codeKeyNotVisible,
		Hint: value.Say("and-nothing-was-sent", value.M("hint", value.Do(codeKeyNotVisible)))}}
}

// prove looks the first record of an entity type up by its mark, until the portal shows
// it: ids are given before they are visible. One that cannot be found would be created
// again by the next run: it is not well.
func (j *job) prove(ctx context.Context, results []result) map[string]proofState {
	proof := make(map[string]proofState)
	var open []*task
	made := make(map[*task]*Outcome)
	for i := range results {
		t := j.task(results[i].index)
		if results[i].unmarked && t.store != "" {
			proof[t.store] = proofState{broken: errHiddenMark} // more of them would be orphans too
		}
		if !t.prover || results[i].unmarked {
			continue
		}
		if t.became {
			proof[t.store] = proofState{proven: true} // its mark was found
			continue
		}
		proof[t.store] = proofState{} // nothing is known: the next one proves it
		switch o := &results[i].outcome; {
		case o.Code == codeKeyNotStored:
			proof[t.store] = proofState{broken: errHiddenMark} // the answer says so
		case o.Status.exists():
			open, made[t] = append(open, t), o
		}
	}
	hidden := j.untilShown(ctx, open, func(open []*task) []*task { return j.showMarks(ctx, open, proof) })
	for _, t := range hidden {
		proof[t.store] = proofState{broken: errHiddenMark}
		made[t].hidden()
	}
	return proof
}

// showMarks looks for the marks of creates. It gives those of which the portal shows
// nothing; of the others it notes what it has seen.
func (j *job) showMarks(ctx context.Context, open []*task, proof map[string]proofState) (hidden []*task) {
	lists := make([]bitrix.List, len(open))
	for i, t := range open {
		lists[i] = t.ready.Find()
	}
	for i, answer := range j.cfg.Client.ListEach(ctx, lists) {
		t := open[i]
		switch ids, err := t.ready.Found(answer.Rows); {
		case err != nil, answer.Err != nil && !bitrix.IsNotFound(answer.Err):
		case len(ids) == 0:
			hidden = append(hidden, t)
		default:
			t.seen, proof[t.store] = ids, proofState{proven: true}
		}
	}
	return hidden
}

// untilShown looks for what was created until the portal shows all of it. It gives what
// stays hidden for the time in which the portal may be at work; if the run is to end
// before, that is not known of anything.
func (j *job) untilShown(ctx context.Context, open []*task, look func([]*task) []*task) (hidden []*task) {
	waits := false
	for pause := newBackoff(j.cfg.Settle); len(open) > 0; {
		if open = look(open); len(open) == 0 {
			break
		}
		if !waits {
			waits = true
			j.settling(+1)
			defer j.settling(-1)
		}
		if !pause.wait(ctx, j.cfg.Stop) {
			break
		}
	}
	if j.cfg.stopped() || ctx.Err() != nil {
		return nil
	}
	return open
}

// noteMarks tells of each result whether a mark was stored, and who carries it.
func (j *job) noteMarks(results []result) {
	for i := range results {
		t := j.task(results[i].index)
		results[i].marked, results[i].seen, results[i].claimed = t.marks(&results[i].outcome), t.seen, t.claimed
	}
}

// marks tells whether a task has created something that is found again by its mark.
func (t *task) marks(o *Outcome) bool {
	return wire.Marked(t.ready) && o.ID != "" && o.Status.exists() && o.Code != codeKeyNotStored && o.Code != codeKeyNotVisible
}
