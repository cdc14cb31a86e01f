package plan

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"

	"github.com/b24apply/b24apply/pkg/value"
)

// A saved plan is lines of JSON: a [Header], each change, and an end:
//
//	{"end":{"changes":2,"counts":{…}},"plan":"…","file":"…"}
//
// The last of the two digests covers everything in front of it, so that no byte can be
// another one, and none can be missing.
const (
	endPrefix  = `{"end":`
	fileMember = `,"file":"`
	endSuffix  = "\"}\n"
	tailLength = len(fileMember) + 2*sha256.Size + len(endSuffix)
)

// maxLine bounds one change, in bytes; records with many product rows are the largest.
const maxLine = 64 << 20

// An end is the last line without the digest of the file.
type end struct {
	End struct {
		Changes int            `json:"changes"`
		Counts  map[Action]int `json:"counts"` // what is counted only among them
	} `json:"end"`
	Plan string `json:"plan"`
}

// A digest covers what a plan does, and knows changes as JSON.
type digest struct {
	hash.Hash
	encoder
}

func newDigest(p *Plan, m Mode) *digest {
	d := &digest{Hash: sha256.New()}
	head, _ := json.Marshal(struct {
		Portal, Owner string
		Mode          Mode
	}{p.Portal, p.Owner, m}) // it is made of texts and numbers
	_, _ = d.Write(append(head, '\n')) // a hash has no errors
	return d
}

// add gives the line of a change, and that of what it does; both are good until the next one.
func (d *digest) add(c *Change) (line, does []byte) {
	line, does = d.both(c)
	_, _ = d.Write(does) // a hash has no errors
	return line, does
}

func (d *digest) text() string { return hex.EncodeToString(d.Sum(nil)) }

// Write saves a plan; the header need hold no format, version and plan. Each line is one
// Write to w, and an error of it names the change. Nothing is complete before Write has returned.
func Write(w io.Writer, h Header, p *Plan) (Digests, error) {
	h.Plan, h.Lean, h.Rows = p.head(), nil, ""
	return write(w, h, p, func(_ *Change, whole, _ []byte) []byte { return whole }, func(digest string) string { return digest })
}

// WriteLean is Write without any value; see [Header.Lean].
func WriteLean(w io.Writer, h Header, p *Plan, key Key) (Digests, error) {
	h.Plan, h.Lean, h.Rows = p.leanHead(), key.Lean(), ""
	return write(w, h, p, key.lean, key.Digest)
}

// write saves a plan with lines that are made of its changes, and with what keeps of its digest.
func write(w io.Writer, h Header, p *Plan, line func(c *Change, whole, does []byte) []byte, keeps func(digest string) string) (Digests, error) {
	h.Format, h.Version = SavedFormat, savedWhole
	if h.Rows != "" {
		h.Version = SavedVersion
	}
	file, does := sha256.New(), newDigest(p, h.Mode)
	out := io.MultiWriter(file, w)
	if err := writeLine(out, h); err != nil {
		return Digests{}, err
	}
	for c, err := range p.Changes.Glance().All() {
		if err == nil {
			whole, what := does.add(c)
			_, err = out.Write(line(c, whole, what))
		}
		if err != nil {
			return Digests{}, saving(c, err)
		}
	}
	var e end
	e.End.Changes, e.End.Counts, e.Plan = p.Changes.Len(), p.Counts(), keeps(does.text())
	text, err := json.Marshal(&e)
	if err != nil {
		return Digests{}, err
	}
	text = text[:len(text)-1]
	_, _ = file.Write(text) // a hash has no errors
	sum := hex.EncodeToString(file.Sum(nil))
	_, err = w.Write(append(append(append(text, fileMember...), sum...), endSuffix...))
	return Digests{Plan: e.Plan, File: sum}, err
}

func saving(c *Change, err error) error {
	if c == nil {
		return err
	}
	return fmt.Errorf("%s: %w", c.Address, err)
}

func writeLine(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// Read reads what Write has written, the changes into a Source of its own, and gives it if
// every byte is as it was written. Otherwise the error is an [Unusable], or that of the file
// system. The caller closes the plan's changes, and tells it the facts of its kinds by
// [Plan.Know].
func Read(r io.Reader, where Spool) (saved *Saved, err error) {
	l := reader{in: bufio.NewReaderSize(r, 1<<16), file: sha256.New(), changes: NewSource(where)}
	defer func() {
		if err != nil {
			_ = l.changes.Close() // the first error counts
		}
	}()
	saved = &Saved{}
	if saved.Header, err = l.header(); err != nil {
		return nil, err
	}
	for {
		line, err := l.line()
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(line, []byte(endPrefix)) {
			saved.Sums, err = l.end(line)
			saved.Plan.Changes, saved.Plan.Digest, saved.MACs, saved.rows = l.changes, saved.Sums.Plan, l.macs, l.rows
			return saved, err
		}
		if saved.Rows != "" && l.row(line) {
			continue
		}
		if err := l.change(line, saved.Lean != nil); err != nil {
			return nil, err
		}
	}
}

// ReadHeader reads the first line alone, which says what the file claims to be. Nothing of
// it is verified.
func ReadHeader(r io.Reader) (Header, error) {
	l := reader{in: bufio.NewReaderSize(r, 1<<16), file: sha256.New()}
	return l.header()
}

// A reader reads a saved plan.
type reader struct {
	in      *bufio.Reader
	file    hash.Hash // of what was read
	changes *Source
	macs    []MAC // of a lean plan
	rows    map[int]string
}

func (l *reader) header() (h Header, err error) {
	line, err := l.line()
	if err != nil {
		return h, err
	}
	var form struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
		Tool    string `json:"tool"`
	}
	if err := json.Unmarshal(line, &form); err != nil || form.Format != SavedFormat {
		return h, &Unusable{Code: "PLAN_DAMAGED", Message: value.Say("is-no-saved-plan")}
	}
	if form.Version > SavedVersion {
		return h, &Unusable{Code: "PLAN_NEWER", Message: value.Say("plan-of-newer-version", value.N("version", form.Version), value.N("known", SavedVersion), value.Q("tool", form.Tool))}
	}
	if err := json.Unmarshal(line, &h); err != nil || h.Plan == nil || h.Version < 1 || h.Plan.Changes.Len() > 0 {
		return h, damaged()
	}
	_, _ = l.file.Write(line) // a hash has no errors
	return h, nil
}

func (l *reader) change(line []byte, lean bool) error {
	if lean {
		c, mac, err := readLean(line)
		if err != nil {
			return err
		}
		_, _ = l.file.Write(line) // a hash has no errors
		l.macs = append(l.macs, mac)
		return l.changes.Append(c)
	}
	var c Change
	if err := json.Unmarshal(line, &c); err != nil || c.Address == "" {
		return damaged()
	}
	_, _ = l.file.Write(line) // a hash has no errors
	return l.changes.Append(&c)
}

// end verifies the last line, behind which there is nothing.
func (l *reader) end(line []byte) (Digests, error) {
	if len(line) < tailLength {
		return Digests{}, damaged()
	}
	head := line[:len(line)-tailLength]
	_, _ = l.file.Write(head) // a hash has no errors
	sum := hex.EncodeToString(l.file.Sum(nil))
	if string(line[len(head):]) != fileMember+sum+endSuffix {
		return Digests{}, damaged()
	}
	var e end
	if err := json.Unmarshal(line, &e); err != nil || e.End.Changes != l.changes.Len() {
		return Digests{}, damaged()
	}
	if _, err := l.in.ReadByte(); !errors.Is(err, io.EOF) {
		return Digests{}, damaged()
	}
	return Digests{Plan: e.Plan, File: sum}, nil
}

// line reads up to the end of a line, with it. It is good until the next one.
func (l *reader) line() ([]byte, error) {
	var long []byte
	for {
		part, err := l.in.ReadSlice('\n')
		switch {
		case err == nil && long == nil:
			return part, nil
		case err == nil:
			return append(long, part...), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, cutOff(err)
		case len(long) > maxLine:
			return nil, damaged()
		}
		long = append(long, part...)
	}
}

// cutOff tells a file that ends too early from one that cannot be read.
func cutOff(err error) error {
	var system *fs.PathError
	switch {
	case errors.As(err, &system):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Unusable{Code: "PLAN_DAMAGED", Message: value.Say("plan-is-cut-off")}
	}
	return damaged() // of the compression
}

func damaged() error {
	return &Unusable{Code: "PLAN_DAMAGED", Message: value.Say("plan-is-damaged")}
}
