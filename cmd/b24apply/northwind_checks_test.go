package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// edit makes 50 edits of ten sorts, each of another resource.
func (n *northwind) edit() {
	var byHand, summed, waiting, moved []*order
	for _, o := range n.orders {
		switch {
		case o.fields["stageId"] != "WON":
			waiting = append(waiting, o)
		case o.fields["assignedById"] == "${var.employee4}":
			moved = append(moved, o)
		case o.fields["isManualOpportunity"] == "Y":
			byHand = append(byHand, o)
		case o.lines[0].discount.IsZero():
			summed = append(summed, o)
		}
	}
	for i := range 5 {
		n.companies[i].fields["phones"] = fmt.Sprintf(`["+49 30 555 %04d"]`, i)
		part(n.companies[10+i], "city: '", "city: 'Nueva ")
		part(n.companies[20+i], "RQ_COMPANY_NAME: '", "RQ_COMPANY_NAME: 'The ")
		n.contacts[i].fields["post"] = "Chief Procurement Officer"
		n.sections[i].fields["description"] = "null"
		n.products[i].fields["price"] = `{amount: "1.25", currency: USD}`
		n.products[10+i].fields["previewText"] = "'1 box'"
		waiting[i].fields["stageId"], waiting[i].fields["closedate"], waiting[i].fields["SHIPPED_ON"] = "WON", "1998-06-01", "1998-06-01"
		moved[i].fields["assignedById"] = "${var.employee1}"
		o := summed[i]
		if i == 4 {
			o = byHand[0]
		}
		o.lines[0].quantity = o.lines[0].quantity.Add(decimal.NewFromInt(1))
	}
}

// part edits the requisites of a company.
func part(r *record, old, new string) {
	r.parts["requisites"] = strings.Replace(r.parts["requisites"], old, new, 1)
}

// remove declares five orders absent.
func (n *northwind) remove() {
	for _, o := range n.orders[50:55] {
		n.absent = append(n.absent, "deal/"+o.name)
	}
	n.orders = append(n.orders[:50:50], n.orders[55:]...)
}

// checkTables compares the portal with the tables themselves, in whole numbers: what was
// billed, each row's price after its discount, what has been shipped, and what is
// discontinued.
func (w *northwindPortal) checkTables(n *northwind, tables string) {
	w.t.Helper()
	exact := make(map[string]int) // in hundredths of a cent
	rows := make(map[string][]string)
	for _, d := range readTable(w.t, tables, "order_details") {
		name := "order-" + d["orderID"]
		price, quantity, kept := hundredths(w.t, d["unitPrice"]), hundredths(w.t, d["quantity"])/100, 100-hundredths(w.t, d["discount"])
		exact[name] += price * quantity * kept
		rows[name] = append(rows[name], rowText(float64((price*kept+50)/100)/100, float64(quantity), float64(100-kept)))
	}
	deals, ids := w.deals(), make(map[string]string)
	all := readTable(w.t, tables, "orders")
	for _, o := range all[len(all)-len(n.orders):] {
		name := "order-" + o["orderID"]
		freight := hundredths(w.t, o["freight"])
		rows[name] = append(rows[name], rowText(float64(freight)/100, 1, 0))
		d := deals[name]
		if d == nil {
			w.t.Fatalf("%s is not there", name)
		}
		ids[fmt.Sprint(d["id"])] = name
		if off := math.Abs(d["opportunity"].(float64)*10000 - float64(exact[name]+freight*100)); off > 50.01 {
			w.t.Errorf("%s: the amount is %v, the tables come to %d hundredths of a cent", name, d["opportunity"], exact[name]+freight*100)
		}
		if won := strings.HasSuffix(fmt.Sprint(d["stageId"]), ":WON"); won != (o["shippedDate"] != "") {
			w.t.Errorf("%s was shipped on %q, and its stage is %v", name, o["shippedDate"], d["stageId"])
		}
	}
	w.checkRows(ids, rows)
	inactive := 0
	for _, p := range w.products() {
		if p["active"] == "N" {
			inactive++
		}
	}
	if inactive != 8 {
		w.t.Errorf("%d products are inactive, want the 8 discontinued ones", inactive)
	}
}

// checkRows compares the product rows of all deals, in their order.
func (w *northwindPortal) checkRows(ids map[string]string, want map[string][]string) {
	w.t.Helper()
	var lines strings.Builder
	expected := make(map[string][]string)
	for id, name := range ids {
		expected[name] = want[name]
		fmt.Fprintf(&lines, `{"resource":%q,"filter":{"=ownerType":"D","=ownerId":%s},"order":{"sort":"asc"}}`+"\n", name, id)
	}
	file := filepath.Join(w.dir, "rows.ndjson")
	writeText(w.t, w.dir, "rows.ndjson", lines.String())
	got := make(map[string][]string)
	for _, line := range w.lines("call", "crm.item.productrow.list", "--items", file) {
		for _, row := range line["result"].(map[string]any)["productRows"].([]any) {
			row := row.(map[string]any)
			name := fmt.Sprint(line["resource"])
			got[name] = append(got[name], rowText(row["price"].(float64), row["quantity"].(float64), row["discountRate"].(float64)))
		}
	}
	if d := gocmp.Diff(expected, got); d != "" {
		w.t.Errorf("product rows, -want +got:\n%s", d)
	}
}

func rowText(price, quantity, discount float64) string {
	return fmt.Sprintf("%g × %.2f, %g %%", quantity, price, discount)
}

// hundredths reads a number with at most two decimals.
func hundredths(t *testing.T, number string) int {
	t.Helper()
	whole, fraction, _ := strings.Cut(number, ".")
	n, err := strconv.Atoi(whole + (fraction + "00")[:2])
	if err != nil || len(fraction) > 2 {
		t.Fatalf("%q has more than two decimals: %v", number, err)
	}
	return n
}
