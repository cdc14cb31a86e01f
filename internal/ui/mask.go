package ui

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Mask puts tokens in the place of what is personal in plans and reports: equal ones for equal
// values, so that what stays and what changes is still seen. Nil masks nothing.
type Mask struct {
	sorts []string
	key   []byte
}

// The sorts of values that a mask hides.
const (
	maskPhones = "phones"
	maskEmails = "emails"
	maskNames  = "names"
)

// MaskSorts are the sorts that NewMask knows.
var MaskSorts = []string{maskPhones, maskEmails, maskNames}

// NewMask makes a mask of sorts with commas between them; "none" gives none. Tokens are the same where the key
// is; without one it is random. It is false for another word.
func NewMask(sorts string, key []byte) (*Mask, bool) {
	if sorts == "none" {
		return nil, true
	}
	m := &Mask{key: key}
	for _, s := range strings.Split(sorts, ",") {
		if s = strings.TrimSpace(s); !slices.Contains(MaskSorts, s) {
			return nil, false
		}
		m.sorts = append(m.sorts, s)
	}
	if len(key) == 0 {
		m.key = make([]byte, 32)
		_, _ = rand.Read(m.key) // it never fails, as its documentation promises
	}
	return m, true
}

func (m *Mask) has(sort string) bool { return slices.Contains(m.sorts, sort) }

// Plan is a plan as the mask lets it be seen; carrying it out is for the plan itself.
func (m *Mask) Plan(p *plan.Plan) *plan.Plan {
	if m == nil || p == nil {
		return p
	}
	seen := *p
	seen.Changes = p.Changes.Through(m.change)
	if p.Unchanged.Len() > 0 {
		seen.Unchanged = plan.NewUnchanged(p.Unchanged.Len(), func(i int) plan.Unchanged {
			u := p.Unchanged.At(i)
			u.Title = m.title(u.Kind, u.Title)
			return u
		})
	}
	seen.Notes = slices.Clone(p.Notes)
	for i := range seen.Notes {
		n := &seen.Notes[i]
		n.Message = m.message(n.Message)
		n.Lines = m.messages(n.Lines)
	}
	return &seen
}

// Planned is what a command ends with as the mask lets it be seen.
func (m *Mask) Planned(p *Planned) *Planned {
	if m == nil {
		return p
	}
	seen := *p
	seen.Plan, seen.Masked = m.Plan(p.Plan), true
	return &seen
}

// Report is a report as the mask lets it be seen.
func (m *Mask) Report(r *apply.Report) *apply.Report {
	if m == nil {
		return r
	}
	seen := *r
	seen.Items = r.Items.Through(m.Plan(r.Items.Plan()), m.outcome)
	seen.Earlier = m.messages(r.Earlier)
	return &seen
}

func (m *Mask) outcome(o *apply.Outcome) {
	o.Error, o.Hint, o.Kept = m.message(o.Error), m.message(o.Hint), m.messages(o.Kept)
}

// change masks a change in place, but for lists that others share.
func (m *Mask) change(c *plan.Change) {
	c.Title = m.title(c.Kind, c.Title)
	c.Risk, c.Reason.Message, c.Reason.Hint = m.message(c.Risk), m.message(c.Reason.Message), m.message(c.Reason.Hint)
	c.Fields, c.Kept, c.Held = m.fields(c.Kind, c.Fields), m.fields(c.Kind, c.Kept), m.fields(c.Kind, c.Held)
	c.Alike = slices.Clone(c.Alike)
	for i := range c.Alike {
		c.Alike[i].Title = m.title(c.Kind, c.Alike[i].Title)
	}
	c.Pointers = slices.Clone(c.Pointers)
	for i := range c.Pointers {
		p := &c.Pointers[i]
		p.First = slices.Clone(p.First)
		for k := range p.First {
			p.First[k].Title = m.title(p.Kind, p.First[k].Title)
		}
	}
	if c.Last != nil {
		c.Last = &plan.Saves{Saved: plan.Save{By: m.user(c.Last.Saved.By), At: c.Last.Saved.At}, Moved: plan.Save{By: m.user(c.Last.Moved.By), At: c.Last.Moved.At}}
	}
}

// people are the kinds whose titles are the names of people.
var people = []string{"Contact", "Lead"}

func (m *Mask) title(kind, title string) string {
	if m.has(maskNames) && slices.Contains(people, kind) {
		return m.token("name", title)
	}
	return m.text(title)
}

func (m *Mask) fields(kind string, fields []plan.Field) []plan.Field {
	out := slices.Clone(fields)
	for i := range out {
		f := &out[i]
		f.Before, f.After, f.Note = m.value(kind, f, f.Before), m.value(kind, f, f.After), m.message(f.Note)
	}
	return out
}

// nameFields are fields that hold the names of people, in records of people.
var nameFields = []string{"name", "lastName", "secondName", "title", "birthdate"}

// value masks a value of a field as its type asks for.
func (m *Mask) value(kind string, f *plan.Field, v value.Shown) value.Shown {
	switch {
	case f.Type.Multi == "PHONE":
		return m.all(maskPhones, "phone", v)
	case f.Type.Multi == "EMAIL":
		return m.all(maskEmails, "email", v)
	case f.Type.Name == "user" || f.Type.Name == "employee":
		return m.user(v)
	case slices.Contains(nameFields, f.Name) && slices.Contains(people, kind):
		return m.all(maskNames, "name", v)
	}
	return m.shown(v, m.text)
}

// all puts a token in the place of each value, if the mask hides its sort.
func (m *Mask) all(sort, word string, v value.Shown) value.Shown {
	if !m.has(sort) {
		return m.shown(v, m.text)
	}
	return m.shown(v, func(text string) string { return m.token(word, text) })
}

// user masks a user, whose id stays.
func (m *Mask) user(v value.Shown) value.Shown {
	if !m.has(maskNames) || v.IsEmpty() {
		return m.shown(v, m.text)
	}
	if v.Rest == nil && strings.Trim(v.Text, "0123456789") == "" {
		return v
	}
	out := m.shown(v, m.text)
	for i := range out.Items() {
		out.Rest.Items[i] = m.user(v.Rest.Items[i])
	}
	if v.Text != "" {
		out.Text = m.token("user", v.Text)
	}
	return out
}

// shown gives a value with each of its texts as of makes it; what stands beside a text is as the mask makes
// any text.
func (m *Mask) shown(v value.Shown, of func(string) string) value.Shown {
	if v.Text != "" {
		v.Text = of(v.Text)
	}
	if v.Rest == nil {
		return v
	}
	rest := *v.Rest
	rest.Says, rest.Parts, rest.Items = m.message(rest.Says), slices.Clone(rest.Parts), slices.Clone(rest.Items)
	for i := range rest.Parts {
		rest.Parts[i].Shown = m.shown(rest.Parts[i].Shown, m.text)
	}
	for i := range rest.Items {
		rest.Items[i] = m.shown(rest.Items[i], of)
	}
	v.Rest = &rest
	return v
}

// What looks like an address of mail or the number of a phone, in any text. A number has a sign, or a zero before it, and
// nine digits or more, so that ids, amounts and dates are none.
var (
	mailInText  = regexp.MustCompile(`[\pL\pN._%+\-]+@[\pL\pN\-]+(?:\.[\pL\pN\-]+)+`)
	phoneInText = regexp.MustCompile(`(?:\+\d|\b00\d|\b0\d|\b8[ (\-]|\(\+\d)[\d ()./\-]{7,}\d`)
)

// text masks what stands inside a text.
func (m *Mask) text(s string) string {
	if m.has(maskEmails) && strings.Contains(s, "@") {
		s = mailInText.ReplaceAllStringFunc(s, func(found string) string { return m.token("email", found) })
	}
	if m.has(maskPhones) {
		s = phoneInText.ReplaceAllStringFunc(s, func(found string) string { return m.token("phone", found) })
	}
	return s
}

func (m *Mask) message(said value.Message) value.Message {
	said.Args = slices.Clone(said.Args)
	for i := range said.Args {
		a := &said.Args[i]
		a.Text, a.Messages = m.text(a.Text), m.messages(a.Messages)
		a.List = slices.Clone(a.List)
		for k := range a.List {
			a.List[k] = m.text(a.List[k])
		}
		if a.Message != nil {
			inner := m.message(*a.Message)
			a.Message = &inner
		}
	}
	return said
}

func (m *Mask) messages(all []value.Message) []value.Message {
	out := slices.Clone(all)
	for i := range out {
		out[i] = m.message(out[i])
	}
	return out
}

// token stands for a value: a word for its sort, and eight digits of a keyed digest of it.
func (m *Mask) token(word, text string) string {
	if text == "" {
		return ""
	}
	h := hmac.New(sha256.New, m.key)
	_, _ = h.Write([]byte(word + "\x00" + text)) // a hash has no errors
	return word + "-" + hex.EncodeToString(h.Sum(nil)[:4])
}
