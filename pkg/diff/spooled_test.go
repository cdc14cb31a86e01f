package diff

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A plan whose changes go to a file is that whose changes stay in memory, however many of them
// share the room of their fields.
func TestAPlanInAFileIsThatInMemory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var manifests strings.Builder
		rows := make(map[value.Address][]kind.Row)
		for i := range rapid.IntRange(1, 8).Draw(rt, "deals") {
			declared := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"opportunity: 5", "closedate: 2026-01-02", "SERIAL: s", "stageId: won", "companyId: {ref: company/c}"}), 0, 5, rapid.ID).Draw(rt, "declared")
			fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%d}\nspec:\n  fields: {%s}\n", i, strings.Join(append(declared, fmt.Sprintf("title: D%d", i)), ", "))
			if rapid.Bool().Draw(rt, "is there") {
				title, _ := json.Marshal(fmt.Sprintf("D%d", i-rapid.IntRange(0, 1).Draw(rt, "title")))
				rows[value.Address(fmt.Sprintf("deal/d%d", i))] = []kind.Row{mustRow(fmt.Sprintf(`{"id":%d,"title":%s,"opportunity":5,"stageId":"WON","categoryId":0}`, i+1, title))}
			}
		}
		manifests.WriteString("---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec:\n  fields: {title: C}\n")
		set, state := load(t, manifests.String()), dealState(rows)
		want, wrong := Compute(set, state)
		if wrong.HasErrors() {
			rt.Fatal(wrong)
		}
		out := plan.NewSource(plan.Spool{Above: rapid.IntRange(0, 3).Draw(rt, "above"), Dir: t.TempDir()})
		defer out.Close()
		got, _, err := ComputeTo(out, set, state)
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(changesIn(want), changesIn(got), cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *kind.Kind) bool { return a == b })); d != "" {
			rt.Fatalf("-memory +file:\n%s", d)
		}
	})
}
