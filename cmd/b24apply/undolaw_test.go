package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A drawnDeal is a declared state of one deal; the zero value is one that is not declared.
type drawnDeal struct {
	there          bool
	title, comment string // "" is not declared
	stage, amount  string
	company        bool
	products       string
}

// drawnRows are product rows: one, several in an order, and the same without what changes a price.
var drawnRows = [...]string{
	`{name: Work, price: "3", quantity: 2}`,
	`{name: Work, price: "95.00", quantity: 12, discountRate: 5}, {name: Oak, price: "23.80", quantity: "2.5", taxRate: 19, taxIncluded: Y}, {name: Gift, price: "0", quantity: 1}`,
	`{name: Oak, price: "23.80", quantity: "2.5"}, {name: Work, price: "95.00", quantity: 12}`,
}

// A drawnState is what is declared, by the names of the deals, and whether the company that they
// may name is.
type drawnState map[string]drawnDeal

func drawState(r *rand.Rand) drawnState {
	s := make(drawnState)
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	for i := range 6 {
		s[string(rune('a'+i))] = drawnDeal{
			there: r.IntN(3) > 0, title: pick("One", "Two", "Three"), comment: pick("", "x", "y"), stage: pick("", "NEW", "PREPARATION", "WON"),
			amount: pick("", "5", "7.50"), company: r.IntN(2) == 0, products: pick("", "", "", drawnRows[0], drawnRows[1], drawnRows[2]),
		}
	}
	return s
}

// manifests declare a state, and the absence of what the one before has had.
func (s drawnState) manifests(before drawnState) string {
	docs := []string{"kind: Company\nmetadata: {name: owner}\nspec: {fields: {title: Owner}}"}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		d := s[name]
		if !d.there {
			if before[name].there {
				docs = append(docs, fmt.Sprintf("kind: Absent\nmetadata: {name: gone-%s}\nspec: {resources: [deal/%[1]s]}", name))
			}
			continue
		}
		fields := []string{"title: " + d.title}
		for field, text := range map[string]string{"comments": d.comment, "stageId": d.stage, "opportunity": d.amount} {
			if text != "" && (field != "opportunity" || d.products == "" && before[name].products == "") { // rows make the amount, also those that are left
				fields = append(fields, fmt.Sprintf("%s: %q", field, text))
			}
		}
		if d.company {
			fields = append(fields, "companyId: {ref: company/owner}")
		}
		slices.Sort(fields)
		rows := ""
		if d.products != "" {
			rows = ", products: [" + d.products + "]"
		}
		docs = append(docs, fmt.Sprintf("kind: Deal\nmetadata: {name: %s}\nspec: {fields: {%s}%s}", name, strings.Join(fields, ", "), rows))
	}
	return strings.Join(docs, "\n---\n")
}

// undoSeeds are those of the law: a few in the tests, as many as UNDO_SEEDS says by hand.
func undoSeeds() int {
	if n, err := strconv.Atoi(os.Getenv("UNDO_SEEDS")); err == nil {
		return n
	}
	return 6
}

// Whatever was declared and whatever a run made of it, undo brings back what there was. If people
// have changed records meanwhile, those are conflicts, and no others.
func TestUndoBringsBackWhatThereWas(t *testing.T) {
	for seed := range undoSeeds() {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 5))
			l := ladderOf(newWorld(t))
			l.tape = nil
			state := t.TempDir()
			a, b := drawState(r), drawState(r)
			apply := func(manifests string) {
				l.write("m", manifests)
				l.run(exitDone, "apply", "-f", l.dir, "--yes", "--state-dir", state)
			}
			apply(a.manifests(nil))
			before := l.dump()
			apply(b.manifests(a))
			if cmp.Equal(before, l.dump()) {
				t.Skip("nothing was to be done")
			}
			kept := byMark(before)
			want := make(map[string]bool)
			if seed%2 == 1 {
				want = touch(l, r, a, b, kept)
			}
			conflicts := make(map[string]bool)
			var report jsonReport
			text := l.run(map[bool]int{true: exitItems, false: exitDone}[len(want) > 0], "undo", "last", "--yes", "-o", "json", "--state-dir", state)
			if err := json.Unmarshal([]byte(text), &report); err != nil {
				t.Fatal(err)
			}
			for _, item := range report.Items {
				if item.Status == "conflict" {
					conflicts[item.Resource] = true
				}
			}
			if d := cmp.Diff(want, conflicts); d != "" {
				t.Errorf("conflicts (-want +got):\n%s\n%s", d, b.manifests(a))
			}
			undone := byMark(l.dump())
			for of := range conflicts { // they stay as people have left them
				mark := strconv.Quote(strings.TrimPrefix(of, "deal/"))
				delete(kept, mark)
				delete(undone, mark)
			}
			if d := cmp.Diff(kept, undone); d != "" {
				t.Errorf("undone (-before +undone):\n%s\nfrom\n%s\nto\n%s", d, a.manifests(nil), b.manifests(a))
			}
		})
	}
}

// byMark gives the fields of the deals in a dump by their marks, without ids, and behind them those
// of their product rows.
func byMark(dump map[string]string) map[string][]string {
	out := make(map[string][]string)
	for at, text := range dump {
		if !strings.HasPrefix(at, "2/") || strings.Contains(at, " ") {
			continue
		}
		var mark string
		var lines []string
		for line := range strings.SplitSeq(text, "\n") {
			switch name, value, _ := strings.Cut(line, ": "); name {
			case "originId":
				mark = value
			case "id", "createdTime":
			default:
				lines = append(lines, line)
			}
		}
		lines = append(lines, rowsOf(dump, at)...)
		out[mark] = lines
	}
	return out
}

// rowsOf gives the product rows of a record in their order, which is that of their sort.
func rowsOf(dump map[string]string, at string) []string {
	var rows []string
	for i := 0; dump[fmt.Sprintf("%s row %d", at, i)] != ""; i++ {
		rows = append(rows, dump[fmt.Sprintf("%s row %d", at, i)])
	}
	place := func(row string) int {
		_, after, _ := strings.Cut("\n"+row, "\nsort: ")
		number, _, _ := strings.Cut(after, "\n")
		n, _ := strconv.Atoi(number)
		return n
	}
	slices.SortStableFunc(rows, func(a, b string) int { return place(a) - place(b) })
	var lines []string
	for _, row := range rows {
		for line := range strings.SplitSeq(row, "\n") {
			if !strings.HasPrefix(line, "ownerId") && !strings.HasPrefix(line, "id:") {
				lines = append(lines, "row "+line)
			}
		}
	}
	return lines
}

// touch lets a person change some records that the run has changed, each in a field that the run
// has set, and some in one that it has not, which is to be seen in what is kept; it gives those that
// undo is to find in conflict.
func touch(l *fieldLadder, r *rand.Rand, a, b drawnState, kept map[string][]string) map[string]bool {
	want := make(map[string]bool)
	for _, row := range l.rows("crm.item.list", `{"entityTypeId":2,"select":["*"]}`, "items") {
		name := row.Text("originId")
		field, set := "sourceDescription", false
		if r.IntN(2) == 0 {
			field, set = "title", b[name].there && (!a[name].there || a[name].title != b[name].title)
		}
		if r.IntN(3) == 0 {
			continue
		}
		l.call("crm.item.update", fmt.Sprintf(`{"entityTypeId":2,"id":%s,"fields":{%q:"by a person"}}`, row.Text("id"), field))
		if set {
			want["deal/"+name] = true
		}
		for i, line := range kept[strconv.Quote(name)] {
			if strings.HasPrefix(line, field+": ") {
				kept[strconv.Quote(name)][i] = field + `: "by a person"`
			}
		}
	}
	return want
}
