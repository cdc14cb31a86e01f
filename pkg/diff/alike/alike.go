// Package alike looks for live records that look like what a plan creates ([Look]), by what their
// kind says (kind.Likeness), and notes them in the plan ([Note]). Nothing is refused for it: it
// is a warning, within bounds, and what was not looked at is counted. What a create is, and
// which record is whose, is decided elsewhere.
package alike

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/draft"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Question says what is to be looked at.
type Question struct {
	View *declared.View
	// Created tells whether the plan creates a resource, as far as that is known yet, and what
	// will carry its mark.
	Created func(*spec.Resource, declared.Type) (declared.Slot, bool)
	// Live gives the id of a declared resource that the portal has.
	Live func(value.Address) (int, bool)
	All  bool // every create is looked at, without a bound
}

// Found is what looks like what the plan creates.
type Found struct {
	Records  map[value.Address][]Lookalike // by the create
	Unlooked map[value.Address]Gap         // creates that were not looked at, or not in every way
}

// mostAlike is how many records are named that are alike in one thing.
const mostAlike = 10

// A resemblance is what some creates of one kind have that a record would have too which
// looks like them: a text or several, a phone, an e-mail, or a tax id.
type resemblance struct {
	at     kind.Store // of what lies in the catalogue, wherever that is
	slot   declared.Slot
	fields []string // as declared
	texts  []alikeText
	multi  string          // PHONE or EMAIL
	normal string          // what phones or e-mails are compared by
	column string          // of requisites
	spelt  []string        // what is asked for of a contact or a tax id
	as     []string        // texts, phones or e-mails as they are declared, but for case and outer blanks; nil where that is not plain
	within *plan.Condition // a record lies there too
	wide   string          // the wire of the link of which both have none

	creates []*spec.Resource
	rows    []kind.Row // what looks the same
	alone   bool       // a search for it shares no request with others
	full    bool       // more look the same than the portal shows
	hidden  bool       // something may look the same, and the portal does not show what it takes to tell
}

// An alikeText is one text of a resemblance.
type alikeText struct {
	wire   string
	folded string // "" for one that is not declared: its like has none either
	spelt  []any
}

// take notes a row that looks the same, once, unless a project has marked its record.
func (q *resemblance) take(row kind.Row) {
	switch is := func(r kind.Row) bool { return r.Int("id") == row.Int("id") }; {
	case q.slot.Hides(row) != nil:
		q.hidden = true
	case len(q.rows) < mostAlike && q.slot.Holder(row).Owner == "" && q.isWithin(row) && !slices.ContainsFunc(q.rows, is):
		q.rows = append(q.rows, row)
	}
}

// isShown tells whether a row shows the texts.
func (q *resemblance) isShown(row kind.Row) bool {
	return !slices.ContainsFunc(q.texts, func(t alikeText) bool { return row[t.wire] == nil })
}

// isWithin tells whether a record lies where the create will.
func (q *resemblance) isWithin(row kind.Row) bool {
	switch {
	case q.within != nil:
		return q.within.Meets(row)
	case q.wide != "":
		return row.Int(q.wide) == 0
	}
	return true
}

// lookOf folds the texts of a row.
func (q *resemblance) lookOf(row kind.Row) []string {
	out := make([]string, len(q.texts))
	for i, t := range q.texts {
		out[i] = value.Folded(row.Text(t.wire))
	}
	return out
}

// looks tells whether folded texts of a row are those of the resemblance.
func (q *resemblance) looks(folded []string) bool {
	return slices.EqualFunc(q.texts, folded, func(t alikeText, s string) bool { return t.folded == s })
}

// A resemblances finds each resemblance by what it is of and what is asked for, so that
// creates that are alike share one; all are in the order in which they came. What goes beyond
// the bounds is not kept: there may be a million.
type resemblances struct {
	all   []*resemblance
	known map[string]*resemblance
	take  func(*resemblance) Gap // why a new one goes beyond the bounds; 0 if it does not
	// beyond tells so of most by what they declare alone; 0 where that is not enough.
	beyond func(resemblance, kind.Likeness) Gap
	miss   func(Gap, ...*spec.Resource) // is told of the creates of such
}

// add adds a create to a resemblance.
func (all *resemblances) add(q *resemblance, r *spec.Resource, key ...string) {
	for _, t := range q.texts {
		for _, v := range t.spelt {
			key = append(key, strings.ToLower(v.(string)))
		}
		key = append(key, "")
	}
	key = append(append(key, q.spelt...), strconv.Itoa(q.at.Number()), q.column, q.multi, q.wide, strings.Join(q.fields, " "))
	if q.within != nil {
		key = append(key, q.within.Want.Text)
	}
	name := strings.Join(key, "\x00")
	known := all.known[name]
	if known == nil {
		if gap := all.take(q); gap != 0 {
			all.miss(gap, r)
			return
		}
		known = q
		all.known[name], all.all = q, append(all.all, q)
	}
	known.creates = append(known.creates, r)
}

// resemblances finds those of what the plan creates.
func (l *looker) resemblances(out *resemblances) {
	for _, r := range l.View.Set.Resources {
		if len(r.Kind.Alike) == 0 {
			continue
		}
		t := l.View.TypeOf(r)
		if s, is := l.Created(r, t); is {
			l.resemble(out, r, t, s)
		}
	}
}

// resemble adds what one create has.
func (l *looker) resemble(out *resemblances, r *spec.Resource, t declared.Type, s declared.Slot) {
	var targets []declared.Target
	at := l.View.Scope(t)
	at.IDs = l.Live
	for _, like := range r.Kind.Alike {
		if isMatched(r, like) {
			continue
		}
		q := resemblance{at: kind.Store{Kind: r.Kind, EntityTypeID: t.EntityTypeID}, slot: s}
		if like.Part != "" {
			l.resembleTaxID(out, q, like, r)
			continue
		}
		q.multi = r.Kind.Rule(like.Fields[0]).Multi
		q.as = declaredAs(r, like, q.multi)
		if gap := out.beyond(q, like); gap != 0 {
			out.miss(gap, r)
			continue
		}
		if targets == nil {
			targets, _ = l.View.TargetsIn(&l.targets, r, t)
		}
		if q.multi != "" {
			l.resembleContact(out, q, like, r, at, targets)
		} else {
			l.resembleTexts(out, q, like, r, at, targets)
		}
	}
}

// declaredAs gives the texts, phones or e-mails that a create declares of a likeness, but for case
// and outer blanks; nil where that is not plain.
func declaredAs(r *spec.Resource, l kind.Likeness, multi string) (as []string) {
	if l.Within != "" {
		return nil
	}
	for _, name := range l.Fields {
		field, _ := r.Field(name)
		texts := []value.Node{field.Value}
		if multi != "" {
			texts = field.Value.Members()
		}
		for _, n := range texts {
			if inside, ok := n.Get("value"); ok {
				n = inside
			}
			text := strings.ToLower(strings.TrimSpace(n.Text))
			if n.Kind != value.Scalar || text == "" {
				return nil
			}
			as = append(as, text)
		}
	}
	return as
}

// isMatched tells whether match has looked for just the same and found nothing.
func isMatched(r *spec.Resource, l kind.Likeness) bool {
	return slices.ContainsFunc(r.Identity.Match, func(key spec.MatchKey) bool {
		return slices.EqualFunc(key.Fields, l.Fields, func(of, field string) bool { return spec.DeclaredAs(of) == field })
	})
}

// resembleTexts adds texts that are all the same.
func (l *looker) resembleTexts(out *resemblances, q resemblance, like kind.Likeness, r *spec.Resource, s *meta.Scope, targets []declared.Target) {
	var key []string
	for _, name := range like.Fields {
		text := alikeText{wire: name}
		if c, ok := l.declaredAlike(s, targets, name); ok && c.Want.Form == value.FormText {
			q.fields = append(q.fields, name)
			text.folded, text.spelt = value.Folded(c.Want.Text), spellingsOf(c.Want.Text)
		}
		q.texts, key = append(q.texts, text), append(key, text.folded)
	}
	if strings.Join(key, "") == "" || !l.place(&q, like, s, targets) {
		return
	}
	out.add(&q, r, key...)
}

// place notes what the records of a likeness lie in. It is false if that is not there yet,
// so that nothing lies in it.
func (l *looker) place(q *resemblance, like kind.Likeness, s *meta.Scope, targets []declared.Target) bool {
	if like.Within == "" {
		return true
	}
	i := slices.IndexFunc(targets, func(tg declared.Target) bool { return tg.Name == like.Within })
	if i < 0 || targets[i].Value.Kind == value.Null {
		q.wide = like.Within
		return true
	}
	c, ok, err := l.View.NewCondition(s, targets[i])
	q.within = &c
	return ok && err == nil
}

// declaredAlike is the condition that a declared field makes.
func (l *looker) declaredAlike(s *meta.Scope, targets []declared.Target, name string) (plan.Condition, bool) {
	i := slices.IndexFunc(targets, func(tg declared.Target) bool { return tg.Name == name })
	if i < 0 {
		return plan.Condition{}, false
	}
	c, ok, err := l.View.NewCondition(s, targets[i])
	return c, ok && err == nil
}

// spellingsOf gives the spellings of a text that are asked for: as it is written, and as
// others may have written it. A portal takes upper and lower case for the same.
func spellingsOf(text string) []any {
	out := []any{strings.TrimSpace(text)}
	if tidy := value.Tidied(text); tidy != out[0] {
		out = append(out, tidy)
	}
	return out
}

// resembleContact adds phones or e-mails, each of which is enough.
func (l *looker) resembleContact(out *resemblances, q resemblance, like kind.Likeness, r *spec.Resource, s *meta.Scope, targets []declared.Target) {
	c, ok := l.declaredAlike(s, targets, like.Fields[0])
	if !ok {
		return
	}
	q.fields = like.Fields
	normals := c.Values()
	for i, spelt := range c.Spellings() {
		one := q
		if one.spelt, one.normal = spelt, normals[i]; len(spelt) > 0 {
			out.add(&one, r, normals[i])
		}
	}
}

// resembleTaxID adds the tax ids of declared requisites, each of which is enough.
func (l *looker) resembleTaxID(out *resemblances, q resemblance, like kind.Likeness, r *spec.Resource) {
	part, _ := r.Part(like.Part)
	for _, item := range part.Value.Items {
		columns, _ := item.Get(kind.ColumnsPart)
		for _, p := range columns.Pairs {
			written := strings.TrimSpace(p.Value.Text)
			if !slices.Contains(like.Fields, p.Key) || p.Value.Kind != value.Scalar || written == "" {
				continue
			}
			one := q
			one.column, one.fields, one.spelt = p.Key, []string{p.Key}, []string{written}
			if bare := value.Ident(written); bare != written && bare != "" {
				one.spelt = append(one.spelt, bare)
			}
			out.add(&one, r, value.Ident(written))
		}
	}
}

// Note says which records look like what the plan creates, and counts what was not looked at.
// A record that a manifest claims is no surprise. named gives what else looks like a create.
func Note(p *plan.Plan, changes *draft.Draft, kinds *kind.Table, found Found, claimed map[kind.RecordID]value.Address, named func(value.Address) []Lookalike) {
	counts := make(map[missing]int)
	for i, e := range changes.Entries() {
		if e.Action != plan.Create {
			continue
		}
		if likes := unclaimed(e, slices.Concat(found.Records[e.Address], named(e.Address)), claimed); len(likes) > 0 {
			changes.Alter(i, func(ch *plan.Change) { ch.Alike = alikesOf(e.Facts, likes) })
		}
		if why, is := found.Unlooked[e.Address]; is {
			counts[missing{e.Kind, why}]++
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(counts), missing.compare) {
		p.Unlooked = append(p.Unlooked, plan.Unlooked{Kind: m.kind, Plural: kinds.ByName(m.kind).Plural, Creates: counts[m], Why: m.gap.says()})
	}
}

// unclaimed leaves out what a manifest means.
func unclaimed(e *plan.Entry, all []Lookalike, claimed map[kind.RecordID]value.Address) []Lookalike {
	return slices.DeleteFunc(all, func(like Lookalike) bool {
		_, is := claimed[kind.RecordID{EntityTypeID: e.Facts.StoreNumber(e.EntityTypeID), ID: like.Row.Int("id")}]
		return is
	})
}

// alikesOf names each record once, with all that is alike.
func alikesOf(k *kind.Kind, likes []Lookalike) []plan.Alike {
	var out []plan.Alike
	for _, like := range likes {
		out = addAlike(out, like, k)
	}
	slices.SortFunc(out, func(a, b plan.Alike) int { return value.IDNumber(a.ID) - value.IDNumber(b.ID) })
	return out
}

// A missing is why creates of one kind were not looked at.
type missing struct {
	kind string
	gap  Gap
}

func (m missing) compare(other missing) int {
	return cmp.Or(strings.Compare(m.kind, other.kind), cmp.Compare(m.gap, other.gap))
}

// A Gap is why a create was not looked at for records that look the same.
type Gap uint8

// The gaps.
const (
	GapBound  Gap = iota + 1 // a plan looks at so many
	GapAlone                 // it takes a request of its own, and a plan makes few of them
	GapMany                  // more records are alike than the portal shows
	GapHidden                // the portal refuses to tell
)

func (g Gap) says() value.Message {
	switch g {
	case GapBound:
		return value.Say("look-is-bounded", value.N("n", lookBound))
	case GapAlone:
		return value.Say("look-is-alone")
	case GapMany:
		return value.Say("look-finds-many")
	}
	return value.Say("look-is-refused")
}

// A Lookalike is a record that looks like one that would be created.
type Lookalike struct {
	By    []string // the fields in which both are alike, as declared
	Row   kind.Row
	Named bool // the portal names it for a match key, and our comparison rejects it
}

// addAlike adds a record to those that look like a create: a record that looks the same in
// two ways is one.
func addAlike(out []plan.Alike, like Lookalike, k *kind.Kind) []plan.Alike {
	id := strconv.Itoa(like.Row.Int("id"))
	i := slices.IndexFunc(out, func(a plan.Alike) bool { return a.ID == id })
	if i < 0 {
		i = len(out)
		out = append(out, plan.Alike{ID: id, Title: k.TitleOf(like.Row)})
	}
	a := &out[i]
	a.Named = a.Named || like.Named
	for _, field := range like.By {
		if !slices.Contains(a.By, field) {
			a.By = append(a.By, field)
		}
	}
	return out
}
