package plan_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// fill puts a text that names its place into everything that can hold one.
func fill(v reflect.Value, path string, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("secret(" + path + ")")
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Type != reflect.TypeFor[*kind.Kind]() {
				fill(v.Field(i), strings.TrimPrefix(path+"."+f.Name, "."), depth)
			}
		}
	case reflect.Slice:
		if depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), path, depth-1)
		}
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), path, depth-1)
		}
	}
}

// What is forgotten holds no text of the record: what stays is listed here.
func TestForgetLeavesNothingOfARecord(t *testing.T) {
	stays := regexp.MustCompile(`^(Address|Kind|Action|ID|Type|Deps|Reason\.Code|Source\.File|Mark(\.(Wire|Value))?|MarkIn|Own\.(Wire|Value)|Inside|KeyField\..*|Double\.(Stays|Pointed\.Wire)|Place\.Catalogue|Route\..*|` +
		`Takeover\..*|(Fields|Kept)\.(Name|Label|Wire|Type\..*)|Steps\.(Name|Deps|Part|Sets|ID|Of\.ID|Mark\.(Wire|Value)|Type))$`)
	var c plan.Change
	fill(reflect.ValueOf(&c).Elem(), "", 4)
	c.Forget()
	text, err := json.Marshal(&c)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`secret\(([^)]*)\)`).FindAllStringSubmatch(string(text), -1) {
		if !stays.MatchString(found[1]) {
			t.Errorf("%s is left", found[1])
		}
	}
	if !c.Forgotten || len(c.Fields) != 1 {
		t.Error("it does not say what was forgotten")
	}
}

// A saved plan forgets one resource, keeps the others, and is whole.
func TestASavedPlanForgets(t *testing.T) {
	deal := kind.BuiltIn().ByName("Deal")
	change := func(name string, is plan.Action) plan.Change {
		return plan.Change{Address: value.NewAddress("deal", name), Kind: deal.Name, Facts: deal, Action: is, Title: "Title of " + name,
			Fields: []plan.Field{{Name: "title", Type: value.Type{Name: "string"}, After: value.Shown{Text: "Value of " + name}}}}
	}
	gone := change("gone", plan.Delete)
	gone.Pointers = []plan.Pointers{{EntityTypeID: 2, Count: 1, First: []plan.Pointer{{ID: "1", Address: "deal/a", Title: "Title of a"}}}}
	p := &plan.Plan{Portal: "x", Owner: "y", Changes: plan.List(change("a", plan.Create), change("b", plan.Create), gone),
		Notes: []plan.Note{{Code: "NOT_DECLARED", Addresses: []value.Address{"deal/a"}, Lines: []value.Message{value.Verbatim("Title of a")}}}}
	var file, after bytes.Buffer
	if _, err := plan.Write(&file, plan.Header{}, p); err != nil {
		t.Fatal(err)
	}
	before := file.String()
	erased, wrote, err := plan.Forget(strings.NewReader(before), &after, plan.Spool{Above: 10}, "deal/a")
	if err != nil || !wrote || !slices.Equal(erased, []int{0}) {
		t.Fatal(erased, wrote, err)
	}
	text := after.String()
	if strings.Contains(text, "of a") || !strings.Contains(text, "Value of b") || !strings.Contains(text, `"forgotten":["deal/a"]`) {
		t.Errorf("%s", text)
	}
	saved, err := plan.Read(strings.NewReader(text), plan.Spool{Above: 10})
	if err != nil || saved.Plan.Changes.Len() != 3 {
		t.Error(err)
	}
	if _, wrote, err := plan.Forget(strings.NewReader(before), &after, plan.Spool{Above: 10}, "deal/none"); wrote || err != nil {
		t.Errorf("a plan without it is written: %v", err)
	}
	var picked []int
	err = plan.Pick(strings.NewReader(before), func(_ int, a value.Address) bool { return a != "deal/a" }, func(i int, c *plan.Change) {
		if picked = append(picked, i); c.Title == "" {
			t.Errorf("%+v", c)
		}
	})
	if err != nil || !slices.Equal(picked, []int{1, 2}) {
		t.Errorf("%v, %v", picked, err)
	}
}
