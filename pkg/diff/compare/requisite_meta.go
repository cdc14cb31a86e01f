package compare

import (
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// addressCodes are the names by which manifests call the usual types of addresses on
// every portal.
var addressCodes = map[int]string{1: "physical", 4: "registered", 6: "legal", 8: "mailing", 9: "beneficiary", 11: "shipping"}

// presetCountries are the countries of templates.
// Source: api-reference/crm/requisites/presets/crm-requisite-preset-countries.md.
var presetCountries = map[int]string{1: "RU", 4: "BY", 6: "KZ", 14: "UA", 34: "BR", 46: "DE", 77: "CO", 110: "PL", 122: "US", 132: "FR"}

// What messages call templates and types of addresses.
var (
	templates    = value.Naming{Rule: "template", None: "no-template-of-requisites", Several: "several-templates-of-requisites", Are: "template-names"}
	addressTypes = value.Naming{Rule: "type", None: "no-type-of-addresses", Several: "several-types-of-addresses", Are: "types-are"}
)

// presetOf finds the template that a text names: by its external code, its name, its name
// behind its country as in DE/Organisation, or its id.
func presetOf(m *kind.RequisiteMeta, text string) (int, error) {
	all := make([]candidate[int], len(m.Presets))
	for i, p := range m.Presets {
		all[i] = candidate[int]{value: p.ID, id: strconv.Itoa(p.ID), name: p.Name}
		if p.XMLID != "" {
			all[i].codes = []string{p.XMLID, strings.Trim(p.XMLID, "#")}
		}
		if country := presetCountries[p.Country]; country != "" {
			all[i].codes = append(all[i].codes, country+"/"+p.Name)
		}
	}
	id, err := resolve(templates, text, all)
	if no, ok := err.(*value.Fault); ok && len(m.Presets) > 0 {
		names := make([]string, len(m.Presets))
		for i, p := range m.Presets {
			names[i] = presetShown(m, p)
		}
		others := value.Say("templates-are", value.Some("names", names))
		near, likely := spec.Suggest(text, namesOf(all))
		switch {
		case len(namedBy(text, all)) > 0:
			no.Hint = value.Say("id-code-or-country", value.M("id", no.Hint), value.M("rest", others))
		case likely:
			no.Hint = value.Say("did-you-mean-else", value.T("near", strconv.Quote(near)), value.M("rest", others))
		default:
			no.Hint = others
		}
	}
	return id, err
}

// presetShown names a template with what tells it apart.
func presetShown(m *kind.RequisiteMeta, p kind.Preset) string {
	name := strconv.Quote(p.Name)
	if country := presetCountries[p.Country]; country != "" {
		name = strconv.Quote(country + "/" + p.Name)
	}
	return strings.TrimSpace(name + " " + p.XMLID)
}

// presetName is what people call a template.
func presetName(m *kind.RequisiteMeta, id int) string {
	for _, p := range m.Presets {
		if p.ID == id {
			return p.Name
		}
	}
	return strconv.Itoa(id)
}

// addressTypeOf finds the type of addresses that a text names.
func addressTypeOf(m *kind.RequisiteMeta, text string) (int, error) {
	all := make([]candidate[int], len(m.AddressTypes))
	for i, t := range m.AddressTypes {
		all[i] = candidate[int]{value: t.ID, id: strconv.Itoa(t.ID), name: t.Name}
		if code, ok := addressCodes[t.ID]; ok {
			all[i].codes, all[i].name = []string{t.Name}, code
		}
	}
	id, err := resolve(addressTypes, text, all)
	if err != nil {
		err = denial.Refusing(value.RefusalFor("value"), err)
	}
	return id, err
}

// addressName is how plans name a type of addresses.
func addressName(m *kind.RequisiteMeta, id int) string {
	if code, ok := addressCodes[id]; ok {
		return code
	}
	for _, t := range m.AddressTypes {
		if t.ID == id {
			return t.Name
		}
	}
	return strconv.Itoa(id)
}
