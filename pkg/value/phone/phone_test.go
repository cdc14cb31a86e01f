package phone

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// What is remembered of phones is what reading them anew gives, whoever reads them at the same
// time, and it does not grow with their number.
func TestPhonesAreRememberedAsTheyAreRead(t *testing.T) {
	m := memory{known: make(map[[2]string]read)}
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Go(func() {
			for i := range 1000 {
				text := fmt.Sprintf("+49 30 %d", 1_000_000+i*(worker+1))
				for range 2 {
					if got, want := m.read(text, "").normal, normalOf(parse(text, ""), text); got != want {
						t.Errorf("%s: %s, want %s", text, got, want)
					}
				}
			}
		})
	}
	wait.Wait()
	if len(m.known) > maxPhones || len(m.known) == 0 {
		t.Errorf("%d are remembered", len(m.known))
	}
	m.read(strings.Repeat("1", 1+maxPhone), "DE")
	if _, is := m.known[[2]string{strings.Repeat("1", 1+maxPhone), "DE"}]; is {
		t.Error("a long one is remembered")
	}
	if a, b := m.read("030 1234567", "DE").normal, m.read("030 1234567", "").normal; a == b {
		t.Errorf("%s whatever the region", a)
	}
}
