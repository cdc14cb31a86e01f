package portal

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// What the client says a batch can carry is read back by the portal as it was: text
// for text, with no reference resolved and no key changed.
func FuzzEncodedCommandsAreReadBack(f *testing.F) {
	for _, seed := range []string{
		`{"fields":{"title":"A & B + 100% ü","contactIds":[4,"5"],"UF_CRM_1":["x"]}}`,
		`{"filter":{">=id":7,"0":{"logic":"OR","1":{"=%title":"a"}}},"start":-1}`,
		`{"a":"$result[x][id]","b":"$Total","c":"see $error.x/y[z]"}`,
		`{"a.b":1}`, `{"a":{" b":1}}`, `{"a":{"b]":1}}`, `{"a":null}`, `{"a":[]}`, `{"a":{"\u0000":"\u0000"}}`, `{"a":{"05":"x","7":"y"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var params bitrix.Params
		d := json.NewDecoder(strings.NewReader(string(data)))
		d.UseNumber()
		if d.Decode(&params) != nil {
			return
		}
		text, err := bitrix.Encode("crm.item.add", params)
		if carries := bitrix.Carries(params); carries != (err == nil) {
			t.Fatalf("Carries says %t, Encode %v", carries, err)
		}
		if err != nil {
			return
		}
		method, query, _ := strings.Cut(text, "?")
		decoded := parseForm(query)
		b := &batch{caller: &call{portal: &Portal{}}, results: mapOf("x", mapOf("id", "1")), errors: new(Map), total: new(Map), next: new(Map), time: new(Map)}
		b.resolve(decoded)
		if diff := cmp.Diff(asText(params), asPlain(decoded)); diff != "" || method != "crm.item.add" {
			t.Errorf("%s -sent +read:\n%s", text, diff)
		}
	})
}

// asText is what a batch makes of parameters: every leaf a text, every list a map.
func asText(v any) any {
	out := map[string]any{}
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			out[k] = asText(item)
		}
	case []any:
		for i, item := range v {
			out[strconv.Itoa(i)] = asText(item)
		}
	case json.Number:
		return v.String()
	default:
		return v
	}
	return out
}

// asPlain is what the portal read, in the same form.
func asPlain(v any) any {
	m, ok := v.(*Map)
	if !ok {
		return v
	}
	out := map[string]any{}
	for _, k := range m.Keys() {
		item, _ := m.Get(k)
		out[k] = asPlain(item)
	}
	return out
}
