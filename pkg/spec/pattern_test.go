package spec

import (
	"testing"
)

// Patterns name kinds, addresses and labels, without regard to case, and each whole.
func TestPatterns(t *testing.T) {
	t.Parallel()
	r := &Resource{Address: "deal/web-1", Labels: map[string]string{"wave": "1", "empty": ""}}
	for text, want := range map[string]bool{
		"deal": true, "Deal": true, "deal/*": true, "deal/web-*": true, "deal/WEB-?": true, "*/web-1": true, "*": true, "deal/web-[0-9]": true,
		"dea": false, "deal/web": false, "deal/web-??": false, "lead": false,
		"wave=1": true, "wave=2": false, "Wave=1": false, "empty=": true, "none=": false,
	} {
		p, ok := ParseSelector(text)
		if !ok || p.names(r) != want || p.String() != text {
			t.Errorf("%q names it: %v, read: %v", text, p.names(r), ok)
		}
	}
	for _, text := range []string{"", "/", "deal/", "/web", "deal/a/b", "deal web", "deal/[", "=1", "a b=1"} {
		if _, ok := ParseSelector(text); ok {
			t.Errorf("%q is taken for a pattern", text)
		}
	}
	if _, ok := ParsePattern("wave=1"); ok {
		t.Error("a label is taken for an address")
	}
}
