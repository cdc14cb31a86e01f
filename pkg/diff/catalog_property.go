package diff

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
)

// codec gives the codec of a property's values, or refuses a type whose values the
// documentation does not describe.
// Source: api-reference/catalog/product-property/catalog-product-property-add.md.
func codecOfProperty(p Property) (codec, error) {
	var one codec
	switch kind := strings.TrimSuffix(p.Type+":"+p.UserType, ":"); kind {
	case "S":
		one = stringCodec{}
	case "N":
		one = doubleCodec{places: 4, nullable: true}
	case "S:Date":
		one = dateCodec{}
	case "S:DateTime":
		one = datetimeCodec{}
	case "L":
		one = optionCodec{p.Options}
	case "L:BoolEnum":
		one = checkBoxCodec{options: p.Options}
	default:
		return nil, unmet("NOT_WRITABLE", "type", "remove it: texts, numbers, lists, check boxes, dates and times can be declared", "%s: properties of type %s cannot be declared", p.Code, kind)
	}
	if p.Multiple {
		return propertyCodec{listCodec{one: one}}, nil
	}
	return propertyCodec{one}, nil
}

// propertyCodec: a property, which the portal wraps as {value, valueId}. Values are
// sent without their ids, so that those which are not sent again go.
// Source: api-reference/catalog/product/catalog-product-update.md, propertyN.
type propertyCodec struct{ codec }

func (c propertyCodec) read(raw json.RawMessage) (any, error) {
	if _, multiple := c.codec.(listCodec); !multiple {
		return c.codec.read(propertyValue(raw))
	}
	if _, wrapped := wrappedValue(raw); wrapped {
		raw = json.RawMessage("[" + string(raw) + "]")
	}
	values := []json.RawMessage{}
	for _, item := range elements(raw) {
		values = append(values, propertyValue(item))
	}
	list, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return c.codec.read(list)
}

// wrappedValue takes the value out of {value, valueId}.
func wrappedValue(raw json.RawMessage) (json.RawMessage, bool) {
	var wrapped map[string]json.RawMessage
	if json.Unmarshal(raw, &wrapped) != nil {
		return nil, false
	}
	value, ok := wrapped["value"]
	return value, ok
}

func propertyValue(raw json.RawMessage) json.RawMessage {
	if value, ok := wrappedValue(raw); ok {
		return value
	}
	return raw
}

func (c propertyCodec) send(want, _ any) any {
	items, multiple := c.codec.send(want, nil).([]any)
	if !multiple {
		return wrapValue(c.codec.send(want, nil))
	}
	if len(items) == 0 {
		return []any{wrapValue(nil)}
	}
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = wrapValue(item)
	}
	return out
}

// wrapValue wraps one value; an empty one is an empty text, which a batch can carry.
func wrapValue(v any) any {
	if v == nil {
		v = ""
	}
	return map[string]any{"value": v}
}

// optionCodec: an option of a list, declared by its external code, label or id.
type optionCodec struct{ options []Named }

func (c optionCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || t == "" {
		return nil, err
	}
	var all []candidate[int]
	for _, o := range c.options {
		all = append(all, candidate[int]{value: o.ID, id: o.Key, codes: o.Codes, name: o.Name})
	}
	id, err := resolve("option", "", t, all)
	if err != nil {
		return nil, err
	}
	return id, nil
}

func (optionCodec) read(raw json.RawMessage) (any, error) { return userCodec{}.read(raw) }
func (optionCodec) equal(want, live any) bool             { return want == live }
func (optionCodec) send(want, _ any) any                  { return want }
func (c optionCodec) show(_ *scope, v any) any {
	if v == nil {
		return nil
	}
	for _, o := range c.options {
		if o.ID == v {
			return o.Name
		}
	}
	return strconv.Itoa(v.(int))
}

// checkBoxCodec: yes or no. It is written as Y or N; where the id of an option comes
// back, that option says which it is.
type checkBoxCodec struct {
	booleanCodec
	options []Named
}

func (c checkBoxCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	for _, o := range c.options {
		if t == fmt.Sprint(o.ID) && len(o.Codes) > 0 {
			t = o.Codes[0]
		}
	}
	return c.booleanCodec.read(json.RawMessage(strconv.Quote(t)))
}
