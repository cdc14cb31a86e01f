package portal

import (
	"context"
	"database/sql"
)

// seedCRM fills the CRM of a new portal: dictionaries, default pipelines and
// currencies. The seed "demo" adds a second deal pipeline and some records that
// no tool owns; "empty" adds no records.
func (p *Portal) seedCRM(ctx context.Context, cfg Config) error {
	return p.tx(ctx, func(tx *sql.Tx) error {
		s := newStore(tx, 1, p.now())
		if err := s.seedDirectories(ctx); err != nil {
			return err
		}
		if err := s.seedCurrencies(ctx); err != nil {
			return err
		}
		home, err := countryOf(cfg.Country)
		if err != nil {
			return err
		}
		if err := s.seedPresets(ctx, home); err != nil {
			return err
		}
		if err := s.seedCatalog(ctx); err != nil {
			return err
		}
		if cfg.Seed != "demo" {
			return nil
		}
		return s.seedDemo(ctx)
	})
}

// seedDirectories creates the dictionaries and default pipelines.
func (s *store) seedDirectories(ctx context.Context) error {
	for _, d := range dictionaries {
		if err := s.addStatuses(ctx, d.id, "", nil, d.entries); err != nil {
			return err
		}
	}
	for _, cat := range []category{
		{etid: 2, name: "General", sort: 300, isDefault: true},
		{etid: 3, name: "General", sort: 500, isDefault: true, isSystem: true},
		{etid: 4, name: "General", sort: 500, isDefault: true, isSystem: true},
	} {
		if err := s.insertCategory(ctx, cat); err != nil {
			return err
		}
	}
	if err := s.addStages(ctx, category{etid: 2}); err != nil {
		return err
	}
	_, err := s.addCategory(ctx, category{etid: 31, name: "General", sort: 500, isDefault: true})
	return err
}
