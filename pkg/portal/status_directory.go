package portal

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// A directory is a known ENTITY_ID.
type directory struct {
	id, name string
	etid     int       // 0: holds no stages
	category *category // nil: not of a pipeline
}

// directories lists every ENTITY_ID of the portal.
func (s *store) directories(ctx context.Context) ([]directory, error) {
	var list []directory
	for _, d := range dictionaries {
		list = append(list, directory{id: d.id, name: d.name, etid: d.etid})
	}
	entities, err := s.itemEntities(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range entities {
		if !e.piped() {
			continue
		}
		cats, err := s.categories(ctx, e.id)
		if err != nil {
			return nil, err
		}
		for _, cat := range cats {
			list = append(list, directory{id: stageDirectory(e.id, cat.id), name: cat.name + " stages", etid: e.id, category: &cat})
		}
	}
	return list, nil
}

func (d directory) prefix() string {
	if d.category == nil {
		return ""
	}
	return stagePrefix(d.etid, d.category.id)
}

// idLimit is the longest STATUS_ID, prefix included.
func (d directory) idLimit() int {
	switch {
	case d.etid == 1:
		return 21
	case d.etid == 2 && d.category != nil && d.category.id != 0:
		return maxStage
	case d.etid == 7, d.etid == 2:
		return 22
	}
	return 50
}

// listDirectories answers crm.status.entity.types.
func listDirectories(ctx context.Context, s *store, _ *call) (reply, error) {
	known, err := s.directories(ctx)
	if err != nil {
		return reply{}, err
	}
	rows := make([]any, 0, len(known))
	for _, d := range known {
		row, err := s.directoryAnswer(ctx, d)
		if err != nil {
			return reply{}, err
		}
		rows = append(rows, row)
	}
	return reply{value: rows}, nil
}

func (s *store) directoryAnswer(ctx context.Context, d directory) (*Map, error) {
	m := wrap("ID", d.id)
	m.Set("NAME", d.name)
	if d.etid == 0 {
		return m, nil
	}
	info, err := s.semanticInfo(ctx, d)
	if err != nil {
		return nil, err
	}
	m.Set("SEMANTIC_INFO", info)
	if d.category != nil {
		m.Set("PREFIX", strings.TrimSuffix(d.prefix(), ":"))
		m.Set("FIELD_ATTRIBUTE_SCOPE", "category_"+strconv.FormatInt(d.category.id, 10))
		m.Set("CATEGORY_ID", d.category.id)
	}
	m.Set("ENTITY_TYPE_ID", int64(d.etid))
	if d.category != nil && d.etid >= spaColumn {
		m.Set("IS_ENABLED", true)
		m.Set("CATEGORY_NAME", d.category.name)
		m.Set("CATEGORY_SORT", d.category.sort)
		m.Set("IS_DEFAULT_CATEGORY", d.category.isDefault)
	}
	return m, nil
}

// semanticInfo names the first and final stages of leads, deals and quotes; it
// is empty for the others.
func (s *store) semanticInfo(ctx context.Context, d directory) (*Map, error) {
	m := new(Map)
	if d.etid >= 31 {
		return m, nil
	}
	list, err := s.stages(ctx, d.id)
	if err != nil {
		return nil, err
	}
	first := func(semantics string) string {
		if i := slices.IndexFunc(list, func(st stage) bool { return st.semantics == semantics }); i >= 0 {
			return list[i].id
		}
		return ""
	}
	m.Set("START_FIELD", first(""))
	m.Set("FINAL_SUCCESS_FIELD", first("S"))
	m.Set("FINAL_UNSUCCESS_FIELD", first("F"))
	m.Set("FINAL_SORT", 0)
	return m, nil
}

// listDirectory answers crm.status.entity.items.
func listDirectory(ctx context.Context, s *store, c *call) (reply, error) {
	v, _ := c.fold("entityId")
	id, _ := asString(v)
	list, err := s.statuses(ctx, `WHERE entity_id = ? ORDER BY sort, id`, id)
	if err != nil {
		return reply{}, err
	}
	if len(list) == 0 {
		return reply{}, legacyFault("The parameter entityId is not defined or invalid.")
	}
	rows := make([]any, len(list))
	for i, st := range list {
		row := wrap("NAME", st.name)
		row.Set("SORT", st.sort)
		row.Set("STATUS_ID", st.statusID)
		rows[i] = row
	}
	return reply{value: rows}, nil
}

// firstStatus returns the first entry of a dictionary, nil if it is empty.
func (s *store) firstStatus(ctx context.Context, directory string) (any, error) {
	list, err := s.stages(ctx, directory)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0].id, nil
}
