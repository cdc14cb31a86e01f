package main

import (
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/portal"
)

// Labels and ids of options need no right to read the settings of fields; a code does,
// and the problem says why it is not known.
func TestOptionsGoByLabelAndIDWithoutTheScopeForCodes(t *testing.T) {
	hook := portal.Webhook{User: 1, Secret: "crmonly", Scopes: []string{"crm"}}
	l := &fieldLadder{world: openWorld(t, portal.Config{Webhooks: []portal.Webhook{hook}}), dir: t.TempDir()}
	l.call("userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_GRADE","userTypeId":"enumeration","enum":[{"value":"First","xmlId":"a"}]}}`)
	l.url = strings.Replace(l.url, l.portal.WebhookPath(), hook.Path(), 1)
	deal := func(grade string) string {
		return "kind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, GRADE: " + grade + "}}"
	}
	l.write("deal", deal("First"))
	l.run(exitDone, "apply", "-f", l.dir, "--yes")
	l.write("deal", deal("1"))
	l.holds(rungFirst)
	l.write("deal", deal("a"))
	if out := l.anyExit("plan", "-f", l.dir, "-o", "json"); !strings.Contains(out, "codes of options could not be read") {
		t.Errorf("the plan does not say why the code is unknown:\n%s", out)
	}
}
