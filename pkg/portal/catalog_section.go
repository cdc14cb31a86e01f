package portal

import (
	"context"
	"fmt"
)

// sections are the folders of a catalogue.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/section/index.html.
func sections() *family {
	return catalogFamily(family{
		method: "catalog.section", table: "catalog_section", one: "section", many: "sections",
		missing:    faultWith("200700300030", "The section does not exist"),
		defaults:   map[string]any{"active": "Y", "sort": int64(500), "descriptionType": "text"},
		mustFilter: []string{"iblockId"},
		prepare:    checkSection, removing: removeSection,
	})
}

func checkSection(ctx context.Context, s *store, old, rec *record) error {
	known, err := s.exists(ctx, catalogs().table, rec.int("iblockId"))
	if err != nil {
		return err
	}
	if !known {
		return &fault{code: "200700300050", text: "The information block does not exist"}
	}
	if err := s.checkParent(ctx, old, rec); err != nil {
		return err
	}
	taken, err := s.codeTaken(ctx, sections(), rec)
	if err == nil && taken {
		err = &fault{code: "200700300040", text: "A section with this symbolic code already exists"}
	}
	return err
}

// checkParent refuses a parent that does not exist, belongs to another catalogue
// or lies below the section itself.
func (s *store) checkParent(ctx context.Context, old, rec *record) error {
	wrong := &fault{code: "200700300000", text: "The parent section is not one of this information block"}
	if old != nil {
		wrong.code = "200700300010"
	}
	for id := rec.int("iblockSectionId"); id != 0; {
		if id == rec.id {
			return wrong
		}
		parent, err := sections().byID(ctx, s, id)
		if err != nil {
			return err
		}
		if parent == nil || parent.int("iblockId") != rec.int("iblockId") {
			return wrong
		}
		id = parent.int("iblockSectionId")
	}
	return nil
}

// codeTaken reports whether another record of the same catalogue has the
// symbolic code of this one.
func (s *store) codeTaken(ctx context.Context, f *family, rec *record) (bool, error) {
	code := rec.text("code")
	if code == "" {
		return false, nil
	}
	_, found, err := s.number(ctx, fmt.Sprintf(`SELECT "id" FROM %s WHERE "code" = ? AND "iblockId" = ? AND "id" <> ? LIMIT 1`,
		quoteName(f.table)), code, rec.int("iblockId"), rec.id)
	return found, err
}

// removeSection deletes what is in a section with it.
func removeSection(ctx context.Context, s *store, rec *record) error {
	column := []string{"iblockSectionId"}
	if err := sections().removeWhere(ctx, s, column, rec.id); err != nil {
		return err
	}
	return products().removeWhere(ctx, s, column, rec.id)
}
