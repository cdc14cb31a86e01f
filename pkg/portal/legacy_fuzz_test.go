package portal

import (
	"errors"
	"testing"
)

func FuzzLegacyLists(f *testing.F) {
	for _, seed := range []string{
		`{"filter":{"NAME":"Ann","!%PHONE":["1",null,{}],"><ID":[1,2]},"order":{"ID":"DESC"},"select":["*","PHONE"]}`,
		`{"filter":{"@ID":[],"=%NAME":"\\","\"id\" OR 1=1 --":1,"0":{"logic":"OR"}},"order":{"NAME; DROP TABLE x":"ASC"}}`,
		`{"filter":{"EMAIL":"' OR 1=1"},"start":"x","select":{"a":{}}}`,
		`{"filter":[],"FILTER":{"CONTACT_IDS":1,"BIRTHDATE":true}}`,
	} {
		f.Add(seed)
	}
	p, err := Open(f.Context(), Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { p.Close() })
	f.Fuzz(func(t *testing.T, params string) {
		v, err := decodeJSON([]byte(params))
		args, ok := v.(*Map)
		if err != nil || !ok {
			return
		}
		for _, method := range []string{"crm.contact.list", "crm.deal.list", "crm.stagehistory.list", "crm.automatedsolution.list"} {
			_, err := p.methods[method].run(t.Context(), &call{method: method, params: args, user: 1, now: p.now(), portal: p})
			if refused := new(fault); err != nil && !errors.As(err, &refused) {
				t.Errorf("%s %s: %v", method, params, err)
			}
		}
	})
}
