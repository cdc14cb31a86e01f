package value

import (
	"strings"
	"unicode"
)

// Respelt tells whether a text that will be written says the same as the live one: they
// differ in case, in blanks or in line breaks only. The portal keeps spellings, so such a value
// is a difference, which a reviewer wants to tell from a new one.
func Respelt(c Codec, want, live Value) bool {
	if !c.Traits().Text || want.Form == FormEmpty || live.Form == FormEmpty {
		return false
	}
	return sameWords(c.After(want, live), live)
}

func sameWords(a, b Value) bool {
	if a.Form != b.Form || len(a.Parts) != len(b.Parts) {
		return false
	}
	for i := range a.Parts {
		if a.Parts[i].Name != b.Parts[i].Name || !sameWords(a.Parts[i].Value, b.Parts[i].Value) {
			return false
		}
	}
	return spelling(a.Text) == spelling(b.Text)
}

// spelling gives the words of a text, without their case and what stands between them.
func spelling(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), unicode.IsSpace), " ")
}
