package value

import (
	"slices"
	"strconv"
	"strings"
)

// pair finds for each declared row the index of the live one that it stands for: one that
// is as declared, else the next one about the same product; -1 for a row that is new.
func (c productsCodec) pair(want, live []productRow) []int {
	pairs := make([]int, len(want))
	for i := range pairs {
		pairs[i] = -1
	}
	used := make([]bool, len(live))
	for _, pass := range []struct {
		fits    func(w, l productRow) bool
		columns []string
	}{{c.covers, []string{"name", "price", "quantity"}}, {isSameProduct, nil}} {
		rows := productIndex{productsCodec: c, live: live, used: used, byKey: make(map[string]map[string][]int)}
		for i, w := range want {
			if pairs[i] < 0 {
				pairs[i] = rows.take(w, pass.columns, pass.fits)
			}
		}
	}
	return pairs
}

// isSameProduct tells whether two rows are about the same thing: one product, or free
// texts of one name.
func isSameProduct(want, live productRow) bool {
	product := want["product"]
	if !(linkCodec{}).Same(product, live["product"]) {
		return false
	}
	return !product.IsEmpty() || want["name"].Equal(live["name"])
}

// A productIndex finds live rows by the columns in which they must agree with a declared
// one; lists can be long, and whole lists can have one name.
type productIndex struct {
	productsCodec
	live  []productRow
	used  []bool
	byKey map[string]map[string][]int // by the columns that are looked at, then by their values
}

// take gives the index of the first row that is not used and fits, and uses it; -1 for none.
func (p *productIndex) take(want productRow, columns []string, fits func(w, l productRow) bool) int {
	seen := []string{"product"}
	if want["product"].IsEmpty() && columns == nil {
		seen = append(seen, "name")
	}
	for _, name := range columns {
		if _, declared := want[name]; declared {
			seen = append(seen, name)
		}
	}
	kind := strings.Join(seen, " ")
	if p.byKey[kind] == nil {
		p.byKey[kind] = make(map[string][]int)
		for j, l := range p.live {
			key := p.key(l, seen)
			p.byKey[kind][key] = append(p.byKey[kind][key], j)
		}
	}
	key := p.key(want, seen)
	rest := p.byKey[kind][key]
	for len(rest) > 0 && p.used[rest[0]] {
		rest = rest[1:]
	}
	p.byKey[kind][key] = rest
	for _, j := range rest {
		if !p.used[j] && fits(want, p.live[j]) {
			p.used[j] = true
			return j
		}
	}
	return -1
}

// key is the same for rows that are equal in the columns.
func (p *productIndex) key(row productRow, columns []string) string {
	var b strings.Builder
	for _, name := range columns {
		column, _ := p.column(name)
		text := emptyColumn[name]
		if v := row[name]; !v.IsEmpty() {
			text = strconv.Quote(column.codec.Key(v))
		}
		b.WriteString(text + "\x00")
	}
	return b.String()
}

// emptyColumn is what a number that is empty equals.
var emptyColumn = map[string]string{"price": `"0"`, "quantity": `"0"`}

// TellRowsApart adds, to product rows that read alike although they differ, the columns in
// which they do. after and before show want and live; other values stay as they are shown.
func TellRowsApart(c Codec, want, live Value, after, before Shown) (Shown, Shown) {
	p, ok := c.(productsCodec)
	if !ok {
		return after, before
	}
	w, l := productRows(want), productRows(live)
	for i, j := range p.pair(w, l) {
		if j < 0 || i >= len(after.Items()) || j >= len(before.Items()) || !after.Items()[i].Says().Equal(before.Items()[j].Says()) || p.covers(w[i], l[j]) {
			continue
		}
		for _, column := range p.columns {
			v, declared := w[i][column.Name]
			if declared && !p.covers(productRow{column.Name: v}, l[j]) {
				after.Items()[i].tell(column.aside(v))
				before.Items()[j].tell(column.aside(l[j][column.Name]))
			}
		}
	}
	return after, before
}

// aside tells one column of a row.
func (c columnCodec) aside(v Value) Message {
	if v.IsEmpty() {
		return Say("empty-column", T("column", c.Name))
	}
	return Say("column-and-value", T("column", c.Name), T("value", c.codec.Show(nil, v).String()))
}

// tell adds a part to what is said of a row.
func (s *Shown) tell(part Message) {
	parts := s.Rest.Says.Args[0].Messages
	s.Rest = &Rest{Style: s.Rest.Style, Parts: s.Rest.Parts, Says: Say("row-line", Ms("parts", append(slices.Clip(parts), part)))}
}
