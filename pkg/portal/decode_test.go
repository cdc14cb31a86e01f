package portal

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// compareMaps lets go-cmp see keys in order.
var compareMaps = cmp.AllowUnexported(Map{})

func TestDecodeJSONKeepsOrderAndNumbers(t *testing.T) {
	got, err := decodeJSON([]byte(`{"b":1.50,"a":[null,true,"x",{"":[]}],"b":12345678901234567890}`))
	if err != nil {
		t.Fatal(err)
	}
	want := mapOf("b", json.Number("12345678901234567890"), "a", []any{nil, true, "x", mapOf("", []any{})})
	if diff := cmp.Diff(want, got, compareMaps); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeJSONIsAsStrictAsPHP(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":             "",
		"half an object":      `{"a":1`,
		"half a list":         `[1`,
		"a lone bracket":      `]`,
		"a trailing comma":    `{"a":1,}`,
		"two values":          `{} {}`,
		"a byte order mark":   "\uFEFF{}",
		"Latin-1":             "{\"a\":\"\xe9\"}",
		"single quotes":       `{'a':1}`,
		"more than 512 lists": strings.Repeat("[", 513) + strings.Repeat("]", 513),
	} {
		if v, err := decodeJSON([]byte(text)); err == nil {
			t.Errorf("%s: decoded as %v", name, v)
		}
	}
	if _, err := decodeJSON([]byte(strings.Repeat("[", 512) + strings.Repeat("]", 512))); err != nil {
		t.Errorf("512 lists: %v", err)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.50,{"b":null}]}`, `[`, `{"0":1}`, `"\ud800"`, `1e999`, strings.Repeat("[", 600)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decodeJSON(data)
		if err != nil {
			return
		}
		once, err := encode(v, time.UTC)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		again, err := decodeJSON(once)
		if err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v: %s", err, once)
		}
		twice, err := encode(again, time.UTC)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s became %s (%v)", once, twice, err)
		}
	})
}
