package diff

import (
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// unwritable are the types whose values crm.item.* cannot be given, or not read
// back, with what to do instead.
var unwritable = map[kind.FieldType]value.Message{
	kind.TypeBooking:  value.Say("book-in-the-calendar"),
	kind.TypeDiskFile: value.Say("use-field-of-files"),
}

// noCodec refuses a field of a type whose values cannot be written.
func noCodec(name string, typ kind.FieldType) error {
	hint := unwritable[typ].Or(value.Say("remove-undocumented"))
	return value.WithHint(denial.Unmet("NOT_WRITABLE", "type", "type-cannot-be-written", "", value.T("field", name), value.T("type", typ)), hint)
}
