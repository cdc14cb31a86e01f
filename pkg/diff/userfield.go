package diff

import (
	"github.com/b24apply/b24apply/pkg/kind"
)

// unwritable are the types whose values crm.item.* cannot be given, or not read
// back, with what to do instead.
var unwritable = map[kind.FieldType]string{
	kind.TypeBooking:  "make bookings in the calendar: what is written here is never what is read back",
	kind.TypeDiskFile: "use a user field of type file: fields of the CRM hold no files of the drive",
}

// noCodec refuses a field of a type whose values cannot be written.
func noCodec(name string, typ kind.FieldType) error {
	hint := unwritable[typ]
	if hint == "" {
		hint = "remove it from the manifest: Bitrix24 does not document how such values are written"
	}
	return unmet("NOT_WRITABLE", "type", hint, "%s: values of a field of type %s cannot be written", name, typ)
}
