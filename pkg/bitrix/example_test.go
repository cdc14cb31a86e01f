package bitrix_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

// inProcess sends requests to a handler in the same process.
type inProcess struct{ http.Handler }

// RoundTrip returns what the handler answers. A handler that hangs up panics.
func (p inProcess) RoundTrip(req *http.Request) (res *http.Response, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the connection was closed")
		}
	}()
	rec := httptest.NewRecorder()
	p.ServeHTTP(rec, req)
	return rec.Result(), nil
}

// demoPortal is a client of a portal in a box with n companies, and the faults of
// a spec.
func demoPortal(n int, faults string) *bitrix.Client {
	box, err := portal.Open(context.Background(), portal.Config{Faults: faults})
	if err != nil {
		log.Fatal(err)
	}
	client, err := bitrix.New(bitrix.Config{
		Webhook:   "https://acme.example" + box.WebhookPath(),
		Transport: inProcess{box},
		Plan:      "box", // it has no limits
	})
	if err != nil {
		log.Fatal(err)
	}
	for i := range n {
		_, err := client.Call(context.Background(), "crm.item.add", bitrix.Params{
			"entityTypeId": 4,
			"fields": map[string]any{
				"title":        fmt.Sprintf("Company %d", i+1),
				"originatorId": "erp",
				"originId":     fmt.Sprintf("C-%d", i+1),
			},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	return client
}

func ExampleNew() {
	client, err := bitrix.New(bitrix.Config{
		Webhook: "https://acme.bitrix24.com/rest/1/s3cr3t/",
		Plan:    "enterprise", // 5 requests a second instead of 2
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)                               // shows no secret
	fmt.Println(client.URL("crm/type/4/details/17/")) // where people open company 17
	// Output:
	// bitrix.Client(acme.bitrix24.com)
	// https://acme.bitrix24.com/crm/type/4/details/17/
}

func ExampleClient_Call() {
	client, ctx := demoPortal(0, ""), context.Background()

	res, err := client.Call(ctx, "crm.item.add", bitrix.Params{
		"entityTypeId": 4,
		"fields":       map[string]any{"title": "Acme Ltd", "originatorId": "erp", "originId": "C-1"},
	})
	if err != nil {
		log.Fatal(err)
	}
	var added struct {
		Item struct {
			ID    int    `json:"id"`
			Title string `json:"title"`
		} `json:"item"`
	}
	if err := json.Unmarshal(res.Result, &added); err != nil {
		log.Fatal(err)
	}
	fmt.Println(added.Item.ID, added.Item.Title)
	// Output: 1 Acme Ltd
}

func ExampleClient_Batch() {
	client, ctx := demoPortal(2, ""), context.Background()

	commands := []bitrix.Command{
		{Method: "crm.item.update", Params: bitrix.Params{"entityTypeId": 4, "id": 1, "fields": map[string]any{"title": "Acme Ltd"}}},
		{Method: "crm.item.delete", Params: bitrix.Params{"entityTypeId": 4, "id": 99}},
		{Method: "crm.item.get", Params: bitrix.Params{"entityTypeId": 4, "id": 2}},
	}
	outcomes, err := client.Batch(ctx, commands) // one request
	if err != nil {
		log.Fatal(err) // nothing is known about any command
	}
	for i, o := range outcomes {
		fmt.Println(commands[i].Method, o.Err == nil, bitrix.IsNotFound(o.Err))
	}
	// Output:
	// crm.item.update true false
	// crm.item.delete false true
	// crm.item.get true false
}

func ExampleClient_Scan() {
	client, ctx := demoPortal(60, ""), context.Background()

	list := bitrix.List{
		Method: "crm.item.list",
		Items:  "items",
		Params: bitrix.Params{
			"entityTypeId": 4,
			"select":       []string{"id", "title"},
			"filter":       map[string]any{"=originatorId": "erp"},
		},
	}
	rows := 0
	for row, err := range client.Scan(ctx, list) {
		if err != nil {
			log.Fatal(err) // what came before is right, but not all
		}
		if rows++; rows == 1 {
			fmt.Println(string(row))
		}
	}
	fmt.Println(rows, "rows")
	// Output:
	// {"id":1,"title":"Company 1","originatorId":"erp"}
	// 60 rows
}

func ExampleClient_ScanRows() {
	client, ctx := demoPortal(60, ""), context.Background()

	list := bitrix.List{Method: "crm.item.list", Items: "items", Params: bitrix.Params{"entityTypeId": 4, "select": []string{"id", "title"}}}
	columns := bitrix.NewColumns("id", "title")
	var values []json.RawMessage // used again for each row
	titles := map[string]string{}
	for row, err := range client.ScanRows(ctx, list) {
		if err != nil {
			log.Fatal(err)
		}
		values = columns.Pick(row, values)
		if title, ok := bitrix.PlainText(values[1]); ok {
			titles[string(values[0])] = string(title) // a copy: the row is valid until the loop goes on
		}
	}
	fmt.Println(len(titles), titles["60"])
	// Output: 60 Company 60
}

func ExampleClient_LookUp() {
	client, ctx := demoPortal(5, ""), context.Background()

	list := bitrix.List{
		Method: "crm.item.list",
		Items:  "items",
		Params: bitrix.Params{"entityTypeId": 4, "select": []string{"id"}, "filter": map[string]any{"=originatorId": "erp"}},
	}
	keys := slices.Values([]string{"C-3", "C-5", "C-777"})
	for block, err := range client.LookUp(ctx, list, "originId", keys) {
		if err != nil {
			log.Fatal(err)
		}
		for _, row := range block.Rows { // valid until the loop goes on
			fmt.Println(string(row.Raw()))
		}
	}
	// Output:
	// {"id":3,"originId":"C-3","originatorId":"erp"}
	// {"id":5,"originId":"C-5","originatorId":"erp"}
}

func ExampleClient_ListEach() {
	client, ctx := demoPortal(3, ""), context.Background()

	listings := client.ListEach(ctx, []bitrix.List{ // one request
		{Method: "crm.item.list", Items: "items", Params: bitrix.Params{"entityTypeId": 4}},
		{Method: "crm.item.list", Items: "items", Params: bitrix.Params{"entityTypeId": 4, "filter": map[string]any{"=titel": "Acme"}}},
	})
	for _, l := range listings {
		fmt.Println(len(l.Rows), l.Err)
	}
	// Output:
	// 3 <nil>
	// 0 crm.item.list on acme.example: Invalid filter: field 'TITEL' is not allowed in filter (INVALID_ARG_VALUE)
}

func ExampleError() {
	client, ctx := demoPortal(1, ""), context.Background()

	_, err := client.Call(ctx, "crm.item.get", bitrix.Params{"entityTypeId": 4, "id": 99})
	var refused *bitrix.Error
	switch {
	case bitrix.IsAuth(err):
		log.Fatal(err) // every further call would fail alike
	case bitrix.IsNotFound(err):
		fmt.Println("no such company, or not for us to see")
	case errors.As(err, &refused):
		hint, _ := refused.Hint()
		fmt.Println(refused.Code, refused.Text(), hint)
	}
	// Output: no such company, or not for us to see
}

func ExampleUnknownOutcome() {
	// The portal creates the company and then drops the connection.
	client, ctx := demoPortal(0, "drop-after:crm.item.add,n=1"), context.Background()

	_, err := client.Call(ctx, "crm.item.add", bitrix.Params{
		"entityTypeId": 4,
		"fields":       map[string]any{"title": "Acme Ltd", "originatorId": "erp", "originId": "C-1"},
	})
	var unknown *bitrix.UnknownOutcome
	if errors.As(err, &unknown) {
		// Look before doing it again. A save may go on for up to a minute after
		// its answer was lost, so that no row means "not yet" until then.
		list := bitrix.List{Method: "crm.item.list", Items: "items", Params: bitrix.Params{
			"entityTypeId": 4, "select": []string{"id"}, "filter": map[string]any{"=originatorId": "erp"},
		}}
		for block, err := range client.LookUp(ctx, list, "originId", slices.Values([]string{"C-1"})) {
			if err != nil {
				log.Fatal(err)
			}
			for _, row := range block.Rows {
				fmt.Println("it is there:", string(row.Raw()))
			}
		}
	}
	// Output: it is there: {"id":1,"originId":"C-1","originatorId":"erp"}
}

func ExampleConfig_transport() {
	box, err := portal.Open(context.Background(), portal.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer box.Close()
	client, err := bitrix.New(bitrix.Config{
		Webhook:   "https://acme.example" + box.WebhookPath(),
		Transport: inProcess{box}, // any http.RoundTripper that follows no redirects
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Call(context.Background(), "profile", nil)
	fmt.Println(client.Requests(), err)
	// Output: 1 <nil>
}

func ExampleConfig_logger() {
	box, err := portal.Open(context.Background(), portal.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer box.Close()
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "time" || a.Key == "received" || a.Key == "took" {
				return slog.Attr{} // differ from run to run
			}
			return a
		},
	})
	client, err := bitrix.New(bitrix.Config{
		Webhook:   "https://acme.example" + box.WebhookPath(),
		Transport: inProcess{box},
		Logger:    slog.New(handler),
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Call(context.Background(), "profile", nil); err != nil {
		log.Fatal(err)
	}
	// Output: level=DEBUG msg="portal request" method=profile portal=acme.example try=1 status=200 sent=3
}
