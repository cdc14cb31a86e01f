package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tapeOf records requests as they come from a client: a path below the webhook, and a body.
func tapeOf(requests ...[2]string) *tape {
	rec := &tape{Handler: http.NotFoundHandler()}
	for _, r := range requests {
		rec.asked(&url.URL{Path: "/rest/1/secret/" + r[0]}, []byte(r[1]))
	}
	return rec
}

// A command is the same line by itself and in a batch, wherever it stands in it.
func TestTrafficKnowsNoBatches(t *testing.T) {
	alone := tapeOf(
		[2]string{"crm.item.add", `{"entityTypeId":2,"fields":{"title":"A & B","contactIds":[1,2]}}`},
		[2]string{"crm.item.list", `{"filter":{">id":7},"entityTypeId":2}`},
	)
	packed := tapeOf([2]string{"batch.json", `{"halt":0,"cmd":{"c00":"crm.item.list?entityTypeId=2&filter%5B%3Eid%5D=7",
		"c01":"crm.item.add?fields%5Btitle%5D=A%20%26%20B&fields%5BcontactIds%5D%5B0%5D=1&fields%5BcontactIds%5D%5B1%5D=2&entityTypeId=2"}}`})
	want := "> \nwrite 1 crm.item.add entityTypeId=2 fields[contactIds][0]=1 fields[contactIds][1]=2 fields[title]=A & B\nread  1 crm.item.list entityTypeId=2 filter[>id]=7\n"
	for name, rec := range map[string]*tape{"alone": alone, "in a batch": packed} {
		if got := rec.text("", 0); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// What is cut still tells every difference, and what is secret or of this moment none.
func TestTrafficShowsWhatDiffersAndNothingElse(t *testing.T) {
	long := strings.Repeat("x", 2*trafficWidth)
	add := func(title string) string {
		return tapeOf([2]string{"crm.item.add", fmt.Sprintf(`{"auth":"secret","fields":{"title":%q}}`, title)}).text("", trafficWidth)
	}
	if add(long+"1") == add(long+"2") {
		t.Error("a difference at the end of a long text is not seen")
	}
	if text := add("A"); strings.Contains(text, "secret") {
		t.Errorf("a token is recorded: %s", text)
	}
}

// complaints is a test that may fail.
type complaints []string

func (c *complaints) Errorf(format string, args ...any) {
	*c = append(*c, fmt.Sprintf(format, args...))
}

// A fixture fails what differs from it; other reads may be taken over alone, other writes not.
func TestFixturesOfTrafficFail(t *testing.T) {
	for _, v := range []string{updateVariable, readsVariable, wholeVariable} {
		t.Setenv(v, "")
	}
	t.Chdir(t.TempDir())
	read, write := [2]string{"profile", ""}, [2]string{"crm.item.delete", `{"id":1}`}
	matches := func(rec *tape) bool {
		var c complaints
		rec.matches(&c, "fixture")
		return len(c) == 0
	}
	if matches(tapeOf(read)) {
		t.Error("traffic without a fixture passes")
	}
	t.Setenv(updateVariable, "1")
	matches(tapeOf(read, write))
	t.Setenv(updateVariable, "")
	if !matches(tapeOf(read, write)) || !matches(tapeOf(write, read)) {
		t.Error("the recorded traffic differs from itself")
	}
	if matches(tapeOf(read, read, write)) || matches(tapeOf(read)) {
		t.Error("other traffic passes")
	}
	t.Setenv(readsVariable, "1")
	if matches(tapeOf(read)) {
		t.Error("a missing write is taken over with the reads")
	}
	if !matches(tapeOf(read, read, write)) {
		t.Error("other reads are not taken over")
	}
}

// A fixture whose script is gone would be kept for ever.
func TestEveryFixtureOfTrafficHasItsScript(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "traffic", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if _, err := os.Stat(filepath.Join("testdata", "script", name+".txtar")); err != nil && !strings.HasPrefix(name, "Test") {
			t.Errorf("%s: %v", file, err)
		}
	}
}
