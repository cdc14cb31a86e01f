package diff

import (
	"strconv"

	"github.com/b24apply/b24apply/pkg/value"
)

// entity finds the entity type that a space names: a kind, a declared SPA or digits.
func (s *scope) entity(space string) (int, value.Address) {
	if k := s.meta.Kinds.BySpace(space); k != nil && k.EntityTypeID != 0 {
		return k.EntityTypeID, ""
	}
	if n, err := strconv.Atoi(space); err == nil {
		return n, ""
	}
	return s.resources.TypeNamed(space)
}

func (s *scope) entityName(entityTypeID int) string {
	if k := s.meta.Kinds.ByEntity(entityTypeID); k != nil {
		return k.Space
	}
	if t := s.meta.typeByEntity(entityTypeID); t != nil {
		return t.Title
	}
	return ""
}

// knownTypes names the types that a relation can be to.
func (s *scope) knownTypes(value.Type) *value.Known {
	at := *s
	return &value.Known{Label: func(id string) value.Name { return value.Name{ID: id, Name: at.entityName(value.IDNumber(id))} }}
}
