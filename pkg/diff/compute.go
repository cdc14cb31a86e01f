package diff

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/draft"
	"github.com/b24apply/b24apply/pkg/diff/guard"
	"github.com/b24apply/b24apply/pkg/diff/meta"
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
	Vanished     []Undeclared                 // some of what carries the owner's mark and is not declared, of kinds of which the plan creates something
	OutOfScope   []Leftover                   // what pruning leaves alone
	VanishedMore int                          // how many more there are

	Alike    map[value.Address][]Lookalike // records that look like those which would be created
	Unlooked map[value.Address]Gap         // creates that were not looked at, or not in every way

	TypeItems       map[int]int                     // by entityTypeId: the items of types that must be gone
	Destroys        bool                            // everything that the project owns is to be removed
	Undeclared      []Undeclared                    // what pruning would remove, in the order of kinds and ids
	Pointers        map[kind.RecordID][]Pointer     // what points at the records that would be deleted
	Contents        map[kind.RecordID]int           // what lies in the sections that would be deleted
	ContentsNotRead map[kind.RecordID]*kind.Refusal // sections of which that could not be counted
	Uncounted       []value.Message                 // kinds of records of which that could not be read

	NotRead map[value.Address]*kind.Refusal // records of which the portal did not tell whether they are there, former ones among them
	Blind   *kind.Refusal                   // why nothing can be pruned; nil if all was read

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
	maps.Copy(c.rowsByMark, state.rowsByMark)
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
				c.spare = ch.Fields[:0]
			}
		}
	}
	c.refuseShared()
	c.add(c.fields...)
	c.out.Sort()
	c.out.PassOn()
	c.splitCircles()
	c.add(c.removals()...)
	p.Changes.Sort()
	c.reportLacks()
	p.Unseen = c.unseen()
	p.Pipelines = c.pipelines()
	p.Titles, p.RowsByMark = state.Meta.Titles(), c.rowsByMark
	c.judgeOwners(p)
	c.refuseBlind(p)
	c.noteVanished(p)
	c.noteRoutes(p)
	c.noteAlike(p)
	c.noteOutOfScope(p)
	c.notePruned(p)
	if c.Problems.HasErrors() || c.out.Err() != nil {
		return nil, c.Problems.Sort(), c.out.Err()
	}
	return p, c.Problems.Sort(), nil
}

type computer struct {
	declared.View
	denial.Complaints
	state   *State
	trial   bool                      // before everything is read; see settler
	types   map[string]*spec.Resource // the declared SPA behind each type
	moves   map[value.Address]move
	renamed map[value.Address]string // the former owner whose mark a record carries
	lacks   map[lack]*lacking
	// mandatory are the mandatory fields of each entity type whose records were looked at.
	mandatory map[int][]kind.LiveField
	out       *draft.Draft
	shown     map[pipelineID]bool               // whose stages changes show
	routes    map[string]routing                // of creates, by the names of their kinds
	unread    []plan.Unread                     // fields of the record that is being compared whose live values cannot be read
	shared    map[value.Address][]denial.Denial // why resources are refused that were compared before

	records   map[kind.RecordID]*spec.Resource // behind live records that no mark found
	keyFields map[value.Address]bool           // the user fields that are planned
	fields    []plan.Change                    // and their changes
	agreed    []plan.Field                     // room for the fields of one record that agree
	room      declared.TargetRoom              // and for its targets
	spare     []plan.Field                     // and for the fields of the next one that differ; nil if that needs its own

	contested map[value.Address][]contest // records because of which others are refused

	twins map[value.Address][]*spec.Resource // records without a mark and those that share their first match key

	rowsByMark map[string]bool // see Plan.rowsByMark

	linked map[kind.RecordID]value.Address // the first resource that points at a record by its id
}

func newComputer(set *spec.Set, state *State) *computer {
	c := &computer{
		View: declared.NewView(set, &state.Meta, state.Lookups), state: state, types: make(map[string]*spec.Resource),
		contested: make(map[value.Address][]contest), shared: make(map[value.Address][]denial.Denial), rowsByMark: make(map[string]bool), shown: make(map[pipelineID]bool),
		twins:   make(map[value.Address][]*spec.Resource),
		records: make(map[kind.RecordID]*spec.Resource), keyFields: make(map[value.Address]bool), linked: make(map[kind.RecordID]value.Address),
	}
	c.Share()
	c.KeepLists()
	return c
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
	c.unread = nil
	no := c.diffFields(ch, r, t, row)
	c.diffProducts(ch, r, t, row)
	tellCurrency(ch, r, row)
	c.diffRequisites(ch, r, t, row)
	c.noteMoves(ch, r, row)
	if no != nil {
		ch.RefuseFor(no.Code, no.Why, no.Hint)
		return
	}
	c.checkMandatory(ch, r, t, row)
	c.checkRoute(ch, r, t)
	c.inCatalogue(ch, r, row)
	c.markOnce(ch, r)
	c.warnNear(ch, r)
	if id.code != "" {
		ch.RefuseFor(id.code, id.why, id.hint)
	}
	if ch.Action == plan.Update && len(ch.Fields) == 0 {
		ch.Action = plan.NoOp
	}
	c.leaveUnread(ch)
	c.route(ch, r)
}

// leaveUnread leaves the fields alone whose live values cannot be read: the others are
// written. If there is nothing else to write the change is refused.
func (c *computer) leaveUnread(ch *plan.Change) {
	unread := c.unread
	c.unread = nil
	if ch.Action == plan.Update || ch.Action == plan.Adopt {
		ch.Unread = unread
		return
	}
	for _, u := range unread {
		if ch.Action != plan.Refuse {
			ch.RefuseFor("UNREADABLE_VALUE", u.Says(), denial.LeaveField)
		}
	}
}

func rowIDs(rows []kind.Row) string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = strconv.Itoa(row.Int("id"))
	}
	return strings.Join(ids, ", ")
}

// diffFields fills ch.Fields: for a create every value, for an update those that
// differ from row. What is wrong with a value becomes a problem; it gives the first reason
// why the record alone is to be refused, when all of its values were looked at.
func (c *computer) diffFields(ch *plan.Change, r *spec.Resource, t declared.Type, row kind.Row) (no *denial.Refused) {
	targets, wrong := c.TargetsIn(&c.room, r, t)
	for _, w := range wrong {
		c.File(w.Problem, w.Code)
	}
	s := c.Scope(t)
	s.IDs = c.live
	k := c.keeper(ch, r, row)
	targets = k.managed(s, targets)
	c.ChoosePipeline(s, targets, row)
	ch.Fields, c.spare = c.spare, nil
	if row == nil {
		ch.Fields = slices.Grow(ch.Fields, len(targets))
	}
	held := c.agreed[:0]
	for i := range targets {
		tg := &targets[i]
		d, differs, err := declared.Compare(s, tg, row)
		c.noteLinks(r, *tg, d.Want)
		bad := denial.RefusalOf(tg.Name, err)
		switch {
		case errors.As(err, new(*denial.Unreadable)):
			c.unread = append(c.unread, plan.Unread{Field: tg.Name, Why: value.SaidBy(err)})
		case bad != nil:
			no = cmp.Or(no, bad)
		case err != nil:
			c.ObjectTo(tg.Name, tg.Value, tg.Rule.Name == "", err)
		case !differs:
			k.agrees(&d)
			held = append(held, d)
		case k.contests(&d):
			// It stays until people have decided.
		case k.keeps(&d):
			// It stays as people made it.
		case tg.Rule.Immutable && row != nil:
			c.Object(tg.Pos, immutable(tg.Name, &d))
		default:
			ch.Fields = append(ch.Fields, d)
		}
	}
	slices.SortFunc(ch.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
	if len(ch.Fields) > 0 {
		ch.Held = slices.Clone(held)
	}
	c.agreed = held
	return no
}

// immutable refuses another value for what is set at creation only.
func immutable(name string, d *plan.Field) error {
	if d.Live.IsEmpty() {
		return denial.Unmet("IMMUTABLE", "immutable", "set-at-creation-and-empty", "remove-or-create-anew", value.T("field", name))
	}
	return denial.Unmet("IMMUTABLE", "immutable", "set-at-creation", "remove-or-create-anew", value.T("field", name), value.T("live", fmt.Sprint(d.Before)))
}

// tellCurrency adds to an amount the currency that it is in, where that is declared or was read.
func tellCurrency(ch *plan.Change, r *spec.Resource, row kind.Row) {
	for i := range ch.Fields {
		d := &ch.Fields[i]
		if d.Name != kind.AmountField {
			continue
		}
		if live := row.Text(kind.CurrencyField); live != "" {
			d.Before = d.Before.With(value.P(value.PartCurrency, live))
		}
		if will := cmp.Or(r.Text(kind.CurrencyField), row.Text(kind.CurrencyField)); will != "" {
			d.After = d.After.With(value.P(value.PartCurrency, will))
		}
	}
}
