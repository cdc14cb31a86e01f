package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"

	"github.com/b24apply/b24apply/pkg/value"
)

// A rowChange is the line of a create whose values stand in a row of a table.
type rowChange struct {
	Address value.Address `json:"address"`
	Kind    string        `json:"kind"`
	Action  Action        `json:"action"`
	Source  value.Pos     `json:"source"`
	Row     string        `json:"row"` // the digest
}

// WriteRows is [Write] without the values of creates that are rows of tables: of each stand its
// place and a digest, which begins with a text that nobody can know before.
func WriteRows(w io.Writer, h Header, p *Plan, salt string, isRow func(*Change) bool) (Digests, error) {
	h.Plan, h.Lean, h.Rows = p.head(), nil, salt
	return write(w, h, p, func(c *Change, whole, does []byte) []byte {
		if !isRow(c) {
			return whole
		}
		text, _ := json.Marshal(rowChange{c.Address, c.Kind, c.Action, c.Source, rowDigest(salt, does)}) // it is made of texts and numbers
		return append(text, '\n')
	}, func(digest string) string { return digest })
}

func rowDigest(salt string, does []byte) string {
	h := sha256.New()
	_, _ = h.Write([]byte(salt)) // a hash has no errors
	_, _ = h.Write(does)
	return hex.EncodeToString(h.Sum(nil))
}

// row takes a line that is a row; false for any other.
func (l *reader) row(line []byte) bool {
	var r rowChange
	if json.Unmarshal(line, &r) != nil || r.Row == "" || r.Address == "" || l.changes.Append(&Change{Address: r.Address, Kind: r.Kind, Action: r.Action, Source: r.Source}) != nil {
		return false
	}
	if l.rows == nil {
		l.rows = make(map[int]string)
	}
	l.rows[l.changes.Len()-1] = r.Row
	_, _ = l.file.Write(line) // a hash has no errors
	return true
}

// Does tells whether a change does what change i of the saved plan does. An error is that of
// reading it.
func (s *Saved) Does(i int, c *Change) (bool, error) {
	var e encoder
	_, does := e.both(c)
	if digest, isRow := s.rows[i]; isRow {
		return rowDigest(s.Rows, does) == digest, nil
	}
	was, err := s.Plan.Changes.Change(i)
	if err != nil {
		return false, err
	}
	var other encoder
	_, did := other.both(was)
	return bytes.Equal(does, did), nil
}
