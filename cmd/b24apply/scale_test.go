package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/portal"
)

// scaleVariable holds the numbers of records that TestScale measures, and
// scaleRowsVariable the number of deals with product rows.
const (
	scaleVariable     = "B24_SCALE"
	scaleRowsVariable = "B24_SCALE_ROWS"
	memoryVariable    = "MEMORY_TO" // the file to which a command under measure writes what it has allocated
)

// rowsPerDeal are the product rows of each deal that has some.
const rowsPerDeal = 3

// scaleBounds are what a hundred thousand records may cost. CPU is user and system time of
// the client alone, the peak its resident set, and live what the collector finds in use.
var scaleBounds = []struct {
	step, what string
	most       float64
}{
	{"validate", "cpu s", 4},
	{"apply", "cpu s", 20},
	{"apply", "peak MiB", 256},
	{"apply", "live MiB", 100},
	{"plan", "cpu s", 6},
	{"plan", "peak MiB", 256},
	{"plan", "live MiB", 100},
	{"plan", "KB a record", 4},
	{"validate", "GC cycles", 60},
	{"apply", "GC cycles", 60},
	{"plan", "GC cycles", 60},
}

const (
	fullScale = 100_000
	growth    = 11 // times the CPU of a tenth, less that of a run with one record
)

// scaleMix writes manifests of n records: a fifth are companies, three tenths contacts with
// a phone and an e-mail address, and the rest deals that refer to both.
func scaleMix(t testing.TB, n int) (dir string) {
	companies, contacts := max(n/5, 1), max(3*n/10, 1)
	return scaleManifests(t, n, func(i int) string {
		switch {
		case i < n/5:
			return fmt.Sprintf("kind: Company\nmetadata: {name: co-%d}\nspec:\n  fields:\n    title: Company number %[1]d\n    revenue: \"%[1]d.00\"\n    currencyId: EUR\n    comments: Imported row %[1]d\n", i)
		case i < n/5+3*n/10:
			i -= n / 5
			return fmt.Sprintf("kind: Contact\nmetadata: {name: ct-%d}\nspec:\n  fields:\n    name: Name%[1]d\n    lastName: Last%[1]d\n    post: Buyer\n    companyIds: [{ref: company/co-%d}]\n    phones: [\"+49 30 %d\"]\n    emails: [user%[1]d@example.com]\n", i, i%companies, 10_000_000+i)
		}
		i -= n/5 + 3*n/10
		links := fmt.Sprintf("    companyId: {ref: company/co-%d}\n    contactIds: [{ref: contact/ct-%d}]\n", i%companies, i%contacts)
		if n < 10 {
			links = "" // nobody to refer to
		}
		return fmt.Sprintf("kind: Deal\nmetadata: {name: deal-%d}\nspec:\n  fields:\n    title: Deal number %[1]d\n    opportunity: \"%[1]d.50\"\n    isManualOpportunity: Y\n    currencyId: EUR\n%s    begindate: 2025-01-01\n", i, links)
	})
}

// scaleRows writes manifests of n deals with product rows.
func scaleRows(t testing.TB, n int) (dir string) {
	var rows strings.Builder
	for j := range rowsPerDeal {
		fmt.Fprintf(&rows, "    - {name: Item %d, price: \"%d.00\", quantity: %d}\n", j, 10+j, j+1)
	}
	return scaleManifests(t, n, func(i int) string {
		return fmt.Sprintf("kind: Deal\nmetadata: {name: deal-%d}\nspec:\n  fields: {title: Deal number %[1]d, currencyId: EUR}\n  products:\n%s", i, rows.String())
	})
}

// scaleManifests writes n documents into a project, in files that may be read.
func scaleManifests(t testing.TB, n int, document func(int) string) (dir string) {
	t.Helper()
	const perFile = 50_000
	dir = t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("b24apply.yaml", "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: scale}\nspec:\n  manifests: [\"m*.yaml\"]\n")
	for first := 0; first < n; first += perFile {
		var b strings.Builder
		for i := first; i < min(first+perFile, n); i++ {
			b.WriteString("---\napiVersion: b24apply/v1\n" + document(i))
		}
		write(fmt.Sprintf("m%03d.yaml", first/perFile), b.String())
	}
	return dir
}

// A cost is what one command took.
type cost struct {
	cpu      time.Duration // user and system
	peak     float64       // MiB resident
	live     float64       // MiB in use after the fullest collection
	cycles   int           // of the collector
	bytes    float64       // allocated in all
	requests int
	wire     float64 // bytes both ways, where the portal is in this process
}

// less takes off what a run with one record allocates: the schemas, most of all.
func (c cost) less(empty cost) cost {
	c.bytes -= empty.bytes
	return c
}

// gcLine is what GODEBUG=gctrace=1 says of a cycle; the third size is what is in use.
var gcLine = regexp.MustCompile(`(?m)^gc \d+ @.* \d+->\d+->(\d+) MB`)

// measure runs one command in a process of its own, which must end with code 0.
func measure(t *testing.T, dir, webhook string, args ...string) cost {
	t.Helper()
	return measureWith(t, nil, dir, webhook, args...)
}

// measureWith is measure with more variables.
func measureWith(t *testing.T, variables []string, dir, webhook string, args ...string) cost {
	t.Helper()
	memory := filepath.Join(t.TempDir(), "memory.json")
	c := exec.Command("b24apply", append([]string{"-C", dir}, args...)...)
	c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "GOMEMLIMIT=") || strings.HasPrefix(v, "GOGC=") || strings.HasPrefix(v, ciVariable+"=")
	}), // CI masks what is personal
		"GODEBUG=gctrace=1", "B24_WEBHOOK_URL="+webhook, planVariable+"=box", stateVariable+"="+filepath.Join(dir, "state"), memoryVariable+"="+memory)
	c.Env = append(c.Env, variables...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	before := requestsOf(t, webhook)
	if err := c.Run(); err != nil {
		t.Fatalf("%v: %v\n%s\n%s", args, err, tail(out.String()), tail(errs.String()))
	}
	made := cost{cpu: c.ProcessState.UserTime() + c.ProcessState.SystemTime(), requests: requestsOf(t, webhook) - before}
	// A child begins with the resident set of its parent, which is small.
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		made.peak = float64(usage.Maxrss) / 1024
		if runtime.GOOS == "darwin" {
			made.peak /= 1024
		}
	}
	for _, found := range gcLine.FindAllStringSubmatch(errs.String(), -1) {
		size, _ := strconv.ParseFloat(found[1], 64)
		made.live, made.cycles = max(made.live, size), made.cycles+1
	}
	text, err := os.ReadFile(memory)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &made.bytes); err != nil {
		t.Fatal(err)
	}
	return made
}

// recordMemory writes what this process has allocated, if somebody wants to know.
func recordMemory() {
	file := os.Getenv(memoryVariable)
	if file == "" {
		return
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	_ = os.WriteFile(file, strconv.AppendUint(nil, stats.TotalAlloc, 10), 0o600)
}

// requestsOf are the HTTP requests that a portal has got.
func requestsOf(t *testing.T, webhook string) int {
	t.Helper()
	root, _, _ := strings.Cut(webhook, "/rest/")
	response, err := http.Get(root + "/__portal/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var stats portal.Stats
	if err := json.NewDecoder(response.Body).Decode(&stats); err != nil {
		t.Fatal(err)
	}
	return stats.Requests
}

// portalProcess starts a portal in a process of its own and gives its webhook.
func portalProcess(t *testing.T) (webhook string) {
	t.Helper()
	c := exec.Command("b24apply", "portal", "--addr", "127.0.0.1:0", "--limits", "off")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// measured gives a figure the name that it has in the tables of bounds.
func (c cost) measured(what string, n int) float64 {
	switch what {
	case "cpu s":
		return c.cpu.Seconds()
	case "peak MiB":
		return c.peak
	case "live MiB":
		return c.live
	case "GC cycles":
		return float64(c.cycles)
	case "KB a record":
		return c.bytes / 1024 / float64(n)
	case "wire KB":
		return c.wire / 1024
	case "requests":
		return float64(c.requests)
	}
	panic(what)
}

var scaleSteps = []struct {
	name string
	args []string
}{
	{"validate", []string{"validate"}},
	{"apply", []string{"apply", "--yes"}},
	{"plan", []string{"plan", "--detailed-exitcode"}},
}

// climbScale measures every step at one number of records, on a portal of its own.
func climbScale(t *testing.T, n int) map[string]cost {
	t.Helper()
	dir, webhook := scaleMix(t, n), portalProcess(t)
	costs := make(map[string]cost)
	for _, step := range scaleSteps {
		c := measure(t, dir, webhook, step.args...)
		costs[step.name] = c
		fmt.Printf("%7d %-8s %8.2f s CPU %6.0f MiB peak %5.0f MiB live %5d GC %8.2f KB a record %6d requests\n",
			n, step.name, c.cpu.Seconds(), c.peak, c.live, c.cycles, c.measured("KB a record", n), c.requests)
	}
	return costs
}

// The costs of many records stay within their bounds and grow with the number of records.
// make bench-scale runs it; it takes minutes.
func TestScale(t *testing.T) {
	var sizes []int
	for field := range strings.FieldsSeq(os.Getenv(scaleVariable)) {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	if len(sizes) == 0 {
		t.Skip("make bench-scale measures it")
	}
	empty := climbScale(t, 1)
	costs := make(map[int]map[string]cost)
	for _, n := range sizes {
		costs[n] = climbScale(t, n)
	}
	for _, b := range scaleBounds {
		for _, n := range sizes {
			judge(t, n, b.step+", "+b.what, costs[n][b.step].less(empty[b.step]).measured(b.what, n), b.most*scaled(b.what, n), n == fullScale)
		}
	}
	for _, n := range sizes {
		for _, step := range scaleSteps {
			if tenth, ok := costs[n/10]; ok {
				base := empty[step.name].cpu.Seconds()
				judge(t, n, step.name+", CPU that of a tenth times", (costs[n][step.name].cpu.Seconds()-base)/(tenth[step.name].cpu.Seconds()-base), growth, n == fullScale)
			}
		}
	}
}

// scaled shrinks a bound of the full scale for fewer records; what is for each record is as it is.
func scaled(what string, n int) float64 {
	if what == "cpu s" {
		return cmp.Or(float64(n)/fullScale, 1)
	}
	return 1
}

// judge prints a figure beside its bound. What is bound fails the test if it is over.
func judge(t *testing.T, n int, what string, got, most float64, bound bool) {
	t.Helper()
	verdict := "ok"
	if got > most {
		verdict = "OVER"
		if bound {
			t.Errorf("%d records: %s: %.2f, at most %.2f", n, what, got, most)
		}
	}
	fmt.Printf("%7d  %-34s %9.2f  at most %7.2f  %s\n", n, what, got, most, verdict)
}

// Product rows of many deals are read in few requests.
func TestScaleOfProductRows(t *testing.T) {
	n, err := strconv.Atoi(cmp.Or(os.Getenv(scaleRowsVariable), "0"))
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Skip("make bench-scale measures it")
	}
	got, most := rowRequests(t, n)
	judge(t, n, "requests that read product rows", got, most, true)
}

// rowRequests plans n deals with product rows that are on the portal.
func rowRequests(t *testing.T, n int) (got, most float64) {
	t.Helper()
	const page = 2450 // rows of a request: 49 pages of 50 after the one that finds the end
	dir, webhook := scaleRows(t, n), portalProcess(t)
	measure(t, dir, webhook, "apply", "--yes")
	plan := measure(t, dir, webhook, "plan", "--detailed-exitcode")
	pages := func(n int) int { return (n + page - 1) / page }
	return float64(plan.requests), float64(pages(n) + pages(n*rowsPerDeal) + 20)
}
