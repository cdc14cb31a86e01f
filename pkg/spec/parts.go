package spec

import (
	"cmp"
	"slices"
	"strings"
)

// A Part is what a record has beside its fields and the portal keeps in rows of their
// own, such as its product rows. Every entry is a map.
type Part struct {
	Name  string // the key in the spec
	Doc   string // its title in the schema
	Shape Shape  // how its entries are written
	Key   string // the column that names an entry; "" if none does
	Parts []Part // what an entry holds beside its columns
	// Open parts take further columns, in capital letters, that only the portal knows.
	Open bool
	// Filled entries hold at least one value that is not null.
	Filled bool
	// Columns are what an entry may hold, sorted by name.
	Columns []Rule
	// Required columns stand in every entry. Of each group in OneOf it has at least
	// one, and of each in NotBoth one at most.
	Required        []string
	OneOf, NotBoth  [][]string
	OneOfHint, Flag string // Flag is the property of the SPA type that must be Y
}

// Column finds the rule for a column of the part.
func (p Part) Column(name string) (Rule, bool) {
	i, ok := slices.BinarySearchFunc(p.Columns, name, func(r Rule, n string) int { return cmp.Compare(r.Name, n) })
	if !ok {
		return Rule{}, false
	}
	return p.Columns[i], true
}

// Part finds a part of the kind by its name.
func (k *Kind) Part(name string) (Part, bool) {
	i := slices.IndexFunc(k.Parts, func(p Part) bool { return p.Name == name })
	if i < 0 {
		return Part{}, false
	}
	return k.Parts[i], true
}

// Part finds a declared part by its name. Its value is null or a list of maps.
func (r *Resource) Part(name string) (Field, bool) {
	for _, f := range r.Parts {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// ProductsPart is the name of the part that holds product rows.
const ProductsPart = "products"

// productParts are the parts of the kinds that have amounts. The columns are those of
// crm.item.productrow.set; product and name are its productId and productName.
// Source: api-reference/crm/universal/product-rows/crm-item-productrow-set.md.
func productParts(flag string) []Part {
	return []Part{{
		Name: ProductsPart, Doc: "Product rows, in their order: the whole set", Flag: flag,
		Required: []string{"price"},
		OneOf:    [][]string{{"product", "name"}}, OneOfHint: "write product: {ref: …} or an id for a product of the catalogue, or a name",
		NotBoth: [][]string{{"discountRate", "discountSum"}},
		Columns: sortedRules([]Rule{
			{Name: "product", Type: TypeProduct, NoClear: true, Doc: "Product of the catalogue; without it the row is a free text"},
			{Name: "name", Type: TypeString, NoClear: true, Length: 255, Doc: "Name in the row; without it the product's"},
			{Name: "price", Type: TypeDouble, NoClear: true, Doc: "Price of one, after discount and with tax, as the API has it"},
			{Name: "quantity", Type: TypeDouble, NoClear: true, Doc: "How many; a new row has 1"},
			{Name: "discountRate", Type: TypeDouble, NoClear: true, Doc: "Discount in percent, already in the price"},
			{Name: "discountSum", Type: TypeDouble, NoClear: true, Doc: "Discount as an amount for one, already in the price"},
			{Name: "taxRate", Type: TypeDouble, Doc: "Tax in percent, already in the price; null for none, which is not 0"},
			{Name: "taxIncluded", Type: TypeBoolean, NoClear: true, Doc: "Whether the price is shown with the tax in it"},
			{Name: "measureCode", Type: TypeInteger, NoClear: true, Doc: "Code of the unit of measure, such as 796 for pieces"},
			{Name: "customized", Type: TypeBoolean, NoClear: true, Doc: "Whether the price was changed by hand"},
			{Name: "sort", Type: TypeInteger, NoClear: true, Doc: "Sorting; it rises from row to row, and is counted by itself if left out"},
		}),
	}}
}

// readParts takes the parts out of the spec and checks their entries, as far as the
// schema does not.
func (d *document) readParts(r *Resource) {
	body, _ := d.root.Get("spec")
	for _, part := range d.kind.Parts {
		i := slices.IndexFunc(body.Pairs, func(p Pair) bool { return p.Key == part.Name })
		if i < 0 {
			continue
		}
		p := body.Pairs[i]
		r.Parts = append(r.Parts, Field{Name: p.Key, Value: p.Value, Pos: p.Pos})
		d.checkPart(part, p.Value, []string{"spec", part.Name})
	}
}

// checkEntry checks one entry of a part; path leads to it.
func (d *document) checkEntry(part Part, entry Value, path []string) {
	for _, p := range entry.Pairs {
		here := append(slices.Clone(path), p.Key)
		if rule, ok := part.Column(p.Key); ok && p.Value.Kind != Null && !d.isReported(here) {
			d.checkField(rule, Field{Name: p.Key, Value: p.Value, Pos: p.Pos}, here)
		}
		if i := slices.IndexFunc(part.Parts, func(inner Part) bool { return inner.Name == p.Key }); i >= 0 {
			d.checkPart(part.Parts[i], p.Value, here)
		}
	}
	label := d.label(path)
	for _, group := range part.OneOf {
		if len(written(entry, group)) == 0 {
			d.add(entry.Pos, "", "required", part.OneOfHint, "%s: %s is missing", label, strings.Join(group, " or "))
		}
	}
	for _, group := range part.NotBoth {
		if both := written(entry, group); len(both) > 1 {
			d.add(both[1].Pos, both[1].Key, "duplicate", "keep one of the two", "%s: %s cannot stand beside %s", label, both[1].Key, both[0].Key)
		}
	}
}

// written gives the pairs of a map whose keys are in a group.
func written(v Value, group []string) []Pair {
	var out []Pair
	for _, p := range v.Pairs {
		if slices.Contains(group, p.Key) {
			out = append(out, p)
		}
	}
	return out
}

// partLinks lists what the parts of a resource refer to.
func partLinks(r *Resource) []link {
	var out []link
	for _, f := range r.Parts {
		part, _ := r.Kind.Part(f.Name)
		for _, entry := range f.Value.Items {
			for _, p := range entry.Pairs {
				if rule, ok := part.Column(p.Key); ok && linkSpaces(rule) != nil {
					out = appendRefs(out, f.Name+"."+p.Key, linkSpaces(rule)[0], p.Value)
				}
			}
		}
	}
	return out
}

// checkPartFlags checks the parts of an SPA item against its declared type.
func (l *linker) checkPartFlags(r, t *Resource) {
	for _, f := range r.Parts {
		part, _ := r.Kind.Part(f.Name)
		if flag, ok := t.Field(part.Flag); part.Flag != "" && ok && isFalse(flag.Value.Text) {
			l.add(f.Pos, f.Name, "reference", "turn it on, or remove this line", "%s does not exist: %s turns %s off", f.Name, t.Address, part.Flag)
		}
	}
}
