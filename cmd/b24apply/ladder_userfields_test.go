package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// Every type of user field converges on every kind of record, single and multiple:
// created empty, set, changed, spelled in another way, changed by membership and
// cleared. After every apply a second plan is empty and writes nothing. The same
// manifests serve two portals with other ids, east and west of UTC.
func TestUserFieldsOfEveryTypeConverge(t *testing.T) {
	for _, cfg := range []portal.Config{
		{Zone: time.FixedZone("+03:00", 3*3600)},
		{Zone: time.FixedZone("-05:00", -5*3600), IDBase: 700},
	} {
		t.Run(cfg.Zone.String(), func(t *testing.T) {
			t.Parallel()
			l := &userLadder{fieldLadder: newLadder(t, cfg)}
			l.tape.loose = true
			l.recorded()
			for _, kind := range kind.BuiltIn().Records() {
				l.add(kind)
			}
			l.climb()
		})
	}
}

// A userSample is a type of user field with its settings, two values, and the second
// one in another spelling.
type userSample struct {
	typ, settings        string
	first, second, again string
	set, single          bool // a multiple field has no order; there is no multiple field
}

var userSamples = []userSample{
	{typ: "string", first: "007", second: `"$result[x] </script> Größe 🙂"`, again: `"$result[x] </script> Gr\u00f6\u00dfe \U0001F642"`},
	{typ: "integer", first: "0", second: "-12", again: `"-12"`},
	{typ: "double", settings: `"settings":{"PRECISION":3}`, first: `"1250.505"`, second: "0.07", again: `"0.070"`},
	{typ: "boolean", first: "Y", second: "N", again: "false", single: true},
	{typ: "date", first: "2024-02-29", second: "1969-12-31", again: `"1969-12-31"`},
	{typ: "datetime", first: `"2024-02-29T01:30:00+02:00"`, second: `"2024-12-31T23:59:59-05:00"`, again: `"2025-01-01T04:59:59Z"`},
	{typ: "enumeration", settings: `"enum":[{"value":"Red","xmlId":"r"},{"value":"Green","xmlId":"g"},{"value":"Blue","xmlId":"b"}]`, first: "Red", second: "Green", again: "g", set: true},
	{typ: "money", first: `"12.5|EUR"`, second: `"300|USD"`, again: `{amount: "300.00", currency: usd}`},
	{typ: "url", first: `"https://acme.example/?a=1&b=2"`, second: `"https://two.example"`, again: `" https://two.example "`},
	{typ: "address", first: `"Main Street 1, Springfield"`, second: `"Hauptstraße 2|52.5;13.4"`, again: `"Hauptstraße 2 | 52.50;13.40"`},
	{typ: "employee", first: "lena_f@acme.example", second: "Jan Novak", again: `"Jan Novak"`, set: true},
	{typ: "crm", settings: `"settings":{"LEAD":"Y","DEAL":"Y","COMPANY":"Y","DYNAMIC_140":"Y"}`, first: "{ref: deal/left}", second: "{ref: company/right}", again: "CO_COMPANY", set: true},
	{typ: "crm_status", settings: `"settings":{"ENTITY_TYPE":"SOURCE"}`, first: "WEB", second: "RC_GENERATOR", again: "Sales boost", set: true},
	{typ: "iblock_section", first: "5", second: "7", again: `"7"`, set: true},
	{typ: "iblock_element", first: "5", second: "7", again: `"7"`, set: true},
	{typ: "hlblock", first: "5", second: "7", again: `"7"`, set: true},
	{typ: "file", first: "{file: first.txt}", second: "{file: second.txt}", again: "{file: again.txt}", set: true},
	{typ: "rest_1_rating", first: "five", second: `"5 / 5"`, again: "5 / 5"},
}

// The rungs of a user field.
const (
	userEmpty = iota
	userFirst
	userSecond
	userAgain
	userMembers
	userCleared
	userRungs
)

var userRungNames = [userRungs]string{"created empty", "set", "changed", "spelled differently", "by membership", "cleared"}

// A userLadder is a ladder whose records hold every user field, the single ones in
// one record and the multiple ones in another.
type userLadder struct {
	*fieldLadder
	records []userRecord
}

type userRecord struct {
	kind, name string
	rungs      [userRungs]map[string]string
}

// add makes the user fields of a kind and declares its records.
func (l *userLadder) add(kind *kind.Kind) {
	single := userRecord{kind: kind.Name, name: "singles"}
	multiple := userRecord{kind: kind.Name, name: "multiples"}
	for rung := range userRungs {
		single.rungs[rung], multiple.rungs[rung] = make(map[string]string), make(map[string]string)
	}
	for _, s := range userSamples {
		s.again = strings.ReplaceAll(s.again, "COMPANY", fmt.Sprint(l.ids["company/right"]))
		code := strings.ToUpper(s.typ)
		l.makeField(kind, "ONE_"+code, s, "N")
		for rung, value := range s.singleRungs() {
			single.rungs[rung]["ONE_"+code] = value
		}
		if s.single {
			continue
		}
		l.makeField(kind, "ALL_"+code, s, "Y")
		for rung, value := range s.multipleRungs() {
			multiple.rungs[rung]["ALL_"+code] = value
		}
	}
	l.records = append(l.records, single, multiple)
}

func (s userSample) singleRungs() [userRungs]string {
	rungs := [userRungs]string{"null", s.first, s.second, s.again, s.second, "null"}
	if s.typ == "boolean" {
		rungs[userEmpty], rungs[userCleared] = "", ""
	}
	return rungs
}

func (s userSample) multipleRungs() [userRungs]string {
	again := fmt.Sprintf("[%s, %s]", s.again, s.first)
	if s.set {
		again = fmt.Sprintf("[%s, %s]", s.first, s.again)
	}
	return [userRungs]string{"null", "[" + s.first + "]", fmt.Sprintf("[%s, %s]", s.second, s.first), again,
		fmt.Sprintf("{add: [%s], remove: [%s]}", s.first, s.again), "null"}
}

// makeField makes a user field on the portal, by its own id of the type.
func (l *userLadder) makeField(kind *kind.Kind, code string, s userSample, multiple string) {
	entity := "CRM_" + strings.ToUpper(kind.Name)
	switch kind.Name {
	case "Invoice":
		entity = "CRM_SMART_INVOICE"
	case "SPAItem":
		entity = fmt.Sprintf("CRM_%d", l.typeID(140))
	}
	settings := ""
	if s.settings != "" {
		settings = "," + s.settings
	}
	l.call("userfieldconfig.add", fmt.Sprintf(`{"moduleId":"crm","field":{"entityId":%q,"fieldName":"UF_%s_%s","userTypeId":%q,"multiple":%q%s}}`,
		entity, entity, code, s.typ, multiple, settings))
}

func (l *userLadder) typeID(entityTypeID int) int {
	l.t.Helper()
	response, err := foreignPost(l.url+"crm.type.getByEntityTypeId", fmt.Sprintf(`{"entityTypeId":%d}`, entityTypeID))
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Result struct{ Type struct{ ID int } }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		l.t.Fatal(err)
	}
	return answer.Result.Type.ID
}

func (r userRecord) address() string {
	space := strings.ToLower(r.kind)
	if r.kind == "SPAItem" {
		space = "asset"
	}
	return space + "/" + r.name
}

func (r userRecord) document(rung int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kind: %s\nmetadata: {name: %s}\nspec:\n", r.kind, r.name)
	if r.kind == "SPAItem" {
		b.WriteString("  type: asset\n")
	}
	b.WriteString("  fields:\n    opened: Y\n")
	for _, name := range slices.Sorted(maps.Keys(r.rungs[rung])) {
		if value := r.rungs[rung][name]; value != "" {
			fmt.Fprintf(&b, "    %s: %s\n", name, value)
		}
	}
	return b.String()
}

// changes tells whether a rung asks for anything that the one before did not.
func (r userRecord) changes(rung int) bool {
	switch rung {
	case userAgain:
		return false
	case userMembers:
		return r.name == "multiples"
	}
	return true
}

func (l *userLadder) climb() {
	for rung := range userRungs {
		documents := make([]string, len(l.records))
		for i, r := range l.records {
			documents[i] = r.document(rung)
		}
		l.write("tested", documents...)
		l.applies(rung)
		l.holds(rung)
	}
}

// applies applies a rung and checks that it changed what it should and no more.
func (l *userLadder) applies(rung int) {
	l.t.Helper()
	for _, item := range l.rungReport(rung).Items {
		if strings.HasPrefix(item.Resource, "fields/") {
			continue // the mark of the quotes, created at the first rung
		}
		i := slices.IndexFunc(l.records, func(r userRecord) bool { return r.address() == item.Resource })
		want := "unchanged"
		if i >= 0 && l.records[i].changes(rung) {
			want = "succeeded"
		}
		if item.Status != want {
			l.t.Errorf("%s: %s is %s, want %s: %s", userRungNames[rung], item.Resource, item.Status, want, item.Error)
		}
	}
}
