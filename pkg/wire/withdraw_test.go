package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// deletionOf is the deletion of a record with a mark.
func deletionOf(k *kind.Kind, id int) *plan.Change {
	c := newChange(k, plan.Delete)
	c.ID, c.Mark, c.Fields = fmt.Sprint(id), plan.Slot{Facts: k, Key: k.Key, Wire: markField(k)}.Mark("o", fmt.Sprint("x", id)), nil
	return &c
}

func raw(t *testing.T, row map[string]any) json.RawMessage {
	t.Helper()
	out, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A roll call asks 49 to a list, and tells what is gone, ours, somebody else's, and a section in
// which something lies.
func TestARollCallTellsWhoseItIs(t *testing.T) {
	for _, k := range writable() {
		if k.Class == kind.ClassType || k.Methods.Delete == "" {
			continue
		}
		var all []*plan.Change
		for id := range kind.SearchSize + 1 {
			all = append(all, deletionOf(k, id+1))
		}
		roll := NewRollCall(all)
		inner := len(all[0].Store().Inner())
		if len(roll.Lists) != 2*(1+inner) {
			t.Errorf("%s: %d lists, want %d", k.Name, len(roll.Lists), 2*(1+inner))
			continue
		}
		answers := make([][]json.RawMessage, len(roll.Lists))
		for id, owner := range map[int]string{2: "o", 3: "another", 4: "o"} {
			row := map[string]any{"id": id}
			for _, m := range (plan.Slot{Facts: k, Key: k.Key, Wire: markField(k)}).Mark(owner, fmt.Sprint("x", id)) {
				row[m.Wire] = m.Value
			}
			answers[0] = append(answers[0], raw(t, row))
		}
		want := map[int]Presence{1: Gone, 2: Ours, 3: Foreign, 4: Ours, 50: Gone}
		if inner > 0 { // in what is ours, in what is not, and in what nobody asked for
			want[4] = Occupied
			for _, in := range []int{4, 3, 99} {
				answers[1] = append(answers[1], raw(t, map[string]any{"id": 1000, kind.SectionField: in}))
			}
		}
		got, err := roll.Read(answers)
		if err != nil || len(got) != len(all) {
			t.Fatalf("%s: %v, %d", k.Name, err, len(got))
		}
		for id, presence := range want {
			if got[all[id-1]] != presence {
				t.Errorf("%s: %d is %d, want %d", k.Name, id, got[all[id-1]], presence)
			}
		}
		answers[0] = append(answers[0], json.RawMessage("7"))
		if _, err := roll.Read(answers); err == nil {
			t.Errorf("%s: a row that is none is taken", k.Name)
		}
	}
}

// What was created without its mark, and nobody else has saved, is deleted again; nothing else is.
func TestOnlyWhatLacksItsMarkIsWithdrawn(t *testing.T) {
	mark, text := Mismatch{Field: "m", Mark: true}, Mismatch{Field: "title"}
	mine := kind.Row{"createdBy": json.RawMessage("1"), "updatedBy": json.RawMessage("1")}
	theirs := kind.Row{"createdBy": json.RawMessage("1"), "updatedBy": json.RawMessage("2")}
	for _, k := range writable() {
		if k.Methods.Alone || k.Methods.Delete == "" {
			continue
		}
		for _, action := range []plan.Action{plan.Create, plan.Update} {
			tc := testCase{k.Name, newChange(k, action)}
			call := tc.calls(t)[0]
			for _, c := range []struct {
				name  string
				wrong []Mismatch
				row   kind.Row
				want  bool
			}{
				{"nothing wrong", nil, mine, false},
				{"the mark", []Mismatch{mark}, mine, action == plan.Create},
				{"the mark and a text", []Mismatch{mark, text}, mine, false},
				{"a mark that it had", []Mismatch{{Mark: true, Claimed: true}}, mine, false},
				{"saved by somebody else", []Mismatch{mark}, theirs, false},
				{"nobody knows who saved it", []Mismatch{mark}, kind.Row{}, action == plan.Create},
			} {
				if got := Unmarked(call, c.row, c.wrong); got != c.want {
					t.Errorf("%v %s: %s: %v", action, k.Name, c.name, got)
				}
			}
			w := Withdraw(call, 7)
			if w.Method != k.Methods.Delete || w.Params["id"] != 7 || (w.Params["entityTypeId"] != nil) != k.Methods.Typed {
				t.Errorf("%s: %+v", k.Name, w)
			}
			if Withdrawn(call, nil, nil) || !Withdrawn(call, nil, &bitrix.Error{Code: "NOT_FOUND"}) {
				t.Errorf("%s: gone is what is not found, and nothing else", k.Name)
			}
		}
	}
}

// Rows of parts are withdrawn by their own method, and gone when a list shows none.
func TestARowIsWithdrawnByItsMethod(t *testing.T) {
	k := kind.BuiltIn().ByName("Company")
	p := k.Parts[slices.IndexFunc(k.Parts, func(p kind.Part) bool { return p.Name == kind.RequisitesPart })]
	c, _ := partChange(k, p, "new")
	tc := testCase{"requisite", c}
	call := tc.calls(t)[1]
	if w := Withdraw(call, 9); w.Method != "crm.requisite.delete" || w.Params["id"] != 9 {
		t.Errorf("%+v", w)
	}
	for answer, want := range map[string]bool{"[]": true, `[{"ID":"9"}]`: false} {
		if Withdrawn(call, json.RawMessage(answer), nil) != want {
			t.Errorf("%s: not %v", answer, want)
		}
	}
}
