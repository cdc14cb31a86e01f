package spec

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// beside are the keys of a record's spec that are easily written among its fields.
var beside = []string{"match", "adopt", "policy", "lifecycle", "route", "type"}

// HintOfCode is FieldHint for a code in upper case that no user field of a portal has: it
// may be a word of people's.
func HintOfCode(k *kind.Kind, code string) value.Message {
	return FieldHint(k, code).Or(FieldHint(k, strings.ToLower(code)))
}

// FieldHint says what a name that a kind does not have among its fields probably means:
// a field by another name, or what stands elsewhere. It is zero where nothing is known.
func FieldHint(k *kind.Kind, name string) value.Message {
	if field := k.OlderName(name); field != "" {
		return meant(k, field)
	}
	if field := k.Meant(name); field != "" {
		return meant(k, field)
	}
	_, isPart := k.Part(name)
	if name == "route" && k.HasFields() && k.Methods.BatchImport == "" {
		return value.Say("nothing-imports-kind", value.K("kinds", k.Name, k.Plural))
	}
	if isPart || slices.Contains(beside, name) && k.HasFields() {
		return value.Say("stands-beside-fields", value.T("name", name))
	}
	switch name {
	case kind.ProductsPart, kind.RequisitesPart, kind.AddressesPart, kind.BankDetailsPart:
		return placeOf(k, name)
	}
	return value.Message{}
}

// meant names a field, or says why it is not written.
func meant(k *kind.Kind, field string) value.Message {
	if field == kind.AddressesPart {
		return placeOf(k, field)
	}
	if rule, ok := k.Field(field); ok && rule.Refuse != "" {
		return value.Say("is-refused", value.T("field", field), value.M("reason", value.Say(rule.Refuse)), value.M("hint", value.Say(rule.Hint)))
	}
	return didYouMean(quote(field))
}

// placeOf says where a part belongs that this kind does not have beside its fields.
func placeOf(k *kind.Kind, part string) value.Message {
	_, hasRequisites := k.Part(kind.RequisitesPart)
	_, has := k.Part(part)
	switch {
	case has && part == kind.AddressesPart:
		return value.Say("write-addresses-beside")
	case hasRequisites && part == kind.AddressesPart:
		return value.Say("addresses-of-requisite")
	case hasRequisites && part == kind.BankDetailsPart:
		return value.Say("bank-details-of-requisite")
	case part == kind.ProductsPart:
		return value.Say("have-no-product-rows", value.K("kinds", k.Name, k.Plural))
	}
	return value.Say("have-no-requisites", value.K("kinds", k.Name, k.Plural))
}

// refuseOlder refuses a name of the older API among the fields of a record, where it
// would be taken for the code of a user field. It tells whether it is one.
func (d *document) refuseOlder(f value.Field, path []string) bool {
	field := d.kind.OlderName(f.Name)
	if field == "" {
		return false
	}
	d.markReported(path)
	hint, full := meant(d.kind, field), "UF_CRM_"
	if d.kind.Space == "" {
		full += "{type}_"
	}
	how := "else-user-field-in-full"
	if hint.Code == suggestion {
		how = "user-field-in-full"
	}
	d.problem(f.Pos, f.Name, "unknown-field", value.Say(how, value.M("hint", hint), value.T("name", full+f.Name)),
		value.Say("is-older-name", value.T("kind", d.kind.Name), value.T("name", quote(f.Name)), value.T("field", field)))
	return true
}
