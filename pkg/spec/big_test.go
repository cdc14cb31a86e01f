package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// writeDeals writes n small deals into one file below dir.
func writeDeals(t testing.TB, dir string, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme}\nspec: {fields: {title: Acme}}\n")
	for i := range n {
		fmt.Fprintf(&b, `---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: deal-%d}
spec:
  fields:
    title: Deal number %d
    opportunity: "%d.50"
    currencyId: EUR
    companyId: {ref: company/acme}
    begindate: 2025-01-01
    comments: "Imported, row %d"
`, i, i, i, i)
	}
	file := filepath.Join(dir, "deals.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// A record keeps less than 3 KiB, so that 100,000 stay well under 512 MiB.
func TestTwentyThousandRecordsLoadWithinTheirMemory(t *testing.T) {
	const records, perRecord = 20_000, 3 << 10
	file := writeDeals(t, t.TempDir(), records)
	loadSchemas()
	before := heap()
	set, problems := Load(Options{Files: []string{file}})
	if set == nil {
		t.Fatal(problems)
	}
	if got, want := len(set.Resources), records+1; got != want {
		t.Errorf("resources: %d, want %d", got, want)
	}
	if used := heap() - before; used > records*perRecord {
		t.Errorf("the set keeps %d bytes a record, want at most %d", used/records, perRecord)
	}
	runtime.KeepAlive(set)
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
			file := writeDeals(b, b.TempDir(), n)
			for b.Loop() {
				if set, problems := Load(Options{Files: []string{file}}); set == nil {
					b.Fatal(problems)
				}
			}
		})
	}
}
