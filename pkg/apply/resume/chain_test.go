package resume

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/apply/journal"
)

type file struct{ bytes.Buffer }

func (*file) Sync() error  { return nil }
func (*file) Close() error { return nil }

// stateOf is what a journal with some records tells.
func stateOf(t *testing.T, records ...journal.Record) *journal.State {
	t.Helper()
	f := &file{}
	w := journal.NewWriter(f, 0)
	records = append([]journal.Record{{Kind: journal.Open, Header: &journal.Header{Format: journal.Format}}}, records...)
	if err := w.Append(true, records...); err != nil {
		t.Fatal(err)
	}
	s, err := journal.ReadState(&f.Buffer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// about is a record about one change.
func about(kind journal.Kind, e journal.Entry) journal.Record {
	return journal.Record{Kind: kind, Of: []journal.Entry{e}}
}

func sent(e journal.Entry) []journal.Record {
	return []journal.Record{{Kind: journal.Intent, Request: 1, For: journal.Save, Of: []journal.Entry{e}}, {Kind: journal.Sent, Request: 1}}
}

// What a journal says of a node decides whether it is tried again.
func TestWhatIsTriedAgain(t *testing.T) {
	answered := slices.Clip(append(sent(journal.Entry{}), journal.Record{Kind: journal.Result, Request: 1, Of: []journal.Entry{{Is: journal.Answered, ID: "7"}}}))
	for name, tc := range map[string]struct {
		records []journal.Record
		way     Way
		status  string
		id      string
	}{
		"nothing was sent":             {nil, Open, "", ""},
		"it never went out":            {append(sent(journal.Entry{}), journal.Record{Kind: journal.Result, Request: 1, Of: []journal.Entry{{Is: journal.Unsent}}}), Open, "", ""},
		"it turned out to be undone":   {append(sent(journal.Entry{}), about(journal.Settled, journal.Entry{Is: journal.Not})), Open, "", ""},
		"it was answered":              {answered, Written, "", "7"},
		"it was claimed":               {append(sent(journal.Entry{}), about(journal.Settled, journal.Entry{Is: journal.Claimed, ID: "7"})), Written, "", "7"},
		"it was deleted again":         {append(answered, about(journal.Taken, journal.Entry{Is: journal.Answered})), Open, "", ""},
		"a repair of it did not land":  {append(answered, about(journal.Settled, journal.Entry{Is: journal.Not})), Written, "", "7"},
		"it succeeded":                 {append(answered, about(journal.Outcome, journal.Entry{Is: "succeeded", ID: "7"})), Over, "succeeded", "7"},
		"it is partial":                {append(answered, about(journal.Outcome, journal.Entry{Is: "partial", ID: "7"})), Over, "partial", "7"},
		"it failed":                    {[]journal.Record{about(journal.Outcome, journal.Entry{Is: "failed", Code: "ACCESS_DENIED"})}, Over, "failed", ""},
		"it failed for a time":         {[]journal.Record{about(journal.Outcome, journal.Entry{Is: "failed", Retry: true})}, Open, "", ""},
		"it failed by its code":        {[]journal.Record{about(journal.Outcome, journal.Entry{Is: "failed", Code: "NOT_EXECUTED"})}, Open, "", ""},
		"it was not attempted":         {[]journal.Record{about(journal.Outcome, journal.Entry{Is: "not-attempted"})}, Open, "", ""},
		"it is a conflict":             {[]journal.Record{about(journal.Outcome, journal.Entry{Is: "conflict"})}, Over, "conflict", ""},
		"somebody was faster":          {append(sent(journal.Entry{}), about(journal.Settled, journal.Entry{Is: journal.Overtaken})), Over, "conflict", ""},
		"nobody can tell":              {append(sent(journal.Entry{}), about(journal.Settled, journal.Entry{Is: journal.Doubtful})), Over, "unknown", ""},
		"it is not known, and written": {append(answered, about(journal.Outcome, journal.Entry{Is: "unknown"})), Written, "", "7"},
	} {
		c := &Chain{}
		c.Add("a", stateOf(t, tc.records...))
		if p := c.Of(0, 0); p.Way != tc.way || p.Status != tc.status || p.ID != tc.id {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// A later run stands above those before it, but for what it could not find out; who has sent
// something has done it.
func TestALaterRunStandsAboveEarlierOnes(t *testing.T) {
	answered := slices.Clip(append(sent(journal.Entry{}), journal.Record{Kind: journal.Result, Request: 1, Of: []journal.Entry{{Is: journal.Answered, ID: "7"}}}))
	unknown := about(journal.Outcome, journal.Entry{Is: "unknown"})
	ended := about(journal.Outcome, journal.Entry{Is: "succeeded", ID: "7"})
	for name, tc := range map[string]struct {
		second []journal.Record
		way    Way
		run    string
		sends  int
	}{
		"nothing is new":           {nil, Written, "a", 1},
		"it could not be compared": {[]journal.Record{unknown}, Written, "a", 1},
		"it was compared":          {[]journal.Record{ended}, Over, "a", 1},
		"it was made anew":         {append(answered, ended), Over, "b", 2},
	} {
		c := &Chain{}
		c.Add("a", stateOf(t, answered...))
		c.Add("b", stateOf(t, tc.second...))
		if p := c.Of(0, 0); p.Way != tc.way || p.Run != tc.run || p.Sends != tc.sends {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestReadReport(t *testing.T) {
	var got []Told
	err := ReadReport(strings.NewReader(`{"run": "a", "counts": {"failed": 1}, "items": [{"resource": "deal/a", "status": "failed", "retryable": true}, {"resource": "deal/b", "status": "not-attempted"}, {"resource": "deal/c", "status": "failed", "error": "no"}], "more": []}`),
		func(t *Told) { got = append(got, *t) })
	if err != nil || len(got) != 3 || !got[0].Again() || !got[1].Again() || got[2].Again() || got[2].Error != "no" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{"", "[]", `{"items": 1}`, `{"items": [1]}`, `{"run": "a"}`, `{"items": [{}`, "b24apply"} {
		if err := ReadReport(strings.NewReader(text), func(*Told) {}); err == nil {
			t.Errorf("%q is a report", text)
		}
	}
}

func TestAReportForgets(t *testing.T) {
	var out strings.Builder
	found, err := ForgetReport(strings.NewReader(`{"run": "a", "counts": {"failed": 1}, "items": [{"resource": "deal/a", "status": "failed", "error": "secret", "id": "7", "fields": [{"after": "secret"}]}, {"resource": "deal/b", "status": "failed", "error": "no\u202e"}], "earlier": []}`), &out, "deal/a")
	if err != nil || !found || strings.Contains(out.String(), "secret") || !strings.Contains(out.String(), `\u202e`) || !strings.Contains(out.String(), `"7"`) {
		t.Errorf("%v, %t: %s", err, found, out.String())
	}
	n := 0
	if err := ReadReport(strings.NewReader(out.String()), func(*Told) { n++ }); err != nil || n != 2 {
		t.Errorf("%d items, %v", n, err)
	}
}
