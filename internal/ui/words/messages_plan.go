package words

// planMessages are the sentences of a plan itself.
var planMessages = sentences{
	"nothing-to-adopt":      "no record of the portal was found that could become {resource}",
	"of-field":              "{field}: {said}",
	"other-system":          "another system ({system})",
	"plan-is-refused":       "{code}: {message}",
	"project-that-calls-it": "project {owner}, which calls it {name}",
}
