package ui

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A secret is found wherever the writes that hold it are cut.
func TestCaseA9ASecretInPiecesIsHidden(t *testing.T) {
	const secret = "s3cr3t/+x~"
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.SampledFrom(secretForms(secret)).Draw(t, "form")
		text := rapid.StringMatching(`[a-z /s3]{0,9}`).Draw(t, "before") + form + rapid.StringMatching(`[a-z 3]{0,9}`).Draw(t, "after")
		var out bytes.Buffer
		var secrets Secrets
		secrets.Add(secret)
		d := NewDoor(&out, Style{}, false)
		d.Hide(&secrets)
		cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
		got := passed(t, d, &out, text[:cut], text[cut:])
		if strings.Contains(got, form) || !strings.Contains(got, hiddenSecret) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestShortWordsAreNoSecrets(t *testing.T) {
	var out bytes.Buffer
	var secrets Secrets
	secrets.Add("abc")
	secrets.Add("")
	d := NewDoor(&out, Style{}, false)
	d.Hide(&secrets)
	if got := passed(t, d, &out, "abc abcd"); got != "abc abcd" {
		t.Error(got)
	}
}
