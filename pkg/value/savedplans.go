package value

// savedPlans are the codes of why a saved plan is not used. The exit code is 6.
var savedPlans = []Code{
	{Name: "PLAN_CHANGED", In: Saved, Why: "`--expect-plan` names another plan than the one that was made: the portal or the manifests have changed since, or the flags are not the same"},
	{Name: "PLAN_DAMAGED", In: Saved, Why: "the file is no saved plan, is cut off, or is not as it was written"},
	{Name: "PLAN_EXPIRED", In: Saved, Why: "the plan is older than `--expires` has allowed when it was made"},
	{Name: "PLAN_INPUTS", In: Saved, Why: "a manifest, the project file or a variable is not as it was when the plan was made"},
	{Name: "PLAN_KEY", In: Saved, Why: "the plan is lean, and was made with another key than that of `B24_PLAN_KEY`"},
	{Name: "PLAN_NEWER", In: Saved, Why: "a newer version of b24apply has written the file"},
	{Name: "PLAN_OWNER", In: Saved, Why: "the project has another name or another environment than the plan"},
	{Name: "PLAN_PORTAL", In: Saved, Why: "the plan was made for another portal"},
	{Name: "PLAN_USED", In: Saved, Why: "a run on this machine has carried the plan out already, or has begun to"},
	{Name: "REVIEW_OF_OTHER_PLAN", In: Saved, Why: "the file of `--reviewed` marks causes of another plan: the portal or the manifests have changed since, or the flags are not the same"},
}
