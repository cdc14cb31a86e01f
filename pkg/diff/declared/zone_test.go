package declared

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// What is wanted is said in the project's zone, else in that of the declared instant.
func TestAnInstantIsToldInOneZone(t *testing.T) {
	for name, tc := range map[string]struct{ zone, declared, want, field string }{
		"the project's":           {"Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-01T02:00:00+02:00", "Europe/Berlin"},
		"the declared":            {"", "2026-07-01T05:30:00+05:30", "2026-07-01T05:30:00+05:30", "+05:30"},
		"one without whole hours": {"Asia/Kathmandu", "2026-07-01T00:00:00-11:00", "2026-07-01T16:45:00+05:45", "Asia/Kathmandu"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &meta.Scope{Resources: &View{Set: spec.NewSet(spec.Project{TimeZone: tc.zone}, nil, nil)}, Meta: &meta.Data{}}
			d, _, err := Compare(s, &Target{Name: "T", Wire: "t", Type: value.Type{Name: "datetime"}, Codec: value.MustCodecOf(value.Type{Name: "datetime"}), Value: value.Node{Kind: value.Scalar, Text: tc.declared}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d.After.String() != tc.want || d.Zone != tc.field {
				t.Errorf("After is %v in %q, want %v in %q", d.After, d.Zone, tc.want, tc.field)
			}
		})
	}
}
