package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// CodeDoubleMark is the code of what carries the mark of one resource more than once on
// the portal.
const CodeDoubleMark = "DOUBLE_MARK"

// DoubleMark says that several things on the portal carry the mark of one resource, and
// what to do about it. The lowest id is the one that stays, always, so that two runs and
// two people decide alike.
func DoubleMark(what string, ids []int) (reason, hint string) {
	ids = slices.Sorted(slices.Values(ids))
	text := make([]string, len(ids))
	for i, id := range ids {
		text[i] = strconv.Itoa(id)
	}
	return fmt.Sprintf("%d %s carry its mark: ids %s", len(ids), what, strings.Join(text, ", ")), value.Hint(CodeDoubleMark, "id "+text[0])
}
