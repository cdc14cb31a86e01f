package ui

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Secrets are the credentials in use, which no [Door] lets pass: a portal's answer can
// repeat them, as the links to files do. The zero Secrets is empty. Several goroutines
// may use one.
type Secrets struct {
	mu    sync.RWMutex
	forms []string // longest first
}

// minSecret is the length from which a text is a secret and not a word by chance.
const minSecret = 8

// hiddenSecret stands where a secret was.
const hiddenSecret = "***"

// Add makes a secret known, in every form that texts give it: as it is, and as URLs and
// JSON write it. A short one is no secret.
func (s *Secrets) Add(secret string) {
	if len(secret) < minSecret {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.forms, secret) {
		return
	}
	for _, form := range secretForms(secret) {
		if !slices.Contains(s.forms, form) {
			s.forms = append(s.forms, form)
		}
	}
	slices.SortStableFunc(s.forms, func(a, b string) int { return len(b) - len(a) })
}

func secretForms(secret string) []string {
	query := url.QueryEscape(secret)
	forms := []string{secret, query, url.PathEscape(secret), strings.ReplaceAll(query, "~", "%7E"), strings.ReplaceAll(query, "+", "%20")}
	for _, f := range forms[1:] {
		forms = append(forms, lowerEscapes(f))
	}
	for _, f := range slices.Clone(forms) {
		var plain bytes.Buffer
		e := json.NewEncoder(&plain)
		e.SetEscapeHTML(false)
		if err := e.Encode(f); err == nil {
			inner := strings.Trim(strings.TrimSpace(plain.String()), `"`)
			forms = append(forms, inner, strings.ReplaceAll(inner, "/", `\/`))
		}
		if text, err := json.Marshal(f); err == nil {
			forms = append(forms, strings.Trim(string(text), `"`))
		}
	}
	return forms
}

// lowerEscapes writes the digits of escapes such as %2F in lower case.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], bytes.ToLower(b[i+1:i+3]))
		}
	}
	return string(b)
}

// hide replaces secrets in text. rest is the end of text that could be the start of one:
// it must be given again, with what follows.
func (s *Secrets) hide(text []byte) (shown, rest []byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, form := range s.forms {
		if bytes.Contains(text, []byte(form)) {
			text = bytes.ReplaceAll(text, []byte(form), []byte(hiddenSecret))
		}
	}
	keep := 0
	for _, form := range s.forms {
		for n := min(len(form)-1, len(text)); n > keep; n-- {
			if string(text[len(text)-n:]) == form[:n] {
				keep = n
				break
			}
		}
	}
	return text[:len(text)-keep], text[len(text)-keep:]
}

// In tells whether a text holds a secret, in any form.
func (s *Secrets) In(text []byte) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.ContainsFunc(s.forms, func(form string) bool { return bytes.Contains(text, []byte(form)) })
}

// Hide gives a whole text without the secrets in it. Nil hides nothing.
func (s *Secrets) Hide(text string) string {
	if s == nil {
		return text
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, form := range s.forms {
		text = strings.ReplaceAll(text, form, hiddenSecret)
	}
	return text
}
