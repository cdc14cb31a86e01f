package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A typeMatch is the live type behind a declared SPA: none (it will be created),
// one, or a refusal with its code.
type typeMatch struct {
	live               *kind.LiveType
	adopts             string // why a live type is taken over that shows no sign of being ours
	code, reason, hint string
}

// matchType finds a declared SPA on the portal: by its pinned entityTypeId, else
// by code, else by its unique title among types that carry no other code.
func (v *view) matchType(r *spec.Resource) typeMatch {
	code := cmp.Or(declaredText(r, "code"), r.Address.Name())
	title := declaredText(r, "title")
	byCode := v.typesWhere(func(t kind.LiveType) bool { return t.Code == code })
	byTitle := v.typesWhere(func(t kind.LiveType) bool { return t.Title == title })
	if pinned := declaredText(r, "entityTypeId"); pinned != "" {
		n, _ := strconv.Atoi(pinned)
		return v.pinnedType(n, code, slices.Concat(byCode, byTitle))
	}
	if len(byCode) > 0 {
		return oneCode(byCode, code)
	}
	if len(byTitle) == 1 && byTitle[0].Code != "" {
		return typeMatch{code: "FOREIGN_TYPE", reason: fmt.Sprintf("the portal already has a type %q with code %q and entityTypeId %d", title, byTitle[0].Code, byTitle[0].EntityTypeID),
			hint: fmt.Sprintf("declare code: %s to take it over, or choose another title", byTitle[0].Code)}
	}
	m := oneType(byTitle, "title", title)
	if m.live != nil {
		m.adopts = strangers(m.live)
	}
	return m
}

// pinnedType judges the live type that has the pinned entityTypeId. One with another code
// is somebody else's; one without a code may be: the plan says that it is taken over. Where
// the type of the code, or an uncoded one of the title, has another entityTypeId, the pin
// was changed: a second type would be made, and a second set of its items.
func (v *view) pinnedType(pinned int, code string, alike []*kind.LiveType) typeMatch {
	live := v.meta.typeByEntity(pinned)
	if live != nil && live.Code == code {
		return typeMatch{live: live}
	}
	if live != nil && live.Code != "" && live.Code != code {
		return typeMatch{code: "FOREIGN_TYPE", reason: fmt.Sprintf("entityTypeId %d is already the type %q with code %q", pinned, live.Title, live.Code),
			hint: "choose another entityTypeId, or declare that code to take the type over"}
	}
	for _, other := range alike {
		if other.EntityTypeID != pinned && (other.Code == code || other.Code == "" && live == nil) {
			return typeMatch{code: "NEEDS_REPLACEMENT", reason: fmt.Sprintf("entityTypeId %d is declared, and on this portal the type %q %s has entityTypeId %d, which never changes: a second type would be made",
				pinned, other.Title, coded(other), other.EntityTypeID), hint: value.Hint("NEEDS_REPLACEMENT")}
		}
	}
	m := typeMatch{live: live}
	if live != nil && live.Code == "" {
		m.adopts = strangers(live)
	}
	return m
}

// coded says which code a type carries.
func coded(t *kind.LiveType) string {
	if t.Code == "" {
		return "without a code"
	}
	return fmt.Sprintf("with code %q", t.Code)
}

// strangers says that a type without a code is not known to be ours.
func strangers(t *kind.LiveType) string {
	return fmt.Sprintf("entityTypeId %d is the type %q today, which has no code and so belongs to somebody else as far as is known; it is taken over", t.EntityTypeID, t.Title)
}

func (v *view) typesWhere(ok func(kind.LiveType) bool) []*kind.LiveType {
	var out []*kind.LiveType
	for i := range v.meta.Types {
		if ok(v.meta.Types[i]) {
			out = append(out, &v.meta.Types[i])
		}
	}
	return out
}

// oneCode is oneType for the code, which is the mark of a type.
func oneCode(hits []*kind.LiveType, code string) typeMatch {
	m := oneType(hits, "code", code)
	if m.code != "" {
		lowest := slices.MinFunc(hits, func(a, b *kind.LiveType) int { return a.ID - b.ID })
		m.code, m.hint = plan.CodeDoubleMark, value.Hint(plan.CodeDoubleMark, fmt.Sprintf("entityTypeId %d", lowest.EntityTypeID))
	}
	return m
}

func oneType(hits []*kind.LiveType, what, value string) typeMatch {
	switch len(hits) {
	case 0:
		return typeMatch{}
	case 1:
		return typeMatch{live: hits[0]}
	}
	ids := make([]string, len(hits))
	for i, t := range hits {
		ids[i] = strconv.Itoa(t.EntityTypeID)
	}
	return typeMatch{code: "AMBIGUOUS_KEY", reason: fmt.Sprintf("%d types carry the %s %q: entityTypeId %s", len(hits), what, value, strings.Join(ids, ", ")),
		hint: "declare the entityTypeId of the right one"}
}
