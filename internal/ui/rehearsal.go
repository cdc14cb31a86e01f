package ui

import (
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply/rehearse"
	"github.com/b24apply/b24apply/pkg/value"
)

// Rehearsal writes for people how a rehearsal went: what did not go as planned, what would not
// come back, and counts. The error is the writer's.
func Rehearsal(w io.Writer, r *rehearse.Report, s Style) error {
	p := newPrinter(w, s)
	rows := 0
	for _, c := range r.Read {
		rows += c.Rows
	}
	p.line("%s", p.paint(bold, p.say("rehearsed-on-copy", value.T("portal", clean(r.Portal)), value.N("n", r.Records), value.N("rows", rows))))
	for code, methods := range lacksByCode(r.Lacks) {
		p.line("%s", p.paint(yellow, p.say("rehearsal-lacks", value.T("methods", clean(strings.Join(methods, ", "))), value.T("code", clean(code)))))
	}
	if len(r.Unlike) > 0 {
		p.line("%s", p.paint(yellow, p.say("rehearsal-is-unlike", value.T("fields", unlikeText(r.Unlike)))))
	}
	p.steps(r, "rehearsal-applied-not", func(i *rehearse.Item) *rehearse.Step { return i.Applied })
	p.steps(r, "rehearsal-undone-not", func(i *rehearse.Item) *rehearse.Step { return i.Undone })
	p.lost(r)
	for _, n := range r.Notes {
		p.line("%s", p.say("rehearsal-note", value.M("note", n.Message), value.T("code", n.Code)))
		for _, a := range n.Addresses {
			p.line("  %s", clean(string(a)))
		}
	}
	switch {
	case !r.Planned:
		p.line("%s", p.say("rehearsal-not-planned-again"))
	case len(r.Again) == 0:
		p.line("%s", p.say("rehearsal-second-plan-is-empty"))
	default:
		p.line("%s", p.paint(red, p.say("rehearsal-second-plan", value.N("n", len(r.Again)), value.T("first", someOf(r.Again)))))
	}
	var refused value.Message
	if r.Refused > 0 {
		refused = value.Say("rehearsal-and-refused", value.N("n", r.Refused))
	}
	p.line("%s", p.paint(bold, p.say("rehearsal-summary", value.N("n", r.Changes), value.N("well", wellIn(r)), value.M("refused", refused))))
	return p.flush()
}

// lacksByCode gives methods that show nothing by the code of the refusal, in their order.
func lacksByCode(lacks []rehearse.Lack) iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		methods := make(map[string][]string)
		var codes []string
		for _, l := range lacks {
			if methods[l.Code] == nil {
				codes = append(codes, l.Code)
			}
			methods[l.Code] = append(methods[l.Code], l.Method)
		}
		for _, code := range codes {
			if !yield(code, methods[code]) {
				return
			}
		}
	}
}

func wellIn(r *rehearse.Report) (n int) {
	for i := range r.Items {
		if r.Items[i].Resource != "" && r.Items[i].Well() {
			n++
		}
	}
	return n
}

// steps lists what did not go as planned, of one way or the other, each in a sentence.
func (p *printer) steps(r *rehearse.Report, code string, of func(*rehearse.Item) *rehearse.Step) {
	for i := range r.Items {
		item := &r.Items[i]
		step := of(item)
		if step.Well() {
			continue
		}
		p.line("%s", p.paint(red, p.say(code, value.T("status", step.Status), value.T("name", nameOfItem(item)), value.T("code", step.Code),
			value.M("why", step.Error))))
	}
}

// lost lists what does not come back.
func (p *printer) lost(r *rehearse.Report) {
	for i := range r.Items {
		item := &r.Items[i]
		switch name := value.T("name", nameOfItem(item)); {
		case item.Gone:
			p.line("%s", p.paint(red, p.say("rehearsal-is-gone", name)))
		case item.NewID != "":
			p.line("%s", p.say("rehearsal-new-id", name, value.T("was", item.ID), value.T("is", item.NewID)))
		}
		for _, d := range item.Differs {
			p.line("%s", p.paint(red, p.cut(oneLine(p.say("rehearsal-differs", value.T("name", nameOfItem(item)), value.T("field", d.Field),
				value.M("was", valueOr(d.Was)), value.M("is", valueOr(d.Is)))), maxMessage)))
		}
	}
}

// valueOr quotes a value; nothing is said so.
func valueOr(text string) value.Message {
	if text == "" {
		return value.Say("rehearsal-nothing")
	}
	return value.Say("rehearsal-value", value.Q("text", text))
}

func nameOfItem(i *rehearse.Item) string {
	if i.Resource != "" {
		return clean(string(i.Resource))
	}
	text := clean(i.Kind + " " + i.ID)
	if i.Title != "" {
		text += ` "` + clean(i.Title) + `"`
	}
	return text
}

// someOf names the first of many.
func someOf(list []value.Address) string {
	texts := make([]string, 0, 5)
	for _, a := range list[:min(len(list), cap(texts))] {
		texts = append(texts, clean(string(a)))
	}
	return strings.Join(texts, ", ")
}

func unlikeText(list []rehearse.Unlike) string {
	texts := make([]string, len(list))
	for i, u := range list {
		texts[i] = clean(u.Kind + "." + u.Field)
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}

// A rehearsalDocument is a rehearsal for other programs; schemas/rehearsal.schema.json describes
// it.
type rehearsalDocument struct {
	Format   int               `json:"formatVersion"`
	Owner    string            `json:"owner"`
	Env      string            `json:"environment,omitempty"`
	Portal   string            `json:"portal"`
	ExitCode int               `json:"exitCode"`
	Changes  int               `json:"changes"`
	Refused  int               `json:"refused"`
	Records  int               `json:"records"`
	Read     []rehearse.Count  `json:"read"`
	Lacks    []lackDocument    `json:"lacks,omitempty"`
	Unlike   []rehearse.Unlike `json:"unlike,omitempty"`
	Planned  bool              `json:"plannedAgain"`
	Again    []value.Address   `json:"pendingAgain"`
	Notes    []string          `json:"notes,omitempty"`
	Items    []rehearsedItem   `json:"items"`
}

type lackDocument struct {
	Method string `json:"method"`
	Code   string `json:"code,omitempty"`
	Why    string `json:"why"`
}

// A rehearsedItem is an item with its steps in words.
type rehearsedItem struct {
	rehearse.Item
	Applied *rehearsedStep `json:"applied,omitempty"`
	Undone  *rehearsedStep `json:"undone,omitempty"`
}

type rehearsedStep struct {
	rehearse.Step
	Error string `json:"error,omitempty"`
}

// RehearsalJSON writes a rehearsal. The error is the writer's.
func RehearsalJSON(w io.Writer, r *rehearse.Report) error {
	doc := rehearsalDocument{
		Format: FormatVersion, Owner: r.Owner, Env: r.Env, Portal: r.Portal, ExitCode: r.ExitCode(), Changes: r.Changes, Refused: r.Refused, Records: r.Records,
		Read: r.Read, Unlike: r.Unlike, Planned: r.Planned, Again: r.Again, Items: []rehearsedItem{},
	}
	if doc.Again == nil {
		doc.Again = []value.Address{}
	}
	if doc.Read == nil {
		doc.Read = []rehearse.Count{}
	}
	for _, l := range r.Lacks {
		doc.Lacks = append(doc.Lacks, lackDocument{l.Method, l.Code, Text(l.Why)})
	}
	for _, n := range r.Notes {
		doc.Notes = append(doc.Notes, Text(n.Message))
	}
	return writeDocument(w, doc, each(r.Items, func(i *rehearse.Item) any {
		return rehearsedItem{Item: *i, Applied: stepInWords(i.Applied), Undone: stepInWords(i.Undone)}
	}))
}

func stepInWords(s *rehearse.Step) *rehearsedStep {
	if s == nil {
		return nil
	}
	return &rehearsedStep{Step: *s, Error: Text(s.Error)}
}
