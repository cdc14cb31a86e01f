package ui

import "testing"

func TestSecretsAreFoundInAText(t *testing.T) {
	var s Secrets
	s.Add("a/long~secret")
	for text, want := range map[string]bool{`{"title":"see a/long~secret!"}`: true, `{"url":"a%2flong~secret"}`: true, `{"x":"a\/long~secret"}`: true, "a long secret": false, "": false} {
		if got := s.In([]byte(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
