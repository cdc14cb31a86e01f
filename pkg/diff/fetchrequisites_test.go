package diff

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/spec"
)

// A list of addresses that is longer than a page, since the portal has more types than
// it says, is read whole; so are more requisites and bank details than a page.
func TestWhatBelongsToRecordsIsReadWhole(t *testing.T) {
	p, err := portal.Open(t.Context(), portal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	client, err := bitrix.New(bitrix.Config{Webhook: server.URL + p.WebhookPath(), Plan: "box"})
	if err != nil {
		t.Fatal(err)
	}
	const n = 60
	commands := []bitrix.Command{{Method: "crm.item.add", Params: bitrix.Params{"entityTypeId": 4, "fields": map[string]any{"title": "C"}}}}
	for i := range n {
		id := i + 1
		commands = append(commands,
			bitrix.Command{Method: "crm.requisite.add", Params: bitrix.Params{"fields": map[string]any{"ENTITY_TYPE_ID": 4, "ENTITY_ID": 1, "PRESET_ID": 1, "NAME": fmt.Sprint(i)}}},
			bitrix.Command{Method: "crm.requisite.bankdetail.add", Params: bitrix.Params{"fields": map[string]any{"ENTITY_ID": id, "NAME": fmt.Sprint(i)}}},
			bitrix.Command{Method: "crm.address.add", Params: bitrix.Params{"fields": map[string]any{"TYPE_ID": 1, "ENTITY_TYPE_ID": 8, "ENTITY_ID": id, "CITY": "A"}}},
			bitrix.Command{Method: "crm.address.add", Params: bitrix.Params{"fields": map[string]any{"TYPE_ID": 6, "ENTITY_TYPE_ID": 8, "ENTITY_ID": id, "CITY": "B"}}})
	}
	for _, c := range commands {
		if _, err := client.Call(t.Context(), c.Method, c.Params); err != nil {
			t.Fatal(err)
		}
	}
	f := &fetcher{asker: live.New(client), state: &State{}}
	f.meta = &f.state.Meta
	records, requisites := newOwners(), newOwners()
	records.add(4, 1, Row{})
	found, err := f.parts(t.Context(), records, spec.RequisitesPart, "read requisites")
	if err != nil || len(found[0][1]) != n {
		t.Fatalf("%d requisites, %v", len(found[0][1]), err)
	}
	for _, row := range found[0][1] {
		requisites.add(requisiteOwner, row.Int("ID"), row)
	}
	for _, part := range []string{spec.BankDetailsPart, spec.AddressesPart} {
		if err := f.attachParts(t.Context(), requisites, part, "read "+part); err != nil {
			t.Fatal(err)
		}
	}
	for id, rows := range requisites.rows[requisiteOwner] {
		row := rows[0]
		if bank, addresses := belongingRows(row, "bankDetails"), belongingRows(row, "addresses"); len(bank) != 1 || len(addresses) != 2 {
			t.Errorf("requisite %d has %d bank details and %d addresses", id, len(bank), len(addresses))
		}
	}
}
