package main

import (
	"context"
	"net/url"
	"path"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// hideCredential keeps the secret of a credential from every text, whatever an answer
// repeats, and gives the credential to use: of tokens, those that come later are hidden
// too.
func (a *app) hideCredential(c credential) credential {
	if u, err := url.Parse(c.webhook); err == nil && c.webhook != "" {
		a.secrets.Add(path.Base(strings.TrimSuffix(u.Path, "/")))
	}
	if c.tokens != nil {
		c.tokens = hidingTokens{c.tokens, a}
	}
	return c
}

// hidingTokens hides every token that it gives.
type hidingTokens struct {
	bitrix.TokenSource
	app *app
}

func (h hidingTokens) Token() bitrix.Token {
	t := h.TokenSource.Token()
	h.app.secrets.Add(t.Access)
	return t
}

func (h hidingTokens) Renew(ctx context.Context, expired bitrix.Token) (bitrix.Token, error) {
	t, err := h.TokenSource.Renew(ctx, expired)
	h.app.secrets.Add(t.Access)
	return t, err
}
