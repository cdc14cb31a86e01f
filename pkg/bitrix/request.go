package bitrix

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
)

// A Request is one call with everything that can be chosen about it.
type Request struct {
	Method string
	// Params are the method's: Params, or the list that a batch of REST 3.0
	// takes. nil is no parameters.
	Params any
	// V3 calls the method of REST 3.0, which is another one even where the name
	// is the same. Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html
	V3 bool
	// IdempotencyKey marks a write of REST 3.0, as 1 to 255 printable ASCII
	// characters: within 24 hours the portal does not execute it again with the
	// same key and parameters. "" is a random one. Other calls must not have one.
	IdempotencyKey string
	// Whole asks for the Envelope of the answer.
	Whole bool
}

// Do makes a call. Its answers and errors are those of Call; a write of REST 3.0
// is repeated when its answer was lost, since its key makes that harmless.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	j, err := r.job()
	if err != nil {
		return nil, err
	}
	return c.alone(ctx, j, true)
}

// Body is the JSON that the request sends, without any credential.
func (r Request) Body() (json.RawMessage, error) {
	j, err := r.job()
	if err != nil {
		return nil, err
	}
	return json.RawMessage(j.body), nil
}

// BatchBody is the JSON that Client.Batch sends for these commands.
func BatchBody(commands []Command) (json.RawMessage, error) {
	j, err := newBatch(commands)
	if err != nil {
		return nil, err
	}
	return json.RawMessage(j.body), nil
}

// NewIdempotencyKey is a random key for a write of REST 3.0.
func NewIdempotencyKey() string { return rand.Text() }

// TakesKey reports whether the portal looks at an IdempotencyKey: in the methods of
// REST 3.0 that write, of which a batch is none.
func (r Request) TakesKey() bool {
	return r.V3 && r.effect() != Read && r.Method != BatchMethod
}

func (r Request) effect() Effect {
	if r.V3 && v3Reads[lowerMethod(r.Method)] {
		return Read
	}
	return EffectOf(r.Method)
}

// ReadsOnly reports whether the call is known to change nothing.
func (r Request) ReadsOnly() bool { return r.effect() == Read }

func (r Request) job() (*job, error) {
	if r.Params == nil {
		r.Params = Params{}
	}
	j, err := newJob(r.Method, r.effect(), r.Params)
	if err != nil {
		return nil, err
	}
	j.v3, j.whole = r.V3, r.Whole
	if !r.TakesKey() {
		if r.IdempotencyKey != "" {
			return nil, fmt.Errorf("%s: an idempotency key works only for methods of REST 3.0 that write", r.Method)
		}
		return j, nil
	}
	if j.key = r.IdempotencyKey; j.key == "" {
		j.key = NewIdempotencyKey()
	}
	if err := checkKeyText(j.key); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Method, err)
	}
	j.effect = Repeatable
	return j, nil
}

const maxKey = 255

func checkKeyText(key string) error {
	valid := len(key) <= maxKey
	for i := range len(key) {
		valid = valid && key[i] >= ' ' && key[i] <= '~'
	}
	if !valid {
		return errors.New("an idempotency key has 1 to 255 printable ASCII characters")
	}
	return nil
}
