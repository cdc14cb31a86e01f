package spec

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// QuoteKeyField is the portable code of the user field that holds the mark of
// quotes, which have no field of their own for it.
const QuoteKeyField = "B24APPLY_KEY"

// A Slot says where the records of one kind carry the owner's mark.
type Slot struct {
	Key   kind.KeySlot
	Field string // KeyField: the portable code of the user field
}

// builtInSlot is the slot of a kind where the project says nothing.
func builtInSlot(k *kind.Kind) Slot {
	s := Slot{Key: k.Key}
	if s.Key == kind.KeyField {
		s.Field = QuoteKeyField
	}
	return s
}

// SlotOf gives the slot of a record: what the project's identity says about its
// smart process, or about its kind, else the one that its kind has by itself.
func (p *Project) SlotOf(r *Resource) Slot {
	space, _ := r.Address.Split()
	for _, name := range []string{space, strings.ToLower(r.Kind.Name)} {
		if s, ok := p.Identity[name]; ok {
			return s
		}
	}
	return builtInSlot(r.Kind)
}

// AdoptOf gives the policy of a record: its own, else the project's, else
// AdoptUnowned.
func (p *Project) AdoptOf(r *Resource) AdoptPolicy {
	for _, policy := range []AdoptPolicy{r.Identity.Adopt, p.Adopt} {
		if policy != "" {
			return policy
		}
	}
	return AdoptUnowned
}

// readIdentityOf reads the identity and the adoption policy of a project. What is
// wrong with their form is the schema's affair.
func (p *projectDoc) readIdentityOf(body value.Node) {
	defaults, _ := body.Get("defaults")
	adopt, _ := defaults.Get("adopt")
	p.Adopt = AdoptPolicy(adopt.Text)
	identity, _ := body.Get("identity")
	p.slots = identity.Pairs
	p.Identity = make(map[string]Slot, len(identity.Pairs))
	for _, e := range identity.Pairs {
		slot := Slot{Key: slotNames[e.Value.Text]}
		if field, ok := e.Value.Get("field"); ok {
			slot = Slot{Key: kind.KeyField, Field: field.Text}
		}
		if slot.Key != kind.KeyNone {
			p.Identity[strings.ToLower(e.Key)] = slot
		}
	}
}

// slotNames is how the slots that need no user field are written.
var slotNames = map[string]kind.KeySlot{"origin": kind.KeyOrigin, "xmlId": kind.KeyXMLID}

// checkSlots checks the project's identity: that its keys are kinds or smart
// processes, and that these have the fields of their slot.
func (l *loader) checkSlots(k *linker) {
	if l.project == nil {
		return
	}
	r := &report{src: l.project.src}
	for _, e := range l.project.slots {
		of := l.o.Kinds.OfSpace(e.Key)
		if of == nil || of.Class != kind.ClassRecord {
			r.problem(e.Pos, e.Key, "identity", value.Say("write-kind-such-as-deal"), value.Say("identity-has-no-records", value.T("kind", quote(e.Key))))
			continue
		}
		_, known := k.space(e.Key)
		known = known || slices.ContainsFunc(l.formers, func(f Former) bool { return strings.EqualFold(f.Type, e.Key) })
		if of.Space == "" && !strings.EqualFold(e.Key, of.Name) && !known && k.complete {
			r.problem(e.Pos, e.Key, "identity", k.entityHint(e.Key), value.Say("identity-no-such-kind", value.T("kind", quote(e.Key))))
		}
		if slot := slotNames[e.Value.Text]; slot != kind.KeyNone && slot != of.Key {
			form := value.T("form", "{field: "+QuoteKeyField+"}")
			hint := value.Say("write-form", form)
			for name, key := range slotNames {
				if key == of.Key {
					hint = value.Say("write-slot-or-field", value.T("slot", name), form)
				}
			}
			r.problem(e.Value.Pos, e.Value.Text, "identity", hint, value.Say("identity-no-such-slot", value.K("kinds", of.Name, of.Plural), value.T("slot", e.Value.Text)))
		}
	}
	l.refuse(r.problems...)
}

// checkKeyFields refuses records that declare the field which holds their mark.
func (l *loader) checkKeyFields() {
	var project Project
	if l.project != nil {
		project = l.project.Project
	}
	for _, res := range l.resources {
		code := ""
		if res.Kind.Class == kind.ClassRecord {
			code = project.SlotOf(res).Field
		}
		if code == "" {
			continue
		}
		for _, f := range res.Fields() {
			if f.Name == code || strings.HasSuffix(f.Name, "_"+code) {
				r := &report{src: l.sources[f.Pos.File]}
				r.problem(f.Pos, f.Name, "read-only", value.Say("remove-line"), value.Say("field-is-refused", value.T("field", f.Name), value.M("reason", value.Say("carries-the-mark"))))
				l.refuse(r.problems...)
			}
		}
	}
}
