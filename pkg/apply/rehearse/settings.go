package rehearse

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// What a portal tells of its settings by lists of their own, in the order in which they can be
// planted.
var (
	crmSettings     = []string{"user.get", "crm.currency.list", "crm.status.list", "crm.requisite.preset.list"}
	catalogSettings = []string{"catalog.catalog.list", "catalog.priceType.list", "catalog.measure.list", "catalog.vat.list", "catalog.productProperty.list", "catalog.productPropertyEnum.list"}
)

// A Portal is what a portal is set to.
type Portal struct {
	Caller   int            // id of the user whose credential it is
	Zone     *time.Location // in which it shows times; nil if it does not say
	Settings []Table

	types map[int]int // ids of its smart processes, by their entity types
}

// Settings reads what a portal is set to; of the product catalogue only if that is asked for. What it refuses to show is noted as a Lack; the caller
// has to be known.
func (r *Reader) Settings(ctx context.Context, catalogue bool) (*Portal, error) {
	p := &Portal{types: make(map[int]int)}
	profile, err := r.Client.Do(ctx, bitrix.Request{Method: "profile", Whole: true})
	if err != nil {
		return nil, err
	}
	if row, ok := profile.Row(""); ok {
		p.Caller, _ = row.Int("ID")
	}
	p.Zone = zoneOf(profile.Envelope)
	for _, method := range crmSettings {
		t, err := r.list(ctx, method, nil)
		if err != nil {
			return nil, err
		}
		p.add(t)
	}
	if err := r.types(ctx, p); err != nil {
		return nil, err
	}
	if err := r.userFields(ctx, p); err != nil {
		return nil, err
	}
	if !catalogue {
		return p, nil
	}
	return p, r.catalogue(ctx, p)
}

// catalogue reads how the product catalogue is set up.
func (r *Reader) catalogue(ctx context.Context, p *Portal) error {
	for _, method := range catalogSettings {
		t, err := r.list(ctx, method, nil)
		if err != nil {
			return err
		}
		p.add(t)
		if method == catalogSettings[0] {
			if err := r.sections(ctx, p, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// zoneOf is the zone in which an answer tells when it began; nil if it does not.
func zoneOf(envelope json.RawMessage) *time.Location {
	times, err := kind.Member(envelope, "time")
	if err != nil {
		return nil
	}
	at, err := time.Parse(time.RFC3339, times.Text("date_start"))
	if err != nil {
		return nil
	}
	_, offset := at.Zone()
	return time.FixedZone("", offset)
}

// add takes a table, unless it is empty: what a new portal has of it stays then.
func (p *Portal) add(t Table) {
	if len(t.Rows) > 0 {
		p.Settings = append(p.Settings, t)
	}
}

// types reads the smart processes, with their relations and pipelines, and the pipelines of the
// other kinds.
func (r *Reader) types(ctx context.Context, p *Portal) error {
	list, err := r.list(ctx, "crm.type.list", nil)
	if err != nil {
		return err
	}
	var ids []bitrix.Params
	for _, raw := range list.Rows {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return err
		}
		ids = append(ids, bitrix.Params{"id": row.Int("id")})
		p.types[row.Int("entityTypeId")] = row.Int("id")
	}
	whole, err := r.each(ctx, "crm.type.get", "type", ids)
	if err != nil {
		return err
	}
	p.add(whole)
	entities := slices.Sorted(maps.Keys(p.types))
	for _, k := range r.Kinds.Records() {
		if k.EntityTypeID != 0 && k.Stages.Pipelines {
			entities = append(entities, k.EntityTypeID)
		}
	}
	for _, entity := range entities {
		t, err := r.list(ctx, "crm.category.list", bitrix.Params{"entityTypeId": entity})
		if err != nil {
			return err
		}
		t.EntityTypeID = entity
		p.add(t)
	}
	return nil
}

// userFields reads the custom fields, with their options.
func (r *Reader) userFields(ctx context.Context, p *Portal) error {
	list, err := r.list(ctx, "userfieldconfig.list", bitrix.Params{"moduleId": "crm"})
	if err != nil {
		return err
	}
	var ids []bitrix.Params
	for _, raw := range list.Rows {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return err
		}
		ids = append(ids, bitrix.Params{"moduleId": "crm", "id": row.Int("id")})
	}
	t, err := r.each(ctx, "userfieldconfig.get", "field", ids)
	if err == nil && len(list.Rows) == 0 {
		t.Rows, err = r.describedFields(ctx, p)
	}
	if err == nil {
		p.add(t)
	}
	return err
}

// describedFields gives the custom fields as the fields of records describe them, for where their
// settings are not shown. Ids are counted, and the codes of options are not known.
func (r *Reader) describedFields(ctx context.Context, p *Portal) (rows []json.RawMessage, err error) {
	objects := make(map[int]string)
	for _, k := range r.Kinds.Records() {
		if k.EntityTypeID != 0 {
			objects[k.EntityTypeID] = k.Codes.Object
		}
	}
	for entity, id := range p.types {
		objects[entity] = "CRM_" + value.ID(id)
	}
	for _, entity := range slices.Sorted(maps.Keys(objects)) {
		answer, err := r.Client.Call(ctx, "crm.item.fields", bitrix.Params{"entityTypeId": entity})
		if err != nil {
			if err = r.lack("crm.item.fields", err); err != nil {
				return nil, err
			}
			continue
		}
		fields, err := kind.Member(answer.Result, "fields")
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			var f describedField
			if json.Unmarshal(fields[name], &f) != nil || !f.Dynamic {
				continue
			}
			row, err := json.Marshal(f.config(len(rows)+1, objects[entity]))
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// A describedField is a custom field among the fields of records.
// Source: api-reference/crm/universal/crm-item-fields.md.
type describedField struct {
	Type      string          `json:"type"`
	Dynamic   bool            `json:"isDynamic"`
	Multiple  bool            `json:"isMultiple"`
	Required  bool            `json:"isRequired"`
	UpperName string          `json:"upperName"`
	Title     string          `json:"title"`
	Settings  json.RawMessage `json:"settings"`
	Items     []struct {
		ID    json.Number `json:"ID"`
		Value string      `json:"VALUE"`
	} `json:"items"`
}

// config is the field as userfieldconfig.get shows one.
// Source: api-reference/crm/universal/userfieldconfig/userfieldconfig-get.md.
func (f *describedField) config(id int, object string) map[string]any {
	enum := make([]map[string]any, len(f.Items))
	for i, o := range f.Items {
		enum[i] = map[string]any{"id": o.ID, "value": o.Value, "xmlId": "option-" + o.ID.String(), "sort": 10 * (i + 1)}
	}
	return map[string]any{
		"id": id, "entityId": object, "fieldName": f.UpperName, "userTypeId": f.Type, "multiple": f.Multiple, "mandatory": f.Required,
		"settings": f.Settings, "editFormLabel": map[string]string{"en": f.Title}, "enum": enum,
	}
}

// sections reads the folders of the catalogues, the outer ones of which come first.
func (r *Reader) sections(ctx context.Context, p *Portal, catalogs Table) error {
	all := Table{Method: "catalog.section.list"}
	for _, raw := range catalogs.Rows {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return err
		}
		t, err := r.list(ctx, all.Method, bitrix.Params{"filter": map[string]any{"iblockId": row.Int(kind.CatalogueField)}})
		if err != nil {
			return err
		}
		all.Rows = append(all.Rows, t.Rows...)
	}
	p.add(Table{Method: all.Method, Rows: sortedRows(all.Rows)})
	return nil
}

// sortedRows brings rows into the order of their ids.
func sortedRows(rows []json.RawMessage) []json.RawMessage {
	slices.SortStableFunc(rows, func(a, b json.RawMessage) int { return idOf(a) - idOf(b) })
	return rows
}

func idOf(raw json.RawMessage) int {
	row, err := kind.DecodeRow(raw)
	if err != nil {
		return 0
	}
	return row.Int("id") + row.Int("ID")
}
