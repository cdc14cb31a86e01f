package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// headers draws what a saved plan says of itself.
func headers() *rapid.Generator[Header] {
	return rapid.Custom(func(t *rapid.T) Header {
		text := rapid.StringN(0, 5, -1)
		most := rapid.IntRange(0, 9).Draw(t, "most")
		return Header{Tool: text.Draw(t, "tool"), Made: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "made"), 0).UTC(), Portal: text.Draw(t, "portal"),
			Mode:   Mode{Command: "apply", Of: text.Draw(t, "of"), Prune: rapid.Bool().Draw(t, "prune"), Guards: map[string]Bound{"delete": {Max: &most}}},
			Inputs: Inputs{Files: []Input{{Name: text.Draw(t, "file"), Digest: "00"}}}}
	})
}

// saved writes a plan down.
func saved(t rapid.TB, h Header, p *Plan) ([]byte, Digests) {
	var b bytes.Buffer
	sums, err := Write(&b, h, p)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), sums
}

// refusal tells by which code a file is refused; "" if it is read.
func refusal(t rapid.TB, file []byte) string {
	back, err := Read(bytes.NewReader(file), Spool{Above: SpoolAbove})
	if err == nil {
		_ = back.Plan.Changes.Close()
		return ""
	}
	var unusable *Unusable
	if !errors.As(err, &unusable) || unusable.Remedy().IsZero() {
		t.Fatalf("%T %v is no refusal with a remedy", err, err)
	}
	return unusable.Code
}

// A plan that is saved is the same plan when it is read, from memory and from a spool, but
// that what stays as it is is counted; and so are its header and both digests.
func TestASavedPlanIsTheSamePlan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, h := plans().Draw(rt, "plan"), headers().Draw(rt, "header")
		p.Changes = List(addressed(p.Changes)...)
		file, sums := saved(rt, h, &p)
		if n := bytes.Count(file, []byte{'\n'}); n != p.Changes.Len()+2 {
			rt.Fatalf("%d changes are %d lines", p.Changes.Len(), n)
		}
		back, err := Read(bytes.NewReader(file), Spool{Above: rapid.IntRange(0, 2).Draw(rt, "above")})
		if err != nil {
			rt.Fatal(err)
		}
		defer back.Plan.Changes.Close()
		want := p
		want.Unchanged, want.Unlisted, want.Digest = nil, p.unlisted(), sums.Plan
		if d := cmp.Diff(want, *back.Plan, cmpopts.EquateEmpty(), cmp.Transformer("changes", changesOf)); d != "" {
			rt.Fatalf("-saved +read:\n%s", d)
		}
		if back.Plan.Size() != p.Size() || back.Plan.Counts()[NoOp] != p.Counts()[NoOp] {
			rt.Fatalf("%d of %d items", back.Plan.Size(), p.Size())
		}
		if again, sumsAgain := saved(rt, back.Header, back.Plan); !bytes.Equal(again, file) || back.Sums != sums || sumsAgain != sums {
			rt.Fatalf("saved again it is another file:\n%s\n%s", file, again)
		}
		if does, err := back.Plan.DigestOf(back.Mode); err != nil || does != sums.Plan {
			rt.Fatalf("digest %s, %v, saved as %s", does, err, sums.Plan)
		}
	})
}

// addressed gives changes with addresses, as those of every plan.
func addressed(s *Source) []Change {
	out := changesOf(s)
	for i := range out {
		out[i].Address = "deal/" + out[i].Address
	}
	return out
}

// No byte can be missing and none can be another one.
func TestADamagedPlanIsRefused(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, h := plans().Draw(rt, "plan"), headers().Draw(rt, "header")
		p.Changes = List(addressed(p.Changes)...)
		file, _ := saved(rt, h, &p)
		at := rapid.IntRange(0, len(file)-1).Draw(rt, "at")
		if code := refusal(rt, file[:at]); code != "PLAN_DAMAGED" {
			rt.Fatalf("cut at %d: %q", at, code)
		}
		flipped := bytes.Clone(file)
		flipped[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		if code := refusal(rt, flipped); code != "PLAN_DAMAGED" && code != "PLAN_NEWER" {
			rt.Fatalf("byte %d is another one: %q", at, code)
		}
		if code := refusal(rt, append(bytes.Clone(file), '\n')); code != "PLAN_DAMAGED" {
			rt.Fatalf("longer: %q", code)
		}
	})
}

// small is a plan of which every byte can be tried.
func small() *Plan {
	return &Plan{Owner: "o", Portal: "p.example", Changes: List(
		Change{Address: "deal/a", Kind: "Deal", Action: Update, ID: "7", Fields: []Field{{Name: "title", Type: value.Type{Name: "string"}, Want: value.Text("A")}}},
		Change{Address: "deal/b", Kind: "Deal", Action: Create})}
}

func TestEveryCutAndEveryFlippedByteIsSeen(t *testing.T) {
	file, _ := saved(t, Header{Mode: Mode{Command: "apply"}}, small())
	for at := range file {
		if code := refusal(t, file[:at]); code != "PLAN_DAMAGED" {
			t.Errorf("cut at %d: %q", at, code)
		}
		for bit := range 8 {
			flipped := bytes.Clone(file)
			flipped[at] ^= 1 << bit
			if code := refusal(t, flipped); code != "PLAN_DAMAGED" && code != "PLAN_NEWER" {
				t.Errorf("byte %d is another one: %q", at, code)
			}
		}
	}
}

// A newer format is told as such, whatever else is in it; other files are no saved plans.
func TestWhatIsNoPlanOfThisVersionIsTold(t *testing.T) {
	for text, want := range map[string]string{
		`{"format":"b24apply/plan","version":3,"tool":"v9","mode":"other"}` + "\n":    "PLAN_NEWER",
		"apiVersion: b24apply/v1\nkind: Deal\n":                                       "PLAN_DAMAGED",
		`{"format":"b24apply/plan","version":0,"plan":{}}` + "\n":                     "PLAN_DAMAGED",
		`{"format":"b24apply/plan","version":1}` + "\n":                               "PLAN_DAMAGED",
		`{"format":"b24apply/plan","version":1,"plan":{}}` + "\n{}\n":                 "PLAN_DAMAGED",
		`{"format":"b24apply/plan","version":1,"plan":{}}` + "\n" + `{"end":}` + "\n": "PLAN_DAMAGED",
		strings.Repeat("x", 1<<17):                                                    "PLAN_DAMAGED",
		"":                                                                            "PLAN_DAMAGED",
	} {
		if got := refusal(t, []byte(text)); got != want {
			t.Errorf("%.60q: %q, want %q", text, got, want)
		}
	}
}

// Two plans have one digest exactly if they do the same: times, places and what only people
// read make no difference.
func TestTheDigestIsOfWhatIsDone(t *testing.T) {
	base, err := small().DigestOf(Mode{Command: "apply"})
	if err != nil {
		t.Fatal(err)
	}
	digestOf := func(alter func(*Plan, *Change, *Mode)) string {
		p, m := small(), Mode{Command: "apply"}
		c, err := p.Changes.Change(0)
		if err == nil {
			alter(p, c, &m)
			err = p.Changes.Put(0, c)
		}
		sum, failed := p.DigestOf(m)
		if err = errors.Join(err, failed); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	for name, alter := range map[string]func(*Plan, *Change, *Mode){
		"source": func(_ *Plan, c *Change, _ *Mode) { c.Source = value.Pos{File: "x.yaml", Line: 2} },
		"saved":  func(_ *Plan, c *Change, _ *Mode) { c.Saved, c.Last = "2026-11-22T09:30:00Z", &Saves{} },
		"title":  func(_ *Plan, c *Change, _ *Mode) { c.Title = "T" },
		"notes":  func(p *Plan, _ *Change, _ *Mode) { p.Notes = []Note{{Code: "X"}} },
	} {
		if digestOf(alter) != base {
			t.Errorf("%s makes a difference", name)
		}
	}
	for name, alter := range map[string]func(*Plan, *Change, *Mode){
		"portal": func(p *Plan, _ *Change, _ *Mode) { p.Portal = "q.example" },
		"owner":  func(p *Plan, _ *Change, _ *Mode) { p.Owner = "q" },
		"prune":  func(_ *Plan, _ *Change, m *Mode) { m.Prune = true },
		"id":     func(_ *Plan, c *Change, _ *Mode) { c.ID = "8" },
		"value":  func(_ *Plan, c *Change, _ *Mode) { c.Fields[0].Want = value.Text("B") },
		"action": func(_ *Plan, c *Change, _ *Mode) { c.Action = Create },
		"less":   func(p *Plan, c *Change, _ *Mode) { p.Changes = List(*c) },
	} {
		if digestOf(alter) == base {
			t.Errorf("%s makes no difference", name)
		}
	}
}

// Where a file lies on this machine makes no difference, what is in it does.
func TestTheDigestOfAFileIsOfItsContent(t *testing.T) {
	with := func(folder, sum string) string {
		want := value.Text("", value.Part{Name: "folder", Value: value.Text(folder)}, value.Part{Name: "sha256", Value: value.Text(sum)})
		p := &Plan{Changes: List(Change{Address: "deal/a", Fields: []Field{{Name: "logo", Type: value.Type{Name: "file"}, Want: value.Listed(want)}}})}
		sum, err := p.DigestOf(Mode{})
		if err != nil {
			t.Fatal(err)
		}
		if c, err := p.Changes.Change(0); err != nil || c.Fields[0].Want.Parts[0].Value.Get("folder").Text != folder {
			t.Errorf("the plan was changed: %+v, %v", c, err)
		}
		return sum
	}
	if with("one", "00") != with("other", "00") || with("one", "00") == with("one", "01") {
		t.Error("the digest is not that of the content")
	}
}

// What stays as it is is counted by where it is kept, which tells that marks were found there.
func TestWhatIsUnchangedIsCounted(t *testing.T) {
	company, deal := (*kind.Table)(nil).ByName("Company"), (*kind.Table)(nil).ByName("Deal")
	p := &Plan{Unchanged: unchangedOf([]Unchanged{{Address: "company/a", Kind: "Company", Facts: company, EntityTypeID: 4}, {Address: "company/b", Kind: "Company", Facts: company, EntityTypeID: 4}, {Address: "deal/a", Kind: "Deal", Facts: deal, EntityTypeID: 2}})}
	file, _ := saved(t, Header{}, p)
	back, err := Read(bytes.NewReader(file), Spool{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Unlisted{{"Company", 4, 2}, {"Deal", 2, 1}}, back.Plan.Unlisted); d != "" {
		t.Error(d)
	}
	if strings.Contains(string(file), "company/a") {
		t.Error("an unchanged record is listed")
	}
}

// A reader of any bytes ends with a plan or a refusal.
func FuzzReadSavedPlan(f *testing.F) {
	var b bytes.Buffer
	if _, err := Write(&b, Header{Mode: Mode{Command: "apply"}}, small()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"b24apply/plan","version":1,"plan":{"changes":[{}]}}` + "\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		back, err := Read(bytes.NewReader(file), Spool{Above: 1})
		if err != nil {
			return
		}
		defer back.Plan.Changes.Close()
		if err := back.Plan.Know(nil); err != nil {
			return
		}
		if _, err := json.Marshal(back.Plan); err != nil {
			t.Error(err)
		}
	})
}
