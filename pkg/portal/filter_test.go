package portal

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilters(t *testing.T) {
	c := openCRM(t, 3)
	c.add(3, `{}`)
	for _, fields := range []string{
		`{"title":"Alpha","originId":"k_1","opportunity":100,"contactIds":[1],"observers":[2,3],"begindate":"2026-01-10"}`,
		`{"title":"alphabet ","originId":"kx1","opportunity":200.5,"opened":"N","begindate":"2026-02-10"}`,
		`{"title":"100%","originId":"42","opportunity":300,"stageId":"WON","probability":50}`,
		`{"title":"beta\\_","opportunity":0,"observers":[3],"utmSource":"google"}`,
	} {
		c.add(2, fields)
	}
	for filter, want := range map[string][]int{
		// A bare key is LIKE: without case, with the wildcards of the value.
		`{"title":"alpha"}`:       {1},
		`{"title":"alpha%"}`:      {1, 2},
		`{"title":"_lpha"}`:       {1},
		`{"originId":"k_1"}`:      {1, 2},
		`{"TITLE":"ALPHA"}`:       {1},
		`{"originId":"42"}`:       {3},
		`{"originId":"4_"}`:       {3},
		`{"!originId":"k_1"}`:     {3, 4},
		`{"!title":"alpha%"}`:     {3, 4},
		`{"title":"beta\\\\\\_"}`: {4},
		`{"title":"x\\"}`:         {},
		// = is equality without case and trailing blanks.
		`{"=originId":"K_1"}`:          {1},
		`{"=title":"ALPHABET"}`:        {2},
		`{"=title":"alphabet  "}`:      {2},
		`{"!=originId":"k_1"}`:         {2, 3, 4},
		`{"=originId":["K_1","42"]}`:   {1, 3},
		`{"@originId":["k_1","kx1 "]}`: {1, 2},
		`{"!@originId":["k_1","kx1"]}`: {3, 4},
		`{"@id":["1","3"]}`:            {1, 3},
		`{"id":[2,3]}`:                 {2, 3},
		`{"@id":{"0":2,"5":"3"}}`:      {2, 3},
		`{"@id":7}`:                    {},
		`{"@id":[]}`:                   {},
		`{"!@id":[]}`:                  {1, 2, 3, 4},
		`{"@originId":["k_1",""]}`:     {1, 4},
		// An empty value means "no value".
		`{"=originId":""}`:    {4},
		`{"originId":null}`:   {4},
		`{"!originId":""}`:    {1, 2, 3},
		`{"!=originId":null}`: {1, 2, 3},
		`{"opportunity":""}`:  {4},
		`{"probability":""}`:  {1, 2, 4},
		`{"=companyId":0}`:    {},
		// Order.
		`{">id":2}`:               {3, 4},
		`{">=id":"2","<id":4}`:    {2, 3},
		`{"<=opportunity":200.5}`: {1, 2, 4},
		`{">=title":"b"}`:         {4},
		`{">begindate":"2026-01-10","<begindate":"2026-02-11"}`: {2},
		`{"begindate":"2026-01-10"}`:                            {1},
		`{">createdTime":"2020-01-01T00:00:00Z"}`:               {1, 2, 3, 4},
		`{"<createdTime":"2020-01-01T00:00:00Z"}`:               {},
		// Parts of texts.
		`{"%title":"LPHA"}`:   {1, 2},
		`{"%title":"0%"}`:     {3},
		`{"%title":"_"}`:      {4},
		`{"!%title":"lpha"}`:  {3, 4},
		`{"%=title":"alp%"}`:  {1, 2},
		`{"=%title":"%t_"}`:   {2},
		`{"=%title":"a%t "}`:  {2},
		`{"!=%title":"alp%"}`: {3, 4},
		`{"!%=title":"alp%"}`: {3, 4},
		// Types.
		`{"opened":"N"}`:         {2},
		`{"!=opened":"N"}`:       {1, 3, 4},
		`{"=opened":true}`:       {1, 3, 4},
		`{"opportunity":"300"}`:  {3},
		`{"stageId":"WON"}`:      {3},
		`{"utmSource":"google"}`: {4},
		`{"categoryId":0}`:       {1, 2, 3, 4},
		// Multiple fields.
		`{"contactIds":1}`:     {1},
		`{"contactIds":["1"]}`: {1},
		`{"contactId":1}`:      {1},
		`{"!contactId":1}`:     {2, 3, 4},
		`{"observers":[2]}`:    {1},
		`{"observers":[2,3]}`:  {1, 4},
		`{"observers":""}`:     {2, 3},
		// Groups.
		`{"0":{"logic":"OR","0":{"=id":1},"1":{"=id":4}}}`:                             {1, 4},
		`{"logic":"or","=id":2,"=title":"Alpha"}`:                                      {1, 2},
		`{"0":{"logic":"OR","=id":[1,2],"1":{"=id":4,"=stageId":"NEW"}},"opened":"Y"}`: {1, 4},
		`[{"=id":3}]`: {3},
		`{}`:          {1, 2, 3, 4},
		`[]`:          {1, 2, 3, 4},
	} {
		if diff := cmp.Diff(want, c.ids(2, filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filter, diff)
		}
	}
}

func TestFiltersAndOrdersRefuseWhatTheyCannotDo(t *testing.T) {
	c := openCRM(t, 3)
	deep := strings.Repeat(`{"0":`, 20) + `{"id":1}` + strings.Repeat("}", 20)
	for params, want := range map[string]string{
		`"filter":{"titel":1}`:           "Invalid filter: field 'TITEL' is not allowed in filter",
		`"filter":{"=parentId2":1}`:      "Invalid filter: field 'PARENT_ID_2' is not allowed in filter",
		`"filter":{"fullName":"x"}`:      "Invalid filter: field 'FULL_NAME' is not allowed in filter",
		`"filter":{"fm":"x"}`:            "Invalid filter: field 'FM' is not allowed in filter",
		`"filter":{"=contactIds":1}`:     "Invalid filter: field 'CONTACT_IDS' is not allowed in filter",
		`"filter":{"@observers":[1]}`:    "Invalid filter: field 'OBSERVERS' is not allowed in filter",
		`"filter":{"entityTypeId":2}`:    "Invalid filter: field 'ENTITY_TYPE_ID' is not allowed in filter",
		`"filter":{"0":"x"}`:             "Invalid filter: field '0' is not allowed in filter",
		`"filter":{"><id":[1,5]}`:        "Invalid filter: field 'ID' has invalid value",
		`"filter":{">id":[1]}`:           "Invalid filter: field 'ID' has invalid value",
		`"filter":{"!title":["a"]}`:      "Invalid filter: field 'TITLE' has invalid value",
		`"filter":{"%title":["a"]}`:      "Invalid filter: field 'TITLE' has invalid value",
		`"filter":{"=title":[["a"]]}`:    "Invalid filter: field 'TITLE' has invalid value",
		`"filter":{"=begindate":"soon"}`: "Invalid filter: field 'BEGINDATE' has invalid value",
		`"filter":` + deep:               "Invalid filter: too many nested groups",
		`"order":{"contactIds":"ASC"}`:   "Invalid order: field 'CONTACT_IDS' is not allowed in order",
		`"order":{"nope":"ASC"}`:         "Invalid order: field 'NOPE' is not allowed in order",
		`"order":{"id":"sideways"}`:      "Invalid order: allowed sort directions are `ASC, DESC`. But got 'SIDEWAYS' for field 'ID'",
		`"filter":{"\"id\" = 1; --":1}`:  `Invalid filter: field '"ID" = 1; --' is not allowed in filter`,
	} {
		if code, text := c.refused("crm.item.list", `{"entityTypeId":2,`+params+`}`); code != "INVALID_ARG_VALUE" || text != want {
			t.Errorf("%s: %s %s", params, code, text)
		}
	}
	if code, _ := c.refused("crm.item.list", `{"entityTypeId":2,"filter":"x"}`); code != "100" {
		t.Errorf("a text as filter: %s", code)
	}
}

func TestAListReturnsTheSelectedKeysOnly(t *testing.T) {
	c := openCRM(t, 3)
	c.add(3, `{"name":"Ann","observers":[2],"fm":[{"typeId":"PHONE","value":"1"}]}`)
	for params, want := range map[string]any{
		`"select":["name"]`: map[string]any{"name": "Ann"},
		`"select":["ID","NAME","nope","fm","phone","uf*"]`: map[string]any{"id": 1.0, "name": "Ann"},
		`"select":{"0":"observers","1":"hasPhone"}`:        map[string]any{"observers": []any{2.0}, "hasPhone": "Y"},
		`"select":["entityTypeId"]`:                        []any{},
		`"select":["id","name"],"useOriginalUfNames":"Y"`:  []any{},
		`"select":["id","name"],"useOriginalUfNames":true`: map[string]any{"id": 1.0, "name": "Ann"},
	} {
		got := c.ask("crm.item.list", `{"entityTypeId":3,`+params+`}`).(map[string]any)["items"].([]any)[0]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", params, diff)
		}
	}
	whole := c.get(3, 1)
	for _, params := range []string{`"select":["*","name"]`, `"select":[]`, `"start":0`, `"select":["*"],"useOriginalUfNames":"Y"`} {
		got := c.ask("crm.item.list", `{"entityTypeId":3,`+params+`}`).(map[string]any)["items"].([]any)[0]
		if diff := cmp.Diff(any(whole), got); diff != "" {
			t.Errorf("%s:\n%s", params, diff)
		}
	}
}

func TestListsAreCutIntoPagesOf50(t *testing.T) {
	c := openCRM(t, 3)
	for range 6 {
		c.ask("crm.item.batchImport", `{"entityTypeId":2,"data":[`+strings.Repeat(`{"title":"x"},`, 19)+`{"title":"y"}]}`)
	}
	for params, want := range map[string][4]int{ // first id, rows, total, next
		`"start":0`:                        {1, 50, 120, 50},
		`"start":20`:                       {1, 50, 120, 50},
		`"start":"50"`:                     {51, 50, 120, 100},
		`"start":100`:                      {101, 20, 120, 0},
		`"start":150`:                      {0, 0, 120, 0},
		`"start":-1,"filter":{">id":100}`:  {101, 20, 0, 0},
		`"start":-1,"order":{"id":"DESC"}`: {120, 50, 0, 0},
		`"order":{"title":"desc"},"filter":{"<id":41}`: {20, 40, 40, 0},
	} {
		r, err := c.try("crm.item.list", `{"entityTypeId":2,"select":["id"],`+params+`}`)
		if err != nil {
			t.Fatal(err)
		}
		items, _ := r.value.(*Map).Get("items")
		got := [4]int{0, len(items.([]any)), r.total, r.next}
		if got[1] > 0 {
			id, _ := items.([]any)[0].(*Map).Get("id")
			got[0] = int(id.(int64))
		}
		if got != want || r.list != !strings.Contains(params, "-1") {
			t.Errorf("%s: %v, counted %v; want %v", params, got, r.list, want)
		}
	}
}

// The database refuses expressions deeper than 1,000.
func TestALongOrGroupIsAnswered(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{"title":"t1099"}`)
	var parts []string
	for i := range 1100 {
		parts = append(parts, fmt.Sprintf(`"%d":{"=title":"t%d"}`, i, i))
	}
	if got := c.ids(2, `{"0":{"logic":"OR",`+strings.Join(parts, ",")+`}}`); !cmp.Equal(got, []int{1}) {
		t.Errorf("found %v", got)
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`{"title":"a%"}`, `{"!><id":5}`, `{"@originId":["a",null,5]}`, `{"0":{"logic":"OR","0":{"=id":1}}}`, `{"%title":"\\"}`,
		`{">begindate":"2026-01-01"}`, `{"=opened":true}`, `[[],[{"id":1e9}]]`, `{"contactIds":{"a":1}}`, `{"":""}`, `{"=":[]}`,
		`{"=%title":"a\\"}`, `{"!@id":[{}]}`, `{"id":123456789012345678901234567890}`,
	} {
		f.Add(seed)
	}
	p, err := Open(f.Context(), Config{Seed: "demo"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { p.Close() })
	f.Fuzz(func(t *testing.T, filter string) {
		v, err := decodeJSON([]byte(filter))
		if err != nil {
			return
		}
		for _, etid := range []string{"2", "3"} {
			params := mapOf("entityTypeId", etid, "filter", v, "order", mapOf("title", "ASC"))
			if etid == "3" {
				params.Set("order", v)
			}
			_, err = p.methods["crm.item.list"].run(t.Context(), &call{params: params, user: 1, now: p.now(), portal: p})
			var refused *fault
			if err != nil && !errors.As(err, &refused) {
				t.Errorf("%s: %v", filter, err)
			}
		}
	})
}
