package value_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/value"
)

// What a codec does not understand may be of any length, and somebody's: an error holds
// little of it, in words and for a log alike.
func TestErrorsOfCodecsHoldLittleOfWhatThePortalShows(t *testing.T) {
	const most = 200 // bytes of an error
	long := strings.Repeat("Olga Petrova ", 500)
	refused := 0
	for _, name := range value.TypeNames() {
		for _, typ := range []value.Type{{Name: name}, {Name: name, Multiple: true}, {Name: name, Wrapped: true}} {
			codec, ok := value.CodecOf(typ)
			if !ok {
				continue
			}
			for _, live := range []any{long, []any{long}, map[string]any{"value": long}, map[string]any{"1": long}, []any{map[string]any{"id": 1, "price": long}},
				[]any{map[string]any{"id": 1, "quantity": long, "VALUE": map[string]any{"x": long}}}} {
				raw, err := json.Marshal(live)
				if err != nil {
					t.Fatal(err)
				}
				if _, err = codec.Read(raw); err == nil {
					continue
				}
				refused++
				if said := words.Text(value.SaidBy(err)); len(said) > most || len(err.Error()) > most {
					t.Errorf("%v reads %.60s: %.300s", typ, raw, said)
				}
			}
		}
	}
	if refused < 20 {
		t.Errorf("only %d values were refused", refused)
	}
}

// Words of ours stand in place of the codes, whatever is around them.
func TestWhatIsSaidStandsInWordsWhereverItIsWrapped(t *testing.T) {
	gone, other := value.Err("answer-has-no-id"), value.Err("answer-has-no-price")
	plain := errors.New("HTTP 500")
	for _, tc := range []struct {
		err  error
		want string
	}{
		{plain, "HTTP 500"},
		{gone, "the answer has no id"},
		{fmt.Errorf("deal/a: %w", gone), "deal/a: the answer has no id"},
		{fmt.Errorf("deal/a: %w, twice", gone), "deal/a: the answer has no id, twice"},
		{value.While(plain, "reading-prices"), "read prices: HTTP 500"},
		{value.While(fmt.Errorf("x: %w", gone), "reading-file", value.N("id", 7)), "read file 7: x: the answer has no id"},
		{fmt.Errorf("--out: %w", value.While(gone, "reading-prices")), "--out: read prices: the answer has no id"},
		{errors.Join(gone, plain, value.While(other, "reading-prices")), "the answer has no id\nHTTP 500\nread prices: the answer has no price"},
	} {
		if got := words.Text(value.SaidBy(tc.err)); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
	if err := value.While(plain, "reading-prices"); !errors.Is(err, plain) {
		t.Error("the cause is lost")
	}
}

// hinting is an error of a package that knows no messages.
type hinting struct{ code string }

func (hinting) Error() string { return "refused" }
func (h hinting) Hint() (code string, args map[string]string) {
	return h.code, map[string]string{"portal": "acme.example"}
}

func TestARemedyIsFoundBehindWhatWasBeingDone(t *testing.T) {
	for err, want := range map[error]string{
		value.While(hinting{"log-in-to-portal-again"}, "reading-prices"): "log in again: b24apply login acme.example",
		fmt.Errorf("x: %w", hinting{"check-webhook"}):                    words.Text(value.Say("check-webhook")),
		hinting{""}:        "",
		errors.New("x"):    "",
		value.Err("a-map"): "",
		value.While(errors.New("x"), "reading-prices"): "",
	} {
		if got := words.Text(value.RemedyOf(err)); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
