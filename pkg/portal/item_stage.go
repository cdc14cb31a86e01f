package portal

import (
	"context"
	"slices"
)

// place settles pipeline and stage of a record and what follows from them. A new
// item with a stage that its pipeline lacks goes to the first stage, an old one
// stays where it was; one that changes the pipeline goes to a stage of the same
// group. The old state is nil for a new item.
func (s *store) place(ctx context.Context, e *entity, old, rec *record, in *input) error {
	if f := e.set.byName["categoryId"]; f != nil {
		if err := s.placeCategory(ctx, e, f, rec, in); err != nil {
			return err
		}
	}
	if !e.staged() {
		return nil
	}
	stages, err := s.stages(ctx, stageDirectory(e.id, rec.int("categoryId")))
	if err != nil || len(stages) == 0 {
		return err
	}
	i := slices.IndexFunc(stages, func(st stage) bool { return st.id == rec.text("stageId") })
	if i < 0 {
		if i, err = s.fallbackStage(ctx, e, old, rec, stages); err != nil {
			return err
		}
	}
	if old != nil && old.text("stageId") == stages[i].id {
		rec.vals["stageId"] = stages[i].id
		return nil
	}
	s.enter(e, old, rec, stages[i], i == 0, in)
	return nil
}

// placeCategory checks the pipeline, or chooses the default one.
func (s *store) placeCategory(ctx context.Context, e *entity, f *field, rec *record, in *input) error {
	if !in.has(f.name) {
		if rec.vals[f.name] != nil {
			return nil
		}
		id, err := s.defaultCategory(ctx, e.id)
		rec.vals[f.name] = id
		return err
	}
	_, found, err := s.number(ctx, `SELECT 1 FROM crm_category WHERE etid = ? AND id = ?`, e.id, rec.int(f.name))
	if err == nil && !found {
		err = invalidField(f)
	}
	return err
}

// defaultCategory returns the default pipeline of an entity type.
func (s *store) defaultCategory(ctx context.Context, etid int) (int64, error) {
	if id, ok := s.pipelines[etid]; ok {
		return id, nil
	}
	id, _, err := s.number(ctx, `SELECT id FROM crm_category WHERE etid = ? AND is_default = 'Y'`, etid)
	if err == nil {
		s.pipelines[etid] = id
	}
	return id, err
}

// fallbackStage chooses a stage for a record whose stage its pipeline lacks.
func (s *store) fallbackStage(ctx context.Context, e *entity, old, rec *record, stages []stage) (int, error) {
	if old == nil {
		return 0, nil
	}
	was := old.text("stageId")
	if i := slices.IndexFunc(stages, func(st stage) bool { return st.id == was }); i >= 0 {
		return i, nil
	}
	before, err := s.stages(ctx, stageDirectory(e.id, old.int("categoryId")))
	if err != nil {
		return 0, err
	}
	group := ""
	if i := slices.IndexFunc(before, func(st stage) bool { return st.id == was }); i >= 0 {
		group = before[i].semantics
	}
	return max(0, slices.IndexFunc(stages, func(st stage) bool { return st.semantics == group })), nil
}

// enter moves the record to a stage and sets what follows the stage. The end
// date becomes today on a final stage, except for invoices; a new item keeps the
// one it brings.
func (s *store) enter(e *entity, old, rec *record, st stage, first bool, in *input) {
	if old != nil {
		rec.follow(e, "previousStageId", old.text("stageId"))
		rec.follow(e, "movedTime", s.now.Unix())
		rec.follow(e, "movedBy", s.user)
	}
	rec.vals["stageId"] = st.id
	rec.follow(e, "isNew", yesNo(first))
	final := st.semantics != ""
	rec.follow(e, "closed", yesNo(final))
	if !final {
		rec.follow(e, "stageSemanticId", "P")
		rec.follow(e, "dateClosed", nil)
		return
	}
	rec.follow(e, "stageSemanticId", st.semantics)
	rec.follow(e, "dateClosed", s.now.Unix())
	if e.id != 31 && (old != nil || rec.vals["closedate"] == nil) {
		rec.follow(e, "closedate", s.today(0))
	}
}

// follow sets a field if the entity type has it.
func (r *record) follow(e *entity, name string, v any) {
	if e.set.byName[name] != nil {
		r.set(name, v)
	}
}

func yesNo(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}
