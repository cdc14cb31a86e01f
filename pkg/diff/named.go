package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
)

// resolve finds the one candidate that a text names: by id, else by exact name.
// A name that several candidates share, and an id that is another one's name, are
// ambiguous; nothing is guessed.
func resolve[T any](what, in, want string, all []candidate[T]) (T, error) {
	var zero T
	var hits []candidate[T]
	for _, c := range all {
		if c.id == want || c.name == want || slices.Contains(c.codes, want) {
			hits = append(hits, c)
		}
	}
	switch len(hits) {
	case 1:
		return hits[0].value, nil
	case 0:
		hint := "this portal has none"
		if names := namesOf(all); len(names) > 0 {
			hint = what + "s: " + strings.Join(shorten(names), ", ")
			if s, ok := spec.Suggest(want, names); ok {
				hint = fmt.Sprintf("did you mean %q? %s", s, hint)
			}
		}
		return zero, complain(what, hint, "%q is no %s%s", want, what, in)
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = fmt.Sprintf("%s (%s)", h.id, h.name)
	}
	return zero, complain(what, "write the id: "+strings.Join(ids, ", "), "%q names %d %ss%s", want, len(hits), what, in)
}

// A candidate is something that a declared text may name.
type candidate[T any] struct {
	value T
	id    string
	codes []string
	name  string
}

func namesOf[T any](all []candidate[T]) []string {
	var out []string
	for _, c := range all {
		out = append(out, cmp.Or(c.name, c.id))
	}
	return out
}

func shorten(names []string) []string {
	const most = 12
	if len(names) <= most {
		return names
	}
	return append(slices.Clone(names[:most]), fmt.Sprintf("and %d more", len(names)-most))
}

// statusCodec: an entry of a dictionary, declared by STATUS_ID or exact name.
type statusCodec struct{ stringCodec }

func (statusCodec) parse(s *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || t == "" {
		return nil, err
	}
	var all []candidate[string]
	for _, e := range s.meta.Statuses[s.dictionary] {
		all = append(all, candidate[string]{value: e.ID, id: e.ID, name: e.Name})
	}
	id, err := resolve("value", fmt.Sprintf(" of dictionary %s", s.dictionary), t, all)
	if err != nil {
		return nil, err
	}
	return id, nil
}

func (statusCodec) show(s *scope, v any) any {
	if v == nil {
		return nil
	}
	return cmp.Or(s.meta.statusName(s.dictionary, v.(string)), v.(string))
}

// categoryCodec: a pipeline, declared by id, code or exact title. The deals'
// default pipeline has the id 0, so 0 is a value.
type categoryCodec struct{}

func (categoryCodec) parse(s *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil {
		return nil, err
	}
	if s.stages.newType != "" {
		return nil, complain("category", "leave categoryId out: a new type has one pipeline", "the type does not exist yet, so its pipelines have no names")
	}
	var all []candidate[int]
	for _, c := range s.meta.Categories[s.entityTypeID] {
		k := candidate[int]{value: c.ID, id: strconv.Itoa(c.ID), name: c.Name}
		if c.Code != "" {
			k.codes = []string{c.Code}
		}
		all = append(all, k)
	}
	id, err := resolve("pipeline", "", t, all)
	if err != nil {
		return nil, err
	}
	return id, nil
}

func (categoryCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(t)
	if err != nil {
		return nil, fmt.Errorf("the portal's value %q is not a pipeline's id", t)
	}
	return n, nil
}
func (categoryCodec) equal(want, live any) bool { return want == live }
func (categoryCodec) send(want, _ any) any      { return want }
func (categoryCodec) show(s *scope, v any) any {
	if v == nil {
		return nil
	}
	if c, ok := s.meta.category(s.entityTypeID, v.(int)); ok && c.Name != "" {
		return c.Name
	}
	return strconv.Itoa(v.(int))
}

// stageScope says in which pipeline a stage is looked for.
type stageScope struct {
	category int
	newType  spec.Address // the SPA whose first pipeline this plan creates
}

// A newStage is a stage of a type that this plan creates: its full id holds the
// pipeline's, which is known after apply.
type newStage struct {
	typ  spec.Address
	code string
}

// stageCodec: a stage of the record's pipeline, declared by STATUS_ID, short code
// or exact title.
type stageCodec struct{ stringCodec }

func (stageCodec) parse(s *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil {
		return nil, err
	}
	if s.stages.newType != "" {
		if first := builtIn.Items().Stages.New; !slices.Contains(first, t) {
			return nil, complain("stage", "the stages of a new type are "+strings.Join(first, ", ")+"; apply the type first to use a title",
				"the type does not exist yet, and %q is none of its first stages", t)
		}
		return newStage{typ: s.stages.newType, code: t}, nil
	}
	dictionary := s.meta.stageDirectory(s.entityTypeID, s.stages.category)
	var all []candidate[string]
	for _, e := range s.meta.Statuses[dictionary] {
		all = append(all, candidate[string]{value: e.ID, id: e.ID, codes: []string{kind.ShortStage(e.ID)}, name: e.Name})
	}
	in := ""
	if s.meta.of(s.entityTypeID).Stages.Pipelines {
		c, _ := s.meta.category(s.entityTypeID, s.stages.category)
		in = fmt.Sprintf(" of pipeline %q", cmp.Or(c.Name, strconv.Itoa(s.stages.category)))
	}
	id, err := resolve("stage", in, t, all)
	if no, ok := err.(*complaint); ok {
		if pipelines := s.stageElsewhere(t); len(pipelines) > 0 {
			no.hint = "it is a stage of " + strings.Join(pipelines, ", ") + ": declare categoryId"
		}
	}
	if err != nil {
		return nil, err
	}
	return id, nil
}

// stageElsewhere names the other pipelines that have a stage: by its STATUS_ID or its
// title. Short codes are alike in all of them.
func (s *scope) stageElsewhere(text string) []string {
	var out []string
	for _, c := range s.meta.Categories[s.entityTypeID] {
		for _, e := range s.meta.Statuses[s.meta.stageDirectory(s.entityTypeID, c.ID)] {
			if c.ID != s.stages.category && (e.ID == text || e.Name == text) {
				out = append(out, cmp.Or(c.Name, strconv.Itoa(c.ID)))
				break
			}
		}
	}
	return out
}

func (stageCodec) show(s *scope, v any) any {
	switch v := v.(type) {
	case newStage:
		return v.code
	case string:
		// A live stage can stand in another pipeline than the declared one.
		for _, c := range append([]Category{{ID: s.stages.category}}, s.meta.Categories[s.entityTypeID]...) {
			if name := s.meta.statusName(s.meta.stageDirectory(s.entityTypeID, c.ID), v); name != "" {
				return name
			}
		}
		return v
	}
	return nil
}

const hintUser = "write the id, the e-mail or the exact full name of an active user; e-mails are only visible with the scope user or user_basic"

// userCodec: a user, declared by id, e-mail or exact full name.
type userCodec struct{}

func (userCodec) parse(s *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || t == "" {
		return nil, err
	}
	if n, err := strconv.Atoi(t); err == nil {
		if n < 1 {
			return nil, complain("user", hintUser, "%d is no user", n)
		}
		return n, nil // user.get does not show bots and integrators, so an id is taken as it is
	}
	what := "with this full name"
	byEmail := strings.Contains(t, "@")
	if byEmail {
		what = "with this e-mail"
	}
	var hits []User
	for _, u := range s.meta.Users {
		if u.Active && (byEmail && strings.EqualFold(u.Email, t) || !byEmail && u.Name == t) {
			hits = append(hits, u)
		}
	}
	switch len(hits) {
	case 1:
		return hits[0].ID, nil
	case 0:
		if byEmail && !slices.ContainsFunc(s.meta.Users, func(u User) bool { return u.Email != "" }) {
			return nil, complain("user", hintUser, "%q: the portal does not show the e-mails of its users to these credentials", t)
		}
		return nil, complain("user", s.meta.nearUser(t)+hintUser, "%q: the portal has no active user %s", t, what)
	}
	ids := make([]string, len(hits))
	for i, u := range hits {
		ids[i] = strconv.Itoa(u.ID)
	}
	return nil, complain("user", "write the id: "+strings.Join(ids, ", "), "%q: the portal has %d active users %s", t, len(hits), what)
}

func (userCodec) read(raw json.RawMessage) (any, error) {
	v, err := linkCodec{}.read(raw)
	if v == nil || err != nil {
		return nil, err
	}
	return v.(link).id, nil
}
func (userCodec) equal(want, live any) bool { return want == live }
func (userCodec) send(want, _ any) any      { return want }
func (userCodec) show(s *scope, v any) any {
	if v == nil {
		return nil
	}
	id := v.(int)
	if u, ok := s.meta.user(id); ok && u.Name != "" {
		return fmt.Sprintf("%s (%d)", u.Name, id)
	}
	return strconv.Itoa(id)
}
