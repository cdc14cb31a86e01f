package value

import (
	"encoding/json"
)

// propertyCodec: a property of a product, which the portal wraps as {value, valueId}. Values
// are sent without their ids, so that those which are not sent again go.
// Source: api-reference/catalog/product/catalog-product-update.md, propertyN.
type propertyCodec struct{ Codec }

func (c propertyCodec) Read(raw []byte) (Value, error) {
	if _, multiple := c.Codec.(listCodec); !multiple {
		return c.Codec.Read(propertyValue(raw))
	}
	if _, wrapped := wrappedValue(raw); wrapped {
		raw = []byte("[" + string(raw) + "]")
	}
	values := []json.RawMessage{}
	for _, item := range Elements(raw) {
		values = append(values, propertyValue(item))
	}
	list, err := json.Marshal(values)
	if err != nil {
		return Value{}, err
	}
	return c.Codec.Read(list)
}

// wrappedValue takes the value out of {value, valueId}.
func wrappedValue(raw []byte) (json.RawMessage, bool) {
	wrapped, _ := object(raw)
	value, ok := wrapped["value"]
	return value, ok
}

func propertyValue(raw []byte) json.RawMessage {
	if value, ok := wrappedValue(raw); ok {
		return value
	}
	return raw
}

func (c propertyCodec) Wire(want, _ Value) any {
	items, multiple := c.Codec.Wire(want, Value{}).([]any)
	if !multiple {
		return wrapValue(c.Codec.Wire(want, Value{}))
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

// Traits of a property allow no look-ups, and its bytes are not its value's.
func (c propertyCodec) Traits() Traits {
	t := c.Codec.Traits()
	t.Findable, t.Plain = false, false
	return t
}
