package declared

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Match is the live type behind a declared SPA: none (it will be created),
// one, or a refusal with its code.
type Match struct {
	Live      *kind.LiveType
	Adopts    value.Message // why a live type is taken over that shows no sign of being ours
	Code      string
	Why, Hint value.Message
}

// MatchType finds a declared SPA on the portal: by its pinned entityTypeId, else
// by code, else by its unique title among types that carry no other code.
func (v *View) MatchType(r *spec.Resource) Match {
	code := cmp.Or(r.Text("code"), r.Address.Name())
	title := r.Text("title")
	byCode := v.TypesWhere(func(t kind.LiveType) bool { return t.Code == code })
	byTitle := v.TypesWhere(func(t kind.LiveType) bool { return t.Title == title })
	if pinned := r.Text("entityTypeId"); pinned != "" {
		n, _ := strconv.Atoi(pinned)
		return v.pinnedType(n, code, slices.Concat(byCode, byTitle))
	}
	if len(byCode) > 0 {
		return OneCode(byCode, code)
	}
	if len(byTitle) == 1 && byTitle[0].Code != "" {
		return Match{Code: "FOREIGN_TYPE", Why: value.Say("title-is-of-type", value.Q("title", title), value.Q("code", byTitle[0].Code), value.N("id", byTitle[0].EntityTypeID)),
			Hint: value.Say("declare-code-or-other-title", value.T("code", byTitle[0].Code))}
	}
	m := oneType(byTitle, "several-types-of-title", title)
	if m.Live != nil {
		m.Adopts = strangers(m.Live)
	}
	return m
}

// pinnedType judges the live type that has the pinned entityTypeId. One with another code
// is somebody else's; one without a code may be: the plan says that it is taken over. Where
// the type of the code, or an uncoded one of the title, has another entityTypeId, the pin
// was changed: a second type would be made, and a second set of its items.
func (v *View) pinnedType(pinned int, code string, alike []*kind.LiveType) Match {
	live := v.Meta.TypeOf(pinned)
	if live != nil && live.Code == code {
		return Match{Live: live}
	}
	if live != nil && live.Code != "" && live.Code != code {
		return Match{Code: "FOREIGN_TYPE", Why: value.Say("id-is-of-type", value.N("id", pinned), value.Q("title", live.Title), value.Q("code", live.Code)),
			Hint: value.Say("choose-other-id-or-declare-code")}
	}
	for _, other := range alike {
		if other.EntityTypeID != pinned && (other.Code == code || other.Code == "" && live == nil) {
			return Match{Code: "NEEDS_REPLACEMENT", Why: replaced(pinned, other)}
		}
	}
	m := Match{Live: live}
	if live != nil && live.Code == "" {
		m.Adopts = strangers(live)
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

func (v *View) TypesWhere(ok func(kind.LiveType) bool) []*kind.LiveType {
	var out []*kind.LiveType
	for i := range v.Meta.Types {
		if ok(v.Meta.Types[i]) {
			out = append(out, &v.Meta.Types[i])
		}
	}
	return out
}

// OneCode is oneType for the code, which is the mark of a type.
func OneCode(hits []*kind.LiveType, code string) Match {
	m := oneType(hits, "several-types-of-code", code)
	if m.Code != "" {
		lowest := slices.MinFunc(hits, func(a, b *kind.LiveType) int { return a.ID - b.ID })
		m.Code, m.Hint = plan.CodeDoubleMark, value.Do(plan.CodeDoubleMark, value.M("stays", value.Say("this-entity-type-id", value.N("id", lowest.EntityTypeID))))
	}
	return m
}

func oneType(hits []*kind.LiveType, several, named string) Match {
	switch len(hits) {
	case 0:
		return Match{}
	case 1:
		return Match{Live: hits[0]}
	}
	ids := make([]string, len(hits))
	for i, t := range hits {
		ids[i] = strconv.Itoa(t.EntityTypeID)
	}
	return Match{Code: "AMBIGUOUS_KEY", Why: value.Say(several, value.N("n", len(hits)), value.Q("value", named), value.L("ids", ids)),
		Hint: value.Say("declare-right-entity-type-id")}
}
