package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
)

// mixManifest is a file of n records: 20 % companies, 30 % contacts with phone and e-mail,
// 50 % deals that refer to both.
func mixManifest(n int) string {
	companies, contacts := n/5, 3*n/10
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString("---\n")
		}
		switch deal := i - companies - contacts; {
		case i < companies:
			fmt.Fprintf(&b, mixCompany, i, i, i, i)
		case deal < 0:
			contact := i - companies
			fmt.Fprintf(&b, mixContact, contact, contact, contact, contact%max(1, companies), 10_000_000+contact, contact)
		default:
			fmt.Fprintf(&b, mixDeal, deal, deal, deal, deal%max(1, companies), deal%max(1, contacts))
		}
	}
	return b.String()
}

const (
	mixCompany = `apiVersion: b24apply/v1
kind: Company
metadata: {name: co-%d}
spec:
  fields:
    title: Company number %d
    revenue: "%d.00"
    currencyId: EUR
    comments: Imported row %d
`
	mixContact = `apiVersion: b24apply/v1
kind: Contact
metadata: {name: ct-%d}
spec:
  fields:
    name: Name%d
    lastName: Last%d
    post: Buyer
    companyIds: [{ref: company/co-%d}]
    phones: ["+49 30 %d"]
    emails: [user%d@example.com]
`
	mixDeal = `apiVersion: b24apply/v1
kind: Deal
metadata: {name: deal-%d}
spec:
  fields:
    title: Deal number %d
    opportunity: "%d.50"
    isManualOpportunity: Y
    currencyId: EUR
    companyId: {ref: company/co-%d}
    contactIds: [{ref: contact/ct-%d}]
    begindate: 2025-01-01
`
)

// A record keeps about half a KiB, so that 100,000 take 52 MiB.
func TestTwentyThousandRecordsLoadWithinTheirMemory(t *testing.T) {
	const records, perRecord = 20_000, 600
	file := writeMix(t, t.TempDir(), records)
	loadSchemas()
	before := heap()
	set, problems := Load(Options{Files: []string{file}})
	if set == nil {
		t.Fatal(problems)
	}
	if got := len(set.Resources); got != records {
		t.Errorf("resources: %d, want %d", got, records)
	}
	if used := heap() - before; used > records*perRecord {
		t.Errorf("the set keeps %d bytes a record, want at most %d", used/records, perRecord)
	}
	runtime.KeepAlive(set)
}

// Loading a record of the mix allocates little beside what the YAML parser does, which is
// 7 KB in 120 pieces of all.
func TestLoadingARecordAllocatesLittle(t *testing.T) {
	const records, most, mostPieces = 10_000, 14 << 10, 175
	file := writeMix(t, t.TempDir(), records)
	loadSchemas()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if set, problems := Load(Options{Files: []string{file}}); set == nil {
		t.Fatal(problems)
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / records; got > most {
		t.Errorf("%d bytes a record, want at most %d", got, most)
	}
	if got := (after.Mallocs - before.Mallocs) / records; got > mostPieces {
		t.Errorf("%d allocations a record, want at most %d", got, mostPieces)
	}
}

// The problems that all documents together show still have their lines, though the texts
// are dropped by then; if the file is another one since, they have their places.
func TestProblemsOfAllDocumentsShowTheirLines(t *testing.T) {
	const line = "spec: {fields: {title: T, companyId: {ref: company/none}}}"
	file := filepath.Join(t.TempDir(), "m.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\n" + line + "\n")
	_, problems := Load(Options{Files: []string{file}})
	if len(problems) != 1 || problems[0].Excerpt != line || problems[0].Line != 4 {
		t.Errorf("the problems are %+v", problems)
	}
	src, _ := readSource(file, nil)
	src.again = func() []byte { data, _ := os.ReadFile(file); return data }
	for text, want := range map[string]string{line + line: "", strings.Replace(line, "T", "U", 1): "", line: ""} {
		src.data, src.gone = []byte(line), false
		write(text)
		src.drop()
		r := &report{src: src}
		r.problem(value.Pos{File: file, Line: 1, Col: 3}, "", "x", value.Message{}, value.Verbatim("x"))
		if text == line {
			want = line
		}
		if p := r.problems[0]; p.Excerpt != want || p.Line != 1 || p.Col != 3 {
			t.Errorf("%.20q: %+v", text, p)
		}
	}
}

func writeMix(t testing.TB, dir string, n int) string {
	t.Helper()
	file := filepath.Join(dir, "mix.yaml")
	if err := os.WriteFile(file, []byte(mixManifest(n)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			file := writeMix(b, b.TempDir(), n)
			loadSchemas()
			b.ReportAllocs()
			before := heap()
			var set *Set
			for b.Loop() {
				var problems Problems
				if set, problems = Load(Options{Files: []string{file}}); set == nil {
					b.Fatal(problems)
				}
			}
			b.ReportMetric(float64(heap()-before)/float64(n), "kept-B/record")
			runtime.KeepAlive(set)
		})
	}
}
