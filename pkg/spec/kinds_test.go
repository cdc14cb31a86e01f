package spec

import (
	"slices"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

func TestEveryFieldThatCanBeDeclaredIsChecked(t *testing.T) {
	structured := []kind.FieldType{kind.TypeMultifield, kind.TypeParents, kind.TypeRelations, kind.TypeFile, kind.TypePrice}
	for _, k := range kind.All() {
		if !slices.IsSortedFunc(k.Fields, func(a, b kind.Rule) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: the fields are not sorted", k.Name)
		}
		for _, r := range k.Fields {
			if r.Refuse == "" && !value.HasCodec(string(r.Type)) && linkSpace(nil, r) == "" && !slices.Contains(structured, r.Type) {
				t.Errorf("%s.%s: nobody checks values of type %s", k.Name, r.Name, r.Type)
			}
			if r.Type == kind.TypeMultifield && r.Refuse == "" && len(kind.ValueTypes(r.Multi)) == 0 {
				t.Errorf("%s.%s: no value types for %q", k.Name, r.Name, r.Multi)
			}
			if r.Flag != "" {
				if _, ok := kind.BuiltIn().ByName("SPA").Field(r.Flag); !ok {
					t.Errorf("%s.%s: SPA has no %s", k.Name, r.Name, r.Flag)
				}
			}
		}
	}
}

func TestSuggestFindsWhatWasMeant(t *testing.T) {
	names := []string{"title", "typeId", "stageId", "companyId", "company/acme"}
	cases := []struct{ word, want string }{
		{"titel", "title"},
		{"TITLE", "title"},
		{"tite", "title"},
		{"stagId", "stageId"},
		{"comapnyId", "companyId"},
		{"company/acmee", "company/acme"},
		{"zzz", ""},
		{"", ""},
		{strings.Repeat("x", 200), ""},
	}
	for _, c := range cases {
		got, ok := Suggest(c.word, names)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Suggest(%q) = %q, %t; want %q", c.word, got, ok, c.want)
		}
	}
}

func TestWebhooksAreRedactedInEverySpelling(t *testing.T) {
	cases := []struct {
		text string
		want bool
	}{
		{"https://acme.bitrix24.com/rest/1/canary/", true},
		{"HTTPS://acme.bitrix24.com:8080/rest/17/Canary_1", true},
		{`https:\/\/acme.bitrix24.com\/rest\/1\/canary\/`, true},
		{"see http://10.0.0.1/b24/rest/1/canary/crm.item.add?x=1", true},
		{"https://acme.bitrix24.com/rest/crm.item.add", false},
		{"https://acme.example/restaurants/1/menu", false},
		{"take a rest", false},
	}
	for _, c := range cases {
		shown := redact(c.text)
		if got := holdsWebhook(c.text); got != c.want || c.want && strings.Contains(strings.ToLower(shown), "canary") || !c.want && shown != c.text {
			t.Errorf("%q: found %t, shown as %q", c.text, got, shown)
		}
	}
}
