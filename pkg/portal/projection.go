package portal

import "slices"

// projectionSchema returns the statements that create the tables beside those of
// the items.
func projectionSchema() []string {
	return slices.Concat(stageHistorySchema(), timelineSchema(), v3Schema(), []string{solutionSchema})
}

// projectionMethods lists the methods that show the store of the items in other
// forms, and the smaller families around it.
func projectionMethods() []method {
	return append(slices.Concat(legacyMethods(), bindingMethods(), solutionMethods(), timelineMethods(), enumMethods()),
		crmMethod("crm.stagehistory.list", false, listStageHistory),
		crmMethod("crm.duplicate.findbycomm", false, findDuplicates),
	)
}
