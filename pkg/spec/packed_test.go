package spec

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func drawPos(t *rapid.T) value.Pos {
	return value.Pos{
		File: rapid.SampledFrom([]string{"m.yaml", "m.yaml", "other.yaml", ""}).Draw(t, "file"),
		Line: rapid.IntRange(0, 1_000_000).Draw(t, "line"), Col: rapid.IntRange(0, 300).Draw(t, "col"),
	}
}

func drawValue(t *rapid.T, depth int) value.Node {
	v := value.Node{Kind: value.NodeKind(rapid.IntRange(0, 3).Draw(t, "kind")), Plain: rapid.Bool().Draw(t, "plain"), Pos: drawPos(t)}
	if depth == 0 && v.Kind > value.Scalar {
		v.Kind = value.Scalar
	}
	switch v.Kind {
	case value.List:
		v.Items = []value.Node{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			v.Items = append(v.Items, drawValue(t, depth-1))
		}
	case value.Map:
		v.Pairs = []value.Pair{}
		for range rapid.IntRange(0, 3).Draw(t, "pairs") {
			v.Pairs = append(v.Pairs, value.Pair{Key: rapid.String().Draw(t, "key"), Value: drawValue(t, depth-1), Pos: drawPos(t)})
		}
	default:
		v.Text = rapid.OneOf(rapid.String(), rapid.StringN(100, 400, -1)).Draw(t, "text")
	}
	return v
}

func drawFields(t *rapid.T) []value.Field {
	out := []value.Field{}
	for range rapid.IntRange(0, 4).Draw(t, "fields") {
		out = append(out, value.Field{Name: rapid.SampledFrom([]string{"title", "name", "phones", "file"}).Draw(t, "name"), Value: drawValue(t, 2), Pos: drawPos(t)})
	}
	return out
}

// unpack(pack(fields)) = fields, for every record of a block.
func TestPackedFieldsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type declared struct{ Fields, Parts []value.Field }
		var want, got []declared
		p := newPacker("m.yaml", 2)
		var resources []*Resource
		for range rapid.IntRange(1, 4).Draw(t, "resources") {
			d := declared{drawFields(t), drawFields(t)}
			r := p.resource()
			r.Name, r.Address = "A", value.Address(rapid.SampledFrom([]string{"deal/a", "company/a"}).Draw(t, "address"))
			p.keep(r, d.Fields, d.Parts)
			want, resources = append(want, d), append(resources, r)
		}
		p.finish()
		var room Room
		for i, r := range resources {
			if diff := cmp.Diff(want[i].Fields, r.FieldsIn(&room), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("in room: %s", diff)
			}
			fields, parts := r.declared.unpack()
			got = append(got, declared{fields, parts})
			if r.Name != "A" || len(r.Address) < 6 || r.Address.Name() != "a" {
				t.Errorf("the name is %q, the address %q", r.Name, r.Address)
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDeclareReplacesWhatIsDeclared(t *testing.T) {
	r := &Resource{Pos: value.Pos{File: "m.yaml"}}
	title := value.Field{Name: "title", Value: text("T")}
	r.Declare([]value.Field{title}, []value.Field{{Name: "products", Value: value.Node{Kind: value.List, Items: []value.Node{}}}})
	if f, ok := r.Field("title"); !ok || f.Value.Text != "T" {
		t.Errorf("the title is %v, %t", f, ok)
	}
	if _, ok := r.Field("products"); ok || len(r.Parts()) != 1 {
		t.Errorf("a part is a field, or the parts are %v", r.Parts())
	}
	r.Declare(nil, nil)
	if len(r.Fields())+len(r.Parts()) > 0 {
		t.Errorf("left are %v and %v", r.Fields(), r.Parts())
	}
}
