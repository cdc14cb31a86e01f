package main

import (
	"fmt"

	"github.com/b24apply/b24apply/pkg/kind"
)

// The fields by which a type is found are climbed by scripts.
var elsewhere = []string{"SPA.code", "SPA.entityTypeId", "SPA.title"}

// A sample is two different values of a field, as YAML, and the second one spelled
// in another way.
type sample struct{ first, second, again string }

// samplesByName holds the fields whose values depend on more than their type.
var samplesByName = map[string]sample{
	"SPA.relations":      {"{parent: [deal]}", "{parent: [{entity: company, isChildrenListEnabled: Y}, lead]}", "{parent: [lead, {entity: Company, isChildrenListEnabled: true}]}"},
	"Lead.stageId":       {"IN_PROCESS", "PROCESSED", `"Processed"`},
	"Deal.stageId":       {"EXECUTING", "PREPARATION", "Document preparation"},
	"Quote.stageId":      {"SENT", "DRAFT", "Draft"},
	"Invoice.stageId":    {"D", "S", "Sent to client"},
	"SPAItem.stageId":    {"PREPARATION", "CLIENT", "Coordination"},
	"Deal.categoryId":    {"Partners", "General", "0"},
	"Invoice.categoryId": {"Partners", "General", `"General"`},
	"SPAItem.categoryId": {"Partners", "General", `"General"`},
	// Contacts and companies have one pipeline each, which the portal keeps.
	"Contact.categoryId":  {"General", "General", "0"},
	"Company.categoryId":  {"General", "General", "0"},
	"Deal.typeId":         {"GOODS", "SERVICES", "Services"},
	"Contact.typeId":      {"SUPPLIER", "PARTNER", "Partners"},
	"Company.typeId":      {"SUPPLIER", "PARTNER", "Partner"},
	"Company.industry":    {"TELECOM", "OTHER", "Other"},
	"Company.employees":   {"EMPLOYEES_2", "EMPLOYEES_4", "over 500"},
	"Company.isMyCompany": {"Y", "Y", "yes"},
	"Lead.honorific":      {"HNR_EN_2", "HNR_EN_4", "Dr."},
	"Contact.honorific":   {"HNR_EN_2", "HNR_EN_4", "Dr."},
	"Deal.probability":    {"0", "75", `"75"`},
}

// samplesByField holds the fields that mean the same in every kind.
var samplesByField = map[string]sample{
	"sourceId": {"WEB", "RC_GENERATOR", "Sales boost"},
	"comments": {`"First line\nand second"`, `"[B]Bold[/B] & plain"`, `"<b>Bold</b> & plain"`},
	"content":  {`"First line\nand second"`, `"[B]Bold[/B] & plain"`, `"<b>Bold</b> & plain"`},
	"terms":    {`"First line\nand second"`, `"[B]Bold[/B] & plain"`, `"<b>Bold</b> & plain"`},
	// Records are made open, contacts for export, types with open pipelines.
	"opened":               {"N", "Y", "true"},
	"export":               {"N", "Y", "yes"},
	"isSetOpenPermissions": {"N", "Y", "yes"},
	"accountNumber":        {"A-1/RECORD", `"007-RECORD"`, "007-RECORD"},
	"quoteNumber":          {"A-1/RECORD", `"007-RECORD"`, "007-RECORD"},
	"phones":               {`["+49 30 901820", {value: "+49 30 901821", type: FAX}]`, `["+49 30 901820", {value: "+49 30 901820", type: MOBILE}]`, `[{value: "+49 (30) 90 18 20", type: MOBILE}, "+4930901820"]`},
	"emails":               {"[jane@acme.example]", "[jane@acme.example, {value: j@home.example, type: HOME}]", "[{value: J@home.example, type: HOME}, Jane@Acme.example]"},
	"websites":             {"[https://acme.example]", `[{value: "https://acme.example/?a=1&b=2", type: OTHER}]`, `[{value: " https://acme.example/?a=1&b=2", type: OTHER}]`},
	"messengers":           {`[{value: "@jane", type: TELEGRAM}]`, `[{value: jane.doe, type: SKYPE}, {value: "@jane", type: TELEGRAM}]`, `[{value: "@jane", type: TELEGRAM}, {value: jane.doe, type: SKYPE}]`},
}

// samplesByType holds all others.
var samplesByType = map[kind.FieldType]sample{
	kind.TypeString:   {"007", "Größe “two” 🙂", `"Gr\u00f6\u00dfe “two” \U0001F642"`},
	kind.TypeText:     {"no", `"one\ntwo & three"`, "|-\n      one\n      two & three"},
	kind.TypeInteger:  {"5", "12", `"12"`},
	kind.TypeDouble:   {`"1250.50"`, "0.07", `"0.070"`},
	kind.TypeBoolean:  {"Y", "N", "false"},
	kind.TypeDate:     {"2024-02-29", "1969-12-31", `"1969-12-31"`},
	kind.TypeUser:     {"2", "5", "lena_f@acme.example"},
	kind.TypeCurrency: {"GBP", "USD", "usd"},
	kind.TypeFile:     {"{file: first.txt}", "{file: second.txt}", "{file: again.txt}"},
	kind.TypeLocation: {"17", "0000028023", `"0000028023"`},
}

// samplesOf gives the samples of a field, links to records of this ladder included.
func (l *fieldLadder) samplesOf(of *kind.Kind, rule kind.Rule) (sample, bool) {
	if s, ok := samplesByName[of.Name+"."+rule.Name]; ok {
		return s, true
	}
	if s, ok := samplesByField[rule.Name]; ok {
		return s, true
	}
	switch {
	case rule.Type == kind.TypeParents:
		return sample{"{site: {ref: site/left}}", "{site: {ref: site/right}}", fmt.Sprintf("{site: %d}", l.ids["site/right"])}, true
	case rule.Type == kind.TypeQuote:
		return sample{"1", "2", `"2"`}, true
	case rule.Type == kind.TypeUser && rule.Multiple:
		return sample{"[2, 3]", "[5, 2]", "[Jan Novak, lena_f@acme.example]"}, true
	case linkSpaces[rule.Type] != "":
		return l.linkSample(linkSpaces[rule.Type], rule.Multiple), true
	}
	s, ok := samplesByType[rule.Type]
	return s, ok
}

var linkSpaces = map[kind.FieldType]string{
	kind.TypeCompany: "company", kind.TypeContact: "contact", kind.TypeLead: "lead", kind.TypeDeal: "deal",
}

func (l *fieldLadder) linkSample(space string, multiple bool) sample {
	left, right := fmt.Sprintf("{ref: %s/left}", space), fmt.Sprintf("{ref: %s/right}", space)
	if multiple {
		return sample{"[" + left + "]", "[" + right + ", " + left + "]", fmt.Sprintf("[%d, %s]", l.ids[space+"/right"], left)}
	}
	return sample{left, right, fmt.Sprint(l.ids[space+"/right"])}
}
