package diff

import (
	"context"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/spec"
)

// yielding tells whether a record declares anything that people may take over.
func (v *view) yielding(r *spec.Resource) bool {
	yields := func(f spec.Field) bool { return v.set.Policy(r, f.Name) == spec.PolicyKeepHuman }
	return r.Kind.Class == spec.ClassRecord && (slices.ContainsFunc(r.Fields, yields) || slices.ContainsFunc(r.Parts, yields))
}

// readCaller asks whose credentials are used, if some record tells its own saves from
// those of people by it.
// Source: api-reference/common/users/profile.md.
func (f *fetcher) readCaller(ctx context.Context) error {
	if !slices.ContainsFunc(f.set.Resources, f.yielding) {
		return nil
	}
	answer, err := f.client.Call(ctx, "profile", nil)
	if err != nil {
		return fmt.Errorf("ask the portal who is calling: %w", err)
	}
	row, err := decodeRow(answer.Result)
	if err != nil {
		return fmt.Errorf("ask the portal who is calling: %w", err)
	}
	f.state.Caller = row.Int("ID")
	return nil
}

// keepWires lists the columns that tell who saved a record last, and those that a
// stage of this portal needs.
func (f *fetcher) keepWires(r *spec.Resource, t recordType) []string {
	var wires []string
	fields := f.meta.Fields[t.entityTypeID]
	for _, name := range []string{"updatedBy", "updatedTime"} {
		if _, exists := fields.byName[name]; exists && f.yielding(r) {
			wires = append(wires, name)
		}
	}
	if _, staged := r.Field("stageId"); staged {
		for _, field := range fields.mandatory() {
			wires = append(wires, field.Name)
		}
	}
	return wires
}
