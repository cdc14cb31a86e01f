package words

// planMessages are the sentences of a plan itself.
var planMessages = sentences{
	"is-no-saved-plan":          "it is no saved plan",
	"nothing-to-adopt":          "no record of the portal was found that could become {resource}",
	"of-field":                  "{field}: {said}",
	"other-system":              "another system ({system})",
	"plan-file-is-another":      "{name} is not as it was when the plan was made",
	"plan-file-is-gone":         "{name}, of which the plan was made, is gone",
	"plan-file-is-new":          "{name} is there, and was not when the plan was made",
	"plan-has-expired":          "it has expired at {time}",
	"plan-is-another":           "the plan is {digest}, and {expected} is expected",
	"plan-is-cut-off":           "the saved plan is cut off",
	"plan-is-damaged":           "the saved plan is not as it was written",
	"plan-is-refused":           "{code}: {message}",
	"plan-is-unusable":          "the saved plan can't be used: {message} [{code}]",
	"plan-of-newer-version":     "its format is version {version}, made by b24apply {tool}, and this one knows up to {known}",
	"plan-of-environment":       "it is for environment {there}, and {here} is chosen",
	"plan-of-owner":             "it is of project {there}, and this is {here}",
	"plan-of-portal":            "it is for {there}, and the credential is for {here}",
	"plan-variable-is-another":  "{name} is not what it was when the plan was made",
	"plan-variable-is-missing":  "{name} was given when the plan was made",
	"plan-variable-is-new":      "{name} was not given when the plan was made",
	"plan-was-used":             "run {run} has used it at {time}",
	"plan-was-used-by-somebody": "a run on this machine has used it",
	"project-that-calls-it":     "project {owner}, which calls it {name}",
}
