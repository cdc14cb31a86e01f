package plan

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/value"
)

// A line of a saved plan is what encoding/json makes of a change, to the byte, and so is what
// the digest covers. The changes that were encoded before do not matter.
func TestALineIsTheJSONOfItsChange(t *testing.T) {
	var e encoder
	rapid.Check(t, func(rt *rapid.T) {
		c := anyChange().Draw(rt, "change")
		if rapid.Bool().Draw(rt, "file") {
			c.Held = append(c.Held, Field{Name: "f", Type: value.Type{Name: "file"}, Want: value.Text("a", value.Part{Name: "folder", Value: value.Text("/x")})})
		}
		line, does := e.both(&c)
		same := c
		same.forDigest()
		same.Fields, same.Held = e.placeless(c.Fields), e.placeless(c.Held)
		for _, of := range []struct {
			c   *Change
			got []byte
		}{{&c, line}, {&same, does}} {
			want, err := json.Marshal(of.c)
			if err != nil {
				rt.Fatal(err)
			}
			if d := cmp.Diff(string(want)+"\n", string(of.got)); d != "" {
				rt.Fatalf("-encoding/json +ours:\n%s", d)
			}
		}
	})
}

// What is glanced at is what is read, whatever was glanced at before; and what was read stays
// as it is.
func TestAGlanceSeesWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		s := NewSource(Spool{Above: rapid.IntRange(0, 2).Draw(rt, "above"), Dir: dir})
		defer s.Close()
		for _, c := range rapid.SliceOfN(anyChange(), 1, 2).Draw(rt, "changes") { // to draw more takes long
			if err := s.Append(&c); err != nil {
				rt.Fatal(err)
			}
		}
		want := changesOf(s)
		g := s.Glance()
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			i := rapid.IntRange(0, len(want)-1).Draw(rt, "at")
			read, expected := g.Change, want[i]
			if rapid.Bool().Draw(rt, "brief") {
				read, expected.Fields, expected.Held = g.Brief, nil, nil
			}
			got, err := read(i)
			if err != nil {
				rt.Fatal(err)
			}
			if d := cmp.Diff(&expected, got, cmpopts.EquateEmpty()); d != "" {
				rt.Fatalf("change %d, -read +seen:\n%s", i, d)
			}
		}
		if d := cmp.Diff(want, changesOf(s), cmpopts.EquateEmpty()); d != "" {
			rt.Fatalf("-before +after:\n%s", d)
		}
	})
}
