package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// OnRemove says what happens to a record that is no longer declared.
type OnRemove string

// What can happen to it. Keep leaves the record and its mark alone; detach clears
// the mark, so that the record belongs to nobody; delete deletes it.
const (
	OnRemoveKeep   OnRemove = "keep"
	OnRemoveDetach OnRemove = "detach"
	OnRemoveDelete OnRemove = "delete"
)

// A Former is an address that the manifests have left behind: one that must be
// gone, or one whose record goes by another address now. It has no fields.
type Former struct {
	*Resource
	OnRemove OnRemove // of an Absent; never empty there
	// To is where the record of a Moved goes, and what the record of a Merged has
	// become: a declared resource of the same kind. Of a chain it is the end.
	To Address
	// Merged tells that people made the record one with that of To.
	Merged bool
}

// formerResource stands for what an address named; false if it is no address of a
// kind that can be declared.
func formerResource(text string, at Pos) (*Resource, bool) {
	if !isAddress(text) {
		return nil, false
	}
	r := &Resource{Address: Address(strings.ToLower(text)), Pos: at}
	space, name := r.Address.Split()
	r.Name = name
	switch k := kindBySpace(space); {
	case k == nil:
		r.Kind, r.Type, r.TypePos = KindByName("SPAItem"), space, at
	case k.Class == ClassProject || k.IsHistory():
		return nil, false
	default:
		r.Kind = k
	}
	return r, true
}

// history reads what an Absent, a Moved or a Merged says.
func (d *document) history() (out []Former) {
	body, _ := d.root.Get("spec")
	switch d.kind.Name {
	case "Absent":
		out = d.absences(body)
	case "Merged":
		out = d.pairs(body, mergeWords)
	default:
		out = d.pairs(body, moveWords)
	}
	d.explain(loadSchemas().validate(d.kind, d.root))
	return out
}

func (d *document) absences(body Value) (out []Former) {
	how := OnRemoveDelete
	if v, ok := body.Get("onRemove"); ok && v.Kind == Scalar {
		how = OnRemove(v.Text)
	}
	list, _ := body.Get("resources")
	for _, v := range list.Items {
		r, ok := d.former(v)
		switch {
		case ok && how == OnRemoveDetach && r.Kind.Class == ClassType:
			d.add(v.Pos, v.Text, "absent", "write onRemove: delete or keep for it, in a document of its own", "%s cannot be detached: types carry no mark", r.Address)
		case ok:
			out = append(out, Former{Resource: r, OnRemove: how})
		}
	}
	return out
}

// pairWords are the words in which one address follows another.
type pairWords struct {
	kind, list, to string
	example        string // of both ends
	done           string // what happened to the first one: "moved"
	into           string // the word between the two in messages
	rule           string
}

var (
	moveWords  = pairWords{"Moved", "moves", "to", "from: company/acme and to: company/acme-inc", "moved", "to", "move"}
	mergeWords = pairWords{"Merged", "merges", "into", "from: contact/jane-smith and into: contact/jane", "merged", "into", "merge"}
)

// words are those in which messages speak of a former address.
func (f Former) words() pairWords {
	if f.Merged {
		return mergeWords
	}
	return moveWords
}

func (d *document) pairs(body Value, w pairWords) (out []Former) {
	pairs := []Value{body}
	if list, ok := body.Get(w.list); ok {
		pairs = list.Items
		if from, ok := body.Get("from"); ok {
			d.add(from.Pos, from.Text, "schema", "write it as a further entry of "+w.list, "%s and from cannot stand side by side", w.list)
		}
	}
	for _, p := range pairs {
		from, hasFrom := p.Get("from")
		to, hasTo := p.Get(w.to)
		if !hasFrom || !hasTo {
			d.incompletePair(body, p, w)
			continue
		}
		a, okA := d.former(from)
		b, okB := d.former(to)
		if okA && okB && d.movable(a, b, w) {
			out = append(out, Former{Resource: a, To: b.Address, Merged: w == mergeWords})
		}
	}
	return out
}

// incompletePair reports a single pair that lacks an end; the schema reports the
// entries of a list, and what is no map.
func (d *document) incompletePair(body, pair Value, w pairWords) {
	if _, listed := body.Get(w.list); !listed && pair.Kind == Map {
		d.add(body.Pos, "", "required", "write "+w.example+", or a list of such pairs under "+w.list, "a %s needs from and %s", w.kind, w.to)
	}
}

// former reads an address; what is not even a text is the schema's affair.
func (d *document) former(v Value) (*Resource, bool) {
	if v.Kind != Scalar {
		return nil, false
	}
	r, ok := formerResource(v.Text, v.Pos)
	if !ok && isAddress(v.Text) {
		d.add(v.Pos, v.Text, "reference", "write the address of a record, such as deal/website", "%s cannot be removed, moved or merged", d.show(v))
	}
	return r, ok
}

// movable tells whether one address can follow another: for a record of the same kind.
func (d *document) movable(from, to *Resource, w pairWords) bool {
	space, _ := from.Address.Split()
	other, _ := to.Address.Split()
	switch {
	case from.Address == to.Address:
		d.add(to.Pos, string(to.Address), w.rule, "remove this "+w.rule, "%s cannot be %s %s itself", from.Address, w.done, w.into)
	case !from.Kind.HasFields():
		d.add(from.Pos, string(from.Address), w.rule, "declare the code that the type has on the portal: code: "+from.Name, "only records can be %s, not %s", w.done, from.Kind.Plural)
	case space != other:
		d.add(to.Pos, string(to.Address), w.rule, "both ends are of one kind", "%s cannot become %s: a record keeps its kind", from.Address, to.Address)
	default:
		return true
	}
	return false
}

// checkHistory judges Absent, Moved and Merged against what is declared, and follows chains
// of moves to their ends.
func (l *loader) checkHistory(k *linker) {
	h := &historian{linker: k, absent: map[Address]Pos{}, moved: map[Address]Former{}, sources: map[Address]Pos{}}
	slices.SortStableFunc(l.formers, func(a, b Former) int { return comparePos(a.Pos, b.Pos) })
	before := len(k.problems)
	for _, f := range l.formers {
		if f.To == "" {
			h.addAbsent(f)
		} else {
			h.addMove(f)
		}
	}
	next := make(map[Address]Address, len(h.moved))
	for from, f := range h.moved {
		next[from] = f.To
	}
	h.ends = newChains(next)
	for _, f := range l.formers {
		if m, ok := h.moved[f.Address]; ok && m.Pos == f.Pos {
			h.checkMove(f)
		}
	}
	l.refuse(k.problems[before:]...)
	l.formers = h.resolved(l.formers)
}

// A historian collects what the manifests say about addresses of the past.
type historian struct {
	*linker
	absent  map[Address]Pos
	moved   map[Address]Former // by the address that was left
	sources map[Address]Pos    // of moves, by where they lead
	ends    *chains            // of all moves and merges
}

func (h *historian) addAbsent(f Former) {
	if r := h.byAddress[f.Address]; r != nil {
		hint := "remove the manifest, or this line"
		if r.Lifecycle.Prevents(PreventDelete) {
			hint = "remove this line: its lifecycle prevents the deletion"
		}
		h.add(f.Pos, string(f.Address), "absent", hint, "%s is declared at %s", f.Address, r.Pos)
		return
	}
	if first, ok := h.absent[f.Address]; ok {
		h.add(f.Pos, string(f.Address), "absent", "remove this line", "%s is named twice, first at %s", f.Address, first)
		return
	}
	h.absent[f.Address] = f.Pos
}

func (h *historian) addMove(f Former) {
	if first, ok := h.moved[f.Address]; ok {
		h.add(f.Pos, string(f.Address), f.words().rule, "keep one of the two", "%s is %s twice, first at %s", f.Address, f.words().done, first.Pos)
		return
	}
	if f.Merged { // several may have become one
		h.moved[f.Address] = f
		return
	}
	if first, ok := h.sources[f.To]; ok {
		h.add(f.Pos, string(f.Address), "move", "keep one of the two, or chain them", "a second record is moved to %s, first at %s", f.To, first)
		return
	}
	h.moved[f.Address], h.sources[f.To] = f, f.Pos
}

// checkMove checks one move. A cycle, such as two records that swap their names,
// cannot be told from one that is done.
func (h *historian) checkMove(f Former) {
	end, cycle := h.ends.end(f.To)
	w := f.words()
	switch {
	case cycle && f.Merged:
		h.add(f.Pos, string(f.Address), w.rule, "keep the one that says which record is left", "%s is merged in a circle", f.Address)
	case cycle:
		h.add(f.Pos, string(f.Address), "move", "move one of them to a third name first, and apply that", "%s moves in a circle", f.Address)
	case h.byAddress[f.Address] != nil && !f.Merged:
		h.add(f.Pos, string(f.Address), "move", "give the new record another name, or remove the move once every portal has it",
			"%s is moved to %s, and declared at %s", f.Address, f.To, h.byAddress[f.Address].Pos)
	case h.byAddress[end] == nil && h.complete:
		hint := "declare it"
		if at, ok := h.absent[end]; ok {
			hint = fmt.Sprintf("name %s as Absent instead of %s (%s)", f.Address, end, at)
		}
		h.add(f.Pos, string(f.To), w.rule, hint, "%s is %s %s %s, which is not declared", f.Address, w.done, w.into, end)
	}
	if at, ok := h.absent[f.Address]; ok {
		h.add(f.Pos, string(f.Address), w.rule, "keep one of the two", "%s is %s, and Absent at %s", f.Address, w.done, at)
	}
}

// resolved gives the formers with moves to the end of their chains, by rank and address.
func (h *historian) resolved(all []Former) []Former {
	out := slices.Clone(all)
	for i, f := range out {
		if f.To != "" {
			out[i].To, _ = h.ends.end(f.To)
		}
	}
	slices.SortFunc(out, func(a, b Former) int {
		return cmp.Or(cmp.Compare(a.Kind.Rank, b.Kind.Rank), cmp.Compare(a.Address, b.Address))
	})
	return out
}

// Absent lists the addresses that must be gone, by rank and address.
func (s *Set) Absent() []Former {
	return slices.DeleteFunc(slices.Clone(s.Former), func(f Former) bool { return f.To != "" })
}

// Moved lists, by declared address, the addresses that its record may still go by: it
// was renamed, or people kept the other one of two that they made one.
func (s *Set) Moved() map[Address][]Former {
	out := make(map[Address][]Former)
	for _, f := range s.Former {
		if f.To != "" {
			out[f.To] = append(out[f.To], f)
		}
	}
	return out
}
