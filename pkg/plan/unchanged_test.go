package plan

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/value"
)

// A list that nobody made holds nothing, and is not written down.
func TestAListOfNothingIsNotWritten(t *testing.T) {
	for _, list := range []*UnchangedList{nil, {}, unchangedOf(nil)} {
		text, err := json.Marshal(&Plan{Unchanged: list})
		if err != nil || strings.Contains(string(text), "unchanged") || list.Len() != 0 || list.only("company/a") != nil {
			t.Errorf("%v, %s", err, text)
		}
		for u := range list.All() {
			t.Errorf("%+v", u)
		}
	}
}

// What a list says is made when it is asked for, and as often.
func TestWhatStaysIsToldWhenItIsAskedFor(t *testing.T) {
	asked := 0
	list := NewUnchanged(1000, func(i int) Unchanged {
		asked++
		return Unchanged{ID: string(rune('a' + i%26))}
	})
	p := &Plan{Unchanged: list}
	if p.Counts()[NoOp] != 1000 || p.Size() != 1000 || asked != 0 {
		t.Errorf("%v, %d asked for", p.Counts(), asked)
	}
	var got []string
	for item := range p.Items() {
		if got = append(got, item.Unchanged.ID); len(got) == 3 {
			break
		}
	}
	if d := cmp.Diff([]string{"a", "b", "c"}, got); d != "" || asked > 4 {
		t.Errorf("%d asked for: %s", asked, d)
	}
}

// A kind that nobody knows is told with what is said to be of it.
func TestAnUnchangedRecordOfNoKindIsRefused(t *testing.T) {
	var p Plan
	if err := json.Unmarshal([]byte(`{"changes":[],"unchanged":[{"address":"x/a","kind":"X","id":"1"}]}`), &p); err != nil {
		t.Fatal(err)
	}
	if err := p.Know(nil); err == nil || !strings.Contains(words.Text(value.SaidBy(err)), `x/a: "X" is no kind`) {
		t.Error(err)
	}
	if err := json.Unmarshal([]byte(`{"changes":[],"unchanged":[{"address":"deal/a","kind":"Deal","id":"1"}]}`), &p); err != nil {
		t.Fatal(err)
	}
	if err := p.Know(nil); err != nil || p.Unchanged.At(0).Facts == nil {
		t.Errorf("%v, %+v", err, p.Unchanged.At(0))
	}
}
