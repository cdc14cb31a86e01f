package ui

import (
	"errors"
	"io"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A planDocument is a plan for other programs: what a reviewer sees, without what only
// carrying it out needs.
type planDocument struct {
	Format   int                 `json:"formatVersion"`
	Owner    string              `json:"owner"`
	Project  string              `json:"project,omitempty"`
	Env      string              `json:"environment,omitempty"`
	Portal   string              `json:"portal"`
	Unseen   []string            `json:"unseen,omitempty"`
	Digest   string              `json:"digest,omitempty"` // see plan.Digests
	Counts   map[plan.Action]int `json:"counts"`
	Refused  *refusedDocument    `json:"refused,omitempty"`
	Guards   []plan.Guard        `json:"guards,omitempty"` // those beyond which it goes
	Notes    []noteDocument      `json:"notes,omitempty"`
	Unlooked []unlookedDocument  `json:"unlooked,omitempty"`
	// Pipelines are those in which records are moved or made.
	Pipelines []plan.Pipeline  `json:"pipelines,omitempty"`
	ExitCode  *int             `json:"exitCode,omitempty"` // of the command, if it is known
	Error     string           `json:"error,omitempty"`
	Hint      string           `json:"hint,omitempty"`
	Changes   []changeDocument `json:"changes"`
}

type refusedDocument struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type noteDocument struct {
	Code      string          `json:"code"`
	Message   string          `json:"message"`
	Addresses []value.Address `json:"addresses,omitempty"`
	Lines     []string        `json:"lines,omitempty"`
}

type changeDocument struct {
	Address      value.Address   `json:"address"`
	Kind         string          `json:"kind"`
	Action       plan.Action     `json:"action"`
	Reason       string          `json:"reason,omitempty"`
	Code         string          `json:"code,omitempty"`
	Hint         string          `json:"hint,omitempty"`
	ID           string          `json:"id,omitempty"`
	EntityTypeID int             `json:"entityTypeId,omitempty"`
	Title        string          `json:"title,omitempty"`
	Fields       []fieldDocument `json:"fields,omitempty"`
	Deps         []value.Address `json:"deps,omitempty"`
	Steps        []stepDocument  `json:"steps,omitempty"`
	Risk         string          `json:"risk,omitempty"`
	Pointers     []plan.Pointers `json:"pointers,omitempty"`
	Reversible   plan.Reversal   `json:"reversible,omitempty"`   // how far undo takes it back; "" is wholly
	Irreversible []string        `json:"irreversible,omitempty"` // the fields that do not get their former values
	Last         *savesDocument  `json:"last,omitempty"`
	Kept         []fieldDocument `json:"kept,omitempty"`
	Unread       []unreadField   `json:"unread,omitempty"`
	Alike        []alikeDocument `json:"alike,omitempty"`
	Route        any             `json:"route,omitempty"` // of a create, if it is not the ordinary one
	Source       value.Pos       `json:"source"`
}

// A savesDocument tells who did what to a record last.
type savesDocument struct {
	Saved saveDocument `json:"saved,omitzero"`
	Moved saveDocument `json:"moved,omitzero"` // to its stage
}

type saveDocument struct {
	By any    `json:"by,omitempty"`
	At string `json:"at,omitempty"`
}

func savesOf(s *plan.Saves) *savesDocument {
	if s == nil {
		return nil
	}
	of := func(s plan.Save) saveDocument { return saveDocument{inParts(s.By), s.At} }
	return &savesDocument{of(s.Saved), of(s.Moved)}
}

// An unreadField is a field that stays as it is, since its live value cannot be read.
type unreadField struct {
	Field string `json:"field"`
	Why   string `json:"why"`
}

func unreadOf(fields []plan.Unread) (out []unreadField) {
	for _, u := range fields {
		out = append(out, unreadField{u.Field, Text(u.Why)})
	}
	return out
}

// A fieldDocument is a field for people, and in parts for programs.
type fieldDocument struct {
	Name    string            `json:"name"`
	Label   string            `json:"label,omitempty"`
	Type    string            `json:"type"`
	Before  any               `json:"before"`
	After   any               `json:"after"`
	Respelt bool              `json:"respelt,omitempty"`
	Parts   *partsDocument    `json:"parts,omitempty"` // nil if both sides are texts
	List    *value.ListChange `json:"list,omitempty"`
	Note    string            `json:"note,omitempty"`
}

type partsDocument struct {
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}

type stepDocument struct {
	Name  string          `json:"name"`
	Deps  []value.Address `json:"deps,omitempty"`
	After []int           `json:"after,omitempty"`
}

// PlanJSON writes a plan with every change, no-ops included, and the number of
// changes of every action. The error is the writer's, or that of the plan's file.
func PlanJSON(w io.Writer, p *plan.Plan) error {
	return writePlan(w, planHead(p), p)
}

// PlannedJSON is PlanJSON with what the command ends with. Without a plan there are no changes.
func PlannedJSON(w io.Writer, p *Planned) error {
	made := p.Plan
	if made == nil {
		made = &plan.Plan{}
	}
	head := planHead(made)
	head.ExitCode, head.Error, head.Hint = &p.ExitCode, Text(p.Error), Text(p.Hint)
	return writePlan(w, head, made)
}

func writePlan(w io.Writer, head planDocument, p *plan.Plan) error {
	var unread error
	err := writeDocument(w, head, func(yield func(any) bool) {
		for c, err := range p.All() {
			if unread = err; err != nil || !yield(changeOf(c, p.Portal)) {
				return
			}
		}
	})
	return errors.Join(err, unread)
}

func planHead(p *plan.Plan) planDocument {
	head := planDocument{Format: FormatVersion, Owner: p.Owner, Project: p.Project, Env: p.Env, Portal: p.Portal, Digest: p.Digest, Unseen: p.Unseen, Unlooked: unlookedOf(p.Unlooked), Pipelines: p.Pipelines, Guards: p.Guards,
		Counts: everyCount(plan.Actions, p.Counts()), Changes: []changeDocument{}}
	if p.Refused != nil {
		head.Refused = &refusedDocument{p.Refused.Code, Text(p.Refused.Message)}
	}
	for _, n := range p.Notes {
		head.Notes = append(head.Notes, noteDocument{n.Code, Text(n.Message), n.Addresses, texts(n.Lines)})
	}
	return head
}

func changeOf(c *plan.Change, portal string) changeDocument {
	out := changeDocument{Address: c.Address, Kind: c.Kind, Action: c.Action, Reason: Text(c.Reason.Message), Code: c.Reason.Code, Hint: Text(c.Reason.Hint),
		ID: c.ID, EntityTypeID: c.EntityTypeID, Title: c.Title, Fields: fieldsOf(c.Fields), Deps: c.Deps, Risk: Text(c.Risk), Pointers: c.Pointers, Last: savesOf(c.Last), Kept: fieldsOf(c.Kept), Unread: unreadOf(c.Unread), Alike: alikesOf(c, portal), Source: c.Source}
	if c.Route.Imports() {
		out.Route = c.Route
	}
	if back, lost := c.Reversal(); back != plan.ByValues {
		out.Reversible, out.Irreversible = back, lost
	}
	for _, s := range c.Steps {
		out.Steps = append(out.Steps, stepDocument{s.Name, s.Deps, s.After})
	}
	return out
}

func fieldsOf(fields []plan.Field) []fieldDocument {
	out := make([]fieldDocument, len(fields))
	for i, d := range fields {
		d.Before, d.After = Style{}.wordedAlone(d.Before), Style{}.wordedAlone(d.After)
		out[i] = fieldDocument{Name: Style{}.nameOfField(d), Label: d.Label, Type: reported(d.Type), Before: Style{}.worded(d.Before).Plain(), After: Style{}.worded(d.After).Plain(), Respelt: d.Respelt, List: d.List, Note: Text(d.Note)}
		if d.Before.Rest != nil || d.After.Rest != nil {
			out[i].Parts = &partsDocument{inParts(d.Before), inParts(d.After)}
		}
	}
	return out
}

// inParts gives a value as its text, or as an object with text, style and items, and with
// each of its parts under its own name; nil if there is none.
func inParts(v value.Shown) any {
	switch {
	case v.IsEmpty():
		return nil
	case v.Rest == nil:
		return v.Text
	}
	out := make(map[string]any)
	for _, p := range v.Parts() {
		out[p.Name] = inParts(p.Shown)
	}
	if v.Text != "" {
		out["text"] = v.Text
	}
	if v.Style() != value.Alone {
		out["style"] = v.Style()
	}
	if len(v.Items()) > 0 {
		items := make([]any, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = inParts(item)
		}
		out["items"] = items
	}
	return out
}
