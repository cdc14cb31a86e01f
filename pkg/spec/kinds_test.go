package spec

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryRowHasAMarkForEveryKind(t *testing.T) {
	for _, r := range rows {
		marks := strings.Fields(r.on)
		if len(marks) != len(columns) || r.doc == "" {
			t.Errorf("%s: %d marks, doc %q", r.name, len(marks), r.doc)
		}
		for _, mark := range marks {
			if strings.Trim(mark, "-wedausmIRxk") != "" {
				t.Errorf("%s: unknown mark %q", r.name, mark)
			}
			if mark == "x" && r.hint == "" {
				t.Errorf("%s is refused without a remedy", r.name)
			}
		}
	}
}

func TestEveryFieldThatCanBeDeclaredIsChecked(t *testing.T) {
	structured := []FieldType{TypeMultifield, TypeParents, TypeRelations, TypeFile, TypePrice}
	for _, k := range Kinds() {
		if !slices.IsSortedFunc(k.Fields, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: the fields are not sorted", k.Name)
		}
		for _, r := range k.Fields {
			_, scalar := scalars[r.Type]
			if r.Refuse == "" && !scalar && linkSpaces(r) == nil && !slices.Contains(structured, r.Type) {
				t.Errorf("%s.%s: nobody checks values of type %s", k.Name, r.Name, r.Type)
			}
			if r.Type == TypeMultifield && r.Refuse == "" && len(ValueTypes(r.Multi)) == 0 {
				t.Errorf("%s.%s: no value types for %q", k.Name, r.Name, r.Multi)
			}
			if r.Flag != "" {
				if _, ok := KindByName("SPA").Field(r.Flag); !ok {
					t.Errorf("%s.%s: SPA has no %s", k.Name, r.Name, r.Flag)
				}
			}
		}
	}
}

func TestRulesFollowTheReference(t *testing.T) {
	cases := []struct {
		kind, field string
		want        Rule
		known       bool
	}{
		{"Lead", "title", Rule{Name: "title", Type: TypeString, NoClear: true, Length: 255}, true},
		{"Contact", "title", Rule{}, false},
		{"Quote", "title", Rule{Name: "title", Type: TypeString, Length: 255}, true},
		{"Deal", "contactIds", Rule{Name: "contactIds", Type: TypeContact, Multiple: true}, true},
		{"SPAItem", "contactIds", Rule{Name: "contactIds", Type: TypeContact, Multiple: true, Flag: "isClientEnabled"}, true},
		{"Company", "isMyCompany", Rule{Name: "isMyCompany", Type: TypeBoolean, Immutable: true, NoClear: true}, true},
		{"Deal", "probability", Rule{Name: "probability", Type: TypeInteger, Max: 100}, true},
		{"Invoice", "utmSource", Rule{}, false},
		{"Deal", "utmSource", Rule{Name: "utmSource", Type: TypeString, NoClear: true, Unlisted: true}, true},
		{"Deal", "phones", Rule{}, false},
		{"Company", "phones", Rule{Name: "phones", Type: TypeMultifield, Multi: "PHONE"}, true},
		{"Quote", "observers", Rule{}, false},
		{"SPA", "entityTypeId", Rule{Name: "entityTypeId", Type: TypeInteger, Immutable: true, NoClear: true}, true},
	}
	for _, c := range cases {
		got, known := KindByName(c.kind).Field(c.field)
		got.Doc = ""
		if diff := cmp.Diff(c.want, got); diff != "" || known != c.known {
			t.Errorf("%s.%s known %t; -want +got:\n%s", c.kind, c.field, known, diff)
		}
	}
	refused := map[string][]string{
		"Deal":    {"contactId", "contacts", "createdTime", "id", "originId", "originatorId", "webformId", "taxValue", "lastActivityTime"},
		"Contact": {"companyId", "companies", "fm", "originId"},
		"Invoice": {"xmlId", "contactId"},
		"SPAItem": {"xmlId", "contactId", "entityTypeId"},
		"Quote":   {"personTypeId", "storageElementIds", "closed"},
	}
	for kind, fields := range refused {
		for _, name := range fields {
			if r, ok := KindByName(kind).Field(name); !ok || r.Refuse == "" || r.Hint == "" {
				t.Errorf("%s.%s: %+v, want a refusal with a hint", kind, name, r)
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
