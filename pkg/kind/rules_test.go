package kind

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		{"Deal", "probability", Rule{Name: "probability", Type: TypeInteger, Max: 100, Follows: []string{"categoryId", "stageId"}}, true},
		{"Invoice", "utmSource", Rule{}, false},
		{"Deal", "utmSource", Rule{Name: "utmSource", Type: TypeString, NoClear: true, Unlisted: true}, true},
		{"Deal", "phones", Rule{}, false},
		{"Company", "phones", Rule{Name: "phones", Type: TypeMultifield, Multi: "PHONE"}, true},
		{"Quote", "observers", Rule{}, false},
		{"SPA", "entityTypeId", Rule{Name: "entityTypeId", Type: TypeInteger, Immutable: true, NoClear: true}, true},
	}
	for _, c := range cases {
		got, known := (*Table)(nil).ByName(c.kind).Field(c.field)
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
			if r, ok := (*Table)(nil).ByName(kind).Field(name); !ok || r.Refuse == "" || r.Hint == "" {
				t.Errorf("%s.%s: %+v, want a refusal with a hint", kind, name, r)
			}
		}
	}
}
