package diff

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// catalogCodecs are the codecs of the types that only the catalogue has, and of those
// whose values have another precision or another form of empty there.
var catalogCodecs = map[spec.FieldType]codec{
	spec.TypeDouble:   doubleCodec{places: 6},
	spec.TypeDatetime: datetimeCodec{},
	spec.TypeChoice:   stringCodec{},
	spec.TypeSection:  sectionCodec{},
	spec.TypeCatalog:  catalogueCodec,
	spec.TypeMeasure:  measureCodec,
	spec.TypeVAT:      vatCodec,
}

// sectionCodec: a link that is emptied by 0, which a batch can carry.
type sectionCodec struct{ linkCodec }

func (c sectionCodec) send(want, live any) any {
	if want == nil {
		return 0
	}
	return c.linkCodec.send(want, live)
}

// namedCodec: an entry of a directory, declared by a name that is the same on every
// portal and sent by its id.
type namedCodec struct {
	what string
	all  func(*Meta) []Named
	key  func(string) string // the form in which keys are compared
}

var (
	catalogueCodec = namedCodec{"catalogue", func(m *Meta) []Named {
		out := make([]Named, len(m.Catalog.Iblocks))
		for i, c := range m.Catalog.Iblocks {
			out[i] = Named{ID: c.ID, Key: strconv.Itoa(c.ID), Name: c.Name}
		}
		return out
	}, strings.TrimSpace}
	measureCodec = namedCodec{"unit", func(m *Meta) []Named { return m.Catalog.Measures }, strings.TrimSpace}
	vatCodec     = namedCodec{"VAT", func(m *Meta) []Named { return m.Catalog.VATs }, percentage}
)

// percentage writes a rate in one form: "20", "20.0" and "20 %" are the same.
func percentage(text string) string {
	if d, err := value.ReadDecimal(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))); err == nil {
		return d.String()
	}
	return text
}

func (c namedCodec) parse(s *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || t == "" {
		return nil, err
	}
	var all []candidate[int]
	for _, n := range c.all(s.meta) {
		all = append(all, candidate[int]{value: n.ID, id: n.Key, codes: n.Codes, name: n.Name})
	}
	want := t
	if !slices.ContainsFunc(all, func(n candidate[int]) bool { return n.name == t }) {
		want = c.key(t)
	}
	id, err := resolve(c.what, "", want, all)
	if err != nil {
		return nil, err
	}
	return id, nil
}

func (namedCodec) read(raw json.RawMessage) (any, error) { return userCodec{}.read(raw) }
func (namedCodec) equal(want, live any) bool             { return want == live }
func (namedCodec) send(want, _ any) any {
	if want == nil {
		return 0
	}
	return want
}

func (c namedCodec) show(s *scope, v any) any {
	if v == nil {
		return nil
	}
	for _, n := range c.all(s.meta) {
		if n.ID == v {
			return cmp.Or(n.Name, n.Key)
		}
	}
	return strconv.Itoa(v.(int))
}
