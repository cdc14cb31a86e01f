package declared

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Catalogue finds the catalogue that a product or section is declared in: the one that
// it names, else the CRM's.
// Source: api-reference/catalog/data-types.md#catalog_catalog, iblockTypeId.
func (v *View) Catalogue(r *spec.Resource) (int, error) {
	all := v.Meta.Catalog.Iblocks
	if f, ok := r.Field(kind.CatalogueField); ok {
		rule, _ := r.Kind.Field(kind.CatalogueField)
		id, err := value.MustCodecOf(rule.ValueType()).Parse(v.Scope(Type{}).Names(), f.Value)
		if err != nil {
			return 0, value.At(f.Value.Pos, err)
		}
		return id.Int(), nil
	}
	if len(all) > 1 {
		own := slices.DeleteFunc(slices.Clone(all), func(i kind.Iblock) bool { return !i.CRM })
		if len(own) == 1 {
			all = own
		}
	}
	switch len(all) {
	case 0:
		return 0, denial.Unmet("NO_CATALOGUE", "catalogue", "no-catalogue", "turn-catalogue-on")
	case 1:
		return all[0].ID, nil
	}
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name
	}
	return 0, denial.Unmet("AMBIGUOUS_NAME", "catalogue", "several-catalogues", "write-catalogue", value.N("n", len(all)), value.L("names", names))
}

// catalogTarget is a field of a product or section with its codec.
func (v *View) catalogTarget(r *spec.Resource, f value.Field) (Target, error) {
	tg := Target{Name: f.Name, Value: f.Value, Pos: f.Pos, Wire: f.Name}
	rule, known := r.Kind.Field(f.Name)
	rule.Unlisted = true // crm.item.fields is of other records
	if tg.Rule = rule; known {
		typ := rule.ValueType()
		if rule.Type == kind.TypePrice {
			typ.Field = value.ID(v.Meta.Catalog.BasePrice)
		}
		return v.withCodec(tg, typ)
	}
	id, err := v.Catalogue(r)
	if err != nil {
		return tg, err
	}
	p, err := v.property(id, f.Name)
	if err != nil {
		return tg, err
	}
	typ, ok := p.ValueType()
	if !ok {
		return tg, denial.Unmet("NOT_WRITABLE", "type", "property-cannot-be-declared", "declarable-properties", value.T("field", p.Code), value.T("type", p.Form()))
	}
	tg.Wire = p.Wire()
	return v.withCodec(tg, typ)
}

// property finds a property of a catalogue by its code, without case: manifests write
// codes in upper case.
func (v *View) property(iblock int, code string) (kind.Property, error) {
	var hits []kind.Property
	var codes []string
	for _, p := range v.Meta.Catalog.Properties {
		if p.Iblock != iblock {
			continue
		}
		if strings.EqualFold(p.Code, code) {
			hits = append(hits, p)
		}
		if p.Code != "" {
			codes = append(codes, strings.ToUpper(p.Code))
		}
	}
	switch {
	case len(hits) == 1:
		return hits[0], nil
	case len(hits) > 1:
		return kind.Property{}, denial.Unmet("AMBIGUOUS_NAME", "unknown-field", "several-properties-of-code", "give-each-its-code", value.T("field", code), value.N("n", len(hits)), value.T("one", hits[0].Name), value.T("other", hits[1].Name))
	}
	hint := value.Say("no-properties")
	if s, ok := spec.Suggest(code, codes); ok {
		hint = value.Say("did-you-mean", value.T("name", s))
	} else if len(codes) > 0 {
		hint = value.Say("properties-are", value.Some("names", codes))
	}
	return kind.Property{}, value.WithHint(denial.Unmet("NO_FIELD", "unknown-field", "no-property", "", value.T("field", code)), spec.HintOfCode(v.Meta.Kinds.ByLink(kind.TypeProduct), code).Or(hint))
}
