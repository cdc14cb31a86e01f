package diff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
)

// The types that only user fields have.
// Source: api-reference/crm/universal/user-defined-fields/crm-userfield-types.md.
const (
	typeEnumeration spec.FieldType = "enumeration"
	typeMoney       spec.FieldType = "money"
	typeURL         spec.FieldType = "url"
	typeAddress     spec.FieldType = "address"
	typeEmployee    spec.FieldType = "employee"
	typeCRM         spec.FieldType = "crm"
	typeSection     spec.FieldType = "iblock_section"
	typeElement     spec.FieldType = "iblock_element"
	typeHighload    spec.FieldType = "hlblock"
	typeBooking     spec.FieldType = "resourcebooking"
	typeDiskFile    spec.FieldType = "disk_file"
)

// unwritable are the types whose values crm.item.* cannot be given, or not read
// back, with what to do instead.
var unwritable = map[spec.FieldType]string{
	typeBooking:  "make bookings in the calendar: what is written here is never what is read back",
	typeDiskFile: "use a user field of type file: fields of the CRM hold no files of the drive",
}

// userFieldCodec is the codec of one value of a user field: its type and the
// settings that bear on values.
func (v *view) userFieldCodec(f LiveField, name string) (codec, error) {
	switch f.Type {
	case spec.TypeString:
		return stringCodec{}, nil
	case spec.TypeInteger:
		return blankCodec{integerCodec{nullable: true}}, nil
	case spec.TypeDouble:
		return blankCodec{doubleCodec{places: f.Precision, nullable: true}}, nil
	case spec.TypeBoolean:
		return booleanCodec{}, nil
	case spec.TypeDate:
		return blankCodec{dateCodec{}}, nil
	case spec.TypeDatetime:
		return blankCodec{datetimeCodec{minutes: f.NoSeconds}}, nil
	case spec.TypeStatus:
		return statusCodec{}, nil
	case spec.TypeFile:
		return fileCodec{known: v.meta.Files}, nil
	case typeEnumeration:
		return enumCodec{options: f.Options, unread: v.meta.NoCodes, found: &optionIndex{}}, nil
	case typeMoney:
		return moneyCodec{}, nil
	case typeURL:
		return urlCodec{}, nil
	case typeAddress:
		return addressCodec{}, nil
	case typeEmployee:
		return blankCodec{userCodec{}}, nil
	case typeCRM:
		return crmCodec{entities: f.Entities, kinds: v.meta.Kinds}, nil
	case typeSection, typeElement, typeHighload:
		return idCodec{}, nil
	}
	if strings.HasPrefix(string(f.Type), "rest_") { // of an application: a text that only it understands
		return stringCodec{}, nil
	}
	hint := unwritable[f.Type]
	if hint == "" {
		hint = "remove it from the manifest: Bitrix24 does not document how such values are written"
	}
	return nil, unmet("NOT_WRITABLE", "type", hint, "%s: values of a field of type %s cannot be written", name, f.Type)
}

// blankCodec empties a user field by an empty text, which unlike null fits into a
// batch.
type blankCodec struct{ codec }

func (c blankCodec) send(want, live any) any {
	if want == nil {
		return ""
	}
	return c.codec.send(want, live)
}

// keepsOrder tells whether a list of values of this type means something by its
// order. The portal keeps the order of every multiple user field; but what is
// picked from a list is a set, which its own pickers put in an order of theirs.
func keepsOrder(t spec.FieldType) bool {
	switch t {
	case typeEnumeration, typeEmployee, typeCRM, typeSection, typeElement, typeHighload, spec.TypeStatus, spec.TypeFile:
		return false
	}
	return true
}

// urlCodec: a link; the portal trims it.
type urlCodec struct{ stringCodec }

func (urlCodec) parse(s *scope, v spec.Value) (any, error) {
	v.Text = strings.TrimSpace(v.Text)
	return stringCodec{}.parse(s, v)
}

// idCodec: the id of something outside the CRM, such as an element of a list.
type idCodec struct{}

func (idCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(t)
	if err != nil || n < 1 {
		return nil, complain("type", "write the id that the element has on this portal; the CRM's interface does not show names", "%q is no id", t)
	}
	return n, nil
}

func (idCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" || t == "0" || t == "false" {
		return nil, nil
	}
	n, err := strconv.Atoi(t)
	if err != nil {
		return nil, fmt.Errorf("the portal's value %q is not an id", t)
	}
	return n, nil
}
func (idCodec) equal(want, live any) bool { return want == live }
func (idCodec) send(want, _ any) any      { return emptyText(want) }
func (idCodec) show(_ *scope, v any) any {
	if v == nil {
		return nil
	}
	return fmt.Sprint(v)
}

// emptyText is how a field that is no text is emptied.
func emptyText(v any) any {
	if v == nil {
		return ""
	}
	return v
}

// enumCodec: an option, declared by its label, else by its code, else by its id.
// The portal takes any number for an option, so that each is looked up here.
type enumCodec struct {
	options []*Option
	unread  string // why codes are not known, if they could not be read
	found   *optionIndex
}

// An optionIndex finds the options of a field; it is filled when it is first used.
type optionIndex struct{ byLabel, byCode, byID map[string][]*Option }

func (c enumCodec) index() *optionIndex {
	x := c.found
	if x == nil {
		x = &optionIndex{}
	}
	if x.byID == nil {
		x.byLabel, x.byCode, x.byID = make(map[string][]*Option), make(map[string][]*Option), make(map[string][]*Option)
		for _, o := range c.options {
			id := strconv.Itoa(o.ID)
			x.byLabel[o.Label], x.byCode[o.Code], x.byID[id] = append(x.byLabel[o.Label], o), append(x.byCode[o.Code], o), append(x.byID[id], o)
		}
	}
	return x
}

func (c enumCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || t == "" {
		return nil, err
	}
	x := c.index()
	for _, hits := range [][]*Option{x.byLabel[t], x.byCode[t], x.byID[t]} {
		switch len(hits) {
		case 0:
			continue
		case 1:
			return hits[0].ID, nil
		}
		names := make([]string, len(hits))
		for i, o := range hits {
			names[i] = strings.TrimSpace(o.Code + " " + fmt.Sprintf("(id %d)", o.ID))
		}
		return nil, complain("option", "write the code or the id: "+strings.Join(names, ", "), "%q names %d options", t, len(hits))
	}
	return nil, c.noOption(t)
}

func (c enumCodec) noOption(t string) error {
	var names []string
	for _, o := range c.options {
		names = append(names, o.Label)
	}
	hint := "the field has no options"
	if len(names) > 0 {
		hint = "options: " + strings.Join(shorten(names), ", ")
	}
	if s, ok := spec.Suggest(t, names); ok {
		hint = fmt.Sprintf("did you mean %q? %s", s, hint)
	}
	if c.unread != "" {
		hint += "; codes of options could not be read: " + c.unread
	}
	return complain("option", hint, "%q is no option of this field", t)
}

func (enumCodec) read(raw json.RawMessage) (any, error) { return idCodec{}.read(raw) }
func (enumCodec) equal(want, live any) bool             { return want == live }
func (enumCodec) send(want, _ any) any                  { return emptyText(want) }

func (c enumCodec) show(_ *scope, v any) any {
	if v == nil {
		return nil
	}
	x := c.index()
	of := x.byID[fmt.Sprint(v)]
	if len(of) == 0 {
		return fmt.Sprintf("option %v", v)
	}
	label := of[0].Label
	if slices.ContainsFunc(x.byLabel[label], func(o *Option) bool { return o.ID != v }) {
		return fmt.Sprintf("%s (option %v)", label, v)
	}
	return label
}
