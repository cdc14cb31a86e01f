package plan

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/value"
)

// A lean file is read as what it says: the addresses, kinds and actions of the plan, and an HMAC of
// each change that only the same change, with the same key, has. It holds nothing else of a change.
func TestALeanPlanTellsTheSameFromTheOther(t *testing.T) {
	key, other := Key("a key of sixteen"), Key("another of these")
	rapid.Check(t, func(rt *rapid.T) {
		p, h := plans().Draw(rt, "plan"), headers().Draw(rt, "header")
		p.Changes = List(addressed(p.Changes)...)
		var b bytes.Buffer
		sums, err := WriteLean(&b, h, &p, key)
		if err != nil {
			rt.Fatal(err)
		}
		back, err := Read(bytes.NewReader(b.Bytes()), Spool{})
		if err != nil {
			rt.Fatal(err)
		}
		defer back.Plan.Changes.Close()
		does, err := p.DigestOf(h.Mode)
		if err != nil || back.Sums != sums || sums.Plan == does || key.Digest(does) != sums.Plan || back.Lean == nil || !key.Made(back.Lean) || other.Made(back.Lean) {
			rt.Fatalf("%+v, %v: %+v", sums, err, back.Lean)
		}
		if back.Plan.Counts()[Update] != p.Counts()[Update] || back.Plan.Size() != p.Size() || len(back.MACs) != p.Changes.Len() {
			rt.Fatalf("%v, want %v", back.Plan.Counts(), p.Counts())
		}
		for i, c := range changesOf(p.Changes) {
			e := back.Plan.Changes.Entry(i)
			if e.Address != c.Address || e.Action != c.Action || e.Kind != c.Kind || key.Of(&c) != back.MACs[i] || other.Of(&c) == back.MACs[i] {
				rt.Fatalf("%+v is not change %d", e, i)
			}
			c.ID += "1"
			if key.Of(&c) == back.MACs[i] {
				rt.Fatal("another id makes no difference")
			}
		}
	})
}

// No value is in a lean file, and none can be added to it.
func TestALeanPlanHoldsNoValue(t *testing.T) {
	p := small()
	p.Notes = []Note{{Code: "X", Message: value.Verbatim("personal")}}
	c, err := p.Changes.Change(0)
	if err != nil {
		t.Fatal(err)
	}
	c.Title, c.Fields[0].Want, c.Reason.Message = "personal", value.Text("personal"), value.Verbatim("personal")
	if err := p.Changes.Put(0, c); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := WriteLean(&b, Header{}, p, Key("a key of sixteen")); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("personal")) {
		t.Errorf("%s", b.Bytes())
	}
	for at := range b.Len() {
		flipped := bytes.Clone(b.Bytes())
		flipped[at] ^= 1
		if code := refusal(t, flipped); code != "PLAN_DAMAGED" && code != "PLAN_NEWER" {
			t.Errorf("byte %d is another one: %q", at, code)
		}
	}
}
