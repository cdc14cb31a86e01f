package portal

import "fmt"

// A StageRequirement marks a field as required for items on a stage. People set
// it up in the interface; no REST method does.
type StageRequirement struct {
	EntityTypeID int
	Stage        string // stageId, such as "C1:WON"
	Field        string // in either spelling
}

// requirements say which fields a portal insists on.
type requirements struct {
	fields bool // custom fields that are marked as mandatory
	stages []StageRequirement
}

// checkRequired refuses an item without a field that it needs. It looks when an
// item is created and when it moves to another stage of its pipeline; see
// api-reference/crm/universal/crm-item-update.md. What any other update does not
// touch is left alone, so that it never fails for the past. The old state is nil
// for a new item.
func (s *store) checkRequired(e *entity, old, rec *record, in *input) error {
	if !s.required.fields {
		return nil
	}
	moved := old == nil || old.text("stageId") != rec.text("stageId") && old.int("categoryId") == rec.int("categoryId")
	for _, f := range e.custom {
		if f.required && rec.vals[f.name] == nil && (moved || in.has(f.name)) {
			return missingField(f)
		}
	}
	either := *e
	either.original = false
	for _, r := range s.required.stages {
		f := either.find(r.Field)
		if r.EntityTypeID != e.id || f == nil || r.Stage != rec.text("stageId") {
			continue
		}
		if (moved || in.touches(f)) && rec.lacks(f) {
			return missingField(f)
		}
	}
	return nil
}

// touches reports whether the field was sent.
func (in *input) touches(f *field) bool {
	_, linked := in.links[f.name]
	return linked || in.has(f.name) || f.typ == typeMultifield && len(in.comms) > 0
}

// lacks reports whether the item has no value in the field. For an amount or a
// link 0 is none.
func (r *record) lacks(f *field) bool {
	switch {
	case f.typ == typeMultifield:
		return len(r.comms) == 0
	case f.multiple && f.custom == nil:
		return len(r.links[f.name]) == 0
	}
	switch v := r.vals[f.name].(type) {
	case nil:
		return true
	case string:
		return v == ""
	case int64:
		return v == 0 && f.typ.class() != classNumber
	case float64:
		return v == 0 && f.custom == nil
	}
	return false
}

// missingField is the fault for a field that is required and empty.
func missingField(f *field) *fault {
	return &fault{code: "CRM_FIELD_ERROR_REQUIRED", text: fmt.Sprintf("The field %q is required", f.title)}
}
