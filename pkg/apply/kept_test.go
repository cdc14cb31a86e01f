package apply

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// What stays as it is makes an item partial, and the hint speaks of a manifest only where one
// declares it: a change that writes nothing has no digest of its manifest, but has one.
func TestWhatIsLeftAloneIsTold(t *testing.T) {
	c := &plan.Change{Unread: []plan.Unread{{Field: "logo", Why: value.Say("undo-no-file")}}}
	for takesBack, want := range map[bool]value.Message{
		false: value.Do("UNREADABLE_VALUE", value.M("what", value.Say("the-field"))),
		true:  value.Say("see-what-undo-leaves"),
	} {
		for _, status := range []Status{Succeeded, Unchanged} {
			o := Outcome{Status: status}
			o.leaves(c, takesBack)
			if o.Status != Partial || o.Code != "UNREADABLE_VALUE" || o.Field != "logo" || o.Hint.Code != want.Code {
				t.Errorf("taking back %v, %s: %+v", takesBack, status, o)
			}
		}
		o := Outcome{Status: Failed, Code: "X"}
		if o.leaves(c, takesBack); o.Status != Failed || o.Code != "X" {
			t.Errorf("what failed is %+v", o)
		}
	}
}
