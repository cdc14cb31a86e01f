package undo

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
)

// Items that cannot be read are gone with a smart process that the run has created, and which is
// not there any more; else nobody knows.
func TestItemsAreGoneWithTheirType(t *testing.T) {
	for name, tc := range map[string]struct {
		typ     deed
		missing bool
		gone    bool
	}{
		"it is gone":      {deed{made: true, entityTypeID: 128}, true, true},
		"it is there":     {deed{made: true, entityTypeID: 128, row: kind.Row{}}, true, false},
		"it was not ours": {deed{entityTypeID: 128}, true, false},
		"another one":     {deed{made: true, entityTypeID: 130}, true, false},
		"it is not known": {deed{made: true}, true, false},
		"it is not shown": {deed{made: true, entityTypeID: 128}, false, false},
	} {
		item := &deed{entityTypeID: 128, refused: &kind.Refusal{Missing: tc.missing}}
		goneWithTypes([]*deed{&tc.typ, item}, []*deed{&tc.typ})
		if gone := item.refused == nil; gone != tc.gone {
			t.Errorf("%s: the item is gone: %t", name, gone)
		}
	}
}
