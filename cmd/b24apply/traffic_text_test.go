package main

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// text is the fixture. With keep 0 lines are whole, else longer ones are cut, and
// end in a digest of all that they say.
// text is the fixture. With keep 0 lines are whole, else longer ones are cut, and
// end in a digest of all that they say.
func (rec *tape) text(name string, keep int) string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	p := printer{loose: rec.loose, idsVary: strings.HasPrefix(name, "Test") || slices.Contains(idsVary, name), private: strings.NewReplacer(rec.private...), keep: keep, seen: make(map[string]bool)}
	for _, command := range rec.commands {
		if len(command.plans)+len(command.writes)+len(command.reads) > 0 {
			p.command(command)
		}
	}
	return p.String()
}

// A printer writes traffic down.
type printer struct {
	strings.Builder
	idsVary, loose bool
	private        *strings.Replacer
	keep           int             // the length of a line; 0 is any
	seen           map[string]bool // the lines so far: what is said again is shorter
}

func (p *printer) command(c *traffic) {
	fmt.Fprintf(p, "> %s\n", strings.TrimSpace(p.inert(c.title)))
	if p.loose {
		p.section("write", c.writes)
		return
	}
	for i, line := range c.plans {
		if p.keep > 0 && i == plannedLines {
			rest := strings.Join(c.plans[i:], "\n")
			fmt.Fprintf(p, "plan  %s\n", p.shorten(fmt.Sprintf("and %d more: %s", len(c.plans)-i, strings.ReplaceAll(rest, "\n", " "))))
			break
		}
		fmt.Fprintf(p, "plan  %s\n", p.shorten(line))
	}
	p.section("write", c.writes)
	p.section("read", c.reads)
}

// plannedLines are the lines of a plan that are told one by one.
const plannedLines = 25

func (p *printer) section(name string, lines map[string]int) {
	counts := make(map[string]int, len(lines))
	for line, n := range lines {
		counts[p.inert(line)] += n
	}
	for _, line := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(p, "%-5s %d %s\n", name, counts[line], p.shorten(line))
	}
}

// inert takes out what differs from run to run.
func (p *printer) inert(line string) string {
	line = p.private.Replace(line)
	for _, v := range varying {
		line = v.found.ReplaceAllString(line, v.as)
	}
	if p.idsVary {
		line = ids.ReplaceAllString(line, "${1}${2}(any)")
	}
	return dates.ReplaceAllStringFunc(line, func(text string) string {
		day, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)])
		if err != nil || time.Since(day).Abs() > 48*time.Hour {
			return text
		}
		return "(about now)"
	})
}

// varying are the secrets that a portal gives out.
var varying = []struct {
	found *regexp.Regexp
	as    string
}{
	{regexp.MustCompile(`token=crm\|\S+`), "token=(a file's)"},
	{regexp.MustCompile(`/rest/\d+/[^/ ]+/`), "/rest/(webhook)/"},
	{regexp.MustCompile(`\b20\d{6}T\d{6}-[0-9a-f]{8}\b`), "(run)"},
}

var (
	ids   = regexp.MustCompile(`("id":"?|\b(?:id|ID|ownerId|OWNER_ID|ENTITY_ID|elementId|productId)=|\[[@=>]*(?:id|ID|ownerId|productId|ENTITY_ID)\](?:\[\d+\])?=|→ | #)\d+|(entityTypeId(?:=|":))\d{3,}`)
	dates = regexp.MustCompile(`\b20\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?`)
)

// idsVary are the scripts, besides the ladders, in which several records are created at the same time by
// requests of their own, since no batch can carry them: which one is first is chance.
var idsVary = []string{"hostile_text"}

// readsVary are the scripts in which the clock says how often is read, or a death.
var readsVary = []string{"case_c16_a_portal_that_is_away", "resume", "undo_resumed"}

func (p *printer) shorten(line string) string {
	line = p.inert(line)
	keep := p.keep
	if p.seen[line] {
		keep /= 2
	}
	p.seen[line] = true
	if keep == 0 || len(line) <= keep {
		return line
	}
	digest := sha256.Sum256([]byte(line))
	return fmt.Sprintf("%s… %x", strings.ToValidUTF8(line[:keep-12], ""), digest[:4])
}

// looksVary are the scripts whose commands look as often as they have to wait.
var looksVary = []string{"runs"}

const trafficWidth = 120

// matches compares the traffic with its fixture, or writes that.
func (rec *tape) matches(t trafficT, name string) {
	if dir := os.Getenv(wholeVariable); dir != "" {
		write(t, filepath.Join(dir, name+".txt"), rec.text(name, 0))
	}
	file, got := filepath.Join("testdata", "traffic", name+".txt"), rec.text(name, trafficWidth)
	if slices.Contains(readsVary, name) {
		got = withoutReads(got)
	}
	fixture, err := os.ReadFile(file)
	want := string(fixture)
	switch {
	case got == want, slices.Contains(looksVary, name) && withoutReads(got) == withoutReads(want):
	case os.Getenv(updateVariable) != "", os.Getenv(readsVariable) != "" && withoutReads(got) == withoutReads(want):
		write(t, file, got)
	case err != nil:
		t.Errorf("%v\n%s=1 records the traffic", err, updateVariable)
	default:
		t.Errorf("%s: plan or traffic differ (-want +got):\n%s", file, lineDiff(want, got))
	}
}

// trafficT is what matches needs of a test.
type trafficT interface {
	Errorf(format string, args ...any)
}

func write(t trafficT, file, text string) {
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if text == "" {
		if err = os.Remove(file); os.IsNotExist(err) {
			err = nil
		}
	} else if err == nil {
		err = os.WriteFile(file, []byte(text), 0o644)
	}
	if err != nil {
		t.Errorf("%v", err)
	}
}

func withoutReads(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "read ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// lineDiff tells what two texts of commands and lines do not share, command by command.
func lineDiff(want, got string) string {
	var b strings.Builder
	wants, gots := strings.Split("\n"+want, "\n> "), strings.Split("\n"+got, "\n> ")
	for i := range max(len(wants), len(gots)) {
		var w, g []string
		if i < len(wants) {
			w = strings.Split(wants[i], "\n")
		}
		if i < len(gots) {
			g = strings.Split(gots[i], "\n")
		}
		if slices.Equal(w, g) {
			continue
		}
		fmt.Fprintf(&b, "  > %s\n", slices.Concat(g, w)[0])
		for _, line := range missing(w, g) {
			fmt.Fprintf(&b, "- %s\n", line)
		}
		for _, line := range missing(g, w) {
			fmt.Fprintf(&b, "+ %s\n", line)
		}
	}
	return b.String()
}

func missing(from, in []string) (lines []string) {
	for _, line := range from {
		if !slices.Contains(in, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
