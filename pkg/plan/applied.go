package plan

import (
	"bufio"
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Applied remembers, for fields whose policy yields to people, what this tool applied
// last, as keyed digests: enough to tell that a value was changed, and nothing that
// could be read. It belongs to one goroutine. A nil Applied knows nothing.
type Applied struct {
	salt    []byte
	records map[recordKey]map[string]string // digests by field
}

// A recordKey names a record among those of all portals that a project is applied to.
type recordKey struct {
	portal           string // host
	entityTypeID, id int
}

// NewApplied makes an empty one.
func NewApplied() *Applied {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails, as its documentation promises
	return &Applied{salt: salt, records: make(map[recordKey]map[string]string)}
}

func (a *Applied) Find(portal string, t Trace) (digest string, known bool) {
	if a == nil {
		return "", false
	}
	digest, known = a.records[recordKey{portal, t.EntityTypeID, value.IDNumber(t.ID)}][t.Field]
	return digest, known
}

// ids lists the records, of any portal, of which something is remembered.
func (a *Applied) IDs() map[kind.RecordID]bool {
	if a == nil {
		return nil
	}
	out := make(map[kind.RecordID]bool, len(a.records))
	for key := range a.records {
		out[kind.RecordID{EntityTypeID: key.entityTypeID, ID: key.id}] = true
	}
	return out
}

func (a *Applied) Digest(portal string, t Trace) string {
	if a == nil {
		return ""
	}
	h := hmac.New(sha256.New, a.salt)
	fmt.Fprintf(h, "%q %d %d %q %q", portal, t.EntityTypeID, value.IDNumber(t.ID), t.Field, t.Value)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// Add remembers what was applied on a portal. It tells whether that is news.
func (a *Applied) Add(portal string, traces []Trace) (news bool) {
	for _, t := range traces {
		key := recordKey{portal, t.EntityTypeID, value.IDNumber(t.ID)}
		if a.records[key] == nil {
			a.records[key] = make(map[string]string)
		}
		digest := a.Digest(portal, t)
		news = news || a.records[key][t.Field] != digest
		a.records[key][t.Field] = digest
	}
	return news
}

// Forget drops what is remembered of a record of a portal. It tells whether that was anything.
func (a *Applied) Forget(portal string, record kind.RecordID) (known bool) {
	key := recordKey{portal, record.EntityTypeID, record.ID}
	_, known = a.records[key]
	delete(a.records, key)
	return known
}

// A Digest is what is remembered of one field of one record: enough to tell that its value
// was changed, for who has the salt, and nothing that could be read.
type Digest struct {
	EntityTypeID int    `json:"t"`
	ID           int    `json:"id"`
	Field        string `json:"f"`
	Digest       string `json:"d"`
}

// AppliedWith makes an empty one whose digests have a salt.
func AppliedWith(salt []byte) *Applied {
	return &Applied{salt: salt, records: make(map[recordKey]map[string]string)}
}

// Salt is what its digests have.
func (a *Applied) Salt() []byte { return a.salt }

// News remembers what was applied on a portal, and gives the digests of what was not known.
func (a *Applied) News(portal string, traces []Trace) (news []Digest) {
	for _, t := range traces {
		if a.Add(portal, []Trace{t}) {
			news = append(news, Digest{t.EntityTypeID, value.IDNumber(t.ID), t.Field, a.Digest(portal, t)})
		}
	}
	return news
}

// Replay remembers what another run has applied on a portal, by its digests with the same
// salt. It tells whether that is news.
func (a *Applied) Replay(portal string, digests []Digest) (news bool) {
	for _, d := range digests {
		key := recordKey{portal, d.EntityTypeID, d.ID}
		if a.records[key] == nil {
			a.records[key] = make(map[string]string)
		}
		news = news || a.records[key][d.Field] != d.Digest
		a.records[key][d.Field] = d.Digest
	}
	return news
}

// appliedFormat is the version of the file format.
const appliedFormat = 1

type appliedHeader struct {
	Format int    `json:"b24apply-applied"`
	Salt   []byte `json:"salt"`
}

type appliedRecord struct {
	Portal       string            `json:"portal"`
	EntityTypeID int               `json:"entityTypeId"`
	ID           int               `json:"id"`
	Fields       map[string]string `json:"fields"`
}

// Write writes it as NDJSON: a header with the salt, then one record a line, sorted.
func (a *Applied) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	if err := e.Encode(appliedHeader{appliedFormat, a.salt}); err != nil {
		return err
	}
	keys := slices.SortedFunc(maps.Keys(a.records), func(x, y recordKey) int {
		return cmp.Or(cmp.Compare(x.portal, y.portal), cmp.Compare(x.entityTypeID, y.entityTypeID), cmp.Compare(x.id, y.id))
	})
	for _, k := range keys {
		if err := e.Encode(appliedRecord{k.portal, k.entityTypeID, k.id, a.records[k]}); err != nil {
			return err
		}
	}
	return nil
}

// ReadApplied reads what Write wrote. An error names the line.
func ReadApplied(r io.Reader) (*Applied, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	var header appliedHeader
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &header) != nil || len(header.Salt) == 0 {
		return nil, cmp.Or(lines.Err(), value.Err("is-not-its-header"))
	}
	if header.Format != appliedFormat {
		return nil, value.Err("format-of-line-is-unknown", value.N("format", header.Format))
	}
	a := &Applied{salt: header.Salt, records: make(map[recordKey]map[string]string)}
	for n := 2; lines.Scan(); n++ {
		var rec appliedRecord
		if err := json.Unmarshal(lines.Bytes(), &rec); err != nil || rec.ID == 0 || rec.Fields == nil {
			return nil, value.Err("line-is-no-record", value.N("line", n))
		}
		a.records[recordKey{rec.Portal, rec.EntityTypeID, rec.ID}] = rec.Fields
	}
	return a, lines.Err()
}

// What a Trace of a part of a record says of it, in the place of a value.
const (
	There = "there"
	Gone  = ""
)
