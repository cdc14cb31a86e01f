package bitrix

import (
	"context"
	"encoding/json"
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
	return c.batch(ctx, commands, true)
}

// BatchMethod is the method that runs others. Some portals may bill it for their
// time.
const BatchMethod = "batch"

// newBatch encodes commands. Their keys are not numbers, since PHP would make
// lists of the answers, and sort in the order of the commands, since the portal
// runs them as they stand in the JSON object.
func newBatch(commands []Command) (*job, error) {
	if len(commands) == 0 || len(commands) > MaxBatch {
		return nil, fmt.Errorf("a batch takes 1 to %d commands, not %d", MaxBatch, len(commands))
	}
	request := struct {
		Halt int               `json:"halt"`
		Cmd  map[string]string `json:"cmd"`
	}{Cmd: make(map[string]string, len(commands))}
	for i, command := range commands {
		text, err := encode(command)
		if err != nil {
			return nil, fmt.Errorf("command %d of the batch: %w", i+1, err)
		}
		request.Cmd[batchKey(i)] = text
	}
	return newJob(BatchMethod, strongest(commands), request)
}

func batchKey(i int) string { return fmt.Sprintf("c%02d", i) }

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
func decodeBatch(result json.RawMessage, n int) ([]slot, error) {
	var raw struct {
		Result json.RawMessage `json:"result"`
		Error  json.RawMessage `json:"result_error"`
		Total  json.RawMessage `json:"result_total"`
		Next   json.RawMessage `json:"result_next"`
		Time   json.RawMessage `json:"result_time"`
	}
	if err := json.Unmarshal(result, &raw); err != nil || raw.Result == nil && raw.Error == nil {
		return nil, errors.New("the answer of the batch holds no results")
	}
	var parts [5][]json.RawMessage
	for i, part := range []json.RawMessage{raw.Result, raw.Error, raw.Total, raw.Next, raw.Time} {
		values, err := byCommand(part, n)
		if err != nil {
			return nil, err
		}
		parts[i] = values
	}
	slots := make([]slot, n)
	for i := range slots {
		slots[i] = newSlot(parts[0][i], parts[1][i], parts[2][i], parts[3][i], parts[4][i])
	}
	return slots, nil
}

func newSlot(result, refused, total, next, cost json.RawMessage) slot {
	s := slot{response: Response{Result: result, Total: toInt(total), Next: toInt(next)}}
	if isSet(cost) {
		// Time takes anything, so this cannot fail on a value that was parsed before.
		_ = json.Unmarshal(cost, &s.response.Time)
	}
	if !isSet(refused) {
		return s
	}
	var raw struct {
		Error       json.RawMessage `json:"error"`
		Description json.RawMessage `json:"error_description"`
		Argument    json.RawMessage `json:"argument"`
	}
	if json.Unmarshal(refused, &raw) != nil {
		s.refusal = &refusal{description: text(refused)}
		return s
	}
	s.refusal = newRefusal(raw.Error, raw.Description, raw.Argument)
	return s
}

// byCommand spreads one part of a batch's answer over n commands; one that is
// absent stays nil. PHP writes a map as [] when it is empty, and as a list when
// its keys are exactly 0, 1, 2 and so on.
func byCommand(part json.RawMessage, n int) ([]json.RawMessage, error) {
	values := make([]json.RawMessage, n)
	if !isSet(part) {
		return values, nil
	}
	var keyed map[string]json.RawMessage
	if json.Unmarshal(part, &keyed) == nil {
		for i := range values {
			values[i] = keyed[batchKey(i)]
		}
		return values, nil
	}
	// A shorter list would not tell whose its values are.
	var listed []json.RawMessage
	if json.Unmarshal(part, &listed) != nil || len(listed) > 0 && len(listed) != n {
		return nil, errors.New("the answer of the batch does not match its commands")
	}
	copy(values, listed)
	return values, nil
}

func toInt(raw json.RawMessage) *int {
	var n number
	if len(raw) == 0 || json.Unmarshal(raw, &n) != nil {
		return nil
	}
	return n.int()
}
