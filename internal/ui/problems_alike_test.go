package ui

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// What one remedy mends is shown a few times and counted; nothing else is left out.
func TestManyProblemsOfOneCauseAreCounted(t *testing.T) {
	const other = "deals.yaml:8:5: PRICE: no such field [field]"
	for n, more := range map[int]string{
		1: "", 5: "", 6: "", // a line about one more would be no shorter
		7:    "\t… and 2 more like this, the last at deals.yaml:70:5 (-o json shows all)",
		1300: "\t… and 1,295 more like this, the last at deals.yaml:13000:5 (-o json shows all)",
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			ps := spec.Problems{{Pos: at("deals.yaml", 8, 5), Severity: spec.SeverityError, Rule: "field", Message: value.Verbatim("PRICE: no such field")}}
			var want []string
			for i := range n {
				ps = append(ps, spec.Problem{Pos: at("deals.yaml", 10*(i+1), 5), Severity: spec.SeverityError, Rule: "field", Message: value.Verbatim("GRADE: no such field")})
				if more == "" || i < 5 {
					want = append(want, fmt.Sprintf("deals.yaml:%d:5: GRADE: no such field [field]", 10*(i+1)))
				}
			}
			if more != "" {
				want = append(want, more)
			}
			want = append([]string{other}, append(want, strings.Replace(strconv.Itoa(n+1), "1301", "1,301", 1)+" problems in 1 file")...)
			got := strings.Split(strings.TrimSpace(render(t, func(w io.Writer) error { return Problems(w, ps, Style{}) })), "\n")
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if all := render(t, func(w io.Writer) error { return ProblemsJSON(w, ps) }); strings.Count(all, "GRADE: no such field") != n {
				t.Error("JSON has not all of them")
			}
		})
	}
}
