package main

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// A record is a resource that a test declares: its fields, and its parts such as
// products, as YAML values.
type record struct {
	kind, name    string
	fields, parts map[string]string
}

// newRecord takes names of fields and their YAML values in turn.
func newRecord(kind, name string, fields ...string) *record {
	r := &record{kind: kind, name: name, fields: make(map[string]string), parts: make(map[string]string)}
	for i := 0; i < len(fields); i += 2 {
		r.fields[fields[i]] = fields[i+1]
	}
	return r
}

// writeRecords writes a manifest; equal records give equal bytes.
func writeRecords(t *testing.T, dir, file string, records []*record) {
	t.Helper()
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: %s\nmetadata: {name: %s}\nspec:\n  fields:\n", r.kind, r.name)
		for _, field := range slices.Sorted(maps.Keys(r.fields)) {
			fmt.Fprintf(&b, "    %s: %s\n", field, r.fields[field])
		}
		for _, part := range slices.Sorted(maps.Keys(r.parts)) {
			fmt.Fprintf(&b, "  %s: %s\n", part, r.parts[part])
		}
	}
	writeText(t, dir, file+".yaml", b.String())
}

func writeText(t *testing.T, dir, file, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(file))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// text writes a YAML string in single quotes.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// A row is one line of a table. An empty cell is one that holds NULL.
type row map[string]string

// readTable reads a CSV file by its header.
func readTable(t *testing.T, dir, table string) []row {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, table+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.LazyQuotes = true
	cells, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []row
	for _, line := range cells[1:] {
		m := make(row)
		for i, v := range line {
			if v != "NULL" {
				m[cells[0][i]] = v
			}
		}
		out = append(out, m)
	}
	return out
}

// decimal reads a number, which may have more decimals than money has.
func (r row) decimal(column string) decimal.Decimal { return decimal.RequireFromString(r[column]) }

// day reads a date, whose time is always midnight.
func (r row) day(column string) string {
	day, _, _ := strings.Cut(r[column], " ")
	return day
}

// join joins the cells of some columns that are not NULL.
func (r row) join(separator string, columns ...string) string {
	var out []string
	for _, c := range columns {
		if r[c] != "" {
			out = append(out, r[c])
		}
	}
	return strings.Join(out, separator)
}

// northwind is the whole company as records: whom it trades with, what it sells, and
// every order.
type northwind struct {
	sections, products, companies, contacts []*record

	orders []*order
	absent []string          // addresses
	staff  map[string]string // the full names of the employees, by number
}

// An order is a deal whose lines can be edited.
type order struct {
	*record
	lines   []orderLine
	freight decimal.Decimal
	shipper string
}

type orderLine struct {
	product                   string
	price, quantity, discount decimal.Decimal // before the discount, which is a part of 1
}

// kept is the part that the discount leaves.
func (l orderLine) kept() decimal.Decimal { return decimal.NewFromInt(1).Sub(l.discount) }

// net is the price of one after the discount. Bitrix24 keeps two decimals.
func (l orderLine) net() decimal.Decimal {
	return l.price.Mul(l.kept()).Round(2)
}

// billed is what the customer pays: the exact lines and the freight, to the cent.
func (o *order) billed() decimal.Decimal {
	sum := o.freight
	for _, l := range o.lines {
		sum = sum.Add(l.price.Mul(l.quantity).Mul(l.kept()))
	}
	return sum.Round(2)
}

// rowTotal is what the product rows amount to, with their prices in cents.
func (o *order) rowTotal() decimal.Decimal {
	sum := o.freight
	for _, l := range o.lines {
		sum = sum.Add(l.net().Mul(l.quantity).Round(2))
	}
	return sum
}

// complete declares the rows and the amount. Where a discount leaves fractions of a
// cent, the rows cannot give what was billed: then the amount is set by hand.
func (o *order) complete() *record {
	rows := make([]string, 0, len(o.lines)+1)
	for _, l := range o.lines {
		rows = append(rows, fmt.Sprintf("{product: {ref: product/%s}, price: %q, quantity: %s, discountRate: %s}",
			l.product, l.net().StringFixed(2), l.quantity, l.discount.Shift(2)))
	}
	rows = append(rows, fmt.Sprintf("{name: %s, price: %q, quantity: 1}", text("Freight, "+o.shipper), o.freight.StringFixed(2)))
	o.parts["products"] = "[" + strings.Join(rows, ", ") + "]"
	o.fields["opportunity"] = fmt.Sprintf("%q", o.billed().StringFixed(2))
	o.fields["isManualOpportunity"] = "N"
	if !o.billed().Equal(o.rowTotal()) {
		o.fields["isManualOpportunity"] = "Y"
	}
	return o.record
}

// readNorthwind reads the tables.
func readNorthwind(t *testing.T, dir string) *northwind {
	n := &northwind{staff: make(map[string]string)}
	for _, c := range readTable(t, dir, "categories") {
		n.sections = append(n.sections, newRecord("ProductSection", "category-"+c["categoryID"],
			"name", text(c["categoryName"]), "description", text(c["description"])))
	}
	for _, c := range readTable(t, dir, "customers") {
		n.addPartner(c, "CUSTOMER", c["customerID"])
	}
	suppliers := make(map[string]string)
	for _, s := range readTable(t, dir, "suppliers") {
		n.addPartner(s, "SUPPLIER", "supplier-"+s["supplierID"])
		suppliers[s["supplierID"]] = s["companyName"]
	}
	shippers := make(map[string]string)
	for _, s := range readTable(t, dir, "shippers") {
		n.companies = append(n.companies, newRecord("Company", "shipper-"+s["shipperID"],
			"title", text(s["companyName"]), "typeId", "PARTNER", "phones", "["+text(s["phone"])+"]"))
		shippers[s["shipperID"]] = s["companyName"]
	}
	for _, p := range readTable(t, dir, "products") {
		n.addProduct(p, suppliers[p["supplierID"]])
	}
	for _, e := range readTable(t, dir, "employees") {
		n.staff[e["employeeID"]] = e.join(" ", "firstName", "lastName")
	}
	n.readOrders(t, dir, shippers)
	return n
}

// addPartner adds a customer or supplier: the company, how it is billed, and whom to call.
func (n *northwind) addPartner(c row, kind, name string) {
	phones := text(c["phone"])
	if c["fax"] != "" {
		phones += fmt.Sprintf(", {value: %s, type: FAX}", text(c["fax"]))
	}
	company := newRecord("Company", name, "title", text(c["companyName"]), "typeId", kind, "phones", "["+phones+"]")
	if _, link, ok := strings.Cut(c["homePage"], "#http"); ok { // name#address#, as Access writes a link
		company.fields["websites"] = "[" + text("http"+strings.TrimSuffix(link, "#")) + "]"
	}
	company.parts["requisites"] = billing(c)
	first, last, _ := strings.Cut(c["contactName"], " ")
	n.companies = append(n.companies, company)
	n.contacts = append(n.contacts, newRecord("Contact", name, "name", text(first), "lastName", text(last),
		"post", text(c["contactTitle"]), "companyIds", fmt.Sprintf("[{ref: company/%s}]", name)))
}

// billing is the requisite of a company, by a template whose code is the same on all portals.
func billing(c row) string {
	var lines []string
	for _, l := range [][2]string{{"address1", "address"}, {"city", "city"}, {"region", "region"}, {"postalCode", "postalCode"}, {"country", "country"}} {
		if v := c[l[1]]; v != "" {
			lines = append(lines, l[0]+": "+text(v))
		}
	}
	return fmt.Sprintf(`[{preset: "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#", fields: {RQ_COMPANY_NAME: %s}, addresses: {legal: {%s}}}]`,
		text(c["companyName"]), strings.Join(lines, ", "))
}

func (n *northwind) addProduct(p row, supplier string) {
	active := "Y"
	if p["discontinued"] == "1" {
		active = "N"
	}
	n.products = append(n.products, newRecord("Product", p["productID"], "name", text(p["productName"]), "active", active,
		"iblockSectionId", fmt.Sprintf("{ref: productsection/category-%s}", p["categoryID"]), "measure", "pcs",
		"price", fmt.Sprintf("{amount: %q, currency: USD}", p["unitPrice"]), "previewText", text(p["quantityPerUnit"]),
		"quantity", p["unitsInStock"], "SUPPLIER", text(supplier)))
}

func (n *northwind) readOrders(t *testing.T, dir string, shippers map[string]string) {
	lines := make(map[string][]orderLine)
	for _, d := range readTable(t, dir, "order_details") {
		lines[d["orderID"]] = append(lines[d["orderID"]], orderLine{d["productID"], d.decimal("unitPrice"), d.decimal("quantity"), d.decimal("discount")})
	}
	for _, o := range readTable(t, dir, "orders") {
		deal := newRecord("Deal", "order-"+o["orderID"],
			"title", text("Order "+o["orderID"]),
			"categoryId", "Orders",
			"stageId", "Awaiting shipment",
			"companyId", fmt.Sprintf("{ref: company/%s}", o["customerID"]),
			"contactIds", fmt.Sprintf("[{ref: contact/%s}]", o["customerID"]),
			"assignedById", fmt.Sprintf("${var.employee%s}", o["employeeID"]),
			"SALES_REP", text(n.staff[o["employeeID"]]),
			"currencyId", "USD",
			"begindate", o.day("orderDate"),
			"closedate", cmp.Or(o.day("shippedDate"), o.day("requiredDate")),
			"additionalInfo", text(o.join(", ", "shipName", "shipAddress", "shipCity", "shipRegion", "shipPostalCode", "shipCountry")))
		if o["shippedDate"] != "" {
			deal.fields["stageId"] = "WON"
			deal.fields["SHIPPED_ON"] = o.day("shippedDate")
		}
		n.orders = append(n.orders, &order{deal, lines[o["orderID"]], o.decimal("freight"), shippers[o["shipVia"]]})
	}
}

// write writes the repository: a project for two portals, whose people differ, and the records.
func (n *northwind) write(t *testing.T, dir string) {
	t.Helper()
	writeText(t, dir, "b24apply.yaml", northwindProject)
	deals := make([]*record, len(n.orders))
	for i, o := range n.orders {
		deals[i] = o.complete()
	}
	if len(n.absent) > 0 {
		writeText(t, dir, "absent.yaml", "apiVersion: b24apply/v1\nkind: Absent\nspec: {resources: ["+strings.Join(n.absent, ", ")+"]}\n")
	}
	for file, records := range map[string][]*record{"catalogue": slices.Concat(n.sections, n.products), "companies": n.companies, "contacts": n.contacts, "orders": deals} {
		writeRecords(t, dir, file, records)
	}
}
