package wire

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// textField is a field of type string of an update.
func textField(name, live, want string) plan.Field {
	text := func(s string) value.Value {
		if s == "" {
			return value.Value{}
		}
		return value.Text(s)
	}
	return plan.Field{Name: name, Wire: name, Older: "OLD_" + name, Type: value.Type{Name: "string"}, Live: text(live), Want: text(want)}
}

// updateOf settles an update of a record 7 with some fields.
func updateOf(t testing.TB, k *kind.Kind, fields ...plan.Field) *Ready {
	t.Helper()
	c := newChange(k, plan.Update)
	c.Fields, c.Saved = fields, "2026-11-20T10:00:00+03:00"
	ready, err := Settle(&c, &Known{})
	if err != nil {
		t.Fatal(err)
	}
	return ready
}

// recordRow is a row as the portal shows it.
func recordRow(t testing.TB, object map[string]any) kind.Row {
	t.Helper()
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	row, err := kind.DecodeRow(raw)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// What became of a save whose answer is lost is told by what the record shows, and by when
// it was saved last.
func TestALostSaveIsJudgedByWhatTheRecordShows(t *testing.T) {
	const planned, inUTC, later = "2026-11-20T10:00:00+03:00", "2026-11-20T07:00:00Z", "2026-11-20T10:05:00+03:00"
	for name, tc := range map[string]struct {
		title, comments, saved string
		want                   Landing
	}{
		"all of it":                     {"New", "Said", later, Landed},
		"all of it, at the same second": {"New", "Said", planned, Landed},
		"nothing":                       {"Old", "Before", planned, Untouched},
		"nothing, in another zone":      {"Old", "Before", inUTC, Untouched},
		"nothing, without a time":       {"Old", "Before", "", Untouched},
		"one field":                     {"New", "Before", later, Parted},
		"one field, without a time":     {"New", "Before", "", Parted},
		"the old values, saved later":   {"Old", "Before", later, Overtaken},
		"other values, saved later":     {"Theirs", "Theirs", later, Overtaken},
		"other values, without a time":  {"Theirs", "Before", "", Overtaken},
	} {
		ready := updateOf(t, kind.BuiltIn().ByName("Deal"), textField("title", "Old", "New"), textField("comments", "Before", "Said"))
		row := map[string]any{"id": 7, "title": tc.title, "comments": tc.comments}
		if tc.saved != "" {
			row[savedTime] = tc.saved
		}
		for _, m := range ready.Change.Own {
			row[m.Wire] = m.Value
		}
		if got := LandingOf(ready, recordRow(t, row)); got != tc.want {
			t.Errorf("%s: got %d, want %d", name, got, tc.want)
		}
	}
}

// A save that landed shows all that it sends, whatever else is there; one that has not
// been executed shows nothing of it.
func TestLandedMeansAllAndUntouchedNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "fields")
		var fields []plan.Field
		row := map[string]any{"id": 7}
		for i := range n {
			name := fmt.Sprint("f", i)
			fields = append(fields, textField(name, "old", "new"))
			row[name] = rapid.SampledFrom([]string{"old", "new", "other"}).Draw(t, name)
		}
		if rapid.Bool().Draw(t, "timed") {
			row[savedTime] = rapid.SampledFrom([]string{"2026-11-20T10:00:00+03:00", "2026-11-20T11:00:00+03:00"}).Draw(t, "saved")
		}
		c := newChange(kind.BuiltIn().ByName("Deal"), plan.Update)
		c.Fields, c.Own, c.Saved = fields, nil, "2026-11-20T10:00:00+03:00"
		ready, err := Settle(&c, &Known{})
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := json.Marshal(row)
		shown, _ := kind.DecodeRow(raw)
		is := make(map[any]int)
		for _, d := range fields {
			is[row[d.Name]]++
		}
		got := LandingOf(ready, shown)
		if (got == Landed) != (is["new"] == n) {
			t.Fatalf("%v is %d", row, got)
		}
		if got == Untouched && row[savedTime] == nil && is["old"] != n {
			t.Fatalf("%v is untouched", row)
		}
	})
}

func TestWhenARowWasSavedLast(t *testing.T) {
	want := time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)
	for _, column := range []string{savedTime, "DATE_MODIFY", "timestampX"} {
		if got := SavedAt(recordRow(t, map[string]any{column: "2026-11-20T10:00:00+03:00"})); !got.Equal(want) {
			t.Errorf("%s: %v", column, got)
		}
	}
	if got := SavedAt(recordRow(t, map[string]any{savedTime: "soon"})); !got.IsZero() {
		t.Errorf("got %v", got)
	}
}
