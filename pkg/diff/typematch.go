package diff

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A typeMatch is the live type behind a declared SPA: none (it will be created),
// one, or a refusal with its code.
type typeMatch struct {
	live      *kind.LiveType
	adopts    value.Message // why a live type is taken over that shows no sign of being ours
	code      string
	why, hint value.Message
}

// matchType finds a declared SPA on the portal: by its pinned entityTypeId, else
// by code, else by its unique title among types that carry no other code.
func (v *view) matchType(r *spec.Resource) typeMatch {
	code := cmp.Or(r.Text("code"), r.Address.Name())
	title := r.Text("title")
	byCode := v.typesWhere(func(t kind.LiveType) bool { return t.Code == code })
	byTitle := v.typesWhere(func(t kind.LiveType) bool { return t.Title == title })
	if pinned := r.Text("entityTypeId"); pinned != "" {
		n, _ := strconv.Atoi(pinned)
		return v.pinnedType(n, code, slices.Concat(byCode, byTitle))
	}
	if len(byCode) > 0 {
		return oneCode(byCode, code)
	}
	if len(byTitle) == 1 && byTitle[0].Code != "" {
		return typeMatch{code: "FOREIGN_TYPE", why: value.Say("title-is-of-type", value.Q("title", title), value.Q("code", byTitle[0].Code), value.N("id", byTitle[0].EntityTypeID)),
			hint: value.Say("declare-code-or-other-title", value.T("code", byTitle[0].Code))}
	}
	m := oneType(byTitle, "several-types-of-title", title)
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
	live := v.meta.TypeOf(pinned)
	if live != nil && live.Code == code {
		return typeMatch{live: live}
	}
	if live != nil && live.Code != "" && live.Code != code {
		return typeMatch{code: "FOREIGN_TYPE", why: value.Say("id-is-of-type", value.N("id", pinned), value.Q("title", live.Title), value.Q("code", live.Code)),
			hint: value.Say("choose-other-id-or-declare-code")}
	}
	for _, other := range alike {
		if other.EntityTypeID != pinned && (other.Code == code || other.Code == "" && live == nil) {
			return typeMatch{code: "NEEDS_REPLACEMENT", why: replaced(pinned, other)}
		}
	}
	m := typeMatch{live: live}
	if live != nil && live.Code == "" {
		m.adopts = strangers(live)
	}
	return m
}

// replaced says that a declared entityTypeId is not that of the type that is meant.
func replaced(pinned int, t *kind.LiveType) value.Message {
	args := []value.Arg{value.N("id", pinned), value.Q("title", t.Title), value.N("live", t.EntityTypeID)}
	if t.Code == "" {
		return value.Say("type-would-be-replaced", args...)
	}
	return value.Say("type-of-code-would-be-replaced", append(args, value.Q("code", t.Code))...)
}

// strangers says that a type without a code is not known to be ours.
func strangers(t *kind.LiveType) value.Message {
	return value.Say("type-without-code-is-taken-over", value.N("id", t.EntityTypeID), value.Q("title", t.Title))
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
	m := oneType(hits, "several-types-of-code", code)
	if m.code != "" {
		lowest := slices.MinFunc(hits, func(a, b *kind.LiveType) int { return a.ID - b.ID })
		m.code, m.hint = plan.CodeDoubleMark, value.Do(plan.CodeDoubleMark, value.M("stays", value.Say("this-entity-type-id", value.N("id", lowest.EntityTypeID))))
	}
	return m
}

func oneType(hits []*kind.LiveType, several, named string) typeMatch {
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
	return typeMatch{code: "AMBIGUOUS_KEY", why: value.Say(several, value.N("n", len(hits)), value.Q("value", named), value.L("ids", ids)),
		hint: value.Say("declare-right-entity-type-id")}
}
