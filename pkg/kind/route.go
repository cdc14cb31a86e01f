package kind

import "slices"

// A Route says how records are created. The zero Route creates them as people do, by an add.
type Route struct {
	Create   RouteCreate   `json:"create,omitempty"`
	Times    RouteTimes    `json:"times,omitempty"`
	Fallback RouteFallback `json:"fallback,omitempty"`
}

// RouteCreate is the way in which records are created.
type RouteCreate string

// The ways. "" is CreateAdd.
const (
	CreateAdd    RouteCreate = "add"    // crm.item.add, which starts automation
	CreateImport RouteCreate = "import" // crm.item.import and crm.item.batchImport, which start none
)

// RouteTimes is what becomes of the times and authors that a record declares.
type RouteTimes string

// What becomes of times. "" is TimesError.
const (
	TimesPreserve RouteTimes = "preserve" // they are sent, which administrators may
	TimesDrop     RouteTimes = "drop"     // they are left out
	TimesError    RouteTimes = "error"    // they are not declared: the portal sets them
)

// RouteFallback is what is done for a record that an import refuses.
type RouteFallback string

// FallbackAdd creates it by an add, which starts automation; without it the record fails.
const FallbackAdd RouteFallback = "add"

// Imports tells whether records are created by an import.
func (r Route) Imports() bool { return r.Create == CreateImport }

// Preserves tells whether times and authors are sent.
func (r Route) Preserves() bool { return r.Imports() && r.Times == TimesPreserve }

// Drops tells whether times and authors that are declared are left out.
func (r Route) Drops() bool { return r.Times == TimesDrop }

// The fields of when and by whom a record was created. An import that preserves times is ordered
// by the former.
const (
	CreatedTime = "createdTime"
	CreatedBy   = "createdBy"
)

// stamped makes fields of several that the portal sets itself those that the import of an
// administrator may set.
// Source: api-reference/crm/universal/import/index.md.
func stamped(rules []Rule) []Rule {
	names := []string{CreatedBy, CreatedTime, "movedBy", "movedTime", "updatedBy", SavedTime}
	for i := range rules {
		rules[i].Stamp = slices.Contains(names, rules[i].Name)
	}
	return rules
}

// Stamps tells whether a field is a time or an author that an import may set.
func (k *Kind) Stamps(field string) bool {
	rule := k.Rule(field)
	return rule != nil && rule.Stamp
}
