package value

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// linkCodec: a record, by its id, "" until it exists. The attribute ref is the
// declared resource, found what a look-up found, with its title. The portal answers null or 0 for none.
type linkCodec struct{ base }

func (c linkCodec) Parse(n Names, d Node) (Value, error) {
	if ref, ok := d.Ref(); ok {
		id := ""
		if n != nil {
			id = n.Link(ref)
		}
		return Text(id, Part{"ref", Text(string(ref))}), nil
	}
	if l, ok := d.Lookup(); ok {
		if n == nil {
			return Text("", Part{"found", Text(l.Key())}), nil
		}
		return n.Lookup(l)
	}
	if d.Kind == Scalar && d.Text == "0" && !c.Filled {
		return Value{}, nil
	}
	id, err := strconv.ParseInt(d.Text, 10, 32)
	if err != nil || id < 1 || d.Kind != Scalar || !allDigits(d.Text) {
		return Value{}, Bad("type", "no-link", "write-a-link", shape(d))
	}
	return Text(strconv.FormatInt(id, 10)), nil
}

func allDigits(t string) bool {
	return t != "" && !strings.ContainsFunc(t, func(r rune) bool { return r < '0' || r > '9' })
}

// Ref gives the declared resource that a link points at, "" if none is named.
func (v Value) Ref() Address { return Address(v.Get("ref").Text) }

// IsOpen tells whether a link points at a record that does not exist yet.
func (v Value) IsOpen() bool { return v.Form == FormText && v.Text == "" && v.Ref() != "" }

// IsBare tells whether the id of a link itself was declared.
func (v Value) IsBare() bool { return v.Form == FormText && v.Text != "" && len(v.Parts) == 0 }

func (linkCodec) Read(raw []byte) (Value, error) { return readID(raw) }

// readID reads the id of something; 0 and false are none.
func readID(raw []byte) (Value, error) {
	t := PlainText(raw)
	if isNone(t) {
		return Value{}, nil
	}
	if allDigits(t) && t[0] != '0' {
		return Text(t), nil
	}
	n, err := strconv.Atoi(t)
	if err != nil {
		return Value{}, unread("live-is-no-id", t)
	}
	return Text(strconv.Itoa(n)), nil
}

func (c linkCodec) Same(want, live Value) bool {
	return c.base.Same(want, live) && (want.IsEmpty() || want.Text != "")
}

func (c linkCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return c.none
	}
	return want.Int()
}

func (linkCodec) Show(_ Names, v Value) Shown {
	ref, found := v.Ref(), v.Get("found").Text
	switch {
	case found != "":
		parts := []ShownPart{P(PartID, v.Text)}
		if title := v.Get("title"); !title.IsEmpty() {
			parts = append(parts, P(PartTitle, title.Text))
		}
		return InParts(found, Found, parts...)
	case v.IsEmpty():
		return Shown{}
	case ref == "":
		return Shown{v.Text, aNumber}
	case v.Text == "":
		return Shown{string(ref), isOpen}
	}
	return InParts(string(ref), Pointer, P(PartID, v.Text))
}

// What many links share.
var (
	aNumber = &Rest{Style: Number}
	isOpen  = &Rest{Style: Open}
)

func (linkCodec) Declare(_ Names, v Value) Node { return declaredLink(v) }

// declaredLink writes the resource that a link names, else its id.
func declaredLink(v Value) Node {
	if ref := v.Ref(); ref != "" {
		return Node{Kind: Map, Pairs: []Pair{{Key: "ref", Value: scalar(Text(string(ref)))}}}
	}
	return plainScalar(v)
}

func (linkCodec) Key(v Value) string { return quoted(v.Text) }

func (linkCodec) entryKey(v Value) string { return v.Text }

func (linkCodec) Schema() map[string]any {
	return map[string]any{"type": []any{"integer", "string", "object", "null"}}
}

func (linkCodec) Traits() Traits {
	return Traits{Findable: true, Listed: true, Keyed: true, Plain: true, Links: true}
}

// crmCodec: a record of one of the types that the field's settings allow, declared
// as {ref: …} or as the portal writes it, such as D_12 or T83_5, which is its canonical
// form. A bare id is clear where one type is allowed. The prefix is always sent: the
// documentation knows no other form. A live value that is none stays a text. The
// attribute entity is the code of the type of a record that does not exist yet.
// Source: api-reference/crm/data-types.md#crm-binding-format.
type crmCodec struct{ base }

var crmForm = regexp.MustCompile(`^(?i)([A-Z]{1,2}|T[0-9a-f]+)_([1-9][0-9]*)$`)

func (c crmCodec) Parse(n Names, d Node) (Value, error) {
	var out Value
	var code string
	switch {
	case d.Kind == List:
		return Value{}, Bad("type", "not-one-value", "write-one-value", shape(d))
	case d.Kind == Map:
		link, of, err := c.parseLink(n, d)
		if err != nil || n == nil {
			return link, err
		}
		out, code = Text(crmText(of, link.Text), append(link.Parts, Part{"entity", Text(of)})...), of
	case d.Text == "":
		return Value{}, nil
	default:
		text, of, ok := c.readText(d.Text)
		if n == nil && allDigits(d.Text) {
			return Text(d.Text), nil
		}
		if !ok || !isKnown(n, of) {
			return Value{}, Bad("reference", "no-record", "write-a-record", written(d.Text), c.allowed(n))
		}
		out, code = Text(text), of
	}
	if len(c.Entities) > 0 && !slices.Contains(c.Entities, code) {
		return Value{}, Bad("reference", "type-not-allowed", "field-takes", T("value", c.Show(n, out).String()), c.allowed(n)).onPortal()
	}
	return out, nil
}

func isKnown(n Names, code string) bool {
	if n == nil {
		return true
	}
	_, known := n.EntityName(code)
	return known
}

// parseLink reads {ref: …} and {lookup: …}, with the code of the type of the record.
func (c crmCodec) parseLink(n Names, d Node) (link Value, code string, err error) {
	link, err = linkCodec(c).Parse(n, d)
	if err != nil || n == nil {
		return link, "", err
	}
	space, _ := link.Ref().Split()
	if looked, ok := d.Lookup(); ok {
		space = looked.Space
	}
	code, typ := n.Entity(space)
	if code == "" {
		return link, "", Bad("reference", "no-type-yet", "apply-type-first", T("type", string(typ))).onPortal()
	}
	return link, code, nil
}

func crmText(code, id string) string {
	if id == "" {
		return ""
	}
	return code + "_" + id
}

// allowed lists the types that the field takes, with their codes.
func (c crmCodec) allowed(n Names) Arg {
	var out []string
	for _, code := range c.Entities {
		name := ""
		if n != nil {
			name, _ = n.EntityName(code)
		}
		out = append(out, strings.TrimSpace(name+" "+code+"_…"))
	}
	if len(out) == 0 {
		out = []string{"lead L_…", "deal D_…", "contact C_…", "company CO_…"}
	}
	return L("allowed", out)
}

// readText reads D_12; of a field with one type also 12.
func (c crmCodec) readText(t string) (canonical, code string, ok bool) {
	if allDigits(t) && t[0] != '0' && len(c.Entities) == 1 {
		return crmText(c.Entities[0], t), c.Entities[0], true
	}
	m := crmForm.FindStringSubmatch(t)
	if m == nil {
		return "", "", false
	}
	code = strings.ToUpper(m[1])
	if code[0] == 'T' && len(code) > 1 {
		n, err := strconv.ParseUint(code[1:], 16, 31)
		if err != nil {
			return "", "", false
		}
		code = "T" + strconv.FormatUint(n, 16)
	}
	return crmText(code, m[2]), code, true
}

// Record gives the code of the type and the id of a record, which may be "".
func (v Value) Record() (code, id string, ok bool) {
	if entity := v.Get("entity").Text; entity != "" && v.Text == "" {
		return entity, "", true
	}
	if strings.IndexByte(v.Text, '_') < 0 { // most texts
		return "", "", false
	}
	if m := crmForm.FindStringSubmatch(v.Text); m != nil {
		return m[1], m[2], true
	}
	return "", "", false
}

func (c crmCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if isNone(t) {
		return Value{}, nil
	}
	if canonical, _, ok := c.readText(t); ok {
		return Text(canonical), nil
	}
	return Text(t), nil
}

func (c crmCodec) Same(want, live Value) bool {
	return c.base.Same(want, live) && (want.IsEmpty() || want.Text != "")
}

func (c crmCodec) Show(n Names, v Value) Shown {
	if v.Ref() != "" || !v.Get("found").IsEmpty() {
		_, id, _ := v.Record()
		v.Text = id
		return linkCodec{}.Show(n, v)
	}
	if code, id, ok := v.Record(); ok && n != nil {
		if name, _ := n.EntityName(code); name != "" {
			return InParts(name, Spaced, P(PartID, id))
		}
	}
	return Shown{Text: v.Text}
}

func (crmCodec) Declare(_ Names, v Value) Node {
	if v.Ref() != "" {
		return declaredLink(v)
	}
	return scalar(v)
}

func (crmCodec) Key(v Value) string { return quoted(v.Text) }

func (crmCodec) entryKey(v Value) string { return v.Text }

func (crmCodec) Schema() map[string]any {
	return map[string]any{"type": []any{"integer", "string", "object", "null"}}
}

func (crmCodec) Traits() Traits {
	return Traits{Set: true, Findable: true, Listed: true, Links: true, Plain: true}
}

// idCodec: the id of something outside the CRM, such as an element of a list.
type idCodec struct{ base }

func (c idCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil {
		return Value{}, err
	}
	n, err := strconv.Atoi(t)
	if err != nil || n < 1 {
		return Value{}, Bad("type", "no-id", "write-the-id", written(t))
	}
	return Text(strconv.Itoa(n)), nil
}

func (idCodec) Read(raw []byte) (Value, error) { return readID(raw) }

func (c idCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return c.none
	}
	return number(want)
}

func (idCodec) Declare(_ Names, v Value) Node { return plainScalar(v) }

func (idCodec) Traits() Traits {
	return Traits{Set: true, Findable: true, Listed: true, Keyed: true, Plain: true}
}

// Settled gives a link to a record that exists by now.
func (v Value) Settled(id string) Value {
	v.Text = id
	if code := v.Get("entity").Text; code != "" {
		v.Text = crmText(code, id)
	}
	return v
}
