package portal

import (
	"context"
	"slices"
)

// An input is what a client sent for an item, converted to storage form.
type input struct {
	vals  map[string]any     // columns; nil empties one
	links map[string][]int64 // multiple fields
	comms []commEdit
	dirty bool // the item counts as changed whatever the values are
}

func (in *input) has(name string) bool {
	_, ok := in.vals[name]
	return ok
}

// A mode says how fields are read.
type mode struct {
	update   bool
	imported bool // by crm.item.import or batchImport
	stamps   bool // imported by an administrator, who may set times and authors
}

// stampFields may be set by an administrator's import.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/import/index.html.
var stampFields = []string{"createdTime", "updatedTime", "movedTime", "createdBy", "updatedBy", "movedBy"}

// read converts the fields of an add or update. Unknown and read-only fields
// and values that cannot be read are dropped without a word. The item that is
// updated is old, or nil.
func (s *store) read(ctx context.Context, e *entity, fields *Map, old *record, m mode) (*input, error) {
	in := &input{vals: make(map[string]any), links: make(map[string][]int64)}
	for _, key := range fields.Keys() {
		raw, _ := fields.Get(key)
		f := e.find(key)
		if f != nil && f.name == "createdTime" && m.imported && !m.stamps {
			return nil, invalidField(f) // which administrators alone may set
		}
		if f == nil || !f.accepts(m) {
			continue
		}
		if err := s.readField(ctx, in, f, raw, old, m); err != nil {
			return nil, err
		}
	}
	if m.imported && e.hasComms() {
		var err error
		if in.comms, err = importedComms(fields); err != nil {
			return nil, err
		}
	}
	in.bindPrimaries(e, old)
	if old == nil {
		return in, s.customDefaults(ctx, e, in)
	}
	return in, nil
}

// accepts reports whether a value sent for the field is looked at.
func (f *field) accepts(m mode) bool {
	switch {
	case f.alias:
		return false
	case f.readOnly:
		return m.stamps && slices.Contains(stampFields, f.name)
	case f.immutable:
		return !m.update
	}
	return true
}

func (s *store) readField(ctx context.Context, in *input, f *field, raw any, old *record, m mode) error {
	var current any
	if old != nil {
		current = old.vals[f.name]
	}
	switch {
	case f.custom != nil:
		return s.readCustom(ctx, in, f, raw, current)
	case f.typ == typeMultifield:
		if m.imported {
			return nil // import takes PHONE, EMAIL, WEB and IM lists instead
		}
		edits, err := commEdits(raw)
		in.comms = edits
		return err
	case f.multiple:
		ids, err := f.convertList(raw)
		in.links[f.name] = ids
		return err
	case f.typ == typeFile:
		id, err := s.saveFile(ctx, raw, current)
		in.vals[f.name] = id
		return err
	case f.name == "categoryId":
		return in.readCategory(f, raw)
	}
	v, ok := f.convert(raw, s.now)
	if !ok || v == nil && m.update && !f.clearable() {
		return nil
	}
	in.vals[f.name] = v
	// The parent of an item is compared strictly: "2" differs from 2.
	if _, text := raw.(string); text && f.parent != 0 && v != nil {
		in.dirty = true
	}
	return nil
}

// readCategory reads a pipeline, which can be neither empty nor a word.
func (in *input) readCategory(f *field, raw any) error {
	id, ok := asInt(raw)
	if !ok || id < 0 {
		return invalidField(f)
	}
	in.vals[f.name] = id
	return nil
}

// clearable reports whether an update can empty the field. For UTM fields the
// stored value is the fallback of an empty one.
func (f *field) clearable() bool { return !f.keeps && !f.unlisted }

// bindPrimaries turns a deprecated single link into the list it is the first of:
// a contact that is bound already changes nothing, another one replaces all of
// them. If both are sent, the list counts.
func (in *input) bindPrimaries(e *entity, old *record) {
	for _, link := range primaryLinks {
		v, sent := in.vals[link.single]
		if !sent || e.find(link.list) == nil {
			continue
		}
		delete(in.vals, link.single)
		if _, both := in.links[link.list]; both {
			continue
		}
		id, bound := v.(int64)
		switch {
		case !bound:
			in.links[link.list] = nil
		case old == nil || !slices.Contains(old.links[link.list], id):
			in.links[link.list] = []int64{id}
		}
	}
}

// primaryLinks pairs the single link fields with the lists they head. The
// column of a single link follows its list.
var primaryLinks = []struct{ single, list string }{{"contactId", "contactIds"}, {"companyId", "companyIds"}}
