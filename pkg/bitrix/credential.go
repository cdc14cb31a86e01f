package bitrix

import (
	"context"
	"errors"
	"log/slog"
	"strings"
)

// A CredentialKind says what lets a client into its portal. Hints of errors
// differ by it.
type CredentialKind uint8

// The kinds of credentials.
const (
	// Webhook is the URL of an inbound webhook.
	Webhook CredentialKind = iota
	// AccessToken is a token that somebody else got, with or without what
	// renews it.
	AccessToken
	// Login is a pair of tokens that the user authorized through OAuth 2.
	Login
)

// A TokenSource gives a client the access token of a portal. There are two:
// NewAccessToken has one that cannot be renewed, and a *TokenFile keeps a pair
// that can. A source must be safe for concurrent use.
type TokenSource interface {
	// Kind says what the tokens are.
	Kind() CredentialKind
	// Token is the token to use now.
	Token() Token
	// Renew gives a token in place of one that the portal has refused as
	// expired. Callers with the same token share one renewal. The error is
	// ErrNoRenewal if the source cannot renew, an *Error if the authorization
	// server refuses, and an *Unreachable if it cannot be asked.
	Renew(ctx context.Context, expired Token) (Token, error)
}

// A Token lets its bearer into one portal for an hour.
type Token struct {
	// Access is the token itself.
	Access string
	// Endpoint is the address below which the portal's methods are, such as
	// https://acme.bitrix24.com/rest/.
	Endpoint string
	// Fresh says that the token was issued just now, so that a refusal is no
	// matter of its age.
	Fresh bool
}

// String hides the token.
func (t Token) String() string { return "bitrix.Token(" + t.Endpoint + ")" }

// LogValue is String, so that no log handler prints the token.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// ErrNoRenewal is the error of a token that cannot be renewed.
var ErrNoRenewal = errors.New("the access token cannot be renewed")

// ErrOtherPortal is the error of tokens that turn out to be for another portal.
var ErrOtherPortal = errors.New("the tokens are for another portal")

// NewAccessToken is the source of a token that cannot be renewed. The portal is
// an address as NewAddress takes it.
func NewAccessToken(portal, access string) (TokenSource, error) {
	address, err := NewAddress(portal)
	if err != nil {
		return nil, err
	}
	token := Token{Access: strings.TrimSpace(access), Endpoint: address.Endpoint()}
	if _, err := tokenEndpoint(token, AccessToken); err != nil {
		return nil, err
	}
	return fixedToken{token}, nil
}

// A fixedToken is a token that cannot be renewed.
type fixedToken struct{ token Token }

func (fixedToken) Kind() CredentialKind { return AccessToken }
func (f fixedToken) Token() Token       { return f.token }
func (f fixedToken) String() string     { return f.token.String() }

func (fixedToken) Renew(context.Context, Token) (Token, error) { return Token{}, ErrNoRenewal }
