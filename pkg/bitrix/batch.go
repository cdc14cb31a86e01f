package bitrix

import (
	"context"
	"errors"
	"fmt"
)

// MaxBatch is how many commands one batch may hold.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html
const MaxBatch = 50

// A Command is one call inside a batch.
type Command struct {
	Method string
	Params Params // Carries must be true for them
	AsIs   bool   // Doubts may name classes for them: the caller looks what was stored

	query string // method and parameters as a batch has them; "" unless Prepare has made them
}

// An Outcome is what became of one command of a batch.
type Outcome struct {
	Response // its Result is nil if Err is not
	// Err is an *Error if the portal refused the command, an *UnknownOutcome
	// if it may have been executed, and ErrNotRun if the portal left it out.
	Err error
}

// Batch runs 1 to 50 commands, one after the other; one that fails does not stop
// the rest. They travel in one request, or in several one after the other if the
// portal is predicted to need more than 25 seconds for them; see BatchSize.
// Outcomes are in the order of the commands.
//
// The error is the whole request's, as Call's, and nothing is known about any
// command then; where there were several requests, it is the outcome of the
// commands concerned. A command that alone was refused for pace or for its time
// budget is tried again without the others, and the outcomes wait for it; see
// TryBatch. Commands must not build on each other: a reference to the result of a
// command that failed would be replaced by something else, so there are none.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html
func (c *Client) Batch(ctx context.Context, commands []Command) ([]Outcome, error) {
	return c.batch(ctx, commands, batching{patient: true})
}

// BatchMethod is the method that runs others. Some portals may bill it for their
// time.
const BatchMethod = "batch"

// newBatch encodes commands. Their keys are not numbers, since PHP would make
// lists of the answers, and sort in the order of the commands, since the portal
// runs them as they stand in the JSON object.
func newBatch(commands []Command) (*job, error) {
	queries, err := encodeAll(commands)
	if err != nil {
		return nil, err
	}
	return batchJob(commands, queries, '0'), nil
}

// encodeAll encodes the commands of a batch.
func encodeAll(commands []Command) ([]string, error) {
	if len(commands) == 0 || len(commands) > MaxBatch {
		return nil, fmt.Errorf("a batch takes 1 to %d commands, not %d", MaxBatch, len(commands))
	}
	queries := make([]string, len(commands))
	for i, command := range commands {
		query, err := encode(command)
		if err != nil {
			return nil, fmt.Errorf("command %d of the batch: %w", i+1, err)
		}
		queries[i] = query
	}
	return queries, nil
}

// batchJob is the request of commands whose queries are these. With '1' one that fails
// halts those behind it.
func batchJob(commands []Command, queries []string, halt byte) *job {
	return &job{method: BatchMethod, effect: strongest(commands), body: batchBody(halt, queries)}
}

// batchBody is the JSON of a batch. Queries hold nothing that JSON escapes.
func batchBody(halt byte, queries []string) []byte {
	size := 32
	for _, query := range queries {
		size += len(query) + len(`"c00":"",`)
	}
	body := append(append(append(make([]byte, 0, size), `{"halt":`...), halt), `,"cmd":{`...)
	for i, query := range queries {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(append(append(body, '"'), batchKey(i)...), `":"`...)
		body = append(append(body, query...), '"')
	}
	return append(body, "}}\n"...)
}

func batchKey(i int) string { return string([]byte{'c', byte('0' + i/10), byte('0' + i%10)}) }

// A slot is what a batch's answer says about one command.
type slot struct {
	response Response // its Result is nil if the command is not among the results
	refusal  *refusal
}

func (s slot) outcome(e *endpoint, method string, repeated bool) Outcome {
	switch {
	case s.refusal != nil:
		err := e.refused(method, 200, s.refusal)
		if err.verdict() == lost && EffectOf(method) != Read {
			return Outcome{Err: &UnknownOutcome{Method: method, Portal: e.host, Cause: err}}
		}
		err.Repeated = repeated
		return Outcome{Err: err}
	case s.response.Result == nil:
		return Outcome{Err: ErrNotRun}
	}
	return Outcome{Response: s.response}
}

// decodeBatch reads the answer of a batch of n commands. An error means that
// the answer is damaged.
func decodeBatch(result value, n int) ([]slot, error) {
	result = result.open()
	parts := [5]value{result.member("result"), result.member("result_error"), result.member("result_total"), result.member("result_next"), result.member("result_time")}
	if result.kind() != '{' || parts[0].doc == nil && parts[1].doc == nil {
		return nil, errors.New("the answer of the batch holds no results")
	}
	var spread [5][MaxBatch]value
	for i, part := range parts {
		if err := byCommand(part, spread[i][:n]); err != nil {
			return nil, err
		}
	}
	slots := make([]slot, n)
	for i := range slots {
		slots[i] = newSlot(spread[0][i], spread[1][i], spread[2][i], spread[3][i], spread[4][i])
	}
	return slots, nil
}

func newSlot(result, refused, total, next, cost value) slot {
	s := slot{response: Response{Result: result.raw(), value: result, Total: total.number().int(), Next: next.number().int(), Time: cost.time()}}
	if !refused.isSet() {
		return s
	}
	if refused = refused.open(); refused.kind() != '{' {
		s.refusal = &refusal{description: text(refused.raw())}
		return s
	}
	s.refusal = newRefusal(refused.member("error").raw(), refused.member("error_description").raw(), refused.member("argument").raw())
	s.refusal.resetAt = s.response.Time.OperatingReset
	return s
}

// byCommand spreads one part of a batch's answer over the values of its commands; one
// that is absent stays so. PHP writes a map as [] when it is empty, and as a list when
// its keys are exactly 0, 1, 2 and so on.
func byCommand(part value, values []value) error {
	if !part.isSet() {
		return nil
	}
	part = part.open()
	switch n := part.count(); {
	case part.kind() == '{':
		for i, end := part.inside(); i < end; i = part.doc.after(i) {
			if k := commandOf(part.doc.name(i)); k >= 0 && k < len(values) {
				values[k] = value{part.doc, i}
			}
		}
		return nil
	// A shorter list would not tell whose its values are.
	case part.kind() != '[' || n > 0 && n != len(values):
		return errors.New("the answer of the batch does not match its commands")
	}
	for i, k := part.at+1, 0; k < part.count(); i, k = part.doc.after(i), k+1 {
		values[k] = value{part.doc, i}
	}
	return nil
}

// commandOf is the number of the command that batchKey gave a key, -1 if it gave none.
func commandOf(key []byte) int {
	if len(key) != 3 || key[0] != 'c' || key[1] < '0' || key[1] > '9' || key[2] < '0' || key[2] > '9' {
		return -1
	}
	return int(key[1]-'0')*10 + int(key[2]-'0')
}
