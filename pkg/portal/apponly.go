package portal

import (
	"context"
	"net/http"
)

// An applicationRow is a family of methods that only applications may call: a
// webhook is refused whatever it sends. The portal does not have them for
// applications either, which learn just that.
type applicationRow struct {
	scope, code, text string
	methods           []string
}

const (
	needsApplication = "Access denied! Application context required"
	wrongAuthType    = "Current authorization type is denied for this method Application context required"
)

// applicationRows is what the pages of the methods say about calls without an
// application.
var applicationRows = []applicationRow{
	{"", "ACCESS_DENIED", needsApplication, []string{"app.option.get", "app.option.set", "user.option.get", "user.option.set"}},
	{"", "ACCESS_DENIED", needsApplication, []string{
		"event.bind", "event.unbind", "event.get",
		"event.offline.get", "event.offline.list", "event.offline.clear", "event.offline.error",
	}},
	{"placement", "WRONG_AUTH_TYPE", wrongAuthType, []string{"placement.bind", "placement.unbind", "placement.get", "placement.list"}},
	{"crm", "ACCESS_DENIED", needsApplication, []string{
		"crm.automation.trigger.add", "crm.automation.trigger.list", "crm.automation.trigger.delete", "crm.automation.trigger.execute",
		"crm.activity.type.add", "crm.activity.type.list", "crm.activity.type.delete",
	}},
	{"bizproc", "ACCESS_DENIED", needsApplication, []string{
		"bizproc.activity.add", "bizproc.activity.update", "bizproc.activity.list", "bizproc.activity.delete",
		"bizproc.robot.add", "bizproc.robot.update", "bizproc.robot.list", "bizproc.robot.delete",
		"bizproc.workflow.template.add", "bizproc.workflow.template.update", "bizproc.workflow.template.delete",
	}},
	{"entity", "ACCESS_DENIED", needsApplication, []string{
		"entity.add", "entity.get", "entity.item.add", "entity.item.update", "entity.item.get", "entity.item.delete",
		"entity.item.property.add", "entity.item.property.update", "entity.item.property.get", "entity.item.property.delete",
	}},
	{"imconnector", "WRONG_AUTH_TYPE", wrongAuthType, []string{
		"imconnector.register", "imconnector.activate", "imconnector.status", "imconnector.list", "imconnector.unregister",
	}},
	{"disk", "ACCESS_DENIED", needsApplication, []string{"disk.storage.getforapp"}},
}

// applicationMethods lists the methods that refuse a webhook.
// Source: https://apidocs.bitrix24.com/api-reference/events/index.html and the
// pages of the other families.
func applicationMethods() []method {
	var methods []method
	for _, row := range applicationRows {
		refused := &fault{status: http.StatusForbidden, code: row.code, text: row.text}
		for _, name := range row.methods {
			methods = append(methods, method{name: name, scope: row.scope, run: func(ctx context.Context, _ *call) (reply, error) {
				if requestOf(ctx).application != nil {
					return reply{}, noMethod()
				}
				return reply{}, refused
			}})
		}
	}
	return methods
}
