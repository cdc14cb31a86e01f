package value

// A Naming is what messages call things that a declared text may name.
type Naming struct {
	Rule    string // of the problem
	None    string // the sentence where the text names none
	Several string // where it names more than one
	Are     string // lists what there is
}

// namings are those of what codecs resolve, by their rules.
var namings = map[string]Naming{
	"VAT":       {"VAT", "no-such-vat", "several-vats", "vats-are"},
	"catalogue": {"catalogue", "no-such-catalogue", "several-such-catalogues", "catalogues-are"},
	"option":    {"option", "no-such-option", "several-options", "options-are"},
	"pipeline":  {"pipeline", "no-such-pipeline", "several-pipelines", "pipelines-are"},
	"stage":     {"stage", "no-such-stage", "several-stages", "stages-are"},
	"unit":      {"unit", "no-such-unit", "several-units", "units-are"},
	"value":     {"value", "no-such-entry", "several-entries", "entries-are"},
}

// within are those of what belongs to something with a name.
var within = map[string]Naming{
	"stage": {"stage", "no-such-stage-of-pipeline", "several-stages-of-pipeline", "stages-are"},
}

// namingOf gives what messages call things of a list of names.
func namingOf(rule string, k *Known) Naming {
	if n, ok := within[rule]; ok && k.Of != "" {
		return n
	}
	return namings[rule]
}
