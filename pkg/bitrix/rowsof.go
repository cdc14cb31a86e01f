package bitrix

import "time"

// batchImport is the method whose commands carry rows that each cost something, by its name in
// lower case, and rowsParam the parameter with its rows.
// Source: api-reference/crm/universal/import/crm-item-batch-import.md.
const (
	batchImport = "crm.item.batchimport"
	rowsParam   = "data"
)

// rows is how many rows the command carries by which it is billed; 1 for what is one by itself.
func (c *Command) rows() int {
	if Canonical(c.Method) != batchImport {
		return 1
	}
	list, _ := c.Params[rowsParam].([]any)
	return max(len(list), 1)
}

func rowsOf(commands []Command) (n int) {
	for i := range commands {
		n += commands[i].rows()
	}
	return n
}

// rampUp is how much larger than the largest request that was measured the next one may be.
const rampUp = 8

// RowsParkedUntil is [Client.CallParkedUntil] for rows of a method that go in one request.
func (c *Client) RowsParkedUntil(method string, rows int) time.Time {
	method = Canonical(method)
	each, _ := c.governor.cost(method)
	cost := each * time.Duration(rows)
	return c.parkedUntil([]charge{{method: method, cost: cost}, {method: BatchMethod, cost: cost}})
}

// RowsFit tells how many rows of a method fit into one request so that the portal is predicted
// to work no longer than 25 seconds on them: one before any was measured, and no more than eight times
// what was measured together. ramps tells that the latter bounds it, so that the answer to one request
// allows a larger one.
func (c *Client) RowsFit(method string) (n int, ramps bool) {
	method = Canonical(method)
	limit := min(c.governor.portion(BatchMethod), c.governor.portion(method))
	c.governor.mu.Lock()
	defer c.governor.mu.Unlock()
	e := &c.governor.meter(method).cost
	if !e.known {
		return 1, true
	}
	n = max(1, int(limit/max(e.value, time.Microsecond)))
	if most := rampUp * e.rows; n > most {
		return most, true
	}
	return n, false
}
