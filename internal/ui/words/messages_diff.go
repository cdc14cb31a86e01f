package words

// diffMessages are the sentences about what a plan does and refuses.
var diffMessages = sentences{
	"and-more":                         "and {n} more",
	"part-is-hidden":                   "the portal does not show its {part}: {why}",
	"of-field":                         "{field}: {said}",
	"pruned-is-not-declared":           "{n} {n|record that carries|records that carry} the mark of {owner} {n|is|are} not declared in this repository and would be removed: if another repository has the same project name, {n|it is|they are} its own: {resources}",
	"pruned-and-none-found":            "{n} {n|record that carries|records that carry} the mark of {owner} {n|is|are} not declared in this repository, of whose records none was found, and would be removed: if another repository has the same project name, {n|it is|they are} its own: {resources}",
	"created-beside-others":            "{n} {n|record|records} would be created beside those of the same name that belong to project {owner}",
	"creation-is-prevented":            "its lifecycle prevents that it is created, and the portal has no record with its mark",
	"creation-is-prevented-by-project": "the project's lifecycle prevents that it is created, and the portal has no record with its mark",
	"left-to-itself":                   "{why}: it is left to itself",
	"mark-is-not-written":              "its mark is not written yet",
	"mark-or-let-create":               "write the mark on the record that is meant, or remove create from lifecycle.prevent",
	"must-be-absent":                   "it must be absent",
	"name-is-of-other-owner":           "record {id} carries the mark of {owner} for this name, and nothing carries that of {own}",
	"names-are-of-other-owner":         "the plan would create records, and the portal has {n} {n|record|records} that project {owner} calls by the same names; nothing there belongs to {own}",
	"needs-what-is-left-out":           "it needs {dep}, which {file} declares and -f leaves out: {why}",
	"not-declared-any-more":            "{n} {n|record is|records are} not declared any more: renamed? Moved says so; else the mark of {owner} stays on it, and another repository of this name may have put it there",
	"out-of-scope":                     "out of scope of --prune, since nothing of their kinds is declared, and marked as {owner}: {counts}",
	"out-of-scope-is-not-known":        "whether anything out of scope of --prune is marked is not known for {kinds}: the credential may not read them",
	"plan-is-refused":                  "{code}: {message}",
	"portal-has-it-not-yet":            "the portal does not have it yet",
	"update-is-prevented":              "its lifecycle prevents that it is updated, and it differs: {differs}",
	"update-is-prevented-by-project":   "the project's lifecycle prevents that it is updated, and it differs: {differs}",
	"with-which-merged":                "{why}, with which it was merged",
}
