package portal

import (
	"context"
	"slices"
)

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
		crmMethod("crm.entity.mergeBatch", true, mergeItems),
		crmMethod("crm.settings.mode.get", false, settingsMode),
	)
}

// settingsMode answers crm.settings.mode.get: the portal keeps leads, which is the
// classic mode.
// Source: https://apidocs.bitrix24.com/api-reference/crm/crm-settings-mode-get.html.
func settingsMode(context.Context, *store, *call) (reply, error) { return reply{value: 1}, nil }
