package portal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNamesOfCustomFields(t *testing.T) {
	for name, want := range map[string]string{
		"UF_CRM_10_5186744711":          "ufCrm10_5186744711",
		"UF_CRM_10_51_86":               "ufCrm10_51_86",
		"UF_CRM_10_DIGIT":               "ufCrm10Digit",
		"UF_CRM_3_MY_LONG_NAME":         "ufCrm3MyLongName",
		"UF_CRM_MY_STRING":              "ufCrmMyString",
		"UF_CRM_DEAL_GRADE":             "ufCrmDealGrade",
		"UF_CRM_3_DIGIT10":              "ufCrm_3_DIGIT10",
		"UF_CRM_3_DIGIT_10":             "ufCrm_3_DIGIT_10",
		"UF_CRM_1747309879":             "ufCrm_1747309879",
		"UF_CRM_SMART_INVOICE_17473098": "ufCrm_SMART_INVOICE_17473098",
	} {
		if got := camelUserField(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestANameThatIsTakenStaysInUpperCase(t *testing.T) {
	c := openCRM(t, 3)
	c.userField("CRM_DEAL", "A_B", "string", "")
	c.userField("CRM_DEAL", "A__B", "string", "")
	item := c.add(2, `{"ufCrmDealAB":"first","UF_CRM_DEAL_A__B":"second"}`)
	c.has(item, map[string]any{"ufCrmDealAB": "first", "UF_CRM_DEAL_A__B": "second", "UF_CRM_DEAL_A_B": nil})
}

// userValues says what each type makes of what is sent.
var userValues = []struct{ kind, settings, sent, want string }{
	{"string", `{}`, `"<b>a</b> "`, `"<b>a</b> "`},
	{"string", `{}`, `5`, `"5"`},
	{"string", `{}`, `["first","second"]`, `"first"`},
	{"string", `{}`, `""`, `null`},
	{"integer", `{}`, `"42"`, `42`},
	{"integer", `{}`, `0`, `0`},
	{"integer", `{}`, `7.9`, `7`},
	{"integer", `{}`, `null`, `null`},
	{"double", `{}`, `1.5`, `2`},
	{"double", `{"PRECISION":2}`, `1.239`, `1.24`},
	{"double", `{"PRECISION":2}`, `"1,239"`, `1.24`},
	{"double", `{"PRECISION":2}`, `""`, `null`},
	{"boolean", `{}`, `"Y"`, `"Y"`},
	{"boolean", `{}`, `true`, `"Y"`},
	{"boolean", `{}`, `1`, `"N"`},
	{"boolean", `{"DEFAULT_VALUE":1}`, `null`, `"N"`},
	{"date", `{}`, `"2024-06-18"`, `"2024-06-18T03:00:00+03:00"`},
	{"date", `{}`, `"someday"`, `null`},
	{"datetime", `{}`, `"2024-06-18T10:00:05Z"`, `"2024-06-18T13:00:05+03:00"`},
	{"datetime", `{"USE_SECOND":"N"}`, `"2024-06-18T10:00:05Z"`, `"2024-06-18T13:00:00+03:00"`},
	{"enumeration", `{}`, `"79"`, `79`}, // a foreign option is stored as it is
	{"enumeration", `{}`, `[81,82]`, `81`},
	{"enumeration", `{}`, `0`, `null`},
	{"money", `{}`, `"300.00|RUB"`, `"300.00|RUB"`},
	{"money", `{}`, `"300"`, `"300|EUR"`},
	{"money", `{}`, `300`, `"300|EUR"`},
	{"money", `{}`, `"much|RUB"`, `null`},
	{"url", `{}`, `"  https://a.example/?q=1 "`, `"https://a.example/?q=1"`},
	{"address", `{}`, `"Bonn"`, `"Bonn|;|1"`},
	{"address", `{}`, `"Bonn|50.7;7.1|99"`, `"Bonn|50.7;7.1|1"`},
	{"address", `{}`, `"Bonn|50.7;7.1|99_del"`, `null`},
	{"address", `{}`, `"{\"latitude\":\"50.7\",\"longitude\":\"7.1\",\"fieldCollection\":{\"300\":\"Bonn\",\"340\":\"Markt 1\"}}"`, `"Bonn, Markt 1|50.7;7.1|1"`},
	{"employee", `{}`, `"2"`, `2`},
	{"employee", `{}`, `0`, `null`},
	{"crm", `{"DEAL":"Y","COMPANY":"Y"}`, `"CO_77"`, `"CO_77"`},
	{"crm_status", `{"ENTITY_TYPE":"SOURCE"}`, `"WEB"`, `"WEB"`},
	{"iblock_element", `{}`, `"12"`, `12`},
	{"iblock_section", `{}`, `3`, `3`},
	{"hlblock", `{}`, `4`, `4`},
	{"resourcebooking", `{}`, `[15,"1|0|2024-06-18|60|Hall","junk"]`, `[15,1]`},
	{"rest_1_colour", `{}`, `"#fff"`, `"#fff"`},
}

func TestEveryUserTypeReadsItsValues(t *testing.T) {
	for _, tt := range userValues {
		c := openCRM(t, 3)
		c.userField("CRM_DEAL", "X", tt.kind, `,"settings":`+tt.settings)
		added := c.add(2, `{"ufCrmDealX":`+tt.sent+`}`)
		what := tt.kind + " " + tt.sent
		same(t, what, added["ufCrmDealX"], tt.want)
		same(t, what+", read back", c.get(2, 1)["ufCrmDealX"], tt.want)
		listed := c.ask("crm.item.list", `{"entityTypeId":2,"select":["ufCrmDealX"]}`).(map[string]any)["items"].([]any)
		same(t, what+", listed", listed[0].(map[string]any)["ufCrmDealX"], tt.want)
		cleared := map[string]string{"boolean": `"N"`, "resourcebooking": `[]`}[tt.kind]
		if cleared == "" {
			cleared = `null`
		}
		same(t, what+", cleared", c.update(2, 1, `{"ufCrmDealX":""}`)["ufCrmDealX"], cleared)
	}
}

func TestMultipleFieldsKeepOrderAndDuplicatesButNoBlanks(t *testing.T) {
	for _, tt := range []struct{ kind, sent, want string }{
		{"string", `["b","","a","b",null]`, `["b","a","b"]`},
		{"integer", `[3,"1",0]`, `[3,1,0]`},
		{"double", `[1.26,"2,5"]`, `[1.3,2.5]`},
		{"date", `["2024-06-18","junk","2024-01-01"]`, `["2024-06-18T03:00:00+03:00","2024-01-01T03:00:00+03:00"]`},
		{"datetime", `["2024-06-18T10:00:00Z"]`, `["2024-06-18T13:00:00+03:00"]`},
		{"enumeration", `[81,"79",0]`, `[81,79]`},
		{"money", `{"0":"5|USD","7":"6"}`, `["5|USD","6|EUR"]`},
		{"crm", `["D_1","T80_6"]`, `["D_1","T80_6"]`},
		{"employee", `false`, `[]`},
		{"url", `null`, `[]`},
	} {
		c := openCRM(t, 3)
		c.userField("CRM_DEAL", "X", tt.kind, `,"multiple":"Y","settings":{"PRECISION":1}`)
		same(t, tt.kind, c.add(2, `{"ufCrmDealX":`+tt.sent+`}`)["ufCrmDealX"], tt.want)
		same(t, tt.kind+", read back", c.get(2, 1)["ufCrmDealX"], tt.want)
		same(t, tt.kind+", cleared", c.update(2, 1, `{"ufCrmDealX":[]}`)["ufCrmDealX"], `[]`)
		code, text := c.refused("crm.item.add", `{"entityTypeId":2,"fields":{"ufCrmDealX":"scalar"}}`)
		if code != "100" || text != "Expected iterable value for multiple field, but got `string` instead" {
			t.Errorf("%s takes a scalar: %s %s", tt.kind, code, text)
		}
	}
}

func TestSettingsRuleOutValues(t *testing.T) {
	for _, tt := range []struct{ kind, settings, good, bad string }{
		{"string", `{"MAX_LENGTH":3}`, `"äöü"`, `"äöüx"`},
		{"string", `{"MIN_LENGTH":2}`, `"ab"`, `"a"`},
		{"string", `{"REGEXP":"/^[a-z]+$/i"}`, `"AbC"`, `"a1"`},
		{"string", `{"REGEXP":"^[0-9]+$"}`, `"15"`, `"x"`},
		{"url", `{"MAX_LENGTH":4}`, `"a.de"`, `"bb.de"`},
		{"integer", `{"MIN_VALUE":2,"MAX_VALUE":5}`, `5`, `6`},
		{"integer", `{"MIN_VALUE":2}`, `2`, `1`},
		{"double", `{"MAX_VALUE":1.5,"PRECISION":2}`, `1.5`, `1.51`},
	} {
		c := openCRM(t, 3)
		c.userField("CRM_DEAL", "X", tt.kind, `,"editFormLabel":{"en":"Code"},"settings":`+tt.settings)
		c.add(2, `{"ufCrmDealX":`+tt.good+`}`)
		c.update(2, 1, `{"ufCrmDealX":""}`)
		for method, params := range map[string]string{
			"crm.item.add":    `{"entityTypeId":2,"fields":{"ufCrmDealX":` + tt.bad + `}}`,
			"crm.item.update": `{"entityTypeId":2,"id":1,"fields":{"ufCrmDealX":` + tt.bad + `}}`,
		} {
			if code, text := c.refused(method, params); code != "CRM_FIELD_ERROR_VALUE_NOT_VALID" || text != `Invalid value for field "Code"` {
				t.Errorf("%s %s %s: %s %s", method, tt.kind, tt.settings, code, text)
			}
		}
	}
	c := openCRM(t, 3)
	c.userField("CRM_DEAL", "X", "string", `,"settings":{"REGEXP":"/(?<=a)b/"}`)
	c.has(c.add(2, `{"ufCrmDealX":"zz"}`), map[string]any{"ufCrmDealX": "zz"}) // no such pattern in Go
}

func TestOmittedCustomFieldsGetTheirDefaults(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	for _, f := range []struct{ name, kind, more string }{
		{"S", "string", `,"settings":{"DEFAULT_VALUE":"x"}`},
		{"SS", "string", `,"multiple":"Y","settings":{"DEFAULT_VALUE":"x"}`},
		{"I", "integer", `,"settings":{"DEFAULT_VALUE":0}`},
		{"B", "boolean", `,"settings":{"DEFAULT_VALUE":1}`},
		{"BB", "boolean", ``},
		{"D", "date", `,"settings":{"DEFAULT_VALUE":{"TYPE":"NOW"}}`},
		{"F", "date", `,"settings":{"DEFAULT_VALUE":{"TYPE":"FIXED","VALUE":"2024-06-18"}}`},
		{"T", "datetime", `,"settings":{"DEFAULT_VALUE":{"TYPE":"NOW"}}`},
		{"E", "enumeration", `,"enum":[{"value":"a"},{"value":"b","def":"Y"},{"value":"c","def":"Y"}]`},
		{"EE", "enumeration", `,"multiple":"Y","enum":[{"value":"a"},{"value":"b","def":"Y"},{"value":"c","def":"Y"}]`},
		{"N", "enumeration", `,"enum":[{"value":"a"}]`},
	} {
		c.userField("CRM_DEAL", f.name, f.kind, f.more)
	}
	c.has(c.add(2, `{}`), map[string]any{
		"ufCrmDealS": "x", "ufCrmDealSs": []any{"x"}, "ufCrmDealI": 0.0, "ufCrmDealB": "Y", "ufCrmDealBb": "N",
		"ufCrmDealD": "2026-08-21T03:00:00+03:00", "ufCrmDealF": "2024-06-18T03:00:00+03:00", "ufCrmDealT": "2026-08-21T10:00:00+03:00",
		"ufCrmDealE": 2.0, "ufCrmDealEe": []any{5.0, 6.0}, "ufCrmDealN": nil,
	})
	c.has(c.add(2, `{"ufCrmDealS":"","ufCrmDealSs":[],"ufCrmDealB":"N","ufCrmDealE":null}`), map[string]any{
		"ufCrmDealS": nil, "ufCrmDealSs": []any{}, "ufCrmDealB": "N", "ufCrmDealE": nil,
	})
	id := c.under("crm.item.import", "item", `{"entityTypeId":2,"fields":{"ufCrmDealI":9}}`)["id"]
	c.has(c.get(2, id), map[string]any{"ufCrmDealS": "x", "ufCrmDealI": 9.0})
}

func TestItemsOlderThanAFieldShowItsEmptyValue(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	c.userField("CRM_DEAL", "S", "string", `,"settings":{"DEFAULT_VALUE":"x"}`)
	c.userField("CRM_DEAL", "B", "boolean", `,"settings":{"DEFAULT_VALUE":1}`)
	c.userField("CRM_DEAL", "M", "url", `,"multiple":"Y"`)
	c.has(c.get(2, 1), map[string]any{"ufCrmDealS": nil, "ufCrmDealB": "Y", "ufCrmDealM": []any{}})
}

func TestTrap56ACustomFieldAlwaysCountsAsChanged(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 3, 1, 12, 0, 0, 0, c.p.zone)
	c.userField("CRM_DEAL", "X", "string", "")
	c.add(2, `{"title":"A","ufCrmDealX":"x"}`)
	c.now = c.now.Add(time.Hour)
	c.has(c.update(2, 1, `{"title":"A"}`), map[string]any{"updatedTime": "2026-03-01T12:00:00+03:00"})
	c.has(c.update(2, 1, `{"ufCrmDealX":"x"}`), map[string]any{"updatedTime": "2026-03-01T13:00:00+03:00"})
	c.now = c.now.Add(time.Hour)
	c.has(c.update(2, 1, `{"ufCrmDealY":"unknown"}`), map[string]any{"updatedTime": "2026-03-01T13:00:00+03:00"})
}

func TestOriginalNamesOfCustomFields(t *testing.T) {
	c := openCRM(t, 3)
	c.userField("CRM_DEAL", "X", "string", "")
	ask := func(method, more string) map[string]any {
		t.Helper()
		return c.ask(method, `{"entityTypeId":2,"useOriginalUfNames":"Y",`+more+`}`).(map[string]any)
	}
	item := ask("crm.item.add", `"fields":{"title":"A","UF_CRM_DEAL_X":"x"}`)["item"].(map[string]any)
	c.has(item, map[string]any{"title": "A", "UF_CRM_DEAL_X": "x", "ufCrmDealX": nil})
	item = ask("crm.item.update", `"id":1,"fields":{"ufCrmDealX":"dropped"}`)["item"].(map[string]any)
	c.has(item, map[string]any{"UF_CRM_DEAL_X": "x"})
	fields := ask("crm.item.fields", `"x":1`)["fields"].(map[string]any)
	if fields["UF_CRM_DEAL_X"] == nil || fields["ufCrmDealX"] != nil || fields["title"] == nil {
		t.Error("crm.item.fields mixes up the spellings")
	}
	for sel, want := range map[string]string{
		`["id","UF_CRM_DEAL_X"]`: `[{"UF_CRM_DEAL_X":"x"}]`, // system names drop out
		`["UF_*"]`:               `[{"UF_CRM_DEAL_X":"x"}]`,
		`["id"]`:                 `[[]]`,
	} {
		same(t, sel, ask("crm.item.list", `"filter":{"=UF_CRM_DEAL_X":"x"},"order":{"UF_CRM_DEAL_X":"ASC"},"select":`+sel)["items"], want)
	}
	if code, _ := c.refused("crm.item.list", `{"entityTypeId":2,"useOriginalUfNames":"Y","filter":{"ufCrmDealX":"x"}}`); code != "INVALID_ARG_VALUE" {
		t.Errorf("a filter by the other spelling: %s", code)
	}
	// Only the text "Y" asks for original names.
	got := c.ask("crm.item.get", `{"entityTypeId":2,"id":1,"useOriginalUfNames":true}`).(map[string]any)["item"].(map[string]any)
	c.has(got, map[string]any{"ufCrmDealX": "x", "UF_CRM_DEAL_X": nil})
	same(t, "select uf*", c.ask("crm.item.list", `{"entityTypeId":2,"select":["id","uf*"]}`).(map[string]any)["items"], `[{"id":1,"ufCrmDealX":"x"}]`)
}

func TestItemFieldsDescribeCustomFields(t *testing.T) {
	c := openCRM(t, 3)
	spa := c.smart(`{"title":"E"}`)
	c.userField("CRM_1", "GRADE", "enumeration", `,"mandatory":"Y","editFormLabel":{"en":"Grade"},"enum":[{"value":"A"}]`)
	c.userField("CRM_1", "SRC1", "crm_status", `,"multiple":"Y","settings":{"ENTITY_TYPE":"SOURCE"}`)
	fields := c.under("crm.item.fields", "fields", fmt.Sprintf(`{"entityTypeId":%v}`, spa["entityTypeId"]))
	same(t, "grade", fields["ufCrm1Grade"], `{"type":"enumeration","isRequired":true,"isReadOnly":false,"isImmutable":false,"isMultiple":false,
		"isDynamic":true,"items":[{"ID":"1","VALUE":"A"}],"title":"Grade","listLabel":null,"formLabel":"Grade","filterLabel":null,
		"settings":{"DISPLAY":"LIST","LIST_HEIGHT":1,"CAPTION_NO_VALUE":"","SHOW_NO_VALUE":"Y"},"upperName":"UF_CRM_1_GRADE"}`)
	same(t, "source", fields["ufCrm_1_SRC1"], `{"type":"crm_status","isRequired":false,"isReadOnly":false,"isImmutable":false,"isMultiple":true,
		"isDynamic":true,"statusType":"SOURCE","title":"UF_CRM_1_SRC1","listLabel":null,"formLabel":null,"filterLabel":null,
		"settings":{"ENTITY_TYPE":"SOURCE"},"upperName":"UF_CRM_1_SRC1"}`)
}

func TestFilesOfCustomFields(t *testing.T) {
	c := openCRM(t, 3)
	c.userField("CRM_DEAL", "F", "file", `,"settings":{"EXTENSIONS":["pdf"],"MAX_ALLOWED_SIZE":4}`)
	c.userField("CRM_DEAL", "M", "file", `,"multiple":"Y"`)
	ids := func(item map[string]any) []any {
		found := []any{}
		for _, file := range item["ufCrmDealM"].([]any) {
			found = append(found, file.(map[string]any)["id"])
		}
		return found
	}
	item := c.add(2, `{"ufCrmDealF":["a.PDF","YWJj"],"ufCrmDealM":[["a.txt","YQ=="],["b.txt","Yg=="]]}`)
	one := item["ufCrmDealF"].(map[string]any)
	c.has(one, map[string]any{"id": 1.0, "url": "/bitrix/components/bitrix/crm.item.show_file/show_file.php?entityTypeId=2&id=1&fieldName=UF_CRM_DEAL_F&fileId=1"})
	same(t, "files", ids(item), `[2,3]`)
	item = c.update(2, 1, `{"ufCrmDealF":{"id":1},"ufCrmDealM":[{"id":3},["c.txt","Yw=="],{"id":1},{"id":99},"junk"]}`)
	same(t, "kept and new ones, no foreign ones", ids(item), `[3,4]`)
	if item["ufCrmDealF"] == nil || c.fieldRows("crm_file") != 3 {
		t.Errorf("the kept file is %v, %d files are stored", item["ufCrmDealF"], c.fieldRows("crm_file"))
	}
	for _, lost := range []string{`["a.exe","YWJj"]`, `["a.pdf","YWJjZGVmZ2hpamts"]`, `["a.pdf","?"]`, `{"id":3}`, `""`} {
		c.update(2, 1, `{"ufCrmDealF":["a.pdf","YWJj"]}`)
		c.has(c.update(2, 1, `{"ufCrmDealF":`+lost+`}`), map[string]any{"ufCrmDealF": nil})
	}
	c.update(2, 1, `{"ufCrmDealM":[]}`)
	if n := c.fieldRows("crm_file"); n != 0 {
		t.Errorf("%d files outlive their fields", n)
	}
	c.update(2, 1, `{"ufCrmDealM":[["a.txt","YQ=="]]}`)
	c.ask("crm.item.delete", `{"entityTypeId":2,"id":1}`)
	if n := c.fieldRows("crm_file"); n != 0 {
		t.Errorf("%d files outlive their item", n)
	}
}

func TestFiltersOnCustomFields(t *testing.T) {
	c := openCRM(t, 3)
	for name, kind := range map[string]string{"S": "string", "I": "integer", "D": "double", "B": "boolean", "T": "date", "E": "enumeration"} {
		c.userField("CRM_DEAL", name, kind, `,"settings":{"PRECISION":2}`)
		if kind != "boolean" {
			c.userField("CRM_DEAL", "M"+name, kind, `,"multiple":"Y","settings":{"PRECISION":2}`)
		}
	}
	for _, fields := range []string{
		`{"ufCrmDealS":"Alpha","ufCrmDealI":0,"ufCrmDealD":1.5,"ufCrmDealB":"Y","ufCrmDealT":"2024-06-18","ufCrmDealE":7,
			"ufCrmDealMs":["Alpha","b%"],"ufCrmDealMi":[1,5],"ufCrmDealMd":[1.5],"ufCrmDealMt":["2024-06-18"],"ufCrmDealMe":[7,8]}`,
		`{"ufCrmDealS":"alphabet","ufCrmDealI":5,"ufCrmDealB":"N","ufCrmDealMs":["c"],"ufCrmDealMi":[5,9],"ufCrmDealMe":[8]}`,
		`{}`,
	} {
		c.add(2, fields)
	}
	for filter, want := range map[string][]int{
		`{"ufCrmDealS":"alpha%"}`:             {1, 2},
		`{"=ufCrmDealS":"ALPHA"}`:             {1},
		`{"UF_CRM_DEAL_S":"alphabet"}`:        {2},
		`{"!%ufCrmDealS":"bet"}`:              {1, 3},
		`{"=ufCrmDealS":""}`:                  {3},
		`{">=ufCrmDealI":1}`:                  {2},
		`{"=ufCrmDealD":"1.5"}`:               {1},
		`{"ufCrmDealB":1}`:                    {1},
		`{"ufCrmDealB":"1"}`:                  {1},
		`{"=ufCrmDealB":0}`:                   {2, 3},
		`{"ufCrmDealB":"Y"}`:                  {2, 3}, // not supported: it is not 1
		`{">ufCrmDealT":"2024-06-17"}`:        {1},
		`{"@ufCrmDealE":[7,9]}`:               {1},
		`{"!=ufCrmDealE":7}`:                  {2, 3},
		`{"ufCrmDealMs":"B\\%"}`:              {1},
		`{"=ufCrmDealMs":"alpha"}`:            {1},
		`{"%ufCrmDealMs":"%"}`:                {1},
		`{"ufCrmDealMi":5}`:                   {1, 2},
		`{">ufCrmDealMi":5}`:                  {2},
		`{"@ufCrmDealMi":[1,9]}`:              {1, 2},
		`{"!ufCrmDealMi":9}`:                  {1, 3},
		`{"!@ufCrmDealMi":[1,9]}`:             {3},
		`{"@ufCrmDealMi":[1,""]}`:             {1, 3},
		`{"@ufCrmDealMi":[]}`:                 {},
		`{"!@ufCrmDealMi":[]}`:                {1, 2, 3},
		`{"=ufCrmDealMe":""}`:                 {3},
		`{"!ufCrmDealMe":null}`:               {1, 2},
		`{"=ufCrmDealMe":8,"!ufCrmDealMe":7}`: {2},
		`{"=ufCrmDealMd":1.5}`:                {1},
		`{"=ufCrmDealMt":"2024-06-18"}`:       {1},
		`{"!%ufCrmDealMs":"b"}`:               {2, 3},
		`{"0":{"logic":"OR","0":{"ufCrmDealMi":9},"1":{"=ufCrmDealS":"alpha"}}}`: {1, 2},
	} {
		if diff := cmp.Diff(want, c.ids(2, filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filter, diff)
		}
	}
	for order, want := range map[string]string{`{"ufCrmDealI":"DESC"}`: `[{"id":2},{"id":1},{"id":3}]`, `{"ufCrmDealS":"ASC"}`: `[{"id":3},{"id":1},{"id":2}]`} {
		same(t, order, c.ask("crm.item.list", `{"entityTypeId":2,"select":["id"],"order":`+order+`}`).(map[string]any)["items"], want)
	}
	if code, _ := c.refused("crm.item.list", `{"entityTypeId":2,"order":{"ufCrmDealMi":"ASC"}}`); code != "INVALID_ARG_VALUE" {
		t.Errorf("sorted by a multiple field: %s", code)
	}
}

func TestLookupsByATextOfACustomFieldUseAnIndex(t *testing.T) {
	c := openCRM(t, 3)
	c.userField("CRM_DEAL", "CODE", "string", "")
	plan := c.queryPlan(`SELECT "id" FROM "crm_item_2" WHERE rtrim("UF_CRM_DEAL_CODE") COLLATE NOCASE IN (?)`, "x")
	if want := "INDEX crm_item_2_UF_CRM_DEAL_CODE (<expr>=?)"; !strings.Contains(plan, want) {
		t.Errorf("the plan is %q, want a search by %q", plan, want)
	}
}

func TestMandatoryFieldsAreEnforcedOnlyIfThePortalSaysSo(t *testing.T) {
	free := openCRM(t, 3)
	free.userField("CRM_DEAL", "X", "string", `,"mandatory":"Y"`)
	free.add(2, `{}`)

	c := &crm{t: t, user: 1, p: openPortal(t, Config{CheckRequired: true, StageRequirements: []StageRequirement{
		{EntityTypeID: 2, Stage: "WON", Field: "opportunity"},
		{EntityTypeID: 2, Stage: "WON", Field: "contactIds"},
		{EntityTypeID: 2, Stage: "EXECUTING", Field: "ufCrmDealY"},
		{EntityTypeID: 1, Stage: "JUNK", Field: "comments"},
	}})}
	c.add(2, `{}`)
	c.add(3, `{}`)
	c.userField("CRM_DEAL", "X", "string", `,"mandatory":"Y","editFormLabel":{"en":"Code"}`)
	c.userField("CRM_DEAL", "Y", "integer", "")
	refused := func(method, params, want string) {
		t.Helper()
		if code, text := c.refused(method, `{"entityTypeId":2,`+params+`}`); code != "CRM_FIELD_ERROR_REQUIRED" || text != want {
			t.Errorf("%s %s: %s %s, want %s", method, params, code, text, want)
		}
	}
	refused("crm.item.add", `"fields":{}`, `The field "Code" is required`)
	refused("crm.item.import", `"fields":{"ufCrmDealX":""}`, `The field "Code" is required`)
	c.update(2, 1, `{"title":"older than the field"}`)
	refused("crm.item.update", `"id":1,"fields":{"ufCrmDealX":""}`, `The field "Code" is required`)
	refused("crm.item.update", `"id":1,"fields":{"stageId":"EXECUTING","ufCrmDealY":0}`, `The field "Code" is required`)
	c.ask("crm.category.add", `{"entityTypeId":2,"fields":{"name":"Partners"}}`)
	c.update(2, 1, `{"categoryId":1,"stageId":"C1:EXECUTING"}`) // another pipeline
	c.update(2, 1, `{"categoryId":0,"stageId":"NEW"}`)
	c.update(2, 1, `{"ufCrmDealX":"x"}`)
	refused("crm.item.update", `"id":1,"fields":{"stageId":"WON","contactIds":[1]}`, `The field "Amount" is required`)
	refused("crm.item.update", `"id":1,"fields":{"stageId":"WON","opportunity":5}`, `The field "Contacts" is required`)
	refused("crm.item.update", `"id":1,"fields":{"stageId":"EXECUTING"}`, `The field "UF_CRM_DEAL_Y" is required`)
	refused("crm.item.update", `"id":1,"useOriginalUfNames":"Y","fields":{"stageId":"EXECUTING"}`, `The field "UF_CRM_DEAL_Y" is required`)
	c.update(2, 1, `{"stageId":"EXECUTING","ufCrmDealY":0}`)
	refused("crm.item.update", `"id":1,"fields":{"ufCrmDealY":null}`, `The field "UF_CRM_DEAL_Y" is required`)
	c.has(c.update(2, 1, `{"stageId":"WON","opportunity":5,"contactIds":[1]}`), map[string]any{"stageId": "WON"})
	c.has(c.update(2, 1, `{"title":"B"}`), map[string]any{"title": "B"})
}

func TestEveryObjectWithItemsHoldsItsOwnFields(t *testing.T) {
	c := openCRM(t, -5)
	c.smart(`{"title":"First"}`)
	c.smart(`{"title":"Second","entityTypeId":1030}`)
	objects := map[string]int{"CRM_1": 128, "CRM_2": 1030}
	for _, o := range userObjects {
		if o.etid != 0 {
			objects[o.id] = o.etid
		}
	}
	for object := range objects {
		c.userField(object, "DAY", "date", "")
	}
	for object, etid := range objects {
		name := "UF_" + object + "_DAY"
		item := c.add(etid, fmt.Sprintf(`{%q:"2024-06-18"}`, name))
		c.has(item, map[string]any{camelUserField(name): "2024-06-17T19:00:00-05:00"})
		if diff := cmp.Diff(item, c.get(etid, item["id"])); diff != "" {
			t.Errorf("%s: get differs from add:\n%s", object, diff)
		}
	}
	if len(objects) != 8 {
		t.Errorf("%d objects hold items, want 8", len(objects))
	}
}
