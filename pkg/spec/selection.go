package spec

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// dropShadowed forgets what the project declares under an address that a file of -f
// declares, where the project's patterns do not take that file: it is what was meant.
// Two files of the project that declare one address stay a problem.
func (l *loader) dropShadowed() {
	named := make(map[value.Address]bool)
	for _, r := range l.resources {
		if l.outside[r.Pos.File] || r.Pos.File == stdinName {
			named[r.Address] = true
		}
	}
	if len(l.beside) > 0 && len(named) > 0 {
		l.resources = slices.DeleteFunc(l.resources, func(r *Resource) bool { return l.beside[r.Pos.File] && named[r.Address] })
	}
}

// selection gives the set of what is meant: all, or what the files of -f declare and the
// selection picks.
func (l *loader) selection(p Project, env *Environment) *Set {
	picked := &l.o.Selection
	if len(l.beside) == 0 && picked.IsAll() {
		s := NewSet(p, env, l.resources)
		s.Former = l.formers
		return s
	}
	s := &Set{Project: p, Env: env, byAddress: make(map[value.Address]*Resource, len(l.resources)), left: make(map[value.Address]bool)}
	for _, r := range l.resources {
		s.byAddress[r.Address] = r
		if l.beside[r.Pos.File] || !picked.picks(r) {
			s.left[r.Address] = true
		} else {
			s.Resources = append(s.Resources, r)
		}
	}
	needed := make(map[value.Address]bool)
	for _, r := range s.Resources {
		for _, dep := range r.Deps {
			if s.left[dep] && !needed[dep] {
				needed[dep] = true
				s.Beside = append(s.Beside, bare(s.byAddress[dep]))
			}
		}
	}
	for _, f := range l.formers {
		if moved := f.To != ""; moved && (s.Managed(f.To) || needed[f.To]) || !moved && !l.beside[f.Pos.File] && picked.picks(f.Resource) {
			s.Former = append(s.Former, f)
		}
	}
	s.Selected, s.Idle = !picked.IsAll(), picked.idle(l.resources, l.formers)
	sortResources(s.Resources)
	sortResources(s.Beside)
	return s
}

// bare is a resource with what it takes to find it and nothing else.
func bare(r *Resource) *Resource {
	return &Resource{Kind: r.Kind, Name: r.Name, Address: r.Address, Type: r.Type, TypePos: r.TypePos, Pos: r.Pos, Identity: Identity{IDs: r.Identity.IDs}}
}
