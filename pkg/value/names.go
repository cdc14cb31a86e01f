package value

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Names tells a codec what the portal calls things.
type Names interface {
	// Known lists what a value of the type can name.
	Known(t Type) *Known
	// Link gives the id of the record of a declared resource, "" while there is none.
	Link(a Address) string
	// Lookup gives the link to the one record that a look-up finds.
	Lookup(l Lookup) (Value, error)
	// Entity gives the code of the record type that a space names, such as D of deal. It is ""
	// if the type does not exist; declared is the resource that creates it, if there is one.
	Entity(space string) (code string, declared Address)
	// EntityType gives the entityTypeId of the record type that a space names, "" while it
	// does not exist; declared is as with Entity.
	EntityType(space string) (id string, declared Address)
	// EntityName gives what people call the record type of a code, which may be "", and
	// whether there can be such a type.
	EntityName(code string) (name string, known bool)
	// File describes the file that a {file: …} names: an empty text with the attributes name,
	// size and sha256, and whatever finds it again. It is empty if there is no such file.
	File(d Node) Value
}

// A Known is what a field can name: the users, the stages of a pipeline, the options
// of a list. It belongs to one goroutine.
type Known struct {
	Names     []Name
	Of        string                     // the pipeline or dictionary that they belong to, as messages name it; "" for none
	New       Address                    // the type that is created first; the names are the codes that it will have
	Unread    string                     // why codes are not known, if they could not be read
	Elsewhere func(text string) []string // what else has such a name, such as other pipelines
	Label     func(id string) Name       // what people call an id that is not among the names, without a Name if it is not known

	byText map[string][]int
	ids    map[string]int
	shown  map[string]Shown // what was shown before, by id
}

// A Name is one thing that a declared text may mean.
type Name struct {
	ID    string
	Key   string // what is written in its place, if the id is the portal's alone: 796 for pieces
	Name  string
	Codes []string
	Gone  bool  // it is not to be named: a user who has left
	Of    *Name // a stage: its pipeline
}

// key is the id or number that it is written by.
func (n Name) key() string { return cmp.Or(n.Key, n.ID) }

// label is what people call it.
func (n Name) label() string { return cmp.Or(n.Name, n.key()) }

// named gives the indexes of what a text names: by id, exact name or code.
func (k *Known) named(text string) []int {
	if k.byText == nil {
		k.byText = make(map[string][]int, 2*len(k.Names))
		k.ids = make(map[string]int, len(k.Names))
		for i, n := range k.Names {
			k.ids[n.ID] = i
			for _, t := range append([]string{n.key(), n.Name}, n.Codes...) {
				if hits := k.byText[t]; len(hits) == 0 || hits[len(hits)-1] != i {
					k.byText[t] = append(hits, i)
				}
			}
		}
	}
	return k.byText[text]
}

// byID finds the name of an id.
func (k *Known) byID(id string) (Name, bool) {
	k.named(id)
	if i, ok := k.ids[id]; ok {
		return k.Names[i], true
	}
	if k.Label != nil {
		if name := k.Label(id); name.Name != "" {
			return name, true
		}
	}
	return Name{}, false
}

// show shows what an id is, as of gives it for its name. Many values name the same few
// things, so they share what is shown.
func (k *Known) show(id string, of func(Name) Shown) (Shown, bool) {
	if s, ok := k.shown[id]; ok {
		return s, true
	}
	name, ok := k.byID(id)
	if !ok {
		return Shown{}, false
	}
	if k.shown == nil {
		k.shown = make(map[string]Shown)
	}
	k.shown[id] = of(name)
	return k.shown[id], true
}

// parts are what is known of a named thing beside what people call it.
func (n Name) parts() []ShownPart {
	parts := []ShownPart{P(PartID, n.ID)}
	if len(n.Codes) > 0 {
		parts = append(parts, P(PartCode, n.Codes[0]))
	}
	if n.Of != nil {
		parts = append(parts, ShownPart{PartPipeline, InParts(n.Of.label(), Alone, P(PartID, n.Of.ID))})
	}
	if n.Gone {
		parts = append(parts, P(PartDismissed, "Y"))
	}
	return parts
}

// aside shows a thing by what people call it.
func (n Name) aside() Shown { return InParts(n.label(), Alone, n.parts()...) }

func (k *Known) labels() []string {
	out := make([]string, len(k.Names))
	for i, n := range k.Names {
		out[i] = n.label()
	}
	return out
}

// resolve finds the one thing that a text names: by id, else by exact name. A name that
// several share, and an id that is another one's name, are ambiguous; nothing is guessed.
func resolve(rule string, k *Known, text string) (Value, error) {
	hits, what := k.named(text), namingOf(rule, k)
	switch len(hits) {
	case 1:
		return Text(k.Names[hits[0]].ID), nil
	case 0:
		f := Bad(rule, what.None, "", written(text), T("of", k.Of)).onPortal()
		f.Hint = nearHint(what.Are, text, k.labels())
		if k.Elsewhere != nil {
			if others := k.Elsewhere(text); len(others) > 0 {
				f.Hint = Say("stage-elsewhere", L("pipelines", others))
			}
		}
		return Value{}, f
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = fmt.Sprintf("%s (%s)", k.Names[h].key(), k.Names[h].Name)
	}
	return Value{}, Bad(rule, what.Several, "write-id", written(text), T("of", k.Of), N("n", len(hits)), L("ids", ids)).ambiguous()
}

// nearHint lists what there is by one sentence, and tells what a text was likely to mean.
func nearHint(are, text string, names []string) Message {
	if len(names) == 0 {
		return Say("portal-has-none")
	}
	all := Say(are, Some("names", names))
	if near, ok := Suggest(text, names); ok {
		return Say("did-you-mean-else", Q("near", near), M("rest", all))
	}
	return all
}

func shortened(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// nameWords gives the words of a name whatever their order, case and blanks.
func nameWords(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '\u00a0' || r == ',' || r == '\t' })
	slices.Sort(words)
	return strings.Join(words, " ")
}
