package bitrix

import "strings"

// chained is the scan by which a classic list is read in the order of its ids, its
// pages packed into batches; nil if the list is read otherwise. Rows are not checked
// against the filter and nothing but the id is added to the selection: both are
// the caller's own words to the method.
func (p *pager) chained(c *Client) *scan {
	if !p.byID || p.v3 {
		return nil
	}
	cur := &cursor{list: List{Method: p.request.Method, Params: Params{}, Items: p.rows, ID: p.id}, filter: map[string]any{}, last: p.last}
	for name, value := range p.params {
		switch strings.ToLower(name) {
		case "filter":
			filter, _ := value.(map[string]any) // beginFilter made it one
			for key, condition := range filter {
				if key != cur.after() {
					cur.filter[key] = condition
				}
			}
		case "order", "start":
		default:
			cur.list.Params[name] = value
		}
	}
	cur.list.Params["order"] = map[string]any{p.id: "ASC"}
	cur.list.Params["start"] = -1
	return &scan{client: c, cur: cur, alone: true, pages: blindPages}
}
