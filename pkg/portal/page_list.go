package portal

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A listQuery is what the address of a list asks for.
type listQuery struct {
	Text     string // part of the name
	Stage    string // STATUS_ID
	Pipeline string // id
	sort     string // name of a field
	desc     bool
	after    int64 // id of the item before the first one shown; 0 for none
	before   int64 // id of the item after the last one shown; 0 for none
}

// readQuery reads the address. What makes no sense counts as absent.
func readQuery(q url.Values) listQuery {
	lq := listQuery{
		Text: strings.TrimSpace(q.Get("q")), Stage: q.Get("stage"), Pipeline: q.Get("pipeline"),
		sort: cmp.Or(q.Get("sort"), "id"), desc: q.Get("dir") != "asc",
	}
	lq.after, _ = strconv.ParseInt(q.Get("after"), 10, 64)
	lq.before, _ = strconv.ParseInt(q.Get("before"), 10, 64)
	return lq
}

// filtered reports whether not all items of the type are wanted.
func (lq listQuery) filtered() bool { return lq.Text+lq.Stage+lq.Pipeline != "" }

// Direction is the value of the parameter dir.
func (lq listQuery) Direction() string {
	if lq.desc {
		return "desc"
	}
	return "asc"
}

// Sort is the value of the parameter sort.
func (lq listQuery) Sort() string { return lq.sort }

// address returns the path and query of a list, without parameters that are as
// they are by default.
func (lq listQuery) address(etid int) string {
	q := make(url.Values)
	for name, value := range map[string]string{"q": lq.Text, "stage": lq.Stage, "pipeline": lq.Pipeline} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if lq.sort != "id" || !lq.desc {
		q.Set("sort", lq.sort)
		q.Set("dir", lq.Direction())
	}
	if lq.after != 0 {
		q.Set("after", strconv.FormatInt(lq.after, 10))
	}
	if lq.before != 0 {
		q.Set("before", strconv.FormatInt(lq.before, 10))
	}
	if len(q) == 0 {
		return listPath(etid)
	}
	return listPath(etid) + "?" + q.Encode()
}

// A listBody is a page of items.
type listBody struct {
	Query             listQuery
	Path              string
	Count             string
	Pipelines         []pick
	Stages            []pick
	Columns           []heading
	Rows              []row
	First, Back, Next string // addresses; "" for none
	Clear             string // address without a filter; "" if there is none
}

// A pick is one of several values of a filter.
type pick struct {
	anchor
	Value   string
	Current bool
}

// A heading is the head of a column of a list.
type heading struct {
	anchor
	Order string // "ascending", "descending" or ""
	Class string

	field *field
}

// A row is an item in a list.
type row struct {
	ID    int64
	Link  anchor
	Cells [][]piece
}

// listColumns are the fields that a list shows after id and name, as far as the
// entity type has them.
var listColumns = []string{"stageId", "opportunity", "companyId", "assignedById", "updatedTime"}

// sortable are the fields that a list can be ordered by.
var sortable = []string{"id", "title", "lastName", "opportunity", "updatedTime"}

// viewList shows the items of an entity type.
func viewList(ctx context.Context, v *viewer, r *http.Request) (page, error) {
	etid, err := pathNumber(r, "etid", "Entity type")
	if err != nil {
		return page{}, err
	}
	e, err := v.entity(ctx, etid)
	if err != nil {
		return page{}, err
	}
	lq := readQuery(r.URL.Query())
	columns := e.listColumns(&lq)
	body := listBody{Query: lq, Path: listPath(e.id), Columns: columns}
	if lq.filtered() {
		body.Clear = listPath(e.id)
	}
	if err := v.choices(ctx, e, &body); err != nil {
		return page{}, err
	}
	if err := v.addRows(ctx, e, &body); err != nil {
		return page{}, err
	}
	if body.Count, err = v.countText(ctx, e, lq); err != nil {
		return page{}, err
	}
	return page{name: "list", Title: e.plural(), Crumbs: e.crumbs(), Body: body}, nil
}

// crumbs leads to a list of the entity type.
func (e *entity) crumbs() []anchor {
	if e.smart() {
		return []anchor{home, {"Smart processes", "/crm/type/"}}
	}
	return []anchor{home}
}

// listColumns returns the columns of a list, and sorts it by id if it is to be
// sorted by none of them.
func (e *entity) listColumns(lq *listQuery) []heading {
	caption := e.captionFields()
	fields := []*field{e.set.byName["id"], caption[len(caption)-1]}
	for _, name := range listColumns {
		if f := e.find(name); f != nil && !f.deprecated {
			fields = append(fields, f)
		}
	}
	isWanted := func(f *field) bool { return f.name == lq.sort }
	if !slices.Contains(sortable, lq.sort) || !slices.ContainsFunc(fields, isWanted) {
		lq.sort = "id"
	}
	columns := make([]heading, len(fields))
	for i, f := range fields {
		columns[i] = heading{anchor: anchor{Text: f.title}, field: f}
		if f.typ.class() == classReal || f.name == "id" {
			columns[i].Class = "number"
		}
		if slices.Contains(sortable, f.name) {
			columns[i].sortBy(e, *lq)
		}
	}
	columns[1].Text = "Name"
	return columns
}

// sortBy makes the head of a column a link that sorts by it, the other way
// round if the list is sorted by it already.
func (c *heading) sortBy(e *entity, lq listQuery) {
	current := lq.sort == c.field.name
	if current {
		c.Order = map[bool]string{false: "ascending", true: "descending"}[lq.desc]
	}
	lq.desc = current && !lq.desc
	lq.sort, lq.after, lq.before = c.field.name, 0, 0
	c.URL = lq.address(e.id)
}

// choices fills in what a list can be filtered by. The stages are those of the
// pipeline, or of all pipelines without one.
func (v *viewer) choices(ctx context.Context, e *entity, body *listBody) error {
	if !e.staged() || e.find("stageId") == nil {
		return nil
	}
	pipelines := []category{{etid: e.id}}
	if e.piped() {
		var err error
		if pipelines, err = v.categories(ctx, e.id); err != nil {
			return err
		}
		body.addPipelines(e, pipelines)
	}
	for _, cat := range pipelines {
		if body.Query.Pipeline != "" && e.piped() && strconv.FormatInt(cat.id, 10) != body.Query.Pipeline {
			continue
		}
		list, err := v.statuses(ctx, `WHERE entity_id = ? ORDER BY sort, id`, stageDirectory(e.id, cat.id))
		if err != nil {
			return err
		}
		for _, st := range list {
			name := st.name
			if len(pipelines) > 1 {
				name = cat.name + ": " + name
			}
			body.Stages = append(body.Stages, pick{
				anchor: anchor{Text: name}, Value: st.statusID, Current: st.statusID == body.Query.Stage,
			})
		}
	}
	return nil
}

// addPipelines offers the pipelines as links, the way out of them included.
func (b *listBody) addPipelines(e *entity, pipelines []category) {
	offer := func(text, value string) {
		lq := b.Query
		lq.Pipeline, lq.Stage, lq.after, lq.before = value, "", 0, 0
		b.Pipelines = append(b.Pipelines, pick{anchor: anchor{text, lq.address(e.id)}, Current: value == b.Query.Pipeline})
	}
	offer("All", "")
	for _, cat := range pipelines {
		offer(cat.name, strconv.FormatInt(cat.id, 10))
	}
}

// addRows reads the items of the page and the ways to its neighbours.
func (v *viewer) addRows(ctx context.Context, e *entity, body *listBody) error {
	fields := e.captionFields()
	for _, c := range body.Columns {
		if !slices.Contains(fields, c.field) && c.field.name != "id" {
			fields = append(fields, c.field)
		}
	}
	for _, name := range []string{"categoryId", "currencyId"} { // stages and amounts need them
		if f := e.set.byName[name]; f != nil {
			fields = append(fields, f)
		}
	}
	recs, more, err := v.keyset(ctx, e, body.Query, fields)
	if err != nil {
		return err
	}
	for _, rec := range recs {
		row, err := v.row(ctx, e, body.Columns, rec)
		if err != nil {
			return err
		}
		body.Rows = append(body.Rows, row)
	}
	body.turn(e, more)
	return nil
}

// row shows one item.
func (v *viewer) row(ctx context.Context, e *entity, columns []heading, rec *record) (row, error) {
	r := row{ID: rec.id, Link: anchor{e.caption(rec), itemPath(e.id, rec.id)}}
	for _, c := range columns[2:] {
		pieces, err := v.show(ctx, e, rec, c.field, e.value(rec, c.field))
		if err != nil {
			return row{}, err
		}
		r.Cells = append(r.Cells, pieces)
	}
	return r, nil
}

// turn sets the addresses of the pages around this one. More says that there
// are items beyond the page in the direction of reading.
func (b *listBody) turn(e *entity, more bool) {
	if len(b.Rows) == 0 {
		return
	}
	lq, backwards := b.Query, b.Query.before != 0
	if more && backwards || !backwards && b.Query.after != 0 {
		lq.after, lq.before = 0, b.Rows[0].ID
		b.Back = lq.address(e.id)
		lq.before = 0
		b.First = lq.address(e.id)
	}
	if more && !backwards || backwards {
		lq.after, lq.before = b.Rows[len(b.Rows)-1].ID, 0
		b.Next = lq.address(e.id)
	}
}
