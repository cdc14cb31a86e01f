package portal

import (
	"context"
	"fmt"
	"net/http"
)

// A typeRow is an entity type in a table of types.
type typeRow struct {
	anchor
	ID        int
	Records   int64
	Pipelines []anchor
}

// A typesBody is a table of entity types.
type typesBody struct {
	Heading, Empty string
	All            bool // smart processes are among others
	Rows           []typeRow
}

// viewTypes shows all entity types.
func viewTypes(ctx context.Context, v *viewer, _ *http.Request) (page, error) {
	body := typesBody{Heading: "Records", All: true}
	err := v.eachType(ctx, func(e *entity) error { return v.addTypeRow(ctx, &body, e) })
	return page{name: "types", Title: "CRM", Body: body}, err
}

// viewSmartTypes shows the smart processes.
func viewSmartTypes(ctx context.Context, v *viewer, _ *http.Request) (page, error) {
	body := typesBody{Heading: "Smart processes", Empty: "This portal has no smart processes."}
	err := v.eachType(ctx, func(e *entity) error {
		if !e.smart() {
			return nil
		}
		return v.addTypeRow(ctx, &body, e)
	})
	return page{name: "types", Title: "Smart processes", Crumbs: []anchor{home}, Body: body}, err
}

var home = anchor{"CRM", "/"}

// eachType calls do for every entity type with items.
func (v *viewer) eachType(ctx context.Context, do func(*entity) error) error {
	list, err := v.itemEntities(ctx)
	if err != nil {
		return err
	}
	for _, known := range list {
		e, err := v.entity(ctx, int64(known.id))
		if err != nil {
			return err
		}
		if err := do(e); err != nil {
			return err
		}
	}
	return nil
}

func (v *viewer) addTypeRow(ctx context.Context, body *typesBody, e *entity) error {
	row := typeRow{anchor: anchor{e.plural(), listPath(e.id)}, ID: e.id}
	var err error
	if row.Records, _, err = v.number(ctx, "SELECT count(*) FROM "+quoteName(e.table)); err != nil {
		return err
	}
	row.Pipelines, err = v.pipelineLinks(ctx, e)
	body.Rows = append(body.Rows, row)
	return err
}

// pipelineLinks lists the pipelines that an entity type's items are in, each
// leading to its list; none for types whose items choose no pipeline.
func (v *viewer) pipelineLinks(ctx context.Context, e *entity) ([]anchor, error) {
	if !e.piped() {
		return nil, nil
	}
	list, err := v.categories(ctx, e.id)
	if err != nil {
		return nil, err
	}
	links := make([]anchor, len(list))
	for i, cat := range list {
		links[i] = anchor{cat.name, fmt.Sprintf("%s?pipeline=%d", listPath(e.id), cat.id)}
	}
	return links, nil
}

// plural names the items of an entity type together.
func (e *entity) plural() string {
	switch {
	case e.smart():
		return e.name
	case e.id == 4:
		return "Companies"
	}
	return e.name + "s"
}
