package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// An itemBody is the page of one item.
type itemBody struct {
	Heading string
	ID      int64
	Deleted bool
	Stage   piece
	Mark    mark
	Fields  []fieldView // with a value
	Empty   []fieldView // without one
	Comms   []commView
	Rows    []rowView // products
	Inbound []inbound
	Events  []eventView
	Cut     bool // older events are not shown
}

// A fieldView is a field with its values.
type fieldView struct {
	Label, Name string
	Pieces      []piece
}

// A commView is a phone, an e-mail and so on.
type commView struct {
	Label string
	Value piece
}

// A mark says which resource of which owner an item is; empty for items that
// people made.
type mark struct{ Owner, Resource string }

// An inbound lists items of one type that link to the item.
type inbound struct {
	Label string
	Items []piece
	More  bool
}

// An eventView is a row of the history.
type eventView struct {
	When, Who, What string
	Changes         []changeView
}

// A changeView is a field before and after.
type changeView struct {
	Label    string
	From, To []piece
}

// viewItem shows one item. Of a deleted one only the history is left.
func viewItem(ctx context.Context, v *viewer, r *http.Request) (page, error) {
	etid, err := pathNumber(r, "etid", "Entity type")
	if err != nil {
		return page{}, err
	}
	id, err := pathNumber(r, "id", "Item")
	if err != nil {
		return page{}, err
	}
	e, err := v.entity(ctx, etid)
	if err != nil {
		return page{}, err
	}
	shown := page{name: "item", Crumbs: append(e.crumbs(), anchor{e.plural(), listPath(e.id)})}
	body := itemBody{ID: id}
	rec, err := v.load(ctx, e, id)
	var missing *fault
	switch {
	case errors.As(err, &missing):
		shown.status = http.StatusNotFound
		body.Heading, body.Deleted = fmt.Sprintf("%s #%d", e.name, id), true
		rec = newRecord()
	case err != nil:
		return page{}, err
	default:
		body.Heading, body.Mark = e.caption(rec), readMark(rec)
		if err := v.fillItem(ctx, e, rec, &body); err != nil {
			return page{}, err
		}
	}
	if err := v.addEvents(ctx, e, rec, &body); err != nil {
		return page{}, err
	}
	if body.Deleted && len(body.Events) == 0 {
		return page{}, missing
	}
	shown.Title, shown.Body = body.Heading, body
	return shown, nil
}

// fillItem reads what an existing item holds.
func (v *viewer) fillItem(ctx context.Context, e *entity, rec *record, body *itemBody) error {
	for _, f := range e.visible() {
		if f.alias || f.typ == typeMultifield {
			continue
		}
		pieces, err := v.show(ctx, e, rec, f, e.value(rec, f))
		if err != nil {
			return err
		}
		if f.name == "stageId" && len(pieces) > 0 {
			body.Stage = pieces[0]
		}
		view := fieldView{f.title, f.name, pieces}
		if len(pieces) > 0 {
			body.Fields = append(body.Fields, view)
		} else {
			body.Empty = append(body.Empty, view)
		}
	}
	for _, c := range rec.comms {
		body.Comms = append(body.Comms, commView{commLabel(c), commPiece(c)})
	}
	var err error
	if body.Rows, err = v.productRows(ctx, e, rec); err != nil {
		return err
	}
	body.Inbound, err = v.inbound(ctx, e, rec.id)
	return err
}

// readMark reads the mark of b24apply: the owner in the external source and the
// resource in its id, or both in the external code.
func readMark(rec *record) mark {
	const prefix = "b24apply:"
	if owner, ok := strings.CutPrefix(rec.text("originatorId"), prefix); ok {
		return mark{owner, rec.text("originId")}
	}
	if rest, ok := strings.CutPrefix(rec.text("xmlId"), prefix); ok {
		owner, resource, _ := strings.Cut(rest, ":")
		return mark{owner, resource}
	}
	return mark{}
}

// commPiece makes e-mails and websites links.
func commPiece(c comm) piece {
	p := piece{Text: c.value}
	switch {
	case c.typeID == "EMAIL":
		p.URL = (&url.URL{Scheme: "mailto", Opaque: url.PathEscape(c.value)}).String()
	case c.typeID == "WEB" && absoluteURL.MatchString(c.value):
		p.URL = c.value
	}
	return p
}

// maxEvents is how many rows of its history an item shows.
const maxEvents = 100

// addEvents reads the newest rows of the item's history.
func (v *viewer) addEvents(ctx context.Context, e *entity, rec *record, body *itemBody) error {
	list, err := v.history(ctx, e, body.ID, maxEvents+1)
	if err != nil {
		return err
	}
	if body.Cut = len(list) > maxEvents; body.Cut {
		list = list[:maxEvents]
	}
	for _, ev := range list {
		view, err := v.event(ctx, e, rec, ev)
		if err != nil {
			return err
		}
		body.Events = append(body.Events, view)
	}
	return nil
}

func (v *viewer) event(ctx context.Context, e *entity, rec *record, ev event) (eventView, error) {
	who, err := v.person(ctx, ev.user)
	if err != nil {
		return eventView{}, err
	}
	view := eventView{
		When: v.moment(time.Unix(ev.at, 0)), Who: who,
		What: map[string]string{actionAdd: "Created", actionUpdate: "Changed", actionDelete: "Deleted"}[ev.action],
	}
	for _, c := range ev.changes {
		cv, err := v.change(ctx, e, rec, c)
		if err != nil {
			return eventView{}, err
		}
		view.Changes = append(view.Changes, cv)
	}
	return view, nil
}

// change shows one field of an event. Values of a field that is gone show as
// they were stored.
func (v *viewer) change(ctx context.Context, e *entity, rec *record, c change) (changeView, error) {
	f := e.find(c.field)
	if f == nil || f.typ == typeMultifield {
		f = &field{name: c.field, title: c.field, typ: typeString, multiple: true}
		if c.field == "fm" {
			f.title = "Communications"
		}
	}
	view := changeView{Label: f.title}
	var err error
	if view.From, err = v.show(ctx, e, rec, f, f.shown(c.from)); err != nil {
		return changeView{}, err
	}
	view.To, err = v.show(ctx, e, rec, f, f.shown(c.to))
	return view, err
}

// shown turns a stored value into the one that the API would answer; lists are
// the same in both.
func (f *field) shown(v any) any {
	if v == nil || f.multiple {
		return v
	}
	return f.answer(v)
}
