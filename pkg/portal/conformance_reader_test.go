package portal

import (
	"strings"
	"testing"
	"testing/fstest"

	gocmp "github.com/google/go-cmp/cmp"
)

const samplePage = `# Add a thing crm.category.add

## Method Parameters

#|
|| **Name**
~type~ | **Description** ||
|| **id^*^**
[~integer~](x.md) | Text ||
|| **fields***
[~object~](x.md) | Text
~~~
|| **notThis**
~~~
||
|#

### Parameter fields

- Deal

  Identifier **entityTypeId:** ~2~

  || **title**
  [~crm_status[]~](x.md) | Text ||

- SPA

  Identifier **entityTypeId:** see the list

  || **name***
  [~string~](x.md) | Text ||

### Something else

|| **other**
~string~ | Text ||

## Response Handling

~~~json
{"result":{"item":{"id":5,"ufCrm_1":1,"tags":[null,"a"],"byId":{"7":{"n":true}}}},"total":1}
~~~

~~~json
{"result":{"second":1}}
~~~

## Error Handling

### Possible Error Codes

|| **Status** | **Code** ||
|| ~400~ | ~NOT_FOUND~ | Text ||
|| ~100~ | Text ||
|| Empty value | Text ||
`

func TestAPageIsReadForItsFactsAlone(t *testing.T) {
	tree := fstest.MapFS{
		"api-reference/crm/thing-add.md": {Data: []byte(strings.ReplaceAll(samplePage, "~", "`"))},
		"api-reference/crm/index.md":     {Data: []byte("# Things\n\n## Method Parameters\n")},
		"api-reference/crm/toc.yaml":     {Data: []byte("# crm.category.get\n")},
	}
	var got []fact
	err := readDocsTree(tree, func(name string, text []byte) error {
		if f, ok := readPage(name, text); ok {
			got = append(got, f)
		}
		return nil
	})
	want := []fact{{
		Method: "crm.category.add",
		Page:   "api-reference/crm/thing-add.md",
		Params: []documentedParam{
			{Name: "id", Type: "integer", Required: true},
			{Name: "fields", Type: "object", Required: true},
			{Name: "fields.title", Type: "crm_status[]", Entity: "2"},
			{Name: "fields.name", Type: "string", Required: true, Entity: "spa"},
		},
		Answer: map[string]string{
			"result": "object", "result.item": "object", "result.item.id": "number", "result.item.tags": "array",
			"result.item.tags[]": "null|string", "result.item.byId": "object", "result.item.byId[]": "object",
			"result.item.byId[].n": "boolean", "total": "number",
		},
		Errors: []string{"", "100", "NOT_FOUND"},
	}}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("facts differ (-want +got): %v\n%s", err, diff)
	}
}

func TestDifferencesNameWhatIsOdd(t *testing.T) {
	want := map[string]string{
		"result": "object", "result.a": "number", "result.b": "null|string", "result.c": "null", "result.list": "array",
		"result.gone": "object", "result.gone.x": "number", "result.some": "array", "result.some[]": "number",
	}
	got := map[string]string{
		"result": "object", "result.a": "string", "result.b": "null", "result.c": "boolean", "result.list": "array",
		"result.list[]": "object", "result.new": "object", "result.new.y": "number", "result.some": "array",
	}
	list := differences(want, got)
	if diff := gocmp.Diff([]string{"type result.a: string, documented number", "missing result.gone", "extra result.new"}, list); diff != "" {
		t.Errorf("differences differ (-want +got):\n%s", diff)
	}
}
