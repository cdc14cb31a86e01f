package plan

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// anyChange draws a change with anything in every field.
func anyChange() *rapid.Generator[Change] {
	config := anything()
	return rapid.MakeCustom[Change](config)
}

// What goes into a Source comes out, in memory and from a file, in any order of reading, also
// where it was replaced.
func TestASourceGivesBackWhatItGot(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		s := NewSource(Spool{Above: rapid.IntRange(0, 4).Draw(rt, "above"), Dir: dir})
		defer s.Close()
		pool := rapid.SliceOfN(anyChange(), 2, 2).Draw(rt, "changes") // to draw more takes long
		var want []Change
		for _, c := range rapid.SliceOfN(rapid.SampledFrom(pool), 0, 8).Draw(rt, "order") {
			if err := s.Append(&c); err != nil {
				rt.Fatal(err)
			}
			want = append(want, c)
		}
		for range rapid.IntRange(0, 20).Draw(rt, "steps") {
			if len(want) == 0 {
				break
			}
			if rapid.Bool().Draw(rt, "compact") {
				s.Compact()
			}
			i := rapid.IntRange(0, len(want)-1).Draw(rt, "at")
			if rapid.Bool().Draw(rt, "replace") {
				want[i] = rapid.SampledFrom(pool).Draw(rt, "other")
				if err := s.Put(i, &want[i]); err != nil {
					rt.Fatal(err)
				}
			}
			whole, brief := want[i], want[i]
			brief.Fields, brief.Held = nil, nil
			same(rt, s.Change, i, whole)
			same(rt, s.Brief, i, brief)
		}
		if d := cmp.Diff(want, changesOf(s), cmpopts.EquateEmpty()); d != "" {
			rt.Fatalf("-in +out:\n%s", d)
		}
	})
}

func same(rt *rapid.T, read func(int) (*Change, error), i int, want Change) {
	got, err := read(i)
	if err != nil {
		rt.Fatal(err)
	}
	if d := cmp.Diff(&want, got, cmpopts.EquateEmpty()); d != "" {
		rt.Fatalf("change %d, -in +out:\n%s", i, d)
	}
	if e := EntryOf(&want); !reflect.DeepEqual(e.Deps, got.Deps) || e.IsRecord() != got.IsRecord() {
		rt.Fatalf("change %d: its entry is another one", i)
	}
}

// What an entry is told, the change is.
func TestAnEntrySpeaksForItsChange(t *testing.T) {
	for _, above := range []int{0, 10} {
		s := NewSource(Spool{Above: above, Dir: t.TempDir()})
		defer s.Close()
		for _, name := range []value.Address{"deal/b", "company/a", "deal/a"} {
			space, _ := name.Split()
			k := (*kind.Table)(nil).BySpace(space)
			if err := s.Append(&Change{Address: name, Kind: k.Name, Facts: k, Action: Create, Title: string(name), Deps: []value.Address{"company/a", "deal/x"}}); err != nil {
				t.Fatal(err)
			}
		}
		s.Entry(0).Deps = nil
		s.Sort()
		var got []string
		for c, err := range s.All() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, c.Title+" "+strings.Repeat("d", len(c.Deps)))
		}
		if d := cmp.Diff([]string{"company/a dd", "deal/a dd", "deal/b "}, got); d != "" {
			t.Error(d)
		}
	}
}

// spooled is a Source in a file that holds a few changes.
func spooled(t *testing.T) *Source {
	s := NewSource(Spool{Dir: t.TempDir()})
	t.Cleanup(func() { _ = s.Close() })
	for range 3 {
		if err := s.Append(&Change{Address: "deal/a", Title: "A deal", Fields: []Field{{Name: "title", After: value.Shown{Text: "x"}, Want: value.Text("x")}}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Change(2); err != nil {
		t.Fatal(err)
	}
	return s
}

// A file that is torn, cut or altered is an error, and never a part of a change.
func TestADamagedSpoolIsAnError(t *testing.T) {
	for name, damage := range map[string]func(*Source) error{
		"cut":     func(s *Source) error { return s.file.file.Truncate(s.file.size - 1) },
		"altered": func(s *Source) error { _, err := s.file.file.WriteAt([]byte("z"), s.file.size-2); return err },
		"closed":  func(s *Source) error { return s.Close() },
	} {
		s := spooled(t)
		if err := damage(s); err != nil {
			t.Fatal(err)
		}
		s.file.window = nil // what was read before is known
		if c, err := s.Change(2); err == nil || c != nil {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
		n := 0
		for c, err := range s.All() {
			if n++; (err != nil) != (c == nil) {
				t.Errorf("%s: change %d: %v %v", name, n, c, err)
			}
		}
		if name != "closed" && n != 3 {
			t.Errorf("%s: %d changes were read", name, n)
		}
	}
}

// Whatever a text is, reading it as a change ends.
func TestAnyTextEndsToBeRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := spoolCodec{}
		c := anyChange().Draw(rt, "change")
		text, _ := s.encode(nil, &c)
		cut := text[:rapid.IntRange(0, len(text)).Draw(rt, "cut")]
		if err := s.decode(&Change{}, string(cut), whole); err == nil && len(cut) < len(text) {
			rt.Fatal("a part is read as a whole")
		}
		at := rapid.IntRange(0, len(text)-1).Draw(rt, "at")
		text[at] = rapid.Byte().Draw(rt, "other")
		_ = s.decode(&Change{}, string(text), whole) // it neither panics nor goes on for ever
	})
}

// Nobody else can read the file, and nothing is left of it.
func TestASpoolLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := NewSource(Spool{Dir: dir})
	if err := s.Append(&Change{Address: "deal/a"}); err != nil {
		t.Fatal(err)
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if info, err := d.Info(); err == nil && path != dir && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return nil
	})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}

// What cannot be kept is an error: of making the file, and of writing to it.
func TestASpoolThatCannotBeWrittenIsAnError(t *testing.T) {
	s := NewSource(Spool{Dir: filepath.Join(t.TempDir(), "none")})
	if err := s.Append(&Change{}); err == nil {
		t.Error("there is no such folder")
	}
	s = spooled(t)
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this system has no device that is always full")
	}
	defer full.Close()
	s.file.out.Reset(full)
	if err := s.Append(&Change{Title: "x"}); err == nil {
		_, err = s.Change(3)
		if err == nil || !strings.Contains(words.Text(value.SaidBy(err)), "keep the plan in a temporary file: write /dev/full") {
			t.Errorf("a full disk: %v", err)
		}
	}
}

// The changes of one shape share what is not a value.
func TestRecordsOfOneShapeShareTheirColumns(t *testing.T) {
	s := spooled(t)
	if n := len(s.file.codec.columns); n != 1 {
		t.Errorf("%d columns for one field", n)
	}
	if perChange := s.file.size / 3; perChange > 40 {
		t.Errorf("%d bytes a change", perChange)
	}
}

// What was given back is room for the next change, of which nothing is left there.
func TestWhatWasGivenBackLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		s := NewSource(Spool{Above: rapid.SampledFrom([]int{0, 9}).Draw(rt, "above"), Dir: dir})
		defer s.Close()
		pool := rapid.SliceOfN(anyChange(), 2, 2).Draw(rt, "changes")
		for i := range pool {
			if err := s.Append(&pool[i]); err != nil {
				rt.Fatal(err)
			}
		}
		fresh := func(i int) *Change {
			c, err := s.fresh(i, sent)
			if err != nil {
				rt.Fatal(err)
			}
			return c
		}
		var out []*Change
		var which []int
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			if len(out) > 0 && rapid.Bool().Draw(rt, "release") {
				s.Release(out[0])
				out, which = out[1:], which[1:]
			}
			i := rapid.IntRange(0, len(pool)-1).Draw(rt, "at")
			c, err := s.Own(i)
			if err != nil {
				rt.Fatal(err)
			}
			out, which = append(out, c), append(which, i)
			for k, c := range out {
				if d := cmp.Diff(fresh(which[k]), c, cmpopts.EquateEmpty()); d != "" {
					rt.Fatalf("change %d (-read +own):\n%s", which[k], d)
				}
			}
		}
	})
}
