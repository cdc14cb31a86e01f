package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/portal"
)

// A stageRung is where the records of every kind with pipelines are declared to be, in
// words that mean the same on every portal.
type stageRung struct {
	name, category, stage string
	want                  string // the short stage
	other                 bool   // in the second pipeline
}

var stageRungs = []stageRung{
	{"created on the first pipeline", "", "PREPARATION", "PREPARATION", false},
	{"to the other pipeline by its title, with a stage of it", "Partners", "Signed", "SIGNED", true},
	{"within it, by the stage alone", "", "PREPARATION", "PREPARATION", true},
	{"to its final stage", "Partners", "FINAL", "FINAL", true},
	{"back from a final stage to the first pipeline by its id", "DEFAULT", "PREPARATION", "PREPARATION", false},
	{"to the other pipeline by its id, to a final stage at once", "OTHER", "FINAL", "FINAL", true},
	{"from it to a failure", "", "FAILED", "FAILED", true},
}

// staged are the kinds with pipelines: their entity type, and how their stages are
// called.
var staged = []struct {
	kind, name, typ                 string
	entity                          int
	preparation, final, failed, dir string
}{
	{"Deal", "d", "", 2, "PREPARATION", "WON", "LOSE", "DEAL_STAGE_%d"},
	{"Invoice", "i", "", 31, "S", "P", "D", "SMART_INVOICE_STAGE_%d"},
	{"SPAItem", "m", "machine", 140, "PREPARATION", "SUCCESS", "FAIL", "DYNAMIC_140_STAGE_%d"},
}

const stagedType = "kind: SPA\nmetadata: {name: machine}\nspec: {title: Machines, entityTypeId: 140, isStagesEnabled: Y, isCategoriesEnabled: Y, isBeginCloseDatesEnabled: Y}\n"

// Records go from stage to stage and from pipeline to pipeline, on portals with other
// ids and zones; wherever they are put they hold, closing date included.
func TestRecordsMoveBetweenStagesAndPipelines(t *testing.T) {
	for name, at := range map[string]struct {
		zone *time.Location
		base int
	}{"east": {time.FixedZone("", 3*3600), 1}, "west, other ids": {time.FixedZone("", -5*3600), 900}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newPolicyBench(t, at.zone, at.base)
			b.write("type", stagedType)
			b.applied()
			pipelines := make(map[int][2]int)
			for _, k := range staged {
				pipelines[k.entity] = b.secondPipeline(k.entity, k.dir)
			}
			for _, rung := range stageRungs {
				b.stand(rung, pipelines)
			}
		})
	}
}

// secondPipeline adds the pipeline Partners with a stage of its own, and gives the ids
// of the default one and of this.
func (b *policyBench) secondPipeline(entity int, dir string) [2]int {
	b.t.Helper()
	b.as(b.url, "crm.category.add", fmt.Sprintf(`{"entityTypeId":%d,"fields":{"name":"Partners"}}`, entity))
	var list struct {
		Categories []struct {
			ID              int
			Name, IsDefault string
		}
	}
	if err := json.Unmarshal(b.as(b.url, "crm.category.list", fmt.Sprintf(`{"entityTypeId":%d}`, entity)), &list); err != nil {
		b.t.Fatal(err)
	}
	var ids [2]int
	for _, c := range list.Categories {
		if c.Name == "Partners" {
			ids[1] = c.ID
		} else if c.IsDefault == "Y" {
			ids[0] = c.ID
		}
	}
	b.as(b.url, "crm.status.add", fmt.Sprintf(`{"fields":{"ENTITY_ID":%q,"STATUS_ID":"SIGNED","NAME":"Signed","SORT":25}}`, fmt.Sprintf(dir, ids[1])))
	return ids
}

// stand applies a rung, and looks where the records are.
func (b *policyBench) stand(rung stageRung, pipelines map[int][2]int) {
	b.t.Helper()
	var texts []string
	for _, k := range staged {
		ids := pipelines[k.entity]
		stage := strings.NewReplacer("PREPARATION", k.preparation, "FINAL", k.final, "FAILED", k.failed).Replace(rung.stage)
		category := strings.NewReplacer("DEFAULT", fmt.Sprint(ids[0]), "OTHER", fmt.Sprint(ids[1])).Replace(rung.category)
		if category != "" {
			category = "categoryId: " + category + ", "
		}
		typ := ""
		if k.typ != "" {
			typ = "type: " + k.typ + ", "
		}
		texts = append(texts, fmt.Sprintf("kind: %s\nmetadata: {name: %s}\nspec: {%sfields: {title: T, %sstageId: %s, closedate: 2027-03-01}}\n", k.kind, k.name, typ, category, stage))
	}
	b.write("records", texts...)
	got, want := make(map[string]string), make(map[string]string)
	for _, item := range b.applied().Items {
		if item.Status != "succeeded" && item.Resource != "spa/machine" {
			b.t.Errorf("%s: %s is %s: %s", rung.name, item.Resource, item.Status, item.Error)
		}
		for _, k := range staged {
			if !strings.HasSuffix(item.Resource, "/"+k.name) {
				continue
			}
			short := strings.NewReplacer("PREPARATION", k.preparation, "FINAL", k.final, "FAILED", k.failed).Replace(rung.want)
			at := 0
			if rung.other {
				at = 1
			}
			want[item.Resource] = fmt.Sprintf("%d %s", pipelines[k.entity][at], short)
			got[item.Resource] = b.standing(k.entity, item.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", rung.name, diff)
	}
	b.settled()
}

func (b *policyBench) standing(entity, id int) string {
	b.t.Helper()
	var got struct {
		Item struct {
			CategoryID int
			StageID    string
		}
	}
	if err := json.Unmarshal(b.as(b.url, "crm.item.get", fmt.Sprintf(`{"entityTypeId":%d,"id":%d}`, entity, id)), &got); err != nil {
		b.t.Fatal(err)
	}
	_, short, ok := strings.Cut(got.Item.StageID, ":")
	if !ok {
		short = got.Item.StageID
	}
	return fmt.Sprintf("%d %s", got.Item.CategoryID, short)
}

// Where people own the pipeline of a record and have moved it, its declared stage means
// nothing: it is kept too, and no stage of another pipeline is a problem.
func TestAStageIsKeptTogetherWithItsPipeline(t *testing.T) {
	for _, tc := range []struct {
		policy, want string
		kept         int
	}{
		{"{categoryId: keepHuman}", "1 SIGNED", 2},
		{"{categoryId: createOnly}", "1 SIGNED", 1},
		{`{"*": keepHuman}`, "1 SIGNED", 2},
		{`{"*": createOnly}`, "1 SIGNED", 0},
		{"{stageId: keepHuman}", "0 NEW", 0}, // the pipeline is put back, and takes the stage with it
	} {
		t.Run(tc.policy, func(t *testing.T) {
			b := newPolicyBench(t, time.UTC, 1)
			if got := b.secondPipeline(2, "DEAL_STAGE_%d"); got != [2]int{0, 1} {
				t.Fatalf("pipelines %v", got)
			}
			document := "kind: Deal\nmetadata: {name: d}\nspec: {fields: {title: T, categoryId: General, stageId: Invoice}, policy: " + tc.policy + "}\n"
			b.write("records", strings.ReplaceAll(document, "Invoice", "PREPARATION"))
			id := b.applied().Items[0].ID
			b.as(b.person, "crm.item.update", fmt.Sprintf(`{"entityTypeId":2,"id":%d,"fields":{"categoryId":1,"stageId":"C1:SIGNED"}}`, id))
			b.write("records", strings.ReplaceAll(document, "Invoice", "EXECUTING"))
			if got := len(b.applied().Items[0].Kept); got != tc.kept && tc.policy != "{stageId: keepHuman}" {
				t.Errorf("%d fields kept, want %d", got, tc.kept)
			}
			if got := b.standing(2, id); got != tc.want {
				t.Errorf("the deal is at %s, want %s", got, tc.want)
			}
			b.settled()
		})
	}
}

// A requiredRow is a deal at its first stage, with or without a mandatory field, and
// what is declared for it then.
type requiredRow struct {
	name   string
	code   string // on the portal before; "" for none
	fields string
	lacks  string // the field that the portal refuses for want of, if it looks
}

var requiredRows = []requiredRow{
	{"move-and-clear", "x", "stageId: EXECUTING, CODE: null", "CODE"},
	{"move-with-declared", "", "stageId: EXECUTING, CODE: y", ""},
	{"move-with-live", "x", "stageId: EXECUTING", ""},
	{"move-without", "", "stageId: EXECUTING", "CODE"},
	{"no-move", "", "probability: 5", ""},
	{"other-pipeline", "", "categoryId: Partners, stageId: EXECUTING", ""},
	{"stage-has", "x", "stageId: FINAL_INVOICE, opportunity: 5", ""},
	{"stage-requires", "x", "stageId: FINAL_INVOICE", "opportunity"},
}

// What the portal tells to be mandatory is in the plan, by field, stage and record; what
// only the portal knows to be required is named by its refusal, which stops nobody else.
// Where the portal does not insist, nothing is refused.
func TestFieldsRequiredAtAStage(t *testing.T) {
	for name, cfg := range map[string]portal.Config{
		"a portal that insists":            {CheckRequired: true, StageRequirements: []portal.StageRequirement{{EntityTypeID: 2, Stage: "FINAL_INVOICE", Field: "opportunity"}}},
		"one that does not, and other ids": {IDBase: 300},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openPolicyBench(t, cfg)
			b.secondPipeline(2, "DEAL_STAGE_%d")
			ids := make(map[string]int)
			b.write("records", requiredDocuments(func(requiredRow) string { return "title: T" })...)
			for _, item := range b.applied().Items {
				ids[item.Resource] = item.ID
			}
			b.as(b.url, "userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_CODE","userTypeId":"string","mandatory":"Y","editFormLabel":{"en":"Inner code"}}}`)
			for _, row := range requiredRows {
				if row.code != "" {
					b.as(b.url, "crm.item.update", fmt.Sprintf(`{"entityTypeId":2,"id":%d,"fields":{"ufCrmDealCode":%q}}`, ids["deal/"+row.name], row.code))
				}
			}
			b.write("records", requiredDocuments(func(r requiredRow) string { return r.fields })...)
			b.checkWarning()
			b.checkRequired(cfg.CheckRequired)
		})
	}
}

func requiredDocuments(fields func(requiredRow) string) []string {
	var texts []string
	for _, row := range requiredRows {
		texts = append(texts, fmt.Sprintf("kind: Deal\nmetadata: {name: %s}\nspec: {fields: {%s}}\n", row.name, fields(row)))
	}
	return texts
}

// checkWarning plans: one warning stands for the two records that lack the same.
func (b *policyBench) checkWarning() {
	b.t.Helper()
	var stdout, stderr bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, getenv: boxPlan}
	if code := run(b.t.Context(), e, []string{"plan", "-C", b.dir, "-f", ".", "--portal", b.url}); code != exitDone {
		b.t.Errorf("plan: exit code %d\n%s", code, &stderr)
	}
	text := stderr.String()
	if want := `deal/move-and-clear and 1 more would have no CODE at stage "In progress", which is mandatory on this portal`; !strings.Contains(text, want) || strings.Count(text, "warning:") != 1 {
		b.t.Errorf("the plan warns:\n%s\nwant one warning: %s", text, want)
	}
}

func (b *policyBench) checkRequired(insists bool) {
	b.t.Helper()
	var report struct {
		Items []struct{ Resource, Status, Code, Field, Error, Hint string }
	}
	code := exitDone
	if insists {
		code = exitItems
	}
	if err := json.Unmarshal([]byte(b.run(code, "apply", "-C", b.dir, "-f", ".", "--yes", "-o", "json")), &report); err != nil {
		b.t.Fatal(err)
	}
	for i, item := range report.Items {
		row := requiredRows[i]
		if !insists || row.lacks == "" {
			if item.Status != "succeeded" {
				b.t.Errorf("%s is %s: %s", item.Resource, item.Status, item.Error)
			}
			continue
		}
		if item.Status != "failed" || item.Code != "CRM_FIELD_ERROR_REQUIRED" || item.Field != row.lacks ||
			!strings.Contains(item.Error, "at stage") || !strings.HasPrefix(item.Hint, "declare "+row.lacks) {
			b.t.Errorf("%+v, want a failure for want of %s", item, row.lacks)
		}
	}
	if !insists {
		b.settled()
	}
}
