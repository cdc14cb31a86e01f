package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/value"
)

// Lean tells by which key the HMACs of a lean plan were made, without telling the key.
type Lean struct {
	Check string `json:"check"` // the HMAC of a fixed text, in hex
}

// A Key makes the HMACs of lean plans. Who has none learns nothing of the values, few as there may
// be of them.
type Key []byte

// A MAC is an HMAC-SHA-256.
type MAC [sha256.Size]byte

// The texts that stand before what is authenticated, so that none can stand for another.
const (
	checkText  = "b24apply/key"
	changeText = "b24apply/change\x00"
	digestText = "b24apply/plan\x00"
)

// Lean is what a header says of the key.
func (k Key) Lean() *Lean { return &Lean{Check: k.hex(checkText)} }

// Made tells whether the HMACs of a lean plan are of this key.
func (k Key) Made(l *Lean) bool { return hmac.Equal([]byte(l.Check), []byte(k.hex(checkText))) }

// Of is the HMAC of what a change does: of all that the digest of a plan covers.
func (k Key) Of(c *Change) MAC {
	var e encoder
	_, does := e.both(c)
	return k.of(does)
}

func (k Key) of(does []byte) MAC { return k.mac(append([]byte(changeText), does...)) }

// Digest is what stands for the digest of a plan in a lean file.
func (k Key) Digest(of string) string { return k.hex(digestText + of) }

func (k Key) hex(text string) string {
	m := k.mac([]byte(text))
	return hex.EncodeToString(m[:])
}

func (k Key) mac(text []byte) (m MAC) {
	h := hmac.New(sha256.New, k)
	_, _ = h.Write(text) // a hash has no errors
	h.Sum(m[:0])
	return m
}

// A leanChange is a line of a lean plan.
type leanChange struct {
	Address value.Address `json:"address"`
	Kind    string        `json:"kind"`
	Action  Action        `json:"action"`
	MAC     string        `json:"mac"`
}

// lean is the line of a change.
func (k Key) lean(c *Change, _, does []byte) []byte {
	m := k.of(does)
	text, _ := json.Marshal(leanChange{c.Address, c.Kind, c.Action, hex.EncodeToString(m[:])}) // it is made of texts
	return append(text, '\n')
}

// leanHead is what a lean file says of a plan: whose it is, and how much stays as it is.
func (p *Plan) leanHead() *Plan {
	return &Plan{Owner: p.Owner, Project: p.Project, Env: p.Env, Portal: p.Portal, Unlisted: p.unlisted()}
}

// readLean reads a line of a lean plan.
func readLean(line []byte) (*Change, MAC, error) {
	var l leanChange
	var m MAC
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, m, damaged()
	}
	sum, err := hex.DecodeString(l.MAC)
	if err != nil || len(sum) != len(m) || l.Address == "" {
		return nil, m, damaged()
	}
	copy(m[:], sum)
	return &Change{Address: l.Address, Kind: l.Kind, Action: l.Action}, m, nil
}
