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
