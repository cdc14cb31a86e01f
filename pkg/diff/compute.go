package diff

import (
	"maps"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/alike"
	"github.com/b24apply/b24apply/pkg/diff/compare"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/draft"
	"github.com/b24apply/b24apply/pkg/diff/guard"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/diff/remove"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// State is what Fetch read: the portal's metadata and, for every declared record,
// the live rows that carry its mark. More than one row is a finding, not an error.
type State struct {
	Portal  string // host
	Meta    meta.Data
	Records map[value.Address][]kind.Row
	Others  map[value.Address][]Owned    // rows that carry the name in a mark of another owner
	Pinned  map[value.Address][]kind.Row // the record that metadata.ids names, if it is there
	Matches map[value.Address]Match      // what match found for records that no mark finds
	Lookups map[string][]kind.Row        // what each lookup found

	Former       map[value.Address][]kind.Row // the rows that carry the mark of an address of Absent or Moved
	FormerOthers map[value.Address][]Owned    // the same of other owners, for Moved
	Vanished     []remove.Undeclared          // some of what carries the owner's mark and is not declared, of kinds of which the plan creates something
	VanishedMore int                          // how many more there are

	remove.Found // what is to be removed, and what is left over

	Alike alike.Found // records that look like those which would be created

	NotRead map[value.Address]*kind.Refusal // records of which the portal did not tell whether they are there, former ones among them

	Newest  map[int]kind.Row // by entityTypeId, the record that was created last, where that matters
	Caller  int              // id of the user whose credentials are used; 0 if nobody needs it
	Admin   bool             // that user is an administrator
	SeesAll bool             // no record is hidden from that user, as far as that can be known
	Applied *plan.Applied    // what is remembered of the last apply

	settled    *settledRecords // records that are as declared, without their rows
	rowsByMark map[string]bool // what these tell of Plan.RowsByMark
}

// Compute compares the declared resources with the fetched state. It returns a
// plan with one change for every resource, or every problem that the declared
// values have on this portal; it does no I/O and changes neither argument.
func Compute(set *spec.Set, state *State) (*plan.Plan, spec.Problems) {
	p, problems, _ := ComputeTo(plan.List(), set, state) // memory has no errors
	return p, problems
}

// ComputeTo is Compute whose plan has its changes in out, which is empty before. An error is
// that of out, and then there is no plan.
func ComputeTo(out *plan.Source, set *spec.Set, state *State) (*plan.Plan, spec.Problems, error) {
	state, renamed := followOwners(set, state)
	state, moves := followMoves(set, state)
	c := newComputer(set, state)
	c.moves, c.renamed, c.out = moves, renamed, draft.New(out)
	maps.Copy(c.RowsByMark, state.rowsByMark)
	p := &plan.Plan{Owner: set.Project.Name, Project: set.Project.File, Portal: state.Portal, Changes: out, Unchanged: c.unchanged()}
	if set.Env != nil && state.Portal != plan.PortalInABox {
		p.Env = set.Env.Name
	}
	c.out.Grow(len(set.Resources) - state.settled.len())
	c.findTwins()
	c.findContested()
	for _, r := range set.Resources {
		if _, settled := state.settled.id(r); !settled {
			ch := c.change(r)
			if c.add(ch); !c.out.Keeps() {
				c.Reuse(ch.Fields)
			}
		}
	}
	c.refuseShared()
	c.add(c.fields...)
	c.out.Sort()
	c.out.PassOn()
	c.splitCircles()
	remover := c.remover()
	c.add(remover.Changes()...)
	p.Changes.Sort()
	c.ReportLacks()
	p.Unseen = c.unseen()
	p.Pipelines = c.pipelines()
	p.Titles, p.RowsByMark = state.Meta.Titles(), c.RowsByMark
	c.judgeOwners(p)
	c.refuseBlind(p)
	c.noteVanished(p)
	c.noteRoutes(p)
	alike.Note(p, c.out, c.Set.Kinds, state.Alike, c.claimed(), func(a value.Address) []alike.Lookalike { return state.Matches[a].alike(set.Lookup(a)) })
	remover.NoteOutOfScope(p)
	remover.NotePruned(p, state.found())
	if c.Problems.HasErrors() || c.out.Err() != nil {
		return nil, c.Problems.Sort(), c.out.Err()
	}
	return p, c.Problems.Sort(), nil
}

type computer struct {
	compare.Comparer
	state   *State
	trial   bool                      // before everything is read; see settler
	types   map[string]*spec.Resource // the declared SPA behind each type
	moves   map[value.Address]move
	renamed map[value.Address]string // the former owner whose mark a record carries
	out     *draft.Draft
	routes  map[string]routing                // of creates, by the names of their kinds
	shown   map[pipelineID]bool               // whose stages changes show
	shared  map[value.Address][]denial.Denial // why resources are refused that were compared before

	records   map[kind.RecordID]*spec.Resource // behind live records that no mark found
	keyFields map[value.Address]bool           // the user fields that are planned
	fields    []plan.Change                    // and their changes

	twins map[value.Address][]*spec.Resource // records without a mark and those that share their first match key

	linked map[kind.RecordID]value.Address // the first resource that points at a record by its id
}

func newComputer(set *spec.Set, state *State) *computer {
	c := &computer{
		state: state, types: make(map[string]*spec.Resource), shared: make(map[value.Address][]denial.Denial), shown: make(map[pipelineID]bool),
		twins: make(map[value.Address][]*spec.Resource), records: make(map[kind.RecordID]*spec.Resource), keyFields: make(map[value.Address]bool), linked: make(map[kind.RecordID]value.Address),
	}
	c.Comparer = compare.New(declared.NewView(set, &state.Meta, state.Lookups), compare.Memory{Portal: state.Portal, Applied: state.Applied, Caller: state.Caller}, c.live, c.noteLinks)
	c.Share()
	c.KeepLists()
	return c
}

// remover makes the changes that remove records, when all others are made.
func (c *computer) remover() *remove.Remover {
	return &remove.Remover{View: &c.View, Complaints: &c.Complaints, Found: &c.state.Found, Former: c.state.Former, Out: c.out, Claimed: c.claimed, Linked: c.linked,
		NotRead: func(r *spec.Resource) *kind.Refusal { return notRead(&c.View, c.state, r) }}
}

// add hands changes over.
func (c *computer) add(changes ...plan.Change) {
	for i := range changes {
		c.notePipelines(&changes[i])
		c.out.Add(&changes[i])
	}
}

// splitCircles cuts circles of references. A field that is wrong is missing from its change.
func (c *computer) splitCircles() {
	if c.Problems.HasErrors() {
		return
	}
	if pos, err := c.out.SplitCircles(c.Set); err != nil {
		c.Problems = append(c.Problems, denial.Problem(pos, err))
	}
}

func (c *computer) change(r *spec.Resource) plan.Change {
	ch := plan.Change{Address: r.Address, Kind: r.Kind.Name, Facts: r.Kind, Deps: c.planned(r.Deps), Source: r.Pos, EntityTypeID: r.Kind.EntityTypeID, Labels: r.Labels}
	if no := notRead(&c.View, c.state, r); no != nil {
		ch.Title, ch.Type = r.Title(), c.TypeOf(r).Address
		denial.RefuseNotRead(&ch, no)
		return ch
	}
	if c.lacksLeftOut(&ch, r) {
		return ch
	}
	if r.Kind.Class == kind.ClassType {
		c.typeChange(&ch, r)
	} else {
		c.recordChange(&ch, r)
		c.rename(&ch, r)
		guard.Prevent(c.Set, &ch, r)
	}
	if c.RefuseDenied(&ch); ch.Action != plan.NoOp {
		ch.Declared = r.Digest()
	}
	return ch
}

// live answers for links: the id of a declared resource that the portal has.
func (c *computer) live(a value.Address) (int, bool) {
	r := c.Set.Lookup(a)
	if r == nil {
		return 0, false
	}
	if id, ok := c.state.settled.id(r); ok {
		return id, true
	}
	id := c.identity(r)
	return id.row.Int("id"), id.row != nil
}

func (c *computer) recordChange(ch *plan.Change, r *spec.Resource) {
	t := c.TypeOf(r)
	ch.EntityTypeID, ch.Type = t.EntityTypeID, t.Address
	ch.Title = r.Title()
	if t.Refused {
		ch.RefuseFor("TYPE_REFUSED", value.Say("type-is-refused", value.T("type", t.Address)), value.Message{})
		return
	}
	id := c.identity(r)
	if id.code == "" && len(c.twins[r.Address]) > 0 {
		id = c.asTwin(r)
	}
	row := id.row
	ch.Saved = row.Text(kind.SavedTime)
	c.setIdentity(ch, r, t, id)
	if c.Meta.Missing[t.EntityTypeID] {
		c.Object(r.TypePos, denial.Unmet("NO_TYPE", "type", "no-entity-type-here", "declare-type", value.N("id", t.EntityTypeID)))
		return
	}
	if no := kind.RefusalIn(row); no != nil {
		denial.RefuseNotRead(ch, no)
		return
	}
	if !c.Record(ch, r, t, row) {
		return
	}
	c.checkRoute(ch, r, t)
	c.warnNear(ch, r)
	if id.code != "" {
		ch.RefuseFor(id.code, id.why, id.hint)
	}
	if ch.Action == plan.Update && len(ch.Fields) == 0 {
		ch.Action = plan.NoOp
	}
	c.LeaveUnread(ch)
	c.route(ch, r)
}

func rowIDs(rows []kind.Row) string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = strconv.Itoa(row.Int("id"))
	}
	return strings.Join(ids, ", ")
}
