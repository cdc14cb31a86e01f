// Package words holds the sentences: it makes text of a [value.Message], which is a code
// and its arguments, late and in the reader's language: English or Russian.
//
// A language is a [Catalogue]. A sentence stands under its code in the file of the package
// that says it: messages_spec.go, messages_value.go and so on; what to do about the codes of
// package value stands in hints.go. To add a sentence, write value.Say with a new code in
// kebab-case, named for the fact ("is-no-number"), one row here and one in the file of the other
// language (russian_spec.go); the tests of this package tell what is missing. In a sentence stand
//
//	{name}             an argument: a text as it is, a message as its sentence, a list of
//	                   either with ", ", a count of resources as "12 deals"
//	{names| or }       a list with other words between its entries
//	{names|, | and }   and with others before the last one
//	{n} {n|row|rows}   a number, and the form of a word that the number asks for; a
//	                   language with more forms lists more of them, in the order of its Form
//	{n|#} {seconds|.}  a number with its thousands set apart, and one with a decimal point, as
//	                   the language writes them
//
// Any other brace is itself, as in {ref: …}. What is quoted is a value, and is quoted by
// whoever says it, in the same way in every language; so are addresses, paths, keys and
// codes arguments and never translated. One sentence is one fact: two facts that differ in
// a word are two codes, since another language may differ in more.
//
// Start with [Text]. Tests of any package may use it, since it imports package value alone.
package words

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Catalogue is what the program says in one language. Another language is another file
// with one of these; the tests hold its codes and arguments to those of English.
type Catalogue struct {
	Sentences map[string]string // by the codes of messages
	// Hints say what to do, by the codes of package value. With " in general" behind the
	// code stands what is said without the arguments of the hint.
	Hints map[string]string
	// Kinds are the nouns of kinds of resources, by their names, in the forms that Form
	// chooses from. What has no noun here goes by the English one that comes with it.
	Kinds map[string][]string
	// Plurals are the nouns of kinds as headings and in "all deals", by their names.
	Plurals map[string]string
	Form    func(n int) int // the index of the form that a number asks for
	// Thousands stands between groups of three digits of a number, and Point before its
	// decimals.
	Thousands, Point string
	// SignBehind tells that the sign of a currency stands behind an amount.
	SignBehind bool
}

// sentences are those of one language, by the codes of messages.
type sentences map[string]string

// files are the English sentences by the package that says them.
var files = []sentences{kindMessages, specMessages, tableMessages, rowMessages, valueMessages, planMessages, diffMessages, wireMessages, applyMessages, undoMessages, rehearseMessages, clientMessages, uiMessages, reviewMessages, pageMessages, cmdMessages, commandMessages}

var english = &Catalogue{Sentences: joined(files), Hints: hints, Thousands: ",", Point: ".", Form: func(n int) int {
	if n == 1 {
		return 0
	}
	return 1
}}

func joined(files []sentences) sentences {
	all := make(sentences)
	for _, file := range files {
		maps.Copy(all, file)
	}
	return all
}

// inGeneral is behind the code of a hint that is said without arguments.
const inGeneral = " in general"

// placeholder matches what an argument takes the place of: {name} and {name|…}.
var placeholder = regexp.MustCompile(`\{([a-zA-Z]+)(?:\|([^{}]*))?\}`)

// Text is a message as people read it; "" where there is nothing to say. A code that has
// no sentence, as of a newer version, is shown with its arguments.
func Text(m value.Message) string { return english.Text(m) }

// Hint is the remedy for a code of package value, in English.
func Hint(code string, said value.Message) string { return english.Hint(code, said) }

// Hint is the remedy for a code of package value: what was said with it, else what is
// always said.
func (c *Catalogue) Hint(code string, said value.Message) string {
	return c.Text(said.Or(value.Do(code)))
}

// Text is a message in the language of the catalogue, which is English for nil.
func (c *Catalogue) Text(m value.Message) string {
	if c == nil {
		c = english
	}
	if m.IsZero() {
		return ""
	}
	sentence, known := c.sentence(m)
	if !known {
		return m.String()
	}
	if !strings.Contains(sentence, "{") {
		return sentence
	}
	var b strings.Builder
	for _, p := range partsOf(sentence) {
		i := -1
		if p.name != "" {
			i = slices.IndexFunc(m.Args, func(a value.Arg) bool { return a.Name == p.name })
		}
		if i < 0 {
			b.WriteString(p.text)
			continue
		}
		b.WriteString(c.argument(m.Args[i], p.form))
	}
	return b.String()
}

// A part of a sentence: a text, or what an argument of a name takes the place of.
type part struct{ text, name, form string }

// parted are the parts of sentences that were said before; a plan says some for every change.
var parted sync.Map

func partsOf(sentence string) []part {
	if known, ok := parted.Load(sentence); ok {
		return known.([]part)
	}
	var out []part
	end := 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(sentence, -1) {
		p := part{text: sentence[at[0]:at[1]], name: sentence[at[2]:at[3]]}
		if at[4] >= 0 {
			p.form = sentence[at[4]:at[5]]
		}
		out = append(out, part{text: sentence[end:at[0]]}, p)
		end = at[1]
	}
	out = append(out, part{text: sentence[end:]})
	parted.Store(sentence, out)
	return out
}

// sentence is that of a message, before its arguments take their places.
func (c *Catalogue) sentence(m value.Message) (sentence string, known bool) {
	code, isHint := value.Done(m)
	if !isHint {
		sentence, known = c.Sentences[m.Code]
		return sentence, known
	}
	if general, any := c.Hints[code+inGeneral]; any && len(m.Args) == 0 {
		return general, true
	}
	sentence, known = c.Hints[code]
	return sentence, known
}

// argument is what stands for an argument; form is what its place says behind the bar.
func (c *Catalogue) argument(a value.Arg, form string) string {
	switch {
	case a.Message != nil:
		return c.Text(*a.Message)
	case a.Kind != "" && a.List != nil:
		return c.count(a, form)
	case a.List != nil || a.Messages != nil:
		return c.list(a, form)
	case form == "#":
		return c.grouped(a.Text)
	case form == ".":
		return strings.Replace(a.Text, ".", c.Point, 1)
	case a.Kind != "":
		return cmp.Or(c.Plurals[a.Kind], a.Text)
	case form != "" && a.Text != "": // else it is a list of nothing
		n, _ := strconv.Atoi(a.Text)
		return c.chosen(strings.Split(form, "|"), n)
	}
	return a.Text
}

// grouped is a whole number with its thousands set apart.
func (c *Catalogue) grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + c.Thousands + digits[i:]
	}
	return digits
}

// chosen is the form that a number asks for.
func (c *Catalogue) chosen(forms []string, n int) string {
	return forms[min(c.Form(n), len(forms)-1)]
}

// count is a number of resources with their noun, or the form of another word for them.
func (c *Catalogue) count(a value.Arg, form string) string {
	n, _ := strconv.Atoi(a.Text)
	if form != "" {
		return c.chosen(strings.Split(form, "|"), n)
	}
	nouns, known := c.Kinds[a.Kind]
	if !known {
		nouns = a.List
	}
	return a.Text + " " + c.chosen(nouns, n)
}

// list joins the entries of a list. A form with two bars is what stands between them and
// before the last.
func (c *Catalogue) list(a value.Arg, form string) string {
	entries := slices.Clone(a.List)
	for _, m := range a.Messages {
		entries = append(entries, c.Text(m))
	}
	between, last, two := strings.Cut(form, "|")
	end := len(entries) - 1
	if !two || end < 1 {
		return strings.Join(entries, cmp.Or(between, ", "))
	}
	return strings.Join(entries[:end], between) + last + entries[end]
}
