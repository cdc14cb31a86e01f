package apply

import (
	"slices"
	"strings"
)

// A portal with the proactive filter rewrites some text that comes in a batch, and
// most do not rewrite what people write. Whether this one does is learned once a run
// for each class of text (see bitrix.Doubts), from the first record that holds it: that
// goes in a batch and is read again, and others of the class wait for it. What this
// portal rewrites goes alone as JSON, the rest in batches.

// A textState is what is known of one class of text.
type textState int

const (
	untried   textState = iota
	trying              // the first of it is on its way
	kept                // as it was sent
	rewritten           // and a call of its own did better
	undecided           // the first one told nothing: each is read again until one does
)

// texts is what a run has learned. It belongs to the runner's goroutine.
type texts struct {
	known   map[string]textState
	waiting map[string][]int // nodes, by the class that is being tried
}

func newTexts() texts {
	return texts{known: make(map[string]textState), waiting: make(map[string][]int)}
}

// hold lets a node wait for a class that is being tried, unless it has to go alone
// anyway.
func (x *texts) hold(i int, classes []string) bool {
	if x.rewrites(classes) {
		return false
	}
	at := slices.IndexFunc(classes, func(c string) bool { return x.known[c] == trying })
	if at >= 0 {
		x.waiting[classes[at]] = append(x.waiting[classes[at]], i)
	}
	return at >= 0
}

func (x *texts) rewrites(classes []string) bool {
	return x.known[together(classes)] == rewritten ||
		slices.ContainsFunc(classes, func(c string) bool { return x.known[c] == rewritten })
}

// together names several classes that one text is of.
func together(classes []string) string { return strings.Join(classes, "\n") }

// choose decides how a task goes whose text is of these classes.
func (x *texts) choose(t *task, classes []string) {
	if x.rewrites(classes) {
		t.alone = true
		return
	}
	t.command.AsIs, t.classes = len(classes) > 0, classes
	for _, c := range classes {
		switch x.known[c] {
		case untried:
			x.known[c] = trying
			t.tries = append(t.tries, c)
		case undecided:
			t.tries = append(t.tries, c)
		}
	}
}

// learn takes what a job found out, and gives the nodes that waited for it.
func (x *texts) learn(found map[string]textState) (free []int) {
	for c, state := range found {
		if x.known[c] != kept && x.known[c] != rewritten {
			x.known[c] = state
		}
		free = append(free, x.waiting[c]...)
		delete(x.waiting, c)
	}
	slices.Sort(free)
	return free
}

// release gives all nodes that wait: what they wait for was never sent, or ended in
// another way.
func (x *texts) release() (free []int) {
	found := make(map[string]textState)
	for c := range x.waiting {
		found[c] = undecided
	}
	return x.learn(found)
}

// lesson is what a verified trial shows: whether a fresh read found the text as it was
// sent, and if not, whether it is so since a call of its own has sent it once more.
func (c *check) lesson(altered bool) textState {
	switch {
	case !c.fresh:
		return undecided
	case altered && (c.task.imports() || !hasText(c.mismatches)): // an import is not saved again
		return rewritten
	}
	return kept // where JSON did no better, the batch was not the cause
}

// teach notes what a trial has shown. Of several classes in one text nobody knows which
// one is rewritten, so that it counts for texts that are of all of them.
func (t *task) teach(state textState, found map[string]textState) {
	if state == rewritten && len(t.tries) > 1 {
		found[together(t.classes)] = rewritten
		state = undecided
	}
	for _, c := range t.tries {
		found[c] = state
	}
}

// undecidedBy is what is known after a trial that ended before it was verified. What a
// page refused, and not the portal, is better sent alone.
func undecidedBy(err error) textState {
	if isPage(err) {
		return rewritten
	}
	return undecided
}

// doubts tells of which classes a command's text is, and whether a batch can carry it.
func doubts(t *task) (classes []string, alone bool) {
	classes, carried := t.command.Prepare()
	return classes, t.ready.Alone() || !carried
}
