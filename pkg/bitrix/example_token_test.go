package bitrix_test

import (
	"context"
	"fmt"
	"log"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// Where a user authorizes the application.
func ExampleApplication_AuthorizeURL() {
	address, err := bitrix.NewAddress("acme.bitrix24.com")
	if err != nil {
		log.Fatal(err)
	}
	app := bitrix.Application{Portal: address, ClientID: "local.1", ClientSecret: "a-secret"}
	fmt.Println(app.AuthorizeURL("state-1"))
	// Output: https://acme.bitrix24.com/oauth/authorize/?client_id=local.1&state=state-1
}

// The code to which that page leads gives the first tokens. They are kept in a
// file, and renewed when they have expired.
func ExampleApplication_Exchange() {
	ctx := context.Background()
	address, err := bitrix.NewAddress("acme.bitrix24.com")
	if err != nil {
		log.Fatal(err)
	}
	app := bitrix.Application{Portal: address, ClientID: "local.1", ClientSecret: "a-secret"}
	tokens, err := app.Exchange(ctx, "the-code")
	if err != nil {
		log.Fatal(err)
	}
	if err := bitrix.StoreTokens(ctx, "tokens.json", tokens); err != nil {
		log.Fatal(err)
	}
	file, err := bitrix.OpenTokenFile("tokens.json", bitrix.TokenFileConfig{})
	if err != nil {
		log.Fatal(err)
	}
	client, err := bitrix.New(bitrix.Config{Tokens: file})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Portal())
}

// A token that another program has got, and that is not renewed.
func ExampleNewAccessToken() {
	tokens, err := bitrix.NewAccessToken("acme.bitrix24.com", "a-secret-token")
	if err != nil {
		log.Fatal(err)
	}
	client, err := bitrix.New(bitrix.Config{Tokens: tokens})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: bitrix.Client(acme.bitrix24.com)
}
