package spec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
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
	To value.Address
	// Merged tells that people made the record one with that of To.
	Merged bool
}

// formerResource stands for what an address named; false if it is no address of a
// kind that can be declared.
func (d *document) formerResource(text string, at value.Pos) (*Resource, bool) {
	if !isAddress(text) {
		return nil, false
	}
	r := &Resource{Address: value.Address(kept(strings.ToLower(text))), Pos: at}
	space, name := r.Address.Split()
	r.Name = name
	switch k := d.kinds.BySpace(space); {
	case k == nil:
		r.Kind, r.Type, r.TypePos = d.kinds.Items(), space, at
	case k.Class == kind.ClassProject || k.IsHistory():
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
	d.explain(d.schemas.validate(d.kind, d.root))
	return out
}

func (d *document) absences(body value.Node) (out []Former) {
	how := OnRemoveDelete
	if v, ok := body.Get("onRemove"); ok && v.Kind == value.Scalar {
		how = OnRemove(kept(v.Text))
	}
	list, _ := body.Get("resources")
	for _, v := range list.Items {
		r, ok := d.former(v)
		switch {
		case ok && how == OnRemoveDetach && r.Kind.Class == kind.ClassType:
			d.problem(v.Pos, v.Text, "absent", value.Say("write-delete-or-keep"), value.Say("type-cannot-be-detached", value.T("resource", r.Address)))
		case ok:
			out = append(out, Former{Resource: r, OnRemove: how})
		}
	}
	return out
}

// pairWords are the words in which one address follows another.
type pairWords struct {
	list, to string
	rule     string
	// The codes of messages: an end is missing, both ends are one, the first end is no
	// record, it is there twice, the second end is not declared, the first one is Absent.
	write, needs, removeThis, itself, onlyRecords, twice, undeclared, andAbsent string
}

var (
	moveWords = pairWords{"moves", "to", "move",
		"write-moved", "moved-needs", "remove-this-move", "moved-to-itself", "only-records-are-moved", "moved-twice", "moved-to-undeclared", "moved-and-absent"}
	mergeWords = pairWords{"merges", "into", "merge",
		"write-merged", "merged-needs", "remove-this-merge", "merged-into-itself", "only-records-are-merged", "merged-twice", "merged-into-undeclared", "merged-and-absent"}
)

// words are those in which messages speak of a former address.
func (f Former) words() pairWords {
	if f.Merged {
		return mergeWords
	}
	return moveWords
}

func (d *document) pairs(body value.Node, w pairWords) (out []Former) {
	pairs := []value.Node{body}
	if list, ok := body.Get(w.list); ok {
		pairs = list.Items
		if from, ok := body.Get("from"); ok {
			d.problem(from.Pos, from.Text, "schema", value.Say("write-further-entry", value.T("list", w.list)), value.Say("list-and-from", value.T("list", w.list)))
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
func (d *document) incompletePair(body, pair value.Node, w pairWords) {
	if _, listed := body.Get(w.list); !listed && pair.Kind == value.Map {
		d.problem(body.Pos, "", "required", value.Say(w.write), value.Say(w.needs))
	}
}

// former reads an address; what is not even a text is the schema's affair.
func (d *document) former(v value.Node) (*Resource, bool) {
	if v.Kind != value.Scalar {
		return nil, false
	}
	r, ok := d.formerResource(v.Text, v.Pos)
	if !ok && isAddress(v.Text) {
		d.problem(v.Pos, v.Text, "reference", value.Say("write-address-of-record"), value.Say("is-no-record", d.shown("value", v)))
	}
	return r, ok
}

// movable tells whether one address can follow another: for a record of the same kind.
func (d *document) movable(from, to *Resource, w pairWords) bool {
	space, _ := from.Address.Split()
	other, _ := to.Address.Split()
	switch {
	case from.Address == to.Address:
		d.problem(to.Pos, string(to.Address), w.rule, value.Say(w.removeThis), value.Say(w.itself, value.T("resource", from.Address)))
	case !from.Kind.HasFields():
		d.problem(from.Pos, string(from.Address), w.rule, value.Say("declare-code-of-type", value.T("code", from.Name)), value.Say(w.onlyRecords, value.K("kinds", from.Kind.Name, from.Kind.Plural)))
	case space != other:
		d.problem(to.Pos, string(to.Address), w.rule, value.Say("ends-of-one-kind"), value.Say("record-keeps-its-kind", value.T("from", from.Address), value.T("to", to.Address)))
	default:
		return true
	}
	return false
}

// checkHistory judges Absent, Moved and Merged against what is declared, and follows chains
// of moves to their ends.
func (l *loader) checkHistory(k *linker) {
	h := &historian{linker: k, absent: map[value.Address]value.Pos{}, moved: map[value.Address]Former{}, sources: map[value.Address]value.Pos{}}
	slices.SortStableFunc(l.formers, func(a, b Former) int { return a.Pos.Compare(b.Pos) })
	before := len(k.problems)
	for _, f := range l.formers {
		if f.To == "" {
			h.addAbsent(f)
		} else {
			h.addMove(f)
		}
	}
	next := make(map[value.Address]value.Address, len(h.moved))
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
	absent  map[value.Address]value.Pos
	moved   map[value.Address]Former    // by the address that was left
	sources map[value.Address]value.Pos // of moves, by where they lead
	ends    *chains                     // of all moves and merges
}

func (h *historian) addAbsent(f Former) {
	if r := h.byAddress[f.Address]; r != nil {
		hint := value.Say("remove-manifest-or-line")
		if r.Lifecycle.Prevents(PreventDelete) {
			hint = value.Say("remove-line-lifecycle")
		}
		h.problem(f.Pos, string(f.Address), "absent", hint, value.Say("absent-is-declared", value.T("resource", f.Address), value.T("at", r.Pos.String())))
		return
	}
	if first, ok := h.absent[f.Address]; ok {
		h.problem(f.Pos, string(f.Address), "absent", value.Say("remove-line"), value.Say("absent-twice", value.T("resource", f.Address), value.T("at", first.String())))
		return
	}
	h.absent[f.Address] = f.Pos
}

func (h *historian) addMove(f Former) {
	if first, ok := h.moved[f.Address]; ok {
		h.problem(f.Pos, string(f.Address), f.words().rule, value.Say("keep-one-of-two"), value.Say(f.words().twice, value.T("resource", f.Address), value.T("at", first.Pos.String())))
		return
	}
	if f.Merged { // several may have become one
		h.moved[f.Address] = f
		return
	}
	if first, ok := h.sources[f.To]; ok {
		h.problem(f.Pos, string(f.Address), "move", value.Say("keep-one-or-chain"), value.Say("moved-to-one-place", value.T("to", f.To), value.T("at", first.String())))
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
		h.problem(f.Pos, string(f.Address), w.rule, value.Say("keep-the-one-that-is-left"), value.Say("merged-in-a-circle", value.T("resource", f.Address)))
	case cycle:
		h.problem(f.Pos, string(f.Address), "move", value.Say("move-to-third-name"), value.Say("moves-in-a-circle", value.T("resource", f.Address)))
	case h.byAddress[f.Address] != nil && !f.Merged:
		h.problem(f.Pos, string(f.Address), "move",
			value.Say("give-new-record-other-name"),
			value.Say("moved-and-declared", value.T("from", f.Address), value.T("to", f.To), value.T("at", h.byAddress[f.Address].Pos.String())))
	case h.byAddress[end] == nil && h.complete:
		hint := value.Say("declare-it")
		if at, ok := h.absent[end]; ok {
			hint = value.Say("name-as-absent", value.T("resource", f.Address), value.T("end", end), value.T("at", at.String()))
		}
		h.problem(f.Pos, string(f.To), w.rule, hint, value.Say(w.undeclared, value.T("resource", f.Address), value.T("end", end)))
	}
	if at, ok := h.absent[f.Address]; ok {
		h.problem(f.Pos, string(f.Address), w.rule, value.Say("keep-one-of-two"), value.Say(w.andAbsent, value.T("resource", f.Address), value.T("at", at.String())))
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
func (s *Set) Moved() map[value.Address][]Former {
	out := make(map[value.Address][]Former)
	for _, f := range s.Former {
		if f.To != "" {
			out[f.To] = append(out[f.To], f)
		}
	}
	return out
}
