package inert

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatIsNotSeenIsMarked(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"plain, Ünï ⏎ 東", "plain, Ünï ⏎ 東"},
		{"a\u202eb\x1b[2J\xff", "a⟦U+202E⟧b⟦U+001B⟧[2J⟦U+FFFD⟧"},
		{"a\u00a0b\tc\r\nd\re", "a b c\nd⟦U+000D⟧e"},
		{"⟦U+202E⟧", "⟦U+27E6⟧U+202E⟧"},
	} {
		if got := Marked(tc.text); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestAMarkedTextShowsAllOfItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := Marked(rapid.String().Draw(t, "text"))
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && !IsShown(r) }); i >= 0 {
			t.Fatalf("%q holds what is not seen at %d", got, i)
		}
	})
}
