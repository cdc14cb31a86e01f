package diff

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// State is what Fetch read: the portal's metadata and, for every declared record,
// the live rows that carry its mark. More than one row is a finding, not an error.
type State struct {
	Portal  string // host
	Meta    Meta
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
	c.moves, c.renamed, c.out = moves, renamed, out
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
	c.passOn()
	c.splitCycles()
	c.add(c.removals()...)
	p.Changes.Sort()
	c.reportLacks()
	p.Unseen = c.unseen()
	p.Pipelines = c.pipelines()
	p.Titles, p.RowsByMark = state.Meta.titles(), c.rowsByMark
	c.judgeOwners(p)
	c.refuseBlind(p)
	c.noteVanished(p)
	c.noteRoutes(p)
	c.noteAlike(p)
	c.noteOutOfScope(p)
	c.notePruned(p)
	if c.problems.HasErrors() || c.lost != nil {
		return nil, c.problems.Sort(), c.lost
	}
	return p, c.problems.Sort(), nil
}

type computer struct {
	view
	state   *State
	trial   bool                      // before everything is read; see settler
	types   map[string]*spec.Resource // the declared SPA behind each type
	moves   map[value.Address]move
	renamed map[value.Address]string // the former owner whose mark a record carries
	lacks   map[lack]*lacking
	// mandatory are the mandatory fields of each entity type whose records were looked at.
	mandatory map[int][]kind.LiveField
	problems  spec.Problems
	out       *plan.Source               // the changes, which leave as they are made
	lost      error                      // why some of them are not there
	shown     map[pipelineID]bool        // whose stages changes show
	routes    map[string]routing         // of creates, by the names of their kinds
	unread    []plan.Unread              // fields of the record that is being compared whose live values cannot be read
	denials   []denial                   // why the resource that is being compared is refused
	shared    map[value.Address][]denial // why resources are refused that were compared before

	records   map[kind.RecordID]*spec.Resource // behind live records that no mark found
	keyFields map[value.Address]bool           // the user fields that are planned
	fields    []plan.Change                    // and their changes
	agreed    []plan.Field                     // room for the fields of one record that agree
	room      targetRoom                       // and for its targets
	spare     []plan.Field                     // and for the fields of the next one that differ; nil if that needs its own

	contested map[value.Address][]contest // records because of which others are refused

	twins map[value.Address][]*spec.Resource // records without a mark and those that share their first match key

	rowsByMark map[string]bool // see Plan.rowsByMark

	linked map[kind.RecordID]value.Address // the first resource that points at a record by its id
}

func newComputer(set *spec.Set, state *State) *computer {
	return &computer{
		view: view{set: set, meta: &state.Meta, found: state.Lookups, known: make(map[knownKey]*value.Known), shapes: make(map[shapeKey]*shape), recordTypes: make(map[string]recordType)}, state: state, types: make(map[string]*spec.Resource),
		contested: make(map[value.Address][]contest), shared: make(map[value.Address][]denial), rowsByMark: make(map[string]bool), shown: make(map[pipelineID]bool),
		twins:   make(map[value.Address][]*spec.Resource),
		records: make(map[kind.RecordID]*spec.Resource), keyFields: make(map[value.Address]bool), linked: make(map[kind.RecordID]value.Address),
	}
}

func (c *computer) change(r *spec.Resource) plan.Change {
	ch := plan.Change{Address: r.Address, Kind: r.Kind.Name, Facts: r.Kind, Deps: c.planned(r.Deps), Source: r.Pos, EntityTypeID: r.Kind.EntityTypeID, Labels: r.Labels}
	if no := c.notRead(c.state, r); no != nil {
		ch.Title, ch.Type = declaredTitle(r), c.recordType(r).addr
		refuseNotRead(&ch, no)
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
		c.prevent(&ch, r)
	}
	if c.refuseDenied(&ch); ch.Action != plan.NoOp {
		ch.Declared = r.Digest()
	}
	return ch
}

// live answers for links: the id of a declared resource that the portal has.
func (c *computer) live(a value.Address) (int, bool) {
	r := c.set.Lookup(a)
	if r == nil {
		return 0, false
	}
	if id, ok := c.state.settled.id(r); ok {
		return id, true
	}
	id := c.identity(r)
	return id.row.Int("id"), id.row != nil
}

// scope is the scope of the codecs for one record type.
func (v *view) scope(t recordType) *scope {
	s := &scope{view: v, meta: v.meta, entityTypeID: t.entityTypeID, ids: func(value.Address) (int, bool) { return 0, false }}
	if t.isNew() {
		s.stages.newType = t.addr
	}
	return s
}

func (c *computer) recordChange(ch *plan.Change, r *spec.Resource) {
	t := c.recordType(r)
	ch.EntityTypeID, ch.Type = t.entityTypeID, t.addr
	ch.Title = declaredTitle(r)
	if t.refused {
		ch.RefuseFor("TYPE_REFUSED", value.Say("type-is-refused", value.T("type", t.addr)), value.Message{})
		return
	}
	id := c.identity(r)
	if id.code == "" && len(c.twins[r.Address]) > 0 {
		id = c.asTwin(r)
	}
	row := id.row
	ch.Saved = row.Text(kind.SavedTime)
	c.setIdentity(ch, r, t, id)
	if c.meta.Missing[t.entityTypeID] {
		c.object(r.TypePos, unmet("NO_TYPE", "type", "no-entity-type-here", "declare-type", value.N("id", t.entityTypeID)))
		return
	}
	if no := refusalIn(row); no != nil {
		refuseNotRead(ch, no)
		return
	}
	c.unread = nil
	no := c.diffFields(ch, r, t, row)
	c.diffProducts(ch, r, t, row)
	tellCurrency(ch, r, row)
	c.diffRequisites(ch, r, t, row)
	c.noteMoves(ch, r, row)
	if no != nil {
		ch.RefuseFor(no.code, no.why, no.hint)
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
			ch.RefuseFor("UNREADABLE_VALUE", u.Says(), leaveField)
		}
	}
}

func idsOf(rows []kind.Row) []int {
	ids := make([]int, len(rows))
	for i, row := range rows {
		ids[i] = row.Int("id")
	}
	return ids
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
func (c *computer) diffFields(ch *plan.Change, r *spec.Resource, t recordType, row kind.Row) (no *refused) {
	targets, wrong := c.targetsIn(&c.room, r, t)
	for _, w := range wrong {
		c.file(w.Problem, w.code)
	}
	s := c.scope(t)
	s.ids = c.live
	k := c.keeper(ch, r, row)
	targets = k.managed(s, targets)
	c.choosePipeline(s, targets, row)
	ch.Fields, c.spare = c.spare, nil
	if row == nil {
		ch.Fields = slices.Grow(ch.Fields, len(targets))
	}
	held := c.agreed[:0]
	for i := range targets {
		tg := &targets[i]
		d, differs, err := diffField(s, tg, row)
		c.noteLinks(r, *tg, d.Want)
		bad := refusalOf(tg.name, err)
		switch {
		case errors.As(err, new(*unreadable)):
			c.unread = append(c.unread, plan.Unread{Field: tg.name, Why: value.SaidBy(err)})
		case bad != nil:
			no = cmp.Or(no, bad)
		case err != nil:
			c.objectTo(*tg, err)
		case !differs:
			k.agrees(&d)
			held = append(held, d)
		case k.contests(&d):
			// It stays until people have decided.
		case k.keeps(&d):
			// It stays as people made it.
		case tg.rule.Immutable && row != nil:
			c.object(tg.pos, immutable(tg.name, &d))
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

// refusalOf gives why a record is refused for a value; nil if it is not, or if the
// manifest is wrong.
func refusalOf(name string, err error) *refused {
	var no *refused
	switch {
	case errors.As(err, &no):
		return &refused{no.code, ofField(name, no), no.hint}
	case errors.As(err, new(*unreadable)):
		return &refused{"UNREADABLE_VALUE", ofField(name, err), leaveField}
	}
	return nil
}

// leaveField is the remedy for a field whose live value cannot be read.
var leaveField = value.Do("UNREADABLE_VALUE", value.M("what", value.Say("the-field")))

// ofField says of which field an error speaks.
func ofField(name string, err error) value.Message {
	return value.Say("of-field", value.T("field", name), value.M("said", value.SaidBy(err)))
}

// immutable refuses another value for what is set at creation only.
func immutable(name string, d *plan.Field) error {
	if d.Live.IsEmpty() {
		return unmet("IMMUTABLE", "immutable", "set-at-creation-and-empty", "remove-or-create-anew", value.T("field", name))
	}
	return unmet("IMMUTABLE", "immutable", "set-at-creation", "remove-or-create-anew", value.T("field", name), value.T("live", fmt.Sprint(d.Before)))
}

// choosePipeline decides in which pipeline the record's stage is looked for: the
// declared one, else the live record's, else the default.
func (v *view) choosePipeline(s *scope, targets []target, row kind.Row) {
	if !s.meta.of(s.entityTypeID).Stages.Pipelines || s.stages.newType != "" {
		return
	}
	for _, tg := range targets {
		if tg.name == kind.PipelineField && tg.value.Kind == value.Scalar {
			if id, err := tg.codec.Parse(s.names(), tg.value); err == nil && !id.IsEmpty() {
				s.stages.category = id.Int()
				return
			}
		}
	}
	if row != nil {
		s.stages.category = v.meta.pipelineOf(s.entityTypeID, row)
		return
	}
	if d, ok := v.meta.defaultCategory(s.entityTypeID); ok {
		s.stages.category = d.ID
	}
}

// diffField compares one declared value with the live one; a record that does not
// exist yet differs in all of them.
func diffField(s *scope, tg *target, row kind.Row) (d plan.Field, differs bool, err error) {
	d = plan.Field{Name: tg.name, Type: tg.typ, Wire: tg.wire, Parent: tg.parent, Fixed: tg.rule.Immutable}
	if d.Want, err = wantOf(s, tg, row); err != nil {
		return d, false, err
	}
	d.Zone = s.zoneFor(d.Want)
	if row != nil {
		if d.Want.Form == value.FormText && tg.sameRaw(d.Want, row) {
			d.Live = value.Text(d.Want.Text)
			return d, false, nil
		}
		if d.Live, err = s.read(tg, row); err != nil {
			return d, false, &unreadable{err}
		}
		if tg.codec.Same(d.Want, d.Live) {
			return d, false, nil
		}
	}
	if err := s.exists(&d, tg.codec); err != nil {
		return d, false, err
	}
	if row != nil && d.Clears() {
		d.Older = s.meta.Fields[s.entityTypeID].ByName[d.Wire].UpperName
	}
	s.showBoth(&d, tg.codec)
	return d, true, nil
}

// wantOf gives what a field is to hold.
func wantOf(s *scope, tg *target, row kind.Row) (want value.Value, err error) {
	if tg.value.Kind != value.Null {
		if want, err = parseBeside(s, tg, row); err != nil {
			return want, err
		}
	}
	if want.IsEmpty() && tg.rule.NoClear {
		return want, value.Bad("no-clear", "old-value-is-kept", "give-value-or-leave-as-is", value.T("field", tg.name))
	}
	return want, nil
}

// parseBeside parses a declared value. What the record already holds may be named although
// the portal has it no more: a user who has left, a stage that was deleted.
func parseBeside(s *scope, tg *target, row kind.Row) (value.Value, error) {
	want, err := tg.codec.Parse(s.names(), tg.value)
	if err == nil || row == nil || denialOf(err) == "" {
		return want, err
	}
	live, unread := s.read(tg, row)
	if unread != nil || live.IsEmpty() {
		return value.Value{}, err
	}
	beside := *s
	for _, x := range one(live) {
		beside.held = append(beside.held, x.Text)
	}
	if want, wrong := tg.codec.Parse(beside.names(), tg.value); wrong == nil {
		return want, nil
	}
	return value.Value{}, err
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
		if will := cmp.Or(declaredText(r, kind.CurrencyField), row.Text(kind.CurrencyField)); will != "" {
			d.After = d.After.With(value.P(value.PartCurrency, will))
		}
	}
}

// showBoth shows what the field holds and what it will hold.
func (s *scope) showBoth(d *plan.Field, c value.Codec) {
	d.Label = s.meta.label(s.entityTypeID, d.Wire)
	want, live := d.InZone(d.Want), d.InZone(d.Live)
	d.Before, d.After = value.ShowBoth(s.names(), c, want, live)
	d.List, d.Respelt = value.Compare(c, want, live, d.Before, d.After), value.Respelt(c, want, live)
}

// unreadable is a live value that is not of its field's type. It concerns one
// record, not the manifests.
type unreadable struct{ error }

func (u *unreadable) Unwrap() error { return u.error }

func declaredTitle(r *spec.Resource) string {
	return r.Kind.Title(func(field string) string { return declaredText(r, field) })
}

func liveTitle(k *kind.Kind, row kind.Row) string { return k.Title(row.Text) }
