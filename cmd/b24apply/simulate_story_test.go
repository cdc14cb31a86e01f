package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// A thing is a declared record of a simulation. Its version makes its values: another
// version is another value of each field that has one.
type thing struct {
	kind, name string
	version    int
	of         string // the name of the company that it refers to; "" refers to none
	rows       int    // product rows
	details    bool   // a requisite with bank details
	route      string // see routes; "" is not decided, unless the kind has no import
	at         int    // seconds after simEpoch at which it was created, of a route that brings times
}

// A cast is what is declared, by address.
type cast map[string]*thing

// simKinds are the kinds of a simulation, with the prefix of their addresses.
var simKinds = map[string]string{
	"Company": "company", "Product": "product", "ProductSection": "productsection", "Contact": "contact", "Deal": "deal", "Lead": "lead", "Quote": "quote", "Invoice": "invoice", "SPAItem": "site",
}

func (t *thing) address() string { return simKinds[t.kind] + "/" + t.name }

// titled is the field that names a record of a kind.
func titled(kind string) string {
	if slices.Contains([]string{"Contact", "Product", "ProductSection"}, kind) {
		return "name"
	}
	return "title"
}

func (t *thing) title() string { return fmt.Sprintf("%s-%s-%d", t.kind, t.name, t.version) }

// noted is what the fields hold of which people have the last word, of kinds that have one.
func (t *thing) noted() string { return fmt.Sprintf("note-%d", t.version) }

// hasNote tells whether things of a kind have a field of which people have the last word.
func hasNote(kind string) bool { return kind == "Deal" }

// yaml is the manifest.
func (t *thing) yaml() string {
	fields := []string{fmt.Sprintf("%s: %s", titled(t.kind), t.title())}
	if t.kind == "Product" {
		fields = append(fields, fmt.Sprintf("price: {amount: %d, currency: EUR}", 10+t.version))
	}
	if t.of != "" && t.kind == "Contact" {
		fields = append(fields, fmt.Sprintf("companyIds: [{ref: company/%s}]", t.of))
	} else if t.of != "" {
		fields = append(fields, fmt.Sprintf("companyId: {ref: company/%s}", t.of))
	}
	if hasNote(t.kind) {
		fields = append(fields, "additionalInfo: "+t.noted())
	}
	if strings.Contains(t.route, "times") {
		fields = append(fields, fmt.Sprintf("createdTime: %q", simEpoch.Add(time.Duration(t.at)*time.Second).Format(time.RFC3339)))
	}
	text := fmt.Sprintf("---\napiVersion: b24apply/v1\nkind: %s\nmetadata: {name: %s}\nspec:\n  fields: {%s}\n", t.kind, t.name, strings.Join(fields, ", "))
	if t.route != "" {
		text += "  route: " + t.route + "\n"
	}
	if t.kind == "SPAItem" {
		text += "  type: site\n"
	}
	if hasNote(t.kind) {
		text += "  policy: {additionalInfo: keepHuman}\n"
	}
	if t.details {
		text += fmt.Sprintf("  requisites: [{key: k, preset: Organization, fields: {RQ_INN: \"77%08d\"}, bankDetails: [{key: b, fields: {RQ_ACC_NUM: \"%d\"}}]}]\n", t.version, t.version)
	}
	if t.rows > 0 {
		text += "  products:\n"
		for i := range t.rows {
			text += fmt.Sprintf("    - {name: Row %d, price: %d, quantity: 2}\n", i, 10*(t.version+1)+i)
		}
	}
	return text
}

// manifests is all that a cast declares.
func (c cast) manifests() string {
	var s strings.Builder
	if slices.ContainsFunc(slices.Collect(maps.Values(c)), func(t *thing) bool { return t.kind == "SPAItem" }) {
		s.WriteString("---\napiVersion: b24apply/v1\nkind: SPA\nmetadata: {name: site}\nspec: {title: Sites, isClientEnabled: Y}\n")
	}
	for _, address := range slices.Sorted(maps.Keys(c)) {
		s.WriteString(c[address].yaml())
	}
	return s.String()
}

// drawCast draws what is declared at first: companies, and what refers to them.
func drawCast(draws *rand.Rand, most int) cast {
	c := make(cast)
	kinds := slices.Sorted(maps.Keys(simKinds))
	few := []string{kinds[draws.IntN(len(kinds))], kinds[draws.IntN(len(kinds))], "Deal"} // each kind has costs of its own
	return c.fill(draws, 1+draws.IntN(max(1, most/3)), draws.IntN(most), few)
}

// fill adds companies, and others of some kinds.
func (c cast) fill(draws *rand.Rand, companies, others int, kinds []string) cast {
	for i := range companies {
		c.add(&thing{kind: "Company", name: fmt.Sprint("c", i), details: draws.IntN(3) == 0})
	}
	for i := range others {
		t := &thing{kind: kinds[draws.IntN(len(kinds))], name: fmt.Sprint("r", i)}
		if !slices.Contains([]string{"Company", "Lead", "Product", "ProductSection"}, t.kind) && draws.IntN(2) == 0 {
			t.of = fmt.Sprint("c", draws.IntN(companies))
		}
		if slices.Contains([]string{"Deal", "Quote", "Invoice"}, t.kind) && draws.IntN(3) == 0 {
			t.rows = 1 + draws.IntN(2)
		}
		c.add(t)
	}
	return c
}

func (c cast) add(t *thing) { c[t.address()] = t }

// moved draws what is declared next: some things get other values, some vanish, and others
// come.
func (c cast) moved(draws *rand.Rand, version int) cast {
	next := make(cast)
	for _, address := range slices.Sorted(maps.Keys(c)) {
		t := *c[address]
		switch n := draws.IntN(10); {
		case n < 5:
			t.version = version
		case n == 5 && t.kind != "Company" && t.kind != "SPAItem": // others refer to companies, and a type needs an item
			continue
		}
		next[address] = &t
	}
	for i := range draws.IntN(4 + len(c)/10) {
		next.add(&thing{kind: []string{"Contact", "Deal", "Company"}[draws.IntN(3)], name: fmt.Sprintf("n%d-%d", version, i), version: version})
	}
	return next
}

// inScope tells whether anything of the kind of an address is declared.
func (c cast) inScope(address string) bool {
	kind, _, _ := strings.Cut(address, "/")
	return slices.ContainsFunc(slices.Collect(maps.Keys(c)), func(a string) bool { return strings.HasPrefix(a, kind+"/") })
}
