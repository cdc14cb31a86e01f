package plan

import "github.com/b24apply/b24apply/pkg/value"

// CodeAlike is the code of a create beside a record that looks the same.
const CodeAlike = "LOOKS_ALIKE"

// Alike is a record of the portal that looks like one which the plan creates, and that
// neither this project nor another one has marked.
type Alike struct {
	ID    string   `json:"id"`
	Title string   `json:"title,omitempty"` // what people call it
	By    []string `json:"by"`              // the fields in which both are alike, as they are declared
	// Named tells that the portal takes the record for what match looks for, where we see a
	// difference.
	Named bool `json:"named,omitempty"`
}

// Says names the record and what it has alike.
func (a Alike) Says() value.Message {
	by := value.L("by", a.By)
	record := value.T("id", a.ID)
	switch {
	case a.Named && a.Title == "":
		return value.Say("portal-names-record", record, by)
	case a.Named:
		return value.Say("portal-names-titled-record", record, value.Q("title", a.Title), by)
	case a.Title == "":
		return value.Say("record-looks-alike", record, by)
	}
	return value.Say("titled-record-looks-alike", record, value.Q("title", a.Title), by)
}

// Unlooked counts creates of one kind beside which a record that looks the same may not have
// been seen.
type Unlooked struct {
	Kind    string        `json:"kind"`
	Plural  string        `json:"plural"` // what people call the records of the kind
	Creates int           `json:"creates"`
	Why     value.Message `json:"why"`
}

// Says how many creates were not looked at, and why.
func (u Unlooked) Says() value.Message {
	return value.Say("creates-not-looked-at", value.N("n", u.Creates), value.K("kinds", u.Kind, u.Plural), value.M("why", u.Why))
}

// BesideAlike says that so many creates stand beside a record that looks the same.
func BesideAlike(creates int) value.Message {
	return value.Say("created-beside-alike", value.N("n", creates))
}

// Alikes counts the creates beside a record that looks the same.
func (p *Plan) Alikes() int {
	n := 0
	for _, e := range p.Changes.Entries() {
		if e.Alike {
			n++
		}
	}
	return n
}
