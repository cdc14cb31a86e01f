package plan

import (
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/value"
)

// SavedFormat names the files of saved plans, SavedVersion their newest form. A form in
// which something matters that an older program would pass by is a new one.
const (
	SavedFormat  = "b24apply/plan"
	SavedVersion = 2

	// savedWhole is the form of a file that holds all values, or none: an older program reads it.
	savedWhole = 1
)

// A Header is the first line of a saved plan: what it is a plan of, and what for. It holds
// no credential.
type Header struct {
	Format  string    `json:"format"` // SavedFormat
	Version int       `json:"version"`
	Tool    string    `json:"tool,omitempty"` // the version of the program that made it
	Made    time.Time `json:"made,omitzero"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Commit  string    `json:"commit,omitempty"` // of the repository of the manifests
	// Portal tells portals apart that people call by one name: a digest of where it is.
	Portal string `json:"portal,omitempty"`
	Mode   Mode   `json:"mode"`
	Inputs Inputs `json:"inputs,omitzero"`
	// Forgotten are the changes whose values were erased since the plan was made.
	Forgotten []value.Address `json:"forgotten,omitempty"`
	Plan      *Plan           `json:"plan"` // all of it but its changes; what stays as it is is counted
	// Lean, if set, says that the file holds no values: a change is its address, kind and action, with
	// an HMAC of the rest, for comparing it with one that was made anew.
	Lean *Lean `json:"lean,omitempty"`
	// Rows, if set, says that creates of rows of tables hold no values: a digest, which begins with
	// this text, compares each with one that was made anew of its row.
	Rows string `json:"rows,omitempty"`
}

// A Mode is what a plan is for, and what the command line that made it allows.
type Mode struct {
	Command    string           `json:"command"`      // that carries it out: "apply"
	Of         string           `json:"of,omitempty"` // the run that it is about; "" for none
	Prune      bool             `json:"prune,omitempty"`
	Select     []string         `json:"select,omitempty"`  // patterns of what it is about; all without one
	Exclude    []string         `json:"exclude,omitempty"` // patterns of what it is not about
	SeesAll    bool             `json:"seesAll,omitempty"`
	LookAlikes bool             `json:"lookAlikes,omitempty"`
	Guards     map[string]Bound `json:"guards,omitempty"` // by what they bound: create, update, delete, refused, or perKind.deal.delete
	// DryRunOnly says that nothing may be written in the environment of the plan.
	DryRunOnly bool `json:"dryRunOnly,omitempty"`
}

// A Bound is a limit of a guard; nil bounds nothing.
type Bound struct {
	Max     *int     `json:"max,omitempty"`
	Percent *float64 `json:"percent,omitempty"` // 0 to 100
	Floor   *int     `json:"floor,omitempty"`   // so few are allowed whatever the percentage
	Flag    bool     `json:"flag,omitempty"`    // the command line has set it, instead of the project
}

// Inputs tell what a plan was made of, so that it can be compared.
type Inputs struct {
	Named     []string `json:"named,omitempty"`     // the manifests as the command line named them
	Files     []Input  `json:"files,omitempty"`     // manifests and project file, by their paths from the folder of the project
	Variables []Input  `json:"variables,omitempty"` // those of the command line and of the process, by name
	Tables    []Input  `json:"tables,omitempty"`    // whose rows are declared, by their paths from the same folder
	Salt      string   `json:"salt,omitempty"`      // of the digests of variables
}

// An Input is a file or a variable, with a SHA-256 in hex.
type Input struct {
	Name   string `json:"name"`
	Digest string `json:"sha256"`
}

// A Saved is a plan that was read from a file.
type Saved struct {
	Header
	Sums Digests
	MACs []MAC          // of the changes of a lean plan, in their order
	rows map[int]string // the digests of changes that are rows
}

// Digests are two SHA-256, in hex.
type Digests struct {
	// Plan is that of what is done: of portal, owner, mode and changes, without times,
	// places in files, and what only people read of records. Two plans that do the same have the same.
	Plan string `json:"plan"`
	File string `json:"file"` // of all that stands before it
}

// An Unusable is why a saved plan is not used.
type Unusable struct {
	Code    string // stable
	Message value.Message
	Args    []value.Arg // of the hint
}

func (u *Unusable) Error() string { return u.Says().String() }

// Says is the fact, for people.
func (u *Unusable) Says() value.Message {
	return value.Say("plan-is-unusable", value.T("code", u.Code), value.M("message", u.Message))
}

// Remedy is what to do about it.
func (u *Unusable) Remedy() value.Message { return value.Do(u.Code, u.Args...) }

// Unlisted counts records that stay as they are, of one kind and store.
type Unlisted struct {
	Kind  string `json:"kind"`
	Store int    `json:"store,omitempty"` // see kind.Kind.StoreNumber
	Count int    `json:"count"`
}

// unlisted counts what stays as it is, in the order of the plan.
func (p *Plan) unlisted() []Unlisted {
	out := slices.Clone(p.Unlisted)
	at := make(map[Unlisted]int)
	for u := range p.Unchanged.All() {
		key := Unlisted{Kind: u.Kind, Store: u.EntityTypeID}
		if u.Facts != nil {
			key.Store = u.Facts.StoreNumber(u.EntityTypeID)
		}
		if _, known := at[key]; !known {
			at[key] = len(out)
			out = append(out, key)
		}
		out[at[key]].Count++
	}
	return out
}

// head is a plan without its changes.
func (p *Plan) head() *Plan {
	head := *p
	head.Changes, head.Unchanged, head.Unlisted, head.Digest = nil, nil, p.unlisted(), ""
	return &head
}

// DigestOf gives the digest of what a plan does; see [Digests]. The error is that of the
// plan's file.
func (p *Plan) DigestOf(m Mode) (string, error) {
	d := newDigest(p, m)
	for c, err := range p.Changes.Glance().All() {
		if err != nil {
			return "", err
		}
		d.add(c)
	}
	return d.text(), nil
}

func withoutFolder(v value.Value) value.Value {
	parts := make([]value.Part, 0, len(v.Parts))
	for _, p := range v.Parts {
		if p.Name != "folder" {
			parts = append(parts, value.Part{Name: p.Name, Value: withoutFolder(p.Value)})
		}
	}
	v.Parts = parts
	return v
}
