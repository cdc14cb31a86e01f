package diff

import (
	"bufio"
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

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

func (a *Applied) find(portal string, t Trace) (digest string, known bool) {
	if a == nil {
		return "", false
	}
	digest, known = a.records[recordKey{portal, t.EntityTypeID, number(t.ID)}][t.Field]
	return digest, known
}

// ids lists the records, of any portal, of which something is remembered.
func (a *Applied) ids() map[RecordID]bool {
	if a == nil {
		return nil
	}
	out := make(map[RecordID]bool, len(a.records))
	for key := range a.records {
		out[RecordID{EntityTypeID: key.entityTypeID, ID: key.id}] = true
	}
	return out
}

func (a *Applied) digest(portal string, t Trace) string {
	if a == nil {
		return ""
	}
	h := hmac.New(sha256.New, a.salt)
	fmt.Fprintf(h, "%q %d %d %q %q", portal, t.EntityTypeID, number(t.ID), t.Field, t.Value)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// Add remembers what was applied on a portal. It tells whether that is news.
func (a *Applied) Add(portal string, traces []Trace) (news bool) {
	for _, t := range traces {
		key := recordKey{portal, t.EntityTypeID, number(t.ID)}
		if a.records[key] == nil {
			a.records[key] = make(map[string]string)
		}
		digest := a.digest(portal, t)
		news = news || a.records[key][t.Field] != digest
		a.records[key][t.Field] = digest
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
		return nil, cmp.Or(lines.Err(), errors.New("line 1: this is not its header"))
	}
	if header.Format != appliedFormat {
		return nil, fmt.Errorf("line 1: format %d is not known to this version", header.Format)
	}
	a := &Applied{salt: header.Salt, records: make(map[recordKey]map[string]string)}
	for n := 2; lines.Scan(); n++ {
		var rec appliedRecord
		if err := json.Unmarshal(lines.Bytes(), &rec); err != nil || rec.ID == 0 || rec.Fields == nil {
			return nil, fmt.Errorf("line %d: this is no record", n)
		}
		a.records[recordKey{rec.Portal, rec.EntityTypeID, rec.ID}] = rec.Fields
	}
	return a, lines.Err()
}

// trace notes a live value of the field.
func traceOf(d *FieldDiff, entityTypeID int, id string, live value.Value) Trace {
	return Trace{EntityTypeID: entityTypeID, ID: id, Field: d.Name, Value: codecOf(d).Key(live)}
}

// A tracer is a call that can tell what its fields held when it was verified.
type tracer interface {
	traces(row Row, id, entityTypeID int, but []Mismatch) []Trace
}

// Traces gives what a call was verified to hold, the mismatches aside, of the fields
// that are to be remembered.
func Traces(call Call, row Row, id, entityTypeID int, mismatches []Mismatch) []Trace {
	if t, ok := call.(tracer); ok {
		return t.traces(row, id, entityTypeID, mismatches)
	}
	return nil
}

func (r *Ready) traces(row Row, id, entityTypeID int, but []Mismatch) []Trace {
	return tracesOf(slices.Concat(r.fields, r.held), row, id, entityTypeID, but)
}

func (p *productsCall) traces(row Row, id, entityTypeID int, but []Mismatch) []Trace {
	return tracesOf([]FieldDiff{p.field}, row, id, entityTypeID, but)
}

func tracesOf(fields []FieldDiff, row Row, id, entityTypeID int, but []Mismatch) []Trace {
	var out []Trace
	for _, d := range fields {
		if !d.Traced || slices.ContainsFunc(but, func(m Mismatch) bool { return m.Field == d.Name }) {
			continue
		}
		if live, err := readField(&d, row); err == nil {
			out = append(out, traceOf(&d, entityTypeID, idText(id), live))
		}
	}
	return out
}
