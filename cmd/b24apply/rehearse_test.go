package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A rehearsedDocument is what rehearse -o json says, as far as tests look at it.
type rehearsedDocument struct {
	ExitCode int
	Changes  int
	Refused  int
	Again    []string `json:"pendingAgain"`
	Lacks    []any
	Unlike   []any
	Items    []struct {
		Resource        string
		Applied, Undone *struct{ Status, Code, Error string }
		NewID           string
		Gone            bool
		Differs         []struct{ Field, Was, Is string }
	}
}

// rehearsed runs a rehearsal, which writes nothing to the portal.
func (w *world) rehearsed(code int, args ...string) (doc rehearsedDocument) {
	w.t.Helper()
	before := w.dump()
	text := w.run(code, append([]string{"rehearse", "-o", "json"}, args...)...)
	if d := cmp.Diff(before, w.dump()); d != "" {
		w.t.Errorf("a rehearsal has changed the portal:\n%s", d)
	}
	strictSchemas(w.t).check(w.t, "rehearsal.schema.json", []byte(text))
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		w.t.Fatalf("%v in %s", err, text)
	}
	if len(doc.Lacks)+len(doc.Unlike) > 0 {
		w.t.Errorf("the copy is none: it lacks %v, and is unlike in %v", doc.Lacks, doc.Unlike)
	}
	return doc
}

// What a run and its undo do to all that stands beside fields goes as well in a rehearsal.
func TestWhatIsUndoneIsRehearsed(t *testing.T) {
	for name, tc := range undoCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := ladderOf(newWorld(t))
			l.tape = nil
			for _, post := range tc.posts {
				method, params, _ := strings.Cut(post, " ")
				l.call(method, params)
			}
			if tc.before != "" {
				l.write("m", strings.TrimPrefix(tc.before, "\n"))
				l.run(exitDone, "apply", "-f", l.dir, "--yes", "--state-dir", t.TempDir())
			}
			l.write("m", strings.TrimPrefix(tc.after, "\n"))
			doc := l.rehearsed(exitDone, "-f", l.dir)
			if doc.Changes == 0 || len(doc.Items) < doc.Changes {
				t.Errorf("%d changes, and %d items", doc.Changes, len(doc.Items))
			}
		})
	}
}

// rehearsalCodes are the exit codes of rehearsing each rung: UTM texts that were empty do not come back.
var rehearsalCodes = [rungs]int{rungFirst: exitItems}

// Every field that can be declared is rehearsed: it is written to the copy, a second plan is empty,
// and it comes back, but for what no undo gives back.
func TestEveryFieldOfEveryKindIsRehearsed(t *testing.T) {
	t.Parallel()
	l := newLadder(t, portal.Config{Zone: time.FixedZone("+03:00", 3*3600)})
	l.tape = nil
	for _, kind := range kind.All() {
		for _, rule := range kind.Fields {
			if l.climbable(kind, rule) && rule.Type != fileType { // the contents of files are not copied
				l.add(kind, rule)
			}
		}
	}
	state := t.TempDir()
	for rung := range rungs {
		documents := make([]string, len(l.tested))
		for i, r := range l.tested {
			documents[i] = r.document(rung)
		}
		l.write("tested", documents...)
		switch rung {
		case rungEmpty, rungSecond: // as much as the others show
			l.anyExit("apply", "-f", l.dir, "--yes", "-o", "json", "--state-dir", state)
			continue
		case rungAgain:
			continue
		}
		doc := l.rehearsed(rehearsalCodes[rung], "-f", l.dir, "--state-dir", state)
		if len(doc.Again) > 0 {
			t.Errorf("%s: a second plan would change %v", rungNames[rung], doc.Again)
		}
		for _, item := range doc.Items {
			for _, d := range item.Differs {
				if !slices.Contains(notUndone, d.Field) {
					t.Errorf("%s: %s: %s was %q and is %q", rungNames[rung], item.Resource, d.Field, d.Was, d.Is)
				}
			}
			if item.Gone || item.Undone != nil && item.Undone.Status != "succeeded" && item.Undone.Status != "kept" {
				t.Errorf("%s: %s is not taken back: %+v", rungNames[rung], item.Resource, item.Undone)
			}
		}
		l.anyExit("apply", "-f", l.dir, "--yes", "-o", "json", "--state-dir", state)
	}
}
