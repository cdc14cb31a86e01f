package value

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// A Column is one column of rows that belong to a record, such as its product rows.
type Column struct {
	Name string `json:"name"` // as declared
	Wire string `json:"wire"` // as the methods name it
	Type Type   `json:"type"`
}

// productsCodec: the product rows of a record as a whole set, in their order: a list of
// maps, by the names of the columns. A declared row has the columns that are managed, a
// live one all of them; a member that is empty is a column that holds nothing.
// Source: api-reference/crm/universal/product-rows/crm-item-productrow-set.md.
type productsCodec struct {
	base
	columns []columnCodec
}

// A columnCodec is a column with its codec.
type columnCodec struct {
	*Column
	codec Codec
}

// The columns have codecs of the table themselves.
func init() { codecs["products"] = newProducts }

func newProducts(t Type) Codec {
	return productsCodec{base: base{t, nil}, columns: columnCodecs(t.Columns)}
}

// columnsMade are the codecs of the columns that were asked for last: those of nearly all types are the
// same list.
var columnsMade atomic.Pointer[[]columnCodec]

// columnCodecs gives the codecs of columns.
func columnCodecs(columns []Column) []columnCodec {
	if len(columns) == 0 {
		return nil
	}
	if made := columnsMade.Load(); made != nil && len(*made) == len(columns) && (*made)[0].Column == &columns[0] {
		return *made
	}
	made := make([]columnCodec, len(columns))
	for i := range columns {
		made[i] = columnCodec{&columns[i], MustCodecOf(columns[i].Type)}
	}
	columnsMade.Store(&made)
	return made
}

// A productRow is a row by the names of its columns.
type productRow map[string]Value

func productRows(v Value) []productRow {
	entries := entriesOf(v)
	out := make([]productRow, len(entries))
	for i, entry := range entries {
		out[i] = make(productRow, len(entry.Parts))
		for _, p := range entry.Parts {
			out[i][p.Name] = p.Value
		}
	}
	return out
}

func (r productRow) value() Value {
	parts := make([]Part, 0, len(r))
	for _, name := range slices.Sorted(maps.Keys(r)) {
		parts = append(parts, Part{name, r[name]})
	}
	return Mapped(parts...)
}

func listOfProducts(rows []productRow) Value {
	out := make([]Value, len(rows))
	for i, row := range rows {
		out[i] = row.value()
	}
	return Listed(out...)
}

func (c productsCodec) column(name string) (columnCodec, bool) {
	i := slices.IndexFunc(c.columns, func(x columnCodec) bool { return x.Name == name })
	if i < 0 {
		return columnCodec{}, false
	}
	return c.columns[i], true
}

func (c productsCodec) Parse(n Names, d Node) (Value, error) {
	var rows []productRow
	for _, entry := range d.Items {
		row, err := c.parseRow(n, entry)
		if err != nil {
			return Value{}, err
		}
		rows = append(rows, row)
	}
	if err := checkSorts(rows, d.Items); err != nil {
		return Value{}, err
	}
	return listOfProducts(rows), nil
}

// parseRow reads one declared row. Whether it is a row of the catalogue or free text is
// always declared: the product is there or it is not.
func (c productsCodec) parseRow(n Names, entry Node) (productRow, error) {
	row := productRow{"product": Value{}}
	for _, p := range entry.Pairs {
		column, known := c.column(p.Key)
		switch {
		case !known:
			return nil, At(p.Pos, Bad("type", "no-column", "", T("name", p.Key)))
		case p.Value.Kind == Null:
			row[p.Key] = Value{}
			continue
		}
		v, err := column.codec.Parse(n, p.Value)
		if err != nil {
			return nil, At(p.Value.Pos, err)
		}
		row[p.Key] = v
	}
	return row, nil
}

// checkSorts refuses declared sortings that contradict the order of the list.
func checkSorts(rows []productRow, entries []Node) error {
	last := -1
	for i, row := range rows {
		_, declared := row["sort"]
		_, first := rows[0]["sort"]
		sort := row["sort"].Int()
		written, _ := entries[i].Get("sort")
		switch {
		case declared != first:
			return At(entries[i].Pos, Bad("order", "some-have-no-sort", "write-sorts"))
		case declared && sort <= last:
			return At(written.Pos, Bad("order", "sort-does-not-rise", "write-sorts", N("sort", sort), N("last", last)))
		}
		last = max(last, sort)
	}
	return nil
}

// The kinds of discount, discountTypeId on the wire.
const (
	discountBySum  = 1
	discountByRate = 2
)

// Read takes the rows in the portal's order: by sort, then by id.
func (c productsCodec) Read(raw []byte) (Value, error) {
	if t := PlainText(raw); t == "" || t == "[]" {
		return Value{}, nil
	}
	live, err := objects(raw)
	if err != nil {
		return Value{}, While(err, "live-rows-are-no-list")
	}
	slices.SortStableFunc(live, func(a, b map[string]json.RawMessage) int {
		return cmp.Or(cmp.Compare(intOf(a["sort"]), intOf(b["sort"])), cmp.Compare(intOf(a["id"]), intOf(b["id"])))
	})
	rows := make([]productRow, len(live))
	for i, l := range live {
		if rows[i], err = c.readRow(l); err != nil {
			return Value{}, err
		}
	}
	return listOfProducts(rows), nil
}

func (c productsCodec) readRow(live map[string]json.RawMessage) (productRow, error) {
	row := make(productRow, len(c.columns))
	for _, column := range c.columns {
		v, err := column.codec.Read(live[column.Wire])
		if err != nil {
			return nil, While(err, "in-product-row", N("id", intOf(live["id"])), T("field", column.Wire))
		}
		row[column.Name] = v
	}
	// The portal derives each form of a discount from the other.
	if intOf(live["discountTypeId"]) == discountBySum {
		row["discountRate"] = noDiscount(row["discountSum"])
	} else {
		row["discountSum"] = noDiscount(row["discountRate"])
	}
	return row, nil
}

// noDiscount is the other form of a discount: 0 if there is none, else nothing that
// equals a declared one.
func noDiscount(v Value) Value {
	if !v.IsEmpty() && v.Decimal().IsZero() {
		return v
	}
	return Value{}
}

func (c productsCodec) Same(want, live Value) bool {
	return slices.EqualFunc(productRows(want), productRows(live), c.covers)
}

func isDiscount(name string) bool { return name == "discountRate" || name == "discountSum" }

// covers tells whether a live row is as declared.
func (c productsCodec) covers(want, live productRow) bool {
	for name, w := range want {
		column, known := c.column(name)
		switch l := live[name]; {
		case !known:
			return false
		case w.IsEmpty() && l.IsEmpty():
		case isDiscount(name) && l.IsEmpty():
			return false // it is given in the other form
		case !column.codec.Same(w, l):
			return false
		}
	}
	return true
}

// After is what the rows are once they are sent: each has what its live one has and nobody
// declares, since saving replaces the whole set.
func (c productsCodec) After(want, live Value) Value {
	return listOfProducts(c.completed(productRows(want), productRows(live)))
}

func (c productsCodec) completed(want, live []productRow) []productRow {
	out := make([]productRow, len(want))
	last := 0
	for i, j := range c.pair(want, live) {
		row := maps.Clone(want[i])
		if j >= 0 {
			addUndeclared(row, want[i], live[j])
		}
		if sort := row["sort"]; sort.IsEmpty() || sort.Int() <= last && want[i]["sort"].IsEmpty() {
			row["sort"] = Text(strconv.Itoa(last + 10))
		}
		last = row["sort"].Int()
		out[i] = row
	}
	return out
}

// addUndeclared adds to a row what its live one holds. A discount has two forms, of which
// one is declared.
func addUndeclared(row, want, live productRow) {
	_, byRate := want["discountRate"]
	_, bySum := want["discountSum"]
	for name, v := range live {
		_, declared := want[name]
		if declared || isDiscount(name) && (byRate || bySum) || v.IsEmpty() && name != "taxRate" || portalSets(name, v) {
			continue
		}
		row[name] = v
	}
}

// portalSets tells whether a column holds what the portal gives it anyway, so that it
// need not be sent: rows are customized unless they say that they are not.
func portalSets(name string, v Value) bool { return name == "customized" && v.Text == "Y" }

// Wire gives the whole set. A row that stays as it is keeps its id.
func (c productsCodec) Wire(want, live Value) any {
	out := []any{}
	for _, row := range c.completed(productRows(want), productRows(live)) {
		out = append(out, c.wireRow(row))
	}
	return out
}

func (c productsCodec) wireRow(row productRow) map[string]any {
	entry := make(map[string]any, len(row)+1)
	for _, column := range c.columns {
		if v := row[column.Name]; !v.IsEmpty() {
			entry[column.Wire] = column.codec.Wire(v, Value{})
		}
	}
	if tax, declared := row["taxRate"]; declared && tax.IsEmpty() {
		entry["taxRate"] = "" // no tax, which is not a tax of 0 percent
	}
	switch {
	case !row["discountRate"].IsEmpty():
		delete(entry, "discountSum")
		entry["discountTypeId"] = discountByRate
	case !row["discountSum"].IsEmpty():
		entry["discountTypeId"] = discountBySum
	}
	return entry
}

func (c productsCodec) Show(n Names, v Value) Shown {
	var out []Shown
	for _, row := range productRows(v) {
		out = append(out, Shown{Rest: &Rest{Style: Row, Says: c.line(n, row), Parts: c.cells(n, row)}})
	}
	return Several(out)
}

// cells are the columns of a row that hold something; amounts are in the currency.
func (c productsCodec) cells(n Names, row productRow) []ShownPart {
	var out []ShownPart
	for _, column := range c.columns {
		if v := row[column.Name]; !v.IsEmpty() {
			out = append(out, ShownPart{column.Name, column.codec.Show(n, v)})
		}
	}
	if c.Currency != "" {
		out = append(out, P(PartCurrency, c.Currency))
	}
	return out
}

// line says a row, as in "12 × Support à 100.00 EUR, 5 % discount, 20 % tax".
func (c productsCodec) line(n Names, row productRow) Message {
	number := func(name string) string { return row[name].Decimal().String() }
	money := func(name string) string {
		return strings.TrimSpace(row[name].Decimal().StringFixed(2) + " " + c.Currency)
	}
	parts := []Message{Say("so-many-at", T("n", quantityOf(row["quantity"]).String()), M("product", c.productName(n, row)), T("sum", money("price")))}
	if !row["discountRate"].Decimal().IsZero() {
		parts = append(parts, Say("discount-of-percent", T("n", number("discountRate"))))
	} else if !row["discountSum"].Decimal().IsZero() {
		parts = append(parts, Say("discount-of-sum", T("sum", money("discountSum"))))
	}
	if !row["taxRate"].IsEmpty() {
		parts = append(parts, Say("tax-of-percent", T("n", number("taxRate"))))
	}
	if row["taxIncluded"].Text == "Y" {
		parts = append(parts, Say("shown-with-tax"))
	}
	if code := row["measureCode"]; !code.IsEmpty() && code.Int() != pieces {
		parts = append(parts, Say("in-unit", T("code", code.Text)))
	}
	return Say("row-line", Ms("parts", parts))
}

// pieces is the usual unit of measure, which goes without saying.
// Source: api-reference/catalog/measure/index.md.
const pieces = 796

// quantityOf is how many there are: 1 where nothing says so.
func quantityOf(v Value) Decimal {
	if v.IsEmpty() {
		return Text("1").Decimal()
	}
	return v.Decimal()
}

func (c productsCodec) productName(n Names, row productRow) Message {
	product := row["product"]
	switch {
	case row["name"].Text != "":
		return Verbatim(row["name"].Text)
	case product.IsEmpty():
		return Say("without-a-name")
	}
	shown := linkCodec{}.Show(n, product)
	if product.IsBare() && shown.Says().IsZero() {
		return Say("product-of-id", T("id", shown.String()))
	}
	return shown.Says().Or(Verbatim(shown.String()))
}

// RowsSum is what product rows come to: the portal rounds each row by itself.
// Source: api-reference/crm/universal/object-fields.md, opportunity.
func RowsSum(rows Value) Decimal {
	sum := Decimal{}
	for _, row := range entriesOf(rows) {
		sum = sum.Add(row.Get("price").Decimal().Mul(quantityOf(row.Get("quantity"))).Round(2))
	}
	return sum
}

func (c productsCodec) Declare(n Names, v Value) Node {
	if v.IsEmpty() {
		return Node{}
	}
	d := Node{Kind: List}
	for _, row := range productRows(v) {
		entry := Node{Kind: Map}
		for _, column := range c.columns {
			if v := row[column.Name]; !v.IsEmpty() {
				entry.Pairs = append(entry.Pairs, Pair{Key: column.Name, Value: column.codec.Declare(n, v)})
			}
		}
		d.Items = append(d.Items, entry)
	}
	return d
}

// Key holds the keys of all columns, row by row.
func (c productsCodec) Key(v Value) string {
	if v.IsEmpty() {
		return ""
	}
	var rows []string
	for _, row := range productRows(v) {
		keys := make([]string, len(c.columns))
		for i, column := range c.columns {
			keys[i] = column.codec.Key(row[column.Name])
		}
		rows = append(rows, fmt.Sprintf("%q", keys))
	}
	return fmt.Sprintf("%q", rows)
}

func (productsCodec) Schema() map[string]any { return map[string]any{"type": []any{"array", "null"}} }

func (productsCodec) Traits() Traits { return Traits{} }

// objects reads a list of objects; PHP prints a list with gaps as an object.
func objects(raw []byte) ([]map[string]json.RawMessage, error) {
	var list []map[string]json.RawMessage
	err := json.Unmarshal(raw, &list)
	if err == nil {
		return list, nil
	}
	keyed := make(map[string]map[string]json.RawMessage)
	if json.Unmarshal(raw, &keyed) != nil {
		return nil, err
	}
	for _, key := range slices.SortedFunc(maps.Keys(keyed), byNumber) {
		row := keyed[key]
		if _, ok := row["id"]; !ok && row != nil {
			row["id"] = json.RawMessage(strconv.Quote(key))
		}
		list = append(list, row)
	}
	return list, nil
}

// intOf reads a number that may come as a text; 0 for any other.
func intOf(raw json.RawMessage) int {
	n, _ := strconv.Atoi(PlainText(raw))
	return n
}
