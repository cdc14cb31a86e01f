package diff

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
)

// A crmLink is the value of a user field that binds records of several types.
type crmLink struct {
	link
	entity int
}

// crmCodec: a record of one of the types that the field's settings allow, declared
// as {ref: …} or as the portal writes it, such as D_12 or T83_5. A bare id is clear
// where one type is allowed. The prefix is always sent: the documentation knows no
// other form. A live value that is none stays a text.
// Source: api-reference/crm/data-types.md#crm-binding-format.
type crmCodec struct {
	entities []int
	kinds    *kind.Table
}

var crmForm = regexp.MustCompile(`^(?i)([A-Z]{1,2}|T[0-9a-f]+)_([1-9][0-9]*)$`)

func (c crmCodec) parse(s *scope, v spec.Value) (any, error) {
	out := crmLink{}
	switch v.Kind {
	case spec.Map:
		l, err := linkCodec{}.parse(s, v)
		if err != nil {
			return nil, err
		}
		out.link = l.(link)
		space, _ := out.ref.Split()
		if looked, ok := v.Lookup(); ok {
			space = looked.Space
		}
		var typ spec.Address
		if out.entity, typ = s.entity(space); out.entity == 0 {
			return nil, unmet("NO_TYPE", "reference", "apply the type first, and allow it in the field's settings", "the type %s does not exist yet", typ)
		}
	case spec.Scalar:
		if v.Text == "" {
			return nil, nil
		}
		l, ok := c.readText(v.Text)
		if !ok {
			return nil, complain("reference", "write {ref: deal/name}, or the type and the id as D_12 ("+c.allowed(s)+")", "%q is no record", v.Text)
		}
		out = l
	default:
		return nil, complain("type", "give one value", "a single value is wanted here, not a list")
	}
	if len(c.entities) > 0 && !slices.Contains(c.entities, out.entity) {
		return nil, unmet("NO_TYPE", "reference", "the field takes "+c.allowed(s), "%s is of a type that the field's settings do not allow", c.show(s, out))
	}
	return out, nil
}

// allowed lists the types that the field takes, with their prefixes.
func (c crmCodec) allowed(s *scope) string {
	var out []string
	for _, entity := range c.entities {
		name := s.entityName(entity)
		out = append(out, strings.TrimSpace(name+" "+c.kinds.ShortCode(entity)+"_…"))
	}
	if len(out) == 0 {
		return "lead L_…, deal D_…, contact C_…, company CO_…"
	}
	return strings.Join(out, ", ")
}

// readText reads D_12; of a field with one type also 12.
func (c crmCodec) readText(t string) (crmLink, bool) {
	if n, err := strconv.Atoi(t); err == nil && n > 0 && len(c.entities) == 1 {
		return crmLink{link{id: n}, c.entities[0]}, true
	}
	m := crmForm.FindStringSubmatch(t)
	if m == nil {
		return crmLink{}, false
	}
	id, err := strconv.Atoi(m[2])
	entity := c.kinds.ByShort(m[1])
	return crmLink{link{id: id}, entity}, err == nil && entity != 0
}

func (c crmCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" || t == "0" || t == "false" {
		return nil, nil
	}
	if l, ok := c.readText(t); ok {
		return l, nil
	}
	return t, nil
}

func (crmCodec) equal(want, live any) bool {
	a, okA := want.(crmLink)
	b, okB := live.(crmLink)
	if !okA || !okB {
		return want == nil && live == nil
	}
	return a.entity == b.entity && a.id != 0 && a.id == b.id
}

func (c crmCodec) send(want, _ any) any {
	l, ok := want.(crmLink)
	if !ok {
		return emptyText(want)
	}
	return c.kinds.ShortCode(l.entity) + "_" + strconv.Itoa(l.id)
}

func (c crmCodec) show(s *scope, v any) any {
	l, ok := v.(crmLink)
	switch {
	case !ok:
		return v
	case l.ref != "" || l.found != "":
		return linkCodec{}.show(s, l.link)
	}
	if name := s.entityName(l.entity); name != "" {
		return fmt.Sprintf("%s %d", name, l.id)
	}
	return fmt.Sprintf("%s_%d", c.kinds.ShortCode(l.entity), l.id)
}

// settle fills in the id of a record that this run created.
func (l crmLink) settle(k *Known) (any, error) {
	settled, err := k.settle(l.link)
	if err != nil {
		return nil, err
	}
	l.link = settled.(link)
	return l, nil
}

// settler is a canonical value with parts that only the run can fill in.
type settler interface{ settle(k *Known) (any, error) }

// linkedRecord gives the record that a value is a link to; without a type of its own if the
// field has but one.
func linkedRecord(v any) (RecordID, bool) {
	switch v := v.(type) {
	case crmLink:
		return RecordID{EntityTypeID: v.entity, ID: v.id}, v.id != 0
	case link:
		return RecordID{EntityTypeID: 0, ID: v.id}, v.id != 0
	}
	return RecordID{}, false
}
