package diff

import (
	"github.com/b24apply/b24apply/pkg/value"
)

// propertyCodec gives the codec of a property's values, or refuses a type whose values the
// documentation does not describe.
func (v *view) propertyCodec(p Property) (codec, error) {
	t, ok := p.ValueType()
	if !ok {
		return nil, unmet("NOT_WRITABLE", "type", "remove it: texts, numbers, lists, check boxes, dates and times can be declared", "%s: properties of type %s cannot be declared", p.Code, p.Form())
	}
	return typed{value.MustCodecOf(t), t, v}, nil
}
