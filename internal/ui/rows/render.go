package rows

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/spec/table"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Rendered is a row of a table beside what it declares.
type Rendered struct {
	Row      int           `json:"row"`  // from 1 behind the header
	Line     int           `json:"line"` // of the file
	State    table.State   `json:"state"`
	Address  value.Address `json:"address,omitempty"`
	Columns  []Column      `json:"columns"`
	Others   []Value       `json:"others,omitempty"` // what comes from no single cell, such as a constant
	Problems []string      `json:"problems,omitempty"`
}

// A Column is a cell, and the values that come from it.
type Column struct {
	Name   string  `json:"name"`
	Cell   string  `json:"cell"`
	Values []Value `json:"values,omitempty"`
}

// A Value is what a field is declared to hold.
type Value struct {
	Field string `json:"field"`
	Value any    `json:"value"`
	node  value.Node
}

// Pick tells which rows are rendered: the first so many, or those of one key if it is not "".
type Pick struct {
	First int
	Key   string
}

// Render gives rows of a set that was loaded with its rows kept.
func Render(set *spec.RecordSet, pick Pick) ([]Rendered, error) {
	rejects := make(map[int]*spec.Reject)
	for i := range set.Rejects {
		for _, p := range set.Rejects[i].Rows {
			rejects[p.Number] = &set.Rejects[i]
		}
	}
	var out []Rendered
	var names []string
	err := eachRowOf(set.Table, func(columns []string) { names = columns }, func(reader *table.Reader, row table.Row) {
		if pick.Key == "" && len(out) >= pick.First {
			return
		}
		r := rendered(set, reader, row, names, rejects[row.Number])
		if pick.Key == "" || strings.EqualFold(r.Address.Name(), pick.Key) || strings.EqualFold(string(r.Address), pick.Key) {
			out = append(out, r)
		}
	})
	return out, err
}

func rendered(set *spec.RecordSet, reader *table.Reader, row table.Row, names []string, why *spec.Reject) Rendered {
	r := Rendered{Row: row.Number, Line: row.Line, State: table.Skipped}
	for i, name := range names {
		c := Column{Name: name}
		if i < len(row.Cells) && (why == nil || why.Why[0].Rule != secretRule) {
			c.Cell = text(row.Cells[i])
		}
		r.Columns = append(r.Columns, c)
	}
	made := set.Declared(row.Line)
	switch {
	case why != nil:
		r.State, r.Address = table.Rejected, why.Address
		for _, p := range why.Why {
			r.Problems = append(r.Problems, ui.Text(p.Message))
		}
	case made != nil:
		r.State, r.Address = table.Valid, made.Address
		for _, f := range slices.Concat(made.Fields(), made.Parts()) {
			r.place(reader, &row, Value{f.Name, plainValue(f.Value), f.Value})
		}
	}
	return r
}

// place puts a value beside the first cell that it comes from.
func (r *Rendered) place(reader *table.Reader, row *table.Row, v Value) {
	at := leaves(nil, v.node)
	for i := range row.Cells {
		comesFrom := func(n value.Node) bool {
			return n.Pos == reader.PosOf(row, i) && (i > 0 || isOf(n.Text, row.Cells[i].Text))
		}
		if i < len(r.Columns) && slices.ContainsFunc(at, comesFrom) {
			r.Columns[i].Values = append(r.Columns[i].Values, v)
			return
		}
	}
	r.Others = append(r.Others, v)
}

// isOf tells whether a value is made of a cell. What comes from no cell has the place of the
// first one.
func isOf(text, cell string) bool {
	return strings.Contains(cell, text) || strings.Contains(text, cell) && cell != ""
}

func leaves(out []value.Node, n value.Node) []value.Node {
	switch n.Kind {
	case value.List:
		for _, item := range n.Items {
			out = leaves(out, item)
		}
	case value.Map:
		for _, p := range n.Pairs {
			out = leaves(out, p.Value)
		}
	default:
		out = append(out, n)
	}
	return out
}

// plainValue is a declared value as JSON has it: texts, lists, maps and null.
func plainValue(n value.Node) any {
	switch n.Kind {
	case value.List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = plainValue(item)
		}
		return out
	case value.Map:
		out := make(map[string]any, len(n.Pairs))
		for _, p := range n.Pairs {
			out[p.Key] = plainValue(p.Value)
		}
		return out
	case value.Null:
		return nil
	}
	return n.Text
}

// WriteText lays rows out for people: columns on the left, and what they become on the right.
func WriteText(w io.Writer, file string, rows []Rendered) error {
	var b strings.Builder
	for i, r := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		r.text(&b, file)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widest bounds a cell that is shown, in characters.
const widest = 40

func (r *Rendered) text(b *strings.Builder, file string) {
	fmt.Fprintf(b, "%s:%d  %s\n", ui.Inert(file), r.Line, ui.Text(r.says()))
	for _, p := range r.Problems {
		fmt.Fprintf(b, "  ! %s\n", ui.Inert(p))
	}
	left, wide := 0, 0
	for _, c := range r.Columns {
		left, wide = max(left, utf8.RuneCountInString(c.Name)), max(wide, utf8.RuneCountInString(shown(c.Cell)))
	}
	line := func(name, cell string, v *Value) {
		row := "  " + padded(ui.Inert(name), left) + "  " + padded(cell, wide)
		if v != nil {
			row += "  " + v.Field + ": " + nodeText(v.node)
		}
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	for _, c := range r.Columns {
		if len(c.Values) == 0 {
			line(c.Name, shown(c.Cell), nil)
		}
		for i := range c.Values {
			if i == 0 {
				line(c.Name, shown(c.Cell), &c.Values[i])
			} else {
				line("", "", &c.Values[i])
			}
		}
	}
	for i := range r.Others {
		line("", "", &r.Others[i])
	}
}

// says is what a row came to.
func (r *Rendered) says() value.Message {
	switch r.State {
	case table.Valid:
		return value.Say("row-declares", value.N("row", r.Row), value.T("resource", r.Address))
	case table.Rejected:
		return value.Say("row-is-rejected", value.N("row", r.Row))
	}
	return value.Say("row-is-skipped", value.N("row", r.Row))
}

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// shown is a cell on one line.
func shown(cell string) string {
	runes := []rune(strings.Join(strings.Fields(ui.Inert(cell)), " "))
	if len(runes) > widest {
		return string(runes[:widest-1]) + "…"
	}
	return string(runes)
}

// nodeText is a declared value as people write it.
func nodeText(n value.Node) string {
	if n.Kind == value.Scalar {
		return shown(n.Text)
	}
	out, _ := json.Marshal(plainValue(n)) // it is made of texts
	return ui.Inert(string(out))
}
