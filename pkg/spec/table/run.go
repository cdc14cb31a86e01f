package table

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// run puts the values of a rule on the stack.
func (p *Mapper) run(r *rule, row *Row) {
	mark, faults := len(p.stack), len(p.item.Faults)
	cell := p.cellOf(r)
	switch {
	case r.constant != nil:
		p.stack = append(p.stack, p.written(r.constant, row))
		return
	case r.joined:
		if text, at := p.joinedText(r, row); text != "" {
			p.piece(r, row, at, text)
		}
	case r.first:
		for _, i := range p.cells[r.id] {
			if i >= 0 && !row.Cells[i].Missing && trimmed(row.Cells[i].Text) != "" {
				p.pieces(r, row, i)
				break
			}
		}
	case len(r.columns) > 1:
		p.compound(r, row)
	case cell >= 0 && !row.Cells[cell].Missing:
		p.pieces(r, row, cell)
	}
	if len(p.stack) == mark && len(p.item.Faults) == faults {
		p.absent(r, row, cell)
	}
}

// absent is what becomes of a value that the row does not have.
func (p *Mapper) absent(r *rule, row *Row, cell int) {
	switch {
	case r.fallback != nil:
		p.stack = append(p.stack, p.written(r.fallback, row))
	case r.required:
		p.noteCell(bad("required", "cell-is-missing", ""), row, cell)
	case r.clears:
		n := value.Node{Kind: value.Null, Pos: value.Pos{File: p.reader.file, Line: row.Line, Col: 1}}
		if cell >= 0 {
			n.Pos = row.pos(p.reader.file, cell)
		}
		p.stack = append(p.stack, n)
	}
}

// written is a value as it stands in the mapping, at the place of the row.
func (p *Mapper) written(n *value.Node, row *Row) value.Node {
	out := *n
	out.Pos = value.Pos{File: p.reader.file, Line: row.Line, Col: 1}
	return out
}

// joinedText is that of several cells, without the empty ones, and the first cell that has one.
func (p *Mapper) joinedText(r *rule, row *Row) (string, int) {
	var b strings.Builder
	first := -1
	for _, i := range p.cells[r.id] {
		if i < 0 || row.Cells[i].Missing {
			continue
		}
		text := row.Cells[i].Text
		if r.trim {
			text = trimmed(text)
		}
		if text == "" {
			continue
		}
		if first < 0 {
			first = i
		} else {
			b.WriteString(r.with)
		}
		b.WriteString(text)
	}
	return b.String(), first
}

// compound refers to a record by a key of several columns. One without a value is no
// reference.
func (p *Mapper) compound(r *rule, row *Row) {
	parts := make([]string, 0, len(r.columns))
	for _, i := range p.cells[r.id] {
		if i < 0 || row.Cells[i].Missing || trimmed(row.Cells[i].Text) == "" {
			return
		}
		parts = append(parts, trimmedIf(r.trim, row.Cells[i].Text))
	}
	p.said++
	p.refer(r, row, p.cellOf(r), KeyName(parts...))
}

func trimmedIf(trim bool, text string) string {
	if trim {
		return trimmed(text)
	}
	return text
}

// pieces puts the values of a cell on the stack.
func (p *Mapper) pieces(r *rule, row *Row, cell int) {
	c := &row.Cells[cell]
	switch {
	case c.List != nil:
		for _, text := range c.List {
			p.piece(r, row, cell, text)
		}
	case r.split != nil:
		p.splitText(r, row, cell, c.Text, r.split)
	default:
		p.piece(r, row, cell, c.Text)
	}
}

// splitText splits a text by each of the separators. Blanks around a piece are none of it.
func (p *Mapper) splitText(r *rule, row *Row, cell int, text string, by []string) {
	if len(by) == 0 {
		p.piece(r, row, cell, trimmed(text))
		return
	}
	for part := range strings.SplitSeq(text, by[0]) {
		p.splitText(r, row, cell, part, by[1:])
	}
}

// piece puts the value of one text on the stack, unless it is empty.
func (p *Mapper) piece(r *rule, row *Row, cell int, text string) {
	if r.trim || p.reader.dialect.Import {
		text = trimmed(text)
	}
	if text == "" || trimmed(text) == "" {
		return
	}
	if f := damageOf(text); f != nil {
		if f.Message.Code == "became-scientific" && r.isText() {
			f.warned()
		}
		if p.noteCell(f, row, cell); !f.Warning {
			return
		}
	}
	n, fault := r.value(text)
	if fault != nil {
		if p.noteCell(fault, row, cell); !fault.Warning {
			return
		}
	}
	p.said++
	switch {
	case n.Kind != value.Scalar:
		n.Pos = row.pos(p.reader.file, cell)
		p.stack = append(p.stack, n)
	case n.Text == "":
	case r.ref != "":
		p.refer(r, row, cell, KeyName(n.Text))
	default:
		n.Pos = row.pos(p.reader.file, cell)
		if r.space != "" {
			n = p.lookup(r, n)
		}
		p.stack = append(p.stack, n)
	}
}

// isText tells whether a rule takes its cell as it is.
func (r *rule) isText() bool {
	return !r.key && r.ref == "" && r.space == "" && len(r.convert) == 0 && r.values == nil && r.file == nil
}

// value applies the verbs from pattern to that of the type.
func (r *rule) value(text string) (n value.Node, warning *Fault) {
	if r.pattern != nil {
		m := r.pattern.FindStringSubmatch(text)
		if m == nil {
			return n, bad("pattern", "not-of-pattern", "", quoted("value", text), value.Q("pattern", r.pattern.String()[len("^(?:"):len(r.pattern.String())-len(")$")]))
		}
		text = m[min(1, len(m)-1)]
	}
	if r.values != nil {
		n, fault := r.mapped(text)
		if fault != nil || n.Kind != value.Scalar {
			return n, fault
		}
		text = n.Text
	}
	if r.file != nil {
		mapped, ok := r.file.rows[text]
		if !ok {
			return n, bad("values", "not-in-values-file", "", quoted("value", text), value.T("file", r.file.path))
		}
		text = mapped
	}
	for _, convert := range r.convert {
		out, fault := convert(text)
		if fault != nil && !fault.Warning {
			return n, fault
		}
		text, warning = out, fault
	}
	return value.Node{Kind: value.Scalar, Text: text}, warning
}

// mapped is what values says of a text.
func (r *rule) mapped(text string) (value.Node, *Fault) {
	n, ok := r.values[text]
	switch {
	case ok:
	case r.others == nil:
		return value.Node{Kind: value.Scalar, Text: text}, nil
	case r.others.Kind == value.Scalar && r.others.Text == "error":
		return n, bad("values", "not-in-values", "", quoted("value", text), value.Some("values", sortedKeys(r.values)))
	default:
		n = *r.others
	}
	n.Plain = false
	return n, nil
}

// refer puts a reference to a record on the stack, by its name.
func (p *Mapper) refer(r *rule, row *Row, cell int, name string) {
	if f := checkName(name); f != nil {
		p.noteCell(f, row, cell)
		return
	}
	pos := row.pos(p.reader.file, cell)
	p.stack = append(p.stack, value.Node{Kind: value.Map, Pos: pos, Pairs: []value.Pair{
		{Key: "ref", Value: value.Node{Kind: value.Scalar, Text: r.ref + "/" + name, Pos: pos}, Pos: pos},
	}})
}

// lookup is a link to the one live record whose field has a value.
func (p *Mapper) lookup(r *rule, n value.Node) value.Node {
	inner := value.Node{Kind: value.Map, Pos: n.Pos, Pairs: []value.Pair{{Key: r.field, Value: n, Pos: n.Pos}}}
	outer := value.Node{Kind: value.Map, Pos: n.Pos, Pairs: []value.Pair{{Key: r.space, Value: inner, Pos: n.Pos}}}
	return value.Node{Kind: value.Map, Pos: n.Pos, Pairs: []value.Pair{{Key: "lookup", Value: outer, Pos: n.Pos}}}
}
