package diff

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
)

// decodeEntities reads which types of records the settings of a crm field allow.
func decodeEntities(kinds *kind.Table, settings Row) []int {
	var out []int
	for key := range settings {
		if settings.Text(key) != "Y" {
			continue
		}
		if n := kinds.ByBinding(key); n != 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
