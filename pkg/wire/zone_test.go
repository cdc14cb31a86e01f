package wire

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// What the portal has is said in the zone in which it was wanted, and the same instant is no
// difference, whatever offset the portal writes it with.
func TestMismatchIsToldInOneZone(t *testing.T) {
	for name, tc := range map[string]struct{ zone, declared, same, other, want, got string }{
		"the project's":           {"Europe/Berlin", "2026-07-01T00:00:00Z", `"2026-07-01T03:00:00+03:00"`, `"2026-12-31T23:30:00+00:00"`, "2026-07-01T02:00:00+02:00", "2027-01-01T00:30:00+01:00"},
		"the declared":            {"+05:30", "2026-07-01T05:30:00+05:30", `"2026-07-01T00:00:00Z"`, `"2026-07-01T00:00:01Z"`, "2026-07-01T05:30:00+05:30", "2026-07-01T05:30:01+05:30"},
		"one without whole hours": {"Asia/Kathmandu", "2026-07-01T00:00:00-11:00", `"2026-06-30T23:00:00-12:00"`, `"2026-07-01T00:00:00Z"`, "2026-07-01T16:45:00+05:45", "2026-07-01T05:45:00+05:45"},
	} {
		t.Run(name, func(t *testing.T) {
			d := plan.Field{Name: "T", Wire: "t", Zone: tc.zone, Type: value.Type{Name: "datetime"}, Want: value.Text(tc.declared)}
			if m := mismatches([]plan.Field{d}, kind.Row{"t": []byte(tc.same)}); len(m) > 0 {
				t.Errorf("the same instant differs: %+v", m)
			}
			m := mismatches([]plan.Field{d}, kind.Row{"t": []byte(tc.other)})
			if len(m) != 1 || m[0].Want != tc.want || m[0].Got != tc.got {
				t.Errorf("mismatches: %+v, want %v and %v", m, tc.want, tc.got)
			}
		})
	}
}
