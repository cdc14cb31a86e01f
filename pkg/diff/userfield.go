package diff

import (
	"fmt"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
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

// keptAs says how to make a difference end that the portal makes of a text which it
// rewrites by rules that are not known here. No state tells a later plan that the live
// text is what became of the declared one; the answer itself, once it is declared,
// stays as it is.
func keptAs(d *FieldDiff, live value.Value) string {
	if live.IsEmpty() || d.Want.IsEmpty() || !codecOf(d).Traits().Rewritten {
		return ""
	}
	return fmt.Sprintf("this portal rewrites the text of %s when it is saved: declare it as the portal shows it now, and later plans agree; until then each apply would write it again", d.Name)
}
