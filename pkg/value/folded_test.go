package value

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFoldedTakesNamesOfOneThingForTheSame(t *testing.T) {
	same := [][]string{
		{"Acme GmbH", "ACME GMBH", " acme gmbh ", "Acme\u00a0GmbH", "Acme  GmbH", "Acme\tGmbH", "Ac\u200bme GmbH", "Ａcme GmbH"},
		{"Caf\u00e9", "Cafe\u0301", "CAFE"},
		{"Stra\u00dfe", "STRASSE", "Strasse"},
		{"\u0401лка", "Елка", "елка"},
		{"", " ", "\u00a0"},
	}
	for i, group := range same {
		for _, text := range group {
			for j, other := range same {
				if got := Folded(text) == Folded(other[0]); got != (i == j) {
					t.Errorf("%q and %q: alike is %v", text, other[0], got)
				}
			}
		}
	}
	for _, differ := range [][2]string{{"Acme 1", "Acme 2"}, {"A 10", "A1 0"}, {"Acme", "Acme Inc"}, {"C", "C++"}} {
		if Folded(differ[0]) == Folded(differ[1]) {
			t.Errorf("%q and %q are taken for the same", differ[0], differ[1])
		}
	}
}

func TestFoldedIsAtRestAndIgnoresWhatPortalsIgnore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		folded := Folded(text)
		for _, as := range []string{folded, text + "  ", "\u00a0" + text, Tidied(text), strings.ToValidUTF8(text, "")} {
			if got := Folded(as); got != folded {
				t.Fatalf("%q is folded to %q, and %q to %q", text, folded, as, got)
			}
		}
	})
}
