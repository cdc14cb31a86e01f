package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A productRow is a product row of a record: its columns by the names that manifests
// use. A declared row has the columns that are managed, a live one has all.
type productRow map[string]any

// A productColumn is one column of a product row.
// Source: api-reference/crm/universal/product-rows/crm-item-productrow-set.md.
type productColumn struct {
	name, wire string
	codec      codec
}

// productColumns lists the columns in the order in which they are compared. Prices
// have two decimals on the portal, quantities four.
var productColumns = []productColumn{
	{"product", "productId", linkCodec{}},
	{"name", "productName", stringCodec{}},
	{"price", "price", doubleCodec{places: 2}},
	{"quantity", "quantity", doubleCodec{places: 4}},
	{"discountRate", "discountRate", doubleCodec{places: 2}},
	{"discountSum", "discountSum", doubleCodec{places: 2}},
	{"taxRate", "taxRate", doubleCodec{places: 2, nullable: true}},
	{"taxIncluded", "taxIncluded", booleanCodec{}},
	{"measureCode", "measureCode", integerCodec{nullable: true}},
	{"customized", "customized", booleanCodec{}},
	{"sort", "sort", integerCodec{}},
}

// The kinds of discount, discountTypeId on the wire.
const (
	discountBySum  = 1
	discountByRate = 2
)

func productColumnOf(name string) productColumn {
	i := slices.IndexFunc(productColumns, func(c productColumn) bool { return c.name == name })
	return productColumns[i]
}

// productsCodec is the product rows of a record as a whole set, in their order.
type productsCodec struct{ currency string }

func (productsCodec) parse(s *scope, v spec.Value) (any, error) {
	var rows []productRow
	for _, entry := range v.Items {
		row, err := parseProduct(s, entry)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if err := checkSort(rows, v.Items); err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows, nil
}

// parseProduct reads one declared row. Whether it is a row of the catalogue or free
// text is always declared: the product is there or it is not.
func parseProduct(s *scope, entry spec.Value) (productRow, error) {
	row := productRow{"product": nil}
	for _, p := range entry.Pairs {
		if p.Value.Kind == spec.Null {
			row[p.Key] = nil
			continue
		}
		value, err := productColumnOf(p.Key).codec.parse(s, p.Value)
		if err != nil {
			return nil, &at{p.Value.Pos, err}
		}
		row[p.Key] = value
	}
	return row, nil
}

// checkSort refuses declared sortings that contradict the order of the list.
func checkSort(rows []productRow, entries []spec.Value) error {
	const hint = "leave sort out, or write it in every row, rising from row to row"
	last := int64(-1)
	for i, row := range rows {
		sort, ok := row["sort"].(int64)
		_, first := rows[0]["sort"]
		value, _ := entries[i].Get("sort")
		switch {
		case ok != first:
			return &at{entries[i].Pos, complain("order", hint, "some rows have a sort and some have none")}
		case ok && sort <= last:
			return &at{value.Pos, complain("order", hint, "sort: %d does not follow %d: the rows stand in the order of the list", sort, last)}
		}
		last = max(last, sort)
	}
	return nil
}

// read takes the rows in the portal's order: by sort, then by id.
func (productsCodec) read(raw json.RawMessage) (any, error) {
	if t := text(raw); t == "" || t == "[]" {
		return nil, nil
	}
	live, err := decodeRows(raw)
	if err != nil {
		return nil, fmt.Errorf("the portal's product rows are not a list: %w", err)
	}
	slices.SortStableFunc(live, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Int("sort"), b.Int("sort")), cmp.Compare(a.Int("id"), b.Int("id")))
	})
	rows := make([]productRow, len(live))
	for i, l := range live {
		rows[i] = productRow{}
		for _, c := range productColumns {
			if rows[i][c.name], err = c.codec.read(l[c.wire]); err != nil {
				return nil, fmt.Errorf("product row %d: %s: %w", l.Int("id"), c.wire, err)
			}
		}
		// The portal derives each form of a discount from the other.
		if l.Int("discountTypeId") == discountBySum {
			rows[i]["discountRate"] = noDiscount(rows[i]["discountSum"])
		} else {
			rows[i]["discountSum"] = noDiscount(rows[i]["discountRate"])
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows, nil
}

// noDiscount is the other form of a discount: 0 if there is none, else nothing that
// equals a declared one.
func noDiscount(v any) any {
	if d, ok := v.(value.Decimal); ok && d.IsZero() {
		return d
	}
	return nil
}

func (productsCodec) equal(want, live any) bool {
	w, _ := want.([]productRow)
	l, _ := live.([]productRow)
	return slices.EqualFunc(w, l, productRow.covers)
}

// covers tells whether a live row is as declared.
func (r productRow) covers(live productRow) bool {
	for name, want := range r {
		switch {
		case want == nil && live[name] == nil:
		case (name == "discountRate" || name == "discountSum") && live[name] == nil:
			return false // it is given in the other form
		case !productColumnOf(name).codec.equal(want, live[name]):
			return false
		}
	}
	return true
}

// sameProduct tells whether two rows are about the same thing: one product, or free
// texts of one name.
func (r productRow) sameProduct(live productRow) bool {
	if !(linkCodec{}).equal(r["product"], live["product"]) {
		return false
	}
	return r["product"] != nil || r["name"] == live["name"]
}

// pairProducts finds for each declared row the live one that it stands for: one that is
// as declared, else the next one about the same product. A row that has none is new.
func pairProducts(want, live []productRow) []productRow {
	pairs := make([]productRow, len(want))
	for i, j := range pairIndexes(want, live) {
		if j >= 0 {
			pairs[i] = live[j]
		}
	}
	return pairs
}

// pairIndexes gives the indexes of the live rows of pairProducts; -1 for none.
func pairIndexes(want, live []productRow) []int {
	pairs := make([]int, len(want))
	for i := range pairs {
		pairs[i] = -1
	}
	used := make([]bool, len(live))
	for _, pass := range []struct {
		fits    func(w, l productRow) bool
		columns []string
	}{{productRow.covers, []string{"name", "price", "quantity"}}, {productRow.sameProduct, nil}} {
		rows := productIndex{live: live, used: used, byKey: make(map[string]map[string][]int)}
		for i, w := range want {
			if pairs[i] < 0 {
				pairs[i] = rows.take(w, pass.columns, pass.fits)
			}
		}
	}
	return pairs
}

// A productIndex finds live rows by the columns in which they must agree with a declared
// one; lists can be long, and whole lists can have one name.
type productIndex struct {
	live  []productRow
	used  []bool
	byKey map[string]map[string][]int // by the columns that are looked at, then by their values
}

// take gives the index of the first row that is not used and fits, and uses it; -1 for none.
func (p *productIndex) take(want productRow, columns []string, fits func(w, l productRow) bool) int {
	seen := []string{"product"}
	if want["product"] == nil && columns == nil {
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
			key := l.key(seen)
			p.byKey[kind][key] = append(p.byKey[kind][key], j)
		}
	}
	key := want.key(seen)
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
func (r productRow) key(columns []string) string {
	var b strings.Builder
	for _, name := range columns {
		switch v := r[name].(type) {
		case link:
			fmt.Fprintf(&b, "%d\x00", v.id)
		case value.Decimal:
			fmt.Fprintf(&b, "%s\x00", v.Round(placesOf(productColumnOf(name).codec)))
		case nil:
			b.WriteString(emptyColumn[name] + "\x00")
		default:
			fmt.Fprintf(&b, "%q\x00", v)
		}
	}
	return b.String()
}

// emptyColumn is what a number that is empty equals.
var emptyColumn = map[string]string{"price": "0", "quantity": "0"}

// complete adds to each declared row what its live one has and nobody declares, since
// saving replaces the whole set.
func completeProducts(want, live []productRow) []productRow {
	out := make([]productRow, len(want))
	last := int64(0)
	for i, pair := range pairProducts(want, live) {
		row := maps.Clone(want[i])
		_, byRate := row["discountRate"]
		_, bySum := row["discountSum"]
		for name, v := range pair {
			discount := name == "discountRate" || name == "discountSum"
			if _, declared := row[name]; !declared && !(discount && (byRate || bySum)) && (v != nil || name == "taxRate") && !portalSets(name, v) {
				row[name] = v
			}
		}
		if sort, ok := row["sort"].(int64); !ok || sort <= last && want[i]["sort"] == nil {
			row["sort"] = last + 10
		}
		last = row["sort"].(int64)
		out[i] = row
	}
	return out
}

// portalSets tells whether a column holds what the portal gives it anyway, so that it
// need not be sent: rows are customized unless they say that they are not.
// Source: api-reference/crm/universal/product-rows/crm-item-productrow-set.md.
func portalSets(name string, v any) bool { return name == "customized" && v == "Y" }

// send gives the whole set. A row that stays as it is keeps its id.
func (productsCodec) send(want, live any) any {
	w, _ := want.([]productRow)
	l, _ := live.([]productRow)
	out := []any{}
	for _, row := range completeProducts(w, l) {
		entry := make(map[string]any, len(row)+1)
		for name, v := range row {
			if v != nil {
				c := productColumnOf(name)
				entry[c.wire] = c.codec.send(v, nil)
			}
		}
		if tax, declared := row["taxRate"]; declared && tax == nil {
			entry["taxRate"] = "" // no tax, which is not a tax of 0 percent
		}
		switch {
		case row["discountRate"] != nil:
			delete(entry, "discountSum")
			entry["discountTypeId"] = discountByRate
		case row["discountSum"] != nil:
			entry["discountTypeId"] = discountBySum
		}
		out = append(out, entry)
	}
	return out
}

func (c productsCodec) show(s *scope, v any) any {
	rows, _ := v.([]productRow)
	if len(rows) == 0 {
		return nil
	}
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = c.line(s, row)
	}
	return out
}

// tellRowsApart adds, to lines that read alike although their rows differ, the columns
// in which they do. The lines are those of the rows, in their order.
func tellRowsApart(want, live []productRow, after, before any) {
	texts, _ := after.([]string)
	lines, _ := before.([]string)
	for i, j := range pairIndexes(want, live) {
		if j < 0 || i >= len(texts) || j >= len(lines) || texts[i] != lines[j] || want[i].covers(live[j]) {
			continue
		}
		for _, c := range productColumns {
			w, declared := want[i][c.name]
			if declared && !(productRow{c.name: w}).covers(live[j]) {
				texts[i] += fmt.Sprintf(", %s %s", c.name, columnText(c, w))
				lines[j] += fmt.Sprintf(", %s %s", c.name, columnText(c, live[j][c.name]))
			}
		}
	}
}

func columnText(c productColumn, v any) string {
	if v == nil {
		return "empty"
	}
	return fmt.Sprint(c.codec.show(&scope{meta: &Meta{}}, v))
}

// line reads like "12 × Support à 100.00 EUR, 5 % discount, 20 % tax".
func (c productsCodec) line(s *scope, row productRow) string {
	number := func(name string) string {
		v, _ := row[name].(value.Decimal)
		return v.String()
	}
	money := func(v value.Decimal) string { return strings.TrimSpace(v.StringFixed(2) + " " + c.currency) }
	price, _ := row["price"].(value.Decimal)
	sum, _ := row["discountSum"].(value.Decimal)
	parts := []string{fmt.Sprintf("%s × %s à %s", row.quantity(), productName(s, row), money(price))}
	if d, _ := row["discountRate"].(value.Decimal); !d.IsZero() {
		parts = append(parts, number("discountRate")+" % discount")
	} else if !sum.IsZero() {
		parts = append(parts, money(sum)+" discount")
	}
	if row["taxRate"] != nil {
		parts = append(parts, number("taxRate")+" % tax")
	}
	if row["taxIncluded"] == "Y" {
		parts = append(parts, "shown with tax")
	}
	if code, ok := row["measureCode"].(int64); ok && code != pieces {
		parts = append(parts, fmt.Sprintf("unit %d", code))
	}
	return strings.Join(parts, ", ")
}

// pieces is the usual unit of measure, which goes without saying.
// Source: api-reference/catalog/measure/index.md.
const pieces = 796

// quantity is how many there are: 1 where nothing says so.
func (r productRow) quantity() value.Decimal {
	if q, ok := r["quantity"].(value.Decimal); ok {
		return q
	}
	return value.Text("1").Decimal()
}

func productName(s *scope, row productRow) string {
	if name, _ := row["name"].(string); name != "" {
		return name
	}
	if row["product"] == nil {
		return "(no name)"
	}
	text := fmt.Sprint(linkCodec{}.show(s, row["product"]))
	if l := row["product"].(link); l.ref == "" && l.found == "" {
		return "product " + text
	}
	return text
}

// productSum is what rows come to: the portal rounds each row by itself.
// Source: api-reference/crm/universal/object-fields.md, opportunity.
func productSum(rows []productRow) value.Decimal {
	sum := value.Decimal{}
	for _, row := range rows {
		price, _ := row["price"].(value.Decimal)
		sum = sum.Add(price.Mul(row.quantity()).Round(2))
	}
	return sum
}
