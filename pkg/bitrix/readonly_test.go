package bitrix

import (
	"errors"
	"net/http"
	"testing"
)

func TestAReadOnlyClientSendsNoWrite(t *testing.T) {
	w := &wire{answer: func(int, string, Params) (*http.Response, error) {
		return reply(200, `{"result":{"result":{"c00":1,"c01":1}}}`), nil
	}}
	c, err := New(Config{Webhook: "https://acme.example/rest/1/s3cret/", Transport: w, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"crm.item.add", "crm.item.update", "crm.item.delete", "crm.item.batchImport", "crm.no.such.method"} {
		if _, err := c.Call(t.Context(), method, nil); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: error %v", method, err)
		}
		if _, err := c.Batch(t.Context(), []Command{{Method: "crm.item.list"}, {Method: method}}); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s in a batch: error %v", method, err)
		}
	}
	if n := len(w.sent()); n != 0 {
		t.Fatalf("%d requests were sent", n)
	}
	if _, err := c.Batch(t.Context(), []Command{{Method: "crm.item.list"}, {Method: "crm.item.get"}}); err != nil {
		t.Errorf("a reading batch: %v", err)
	}
}
