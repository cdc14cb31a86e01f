package spec

import (
	"slices"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// namesOf gives the names of fields, and of all keys below them.
func namesOf(list []value.Field) (names []string, keys map[string]bool) {
	keys = make(map[string]bool)
	var below func(value.Node)
	below = func(v value.Node) {
		for _, item := range v.Items {
			below(item)
		}
		for _, p := range v.Pairs {
			keys[p.Key] = true
			below(p.Value)
		}
	}
	for _, f := range list {
		names = append(names, f.Name)
		below(f.Value)
	}
	return names, keys
}

// What an outline says, and what one field alone is read as, is what all fields show; and
// outlines are equal where that is, also across arenas.
func TestAnOutlineSaysWhatTheFieldsShow(t *testing.T) {
	type seen struct {
		Fields, Parts []string
		Keys          map[string]bool
	}
	rapid.Check(t, func(t *rapid.T) {
		var all []*Resource
		var saw []seen
		for range rapid.IntRange(1, 3).Draw(t, "arenas") {
			p := newPacker("m.yaml", 2)
			for range rapid.IntRange(1, 3).Draw(t, "resources") {
				r := p.resource()
				r.Address = "deal/a"
				p.keep(r, drawFields(t), drawFields(t))
				all = append(all, r)
			}
			p.finish()
		}
		for _, r := range all {
			s := seen{}
			var more map[string]bool
			s.Fields, s.Keys = namesOf(r.Fields())
			s.Parts, more = namesOf(r.Parts())
			for key := range more {
				s.Keys[key] = true
			}
			o := r.Outline()
			if !slices.Equal(o.Fields, s.Fields) || !slices.Equal(o.Parts, s.Parts) {
				t.Fatalf("the outline is %v and %v, declared are %v and %v", o.Fields, o.Parts, s.Fields, s.Parts)
			}
			for _, key := range append(o.keys, "lookup") {
				if o.Has(key) != s.Keys[key] {
					t.Fatalf("key %q: %t, among %v", key, o.Has(key), s.Keys)
				}
			}
			sameOne(t, "field", r.Field, r.Fields())
			sameOne(t, "part", r.Part, r.Parts())
			for i, other := range saw {
				if equal := cmp.Equal(s, other, cmpopts.EquateEmpty()); equal != (o.ID() == all[i].Outline().ID()) {
					t.Fatalf("%v and %v are equal: %t, their outlines are not so", s, other, equal)
				}
			}
			saw = append(saw, s)
		}
	})
}

// sameOne checks that reading one field alone gives the first with its name.
func sameOne(t *rapid.T, what string, one func(string) (value.Field, bool), all []value.Field) {
	for _, name := range []string{"title", "name", "phones", "file", "none"} {
		i := slices.IndexFunc(all, func(f value.Field) bool { return f.Name == name })
		got, ok := one(name)
		if ok != (i >= 0) || ok && !cmp.Equal(got, all[i], cmpopts.EquateEmpty()) {
			t.Fatalf("the %s %s is %v, %t, among %v", what, name, got, ok, all)
		}
	}
}
