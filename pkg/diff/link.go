package diff

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A link is the canonical value of a field that points at another record. ref is
// set if the manifest named a resource, and id is 0 until that resource exists;
// found says what a lookup found.
type link struct {
	id    int
	ref   spec.Address
	found string
}

// plain tells whether the id itself was declared.
func (l link) plain() bool { return l.id != 0 && l.ref == "" && l.found == "" }

// linkCodec: a record's id; the portal answers null or 0 for none.
type linkCodec struct{}

func (linkCodec) parse(s *scope, v spec.Value) (any, error) {
	if ref, ok := v.Ref(); ok {
		id, _ := s.ids(ref)
		return link{id: id, ref: ref}, nil
	}
	if l, ok := v.Lookup(); ok {
		return s.view.lookup(l)
	}
	t, err := scalarText(v)
	if err != nil {
		return nil, complain("reference", "write {ref: company/acme} or an id", "this is neither a reference nor an id")
	}
	n, err := strconv.Atoi(t)
	if err != nil || n < 0 {
		return nil, complain("reference", "write {ref: company/acme} or an id", "%q is neither a reference nor an id", t)
	}
	if n == 0 {
		return nil, nil
	}
	return link{id: n}, nil
}

func (linkCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" || t == "0" || t == "false" {
		return nil, nil
	}
	n, err := strconv.Atoi(t)
	if err != nil {
		return nil, fmt.Errorf("the portal's value %q is not an id", t)
	}
	return link{id: n}, nil
}

func (linkCodec) equal(want, live any) bool {
	a, okA := want.(link)
	b, okB := live.(link)
	if !okA || !okB {
		return want == nil && live == nil
	}
	return a.id != 0 && a.id == b.id
}

func (linkCodec) send(want, _ any) any {
	if want == nil {
		return nil
	}
	return want.(link).id
}

func (linkCodec) show(_ *scope, v any) any {
	if v == nil {
		return nil
	}
	l := v.(link)
	switch {
	case l.found != "":
		return l.found + " (lookup)"
	case l.ref == "":
		return strconv.Itoa(l.id)
	case l.id == 0:
		return fmt.Sprintf("%s (known after apply)", l.ref)
	}
	return fmt.Sprintf("%s → %d", l.ref, l.id)
}
