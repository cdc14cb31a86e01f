package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// An entity is a type of records whose reading is tried.
type entity struct {
	id     int
	name   value.Message
	needed bool // by the manifests
}

// entities lists the types of records: those that every portal has, and its smart
// processes.
func (d *doctor) entities() ([]entity, error) {
	var list []entity
	for _, k := range d.set.Kinds.Records() {
		if k.EntityTypeID != 0 {
			list = append(list, entity{k.EntityTypeID, value.Say("all-of-kind", value.K("kinds", k.Name, k.Plural)), slices.ContainsFunc(d.set.Resources, func(r *spec.Resource) bool { return r.Kind == k })})
		}
	}
	slices.SortFunc(list, func(a, b entity) int { return a.id - b.id })
	var owners []struct {
		ID   json.Number `json:"ID"`
		Name string      `json:"NAME"`
		Code string      `json:"SYMBOL_CODE"`
	}
	if err := d.fact("crm.enum.ownertype", &owners); err != nil {
		return list, err
	}
	for _, o := range owners {
		id, err := strconv.Atoi(o.ID.String())
		if err == nil && strings.HasPrefix(o.Code, "DYNAMIC_") {
			list = append(list, entity{id, value.Verbatim(fmt.Sprintf("%s (%d)", o.Name, id)), d.wantsType(id, o.Name)})
		}
	}
	return list, nil
}

// wantsType tells whether the manifests hold items of a smart process.
func (d *doctor) wantsType(id int, title string) bool {
	return slices.ContainsFunc(d.set.Resources, func(r *spec.Resource) bool {
		return r.Type != "" && (r.Type == strconv.Itoa(id) || slices.ContainsFunc(d.set.Resources, func(t *spec.Resource) bool {
			return t.Kind.Class == kind.ClassType && strings.EqualFold(t.Name, r.Type) && declares(t, id, title)
		}))
	})
}

// declares tells whether a manifest describes the smart process of this id or title.
func declares(t *spec.Resource, id int, title string) bool {
	if pinned, ok := t.Field("entityTypeId"); ok {
		return pinned.Value.Text == strconv.Itoa(id)
	}
	declared, ok := t.Field("title")
	return ok && declared.Value.Text == title
}

// readingCommands are the two calls that try one type: a refusal to describe the
// fields tells that no record may be read, and the list tells whether any shows.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-fields.html
func readingCommands(e entity) []bitrix.Command {
	return []bitrix.Command{
		{Method: "crm.item.fields", Params: bitrix.Params{"entityTypeId": e.id}},
		{Method: "crm.item.list", Params: bitrix.Params{"entityTypeId": e.id, "select": []any{"id"}, "start": -1}},
	}
}

// checkReading tries to read a list of each type.
func (d *doctor) checkReading(ctx context.Context) []finding {
	list, err := d.entities()
	var readable, bare []value.Message
	var out []finding
	if err != nil {
		out = unknown(value.Say("question-of-types"), err)
	}
	for group := range slices.Chunk(list, bitrix.MaxBatch/2) {
		var commands []bitrix.Command
		for _, e := range group {
			commands = append(commands, readingCommands(e)...)
		}
		outcomes, err := d.batch(ctx, commands)
		if err != nil {
			return append(out, unknown(value.Say("question-of-reading"), err)...)
		}
		for i, e := range group {
			fields, rows := outcomes[2*i], outcomes[2*i+1]
			if err := errors.Join(fields.Err, rows.Err); err != nil {
				out = append(out, d.unreadable(e, err)...)
				continue
			}
			readable = append(readable, e.name)
			if isEmptyList(rows.Result) {
				bare = append(bare, e.name)
			}
		}
	}
	if len(bare) > 0 && !d.profile.Admin {
		out = append(note("no-record-shows", value.Ms("types", bare)), out...)
	}
	if len(readable) > 0 {
		out = append(fine("are-readable", value.Ms("types", readable)), out...)
	}
	return out
}

// unreadable is the finding for a type that can't be read. Only a missing right is
// held against the user: the portal can refuse for its pace too.
func (d *doctor) unreadable(e entity, err error) []finding {
	var refusal *bitrix.Error
	if !errors.As(err, &refusal) || refusal.Code != "ACCESS_DENIED" && !bitrix.IsAuth(refusal) {
		return unknown(value.Say("question-of-reading-kind", value.M("name", e.name)), err)
	}
	text := value.Say("reading-is-refused", value.M("name", e.name), value.M("why", said(refusal)))
	hint := value.Say("give-right-to-read", value.M("holder", d.holder()))
	switch {
	case e.needed:
		return one(ui.CheckFail, hint, value.Say("manifests-want-them", value.M("text", text)))
	case len(d.set.Resources) > 0:
		return note("manifests-have-none", value.M("text", text))
	}
	return one(ui.CheckWarn, hint, text)
}

// isEmptyList tells whether crm.item.list found nothing.
func isEmptyList(result json.RawMessage) bool {
	var list struct{ Items []json.RawMessage }
	return json.Unmarshal(result, &list) == nil && len(list.Items) == 0
}
