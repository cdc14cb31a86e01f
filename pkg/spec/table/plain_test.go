package table

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/value"
)

// scalar, list and mapping build what a manifest says.
func scalar(text string) value.Node { return value.Node{Kind: value.Scalar, Text: text} }

func list(items ...value.Node) value.Node { return value.Node{Kind: value.List, Items: items} }

func pairs(of ...any) value.Node {
	n := value.Node{Kind: value.Map}
	for i := 0; i < len(of); i += 2 {
		v, ok := of[i+1].(value.Node)
		if !ok {
			v = scalar(of[i+1].(string))
		}
		n.Pairs = append(n.Pairs, value.Pair{Key: of[i].(string), Value: v})
	}
	return n
}

// show writes a node as short as it can be read.
func show(n value.Node) string {
	switch n.Kind {
	case value.Null:
		return "null"
	case value.List:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, show(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case value.Map:
		var parts []string
		for _, p := range n.Pairs {
			parts = append(parts, p.Key+": "+show(p.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return n.Text
}

// items maps a text and writes each item on a line.
func items(t *testing.T, text string, d Dialect, spec value.Node) (out []string) {
	t.Helper()
	r, faults := Open(strings.NewReader(text), "a.csv", d, nil)
	if len(faults) > 0 {
		t.Fatalf("open: %v", faults)
	}
	m, problems := Compile(spec, Options{Dialect: r.Dialect()})
	if len(problems) > 0 {
		t.Fatalf("compile: %v", problems)
	}
	p, faults := m.On(r)
	if len(faults) > 0 {
		t.Fatalf("on: %v", faults)
	}
	for {
		item, err := p.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		line := string(item.State) + " " + item.Record.Name
		if item.State == Valid {
			for _, f := range append(item.Record.Fields, item.Record.Parts...) {
				line += " " + f.Name + "=" + show(f.Value) + "@" + f.Value.Pos.String()
			}
		}
		for _, f := range item.Faults {
			line += " [" + f.Rule + " " + f.Message.Code + " " + f.Pos.String() + " " + f.Column + "]"
		}
		out = append(out, line)
	}
}

// A plain table gives a record a row, and says of every row that gives none why.
func TestRowsBecomeRecords(t *testing.T) {
	got := items(t, "id,name,city\n1,Acme ,Bonn\n\n2,,\n,Nobody,Ulm\n4\n5,\"Big\r\nCo\",Kiel\n", Dialect{}, pairs(
		"key", list(scalar("id")),
		"map", pairs(
			"title", pairs("column", "name", "trim", "true", "required", "true"),
			"ADDRESS_CITY", pairs("column", "city", "default", "Köln"),
			"opened", pairs("constant", "true"),
		)))
	want := []string{
		"valid 1 ADDRESS_CITY=Bonn@a.csv:2:9 opened=true@a.csv:2:1 title=Acme@a.csv:2:3",
		"skipped ",
		"rejected 2 [required cell-is-missing a.csv:4:3 name]",
		"rejected  [key no-key-in-row a.csv:5:1 id]",
		"rejected  [ragged too-few-cells a.csv:6:1 ]",
		"valid 5 ADDRESS_CITY=Kiel@a.csv:8:5 opened=true@a.csv:7:1 title=Big\r\nCo@a.csv:7:3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
