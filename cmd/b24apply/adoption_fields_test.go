package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// Records are found by fields of every type that match takes, in both zones: those
// that were created and then lost their marks are adopted, each one, and afterwards a
// plan is empty.
func TestMatchFindsRecordsByFieldsOfEveryType(t *testing.T) {
	for _, zone := range []*time.Location{time.FixedZone("+03:00", 3*3600), time.FixedZone("-05:00", -5*3600)} {
		t.Run(zone.String(), func(t *testing.T) {
			t.Parallel()
			l := newLadder(t, portal.Config{Zone: zone})
			var bare, matched []string
			for _, kind := range kind.BuiltIn().Records() {
				for _, rule := range kind.Fields {
					bare, matched = l.matchable(kind, rule, bare, matched)
				}
			}
			l.write("tested", bare...)
			l.run(exitDone, "apply", "-f", l.dir, "--yes")
			l.clearMarks()
			l.write("tested", matched...)
			adopted := 0
			for address, c := range l.planned(exitDone, l.dir) {
				if strings.HasSuffix(address, "/left") || strings.HasSuffix(address, "/right") || c.Action == "no-op" {
					continue
				}
				if adopted++; c.Action != "adopt" {
					t.Errorf("the plan would %s %s", c.Action, address)
				}
			}
			if adopted != len(matched) || adopted < 100 {
				t.Errorf("%d of %d records are adopted", adopted, len(matched))
			}
			l.run(exitDone, "apply", "-f", l.dir, "--yes")
			before := l.portal.Stats().Writes
			l.run(exitDone, "plan", "-f", l.dir, "--detailed-exitcode")
			if wrote := l.portal.Stats().Writes - before; wrote != 0 {
				t.Errorf("the second plan wrote %d times", wrote)
			}
		})
	}
}

// matchable adds a record that declares a field, without match and with it. Amounts
// and days are found alone, others together with the text that names the record.
func (l *fieldLadder) matchable(of *kind.Kind, rule kind.Rule, bare, matched []string) (_, _ []string) {
	contact := rule.Multi == "PHONE" || rule.Multi == "EMAIL"
	title := "title"
	if of.Name == "Contact" {
		title = "lastName"
	}
	s, ok := l.samplesOf(of, rule)
	if !ok || !l.climbable(of, rule) || rule.Name == "stageId" || rule.Name == title || rule.Type == kind.TypeMarkup || rule.Type == kind.TypeFile || rule.Type == kind.TypeLocation ||
		rule.Type == kind.TypeParents || rule.Multiple || rule.Multi != "" && !contact {
		return bare, matched
	}
	name := "by-" + rule.Name
	match := fmt.Sprintf("[[%s, %s]]", rule.Name, title)
	if slices.Contains([]kind.FieldType{kind.TypeDouble, kind.TypeDate}, rule.Type) || contact {
		match = fmt.Sprintf("[[%s]]", rule.Name)
	}
	fields := fmt.Sprintf("{%s: %s %s, %s: %s}", title, of.Name, name, rule.Name, strings.ReplaceAll(s.first, "RECORD", name))
	item := ""
	if of.Name == "SPAItem" {
		item = "type: asset, "
	}
	document := "kind: %s\nmetadata: {name: %s}\nspec: {%s%sfields: %s}"
	return append(bare, fmt.Sprintf(document, of.Name, name, item, "", fields)),
		append(matched, fmt.Sprintf(document, of.Name, name, item, "match: "+match+", ", fields))
}

// clearMarks takes the marks off every record but those of the stock.
func (l *fieldLadder) clearMarks() {
	l.t.Helper()
	var report struct {
		Items []struct {
			Resource string
			ID       int `json:",string"`
		}
	}
	if err := json.Unmarshal([]byte(l.run(exitDone, "apply", "-f", l.dir, "--yes", "-o", "json")), &report); err != nil {
		l.t.Fatal(err)
	}
	entities := map[string]int{"lead": 1, "deal": 2, "contact": 3, "company": 4, "quote": 7, "invoice": 31, "asset": 140}
	for _, item := range report.Items {
		space, name := filepath.Split(item.Resource)
		if entity := entities[strings.TrimSuffix(space, "/")]; entity != 0 && strings.HasPrefix(name, "by-") {
			l.call("crm.item.update", fmt.Sprintf(`{"entityTypeId":%d,"id":%d,"fields":{"originatorId":"","originId":"","xmlId":"","ufCrm_QUOTE_B24APPLY_KEY":""}}`, entity, item.ID))
		}
	}
}
