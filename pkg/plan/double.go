package plan

import (
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Double says of a record that is to be deleted that another one carries the same mark and
// stays.
type Double struct {
	Stays string `json:"stays"` // its id
	// Pointed are the fields of the portal that can hold a link to the record: none may, when
	// it is deleted.
	Pointed []PointingField `json:"pointed,omitempty"`
}

// A PointingField is a field of an entity type that holds ids of records of another.
type PointingField struct {
	EntityTypeID int    `json:"entityTypeId"`
	Wire         string `json:"wire"`
	Multiple     bool   `json:"multiple,omitempty"`
}

// CodeDoubleMark is the code of what carries the mark of one resource more than once on
// the portal.
const CodeDoubleMark = "DOUBLE_MARK"

// DoubleMark says by a sentence that several things on the portal carry the mark of one
// resource, and what to do about it. The lowest id is the one that stays, always, so that
// two runs and two people decide alike.
func DoubleMark(sentence string, ids []int) (why, hint value.Message) {
	text := make([]string, len(ids))
	for i, id := range slices.Sorted(slices.Values(ids)) {
		text[i] = strconv.Itoa(id)
	}
	stays := value.M("stays", value.Say("this-id", value.N("id", slices.Min(ids))))
	if hint = value.Do(CodeDoubleMark, stays); sentence == recordsCarryMark {
		hint = value.Say("repair-doubles", stays)
	}
	return value.Say(sentence, value.N("n", len(ids)), value.L("ids", text)), hint
}

const recordsCarryMark = "records-carry-mark"

// RecordsDouble is DoubleMark for records, which repair mends.
func RecordsDouble(ids []int) (why, hint value.Message) { return DoubleMark(recordsCarryMark, ids) }
