// Package words holds the sentences: it makes text of a [value.Message], which is a code
// and its arguments, late and in the reader's language. English is the only one.
//
// A sentence stands under its code in the file of the package that says it:
// messages_spec.go, messages_value.go and so on. To add one, write value.Say with a new
// code in kebab-case, named for the fact ("is-no-number"), and one row here; the tests of
// this package tell what is missing. In a sentence stand
//
//	{name}            an argument: a text as it is, a message as its sentence, a list of
//	                  either with ", "
//	{names| or }      a list with other words between its entries
//	{n} {n|row|rows}  a number, and the form of a word that the number asks for
//
// Any other brace is itself, as in {ref: …}. What is quoted is a value, and is quoted by
// whoever says it, in the same way in every language; so are addresses, paths, keys and
// codes arguments and never translated. One sentence is one fact: two facts that differ in
// a word are two codes, since another language may differ in more.
//
// The hints of the codes of package value are messages too; see value.Do.
//
// Start with [Text]. Tests of any package may use it, since it imports package value alone.
package words

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// sentences are those of one language, by the codes of messages.
type sentences map[string]string

// files are the sentences by the package that says them.
var files = []sentences{kindMessages, specMessages, valueMessages, diffMessages, applyMessages}

var english = func() sentences {
	all := make(sentences)
	for _, file := range files {
		for code, sentence := range file {
			all[code] = sentence
		}
	}
	return all
}()

// placeholder matches what an argument takes the place of: {name} and {name|…}.
var placeholder = regexp.MustCompile(`\{([a-zA-Z]+)(?:\|([^{}]*))?\}`)

// Text is a message as people read it; "" where there is nothing to say. A code that has
// no sentence, as of a newer version, is shown with its arguments.
func Text(m value.Message) string {
	if m.IsZero() {
		return ""
	}
	if code, ok := value.Done(m); ok {
		return remedy(code, m.Args)
	}
	sentence, known := english[m.Code]
	if !known {
		return m.String()
	}
	if !strings.Contains(sentence, "{") {
		return sentence
	}
	return placeholder.ReplaceAllStringFunc(sentence, func(place string) string {
		parts := placeholder.FindStringSubmatch(place)
		i := slices.IndexFunc(m.Args, func(a value.Arg) bool { return a.Name == parts[1] })
		if i < 0 {
			return place
		}
		return argument(m.Args[i], parts[2])
	})
}

// remedy is the hint of a code.
func remedy(code string, args []value.Arg) string {
	texts := make([]any, len(args))
	for i, a := range args {
		texts[i] = argument(a, "")
	}
	return value.Hint(code, texts...)
}

// argument is what stands for an argument; form is what its place says behind the bar.
func argument(a value.Arg, form string) string {
	switch {
	case a.Message != nil:
		return Text(*a.Message)
	case a.List != nil || a.Messages != nil:
		entries := slices.Clone(a.List)
		for _, m := range a.Messages {
			entries = append(entries, Text(m))
		}
		return strings.Join(entries, cmp.Or(form, ", "))
	case form != "":
		one, many, _ := strings.Cut(form, "|")
		if a.Text == "1" {
			return one
		}
		return many
	}
	return a.Text
}

// Hint is the remedy for a code of package value: what was said with it, else what is
// always said.
func Hint(code string, said value.Message) string {
	if said.IsZero() {
		return value.Hint(code)
	}
	return Text(said)
}
