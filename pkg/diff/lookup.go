package diff

import (
	"context"

	"github.com/b24apply/b24apply/pkg/kind"
)

// readLookups finds the records that lookups mean.
func (f *fetcher) readLookups(ctx context.Context) error {
	keys := make(map[*query]string)
	var queries []*query
	for _, l := range f.Lookups() {
		asked, err := f.Question(l)
		if asked == nil || err != nil {
			continue // Compute says so
		}
		q := &query{kind: asked.Kind, entityTypeID: asked.EntityTypeID, conditions: asked.Conditions}
		keys[q] = l.Key()
		queries = append(queries, q)
	}
	if err := f.ask(ctx, queries); err != nil {
		return err
	}
	for _, q := range queries {
		f.Found[keys[q]] = q.rows
		if q.refused != nil {
			if f.Meta.Unfound == nil {
				f.Meta.Unfound = make(map[string]*kind.Refusal)
			}
			f.Meta.Unfound[keys[q]] = q.refused
		}
	}
	return nil
}
