package diff

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A liveFile is a file of a field. The portal shows no more of it than its id.
type liveFile struct {
	id      int
	link    string // urlMachine, which may hold a token
	content FileContent
	written bool // it was not there when the plan was made
}

// fileCodec: a file, declared as {file: path} and compared by its content. The
// portal shows neither name nor size nor digest of a file, so Fetch downloads the
// files of the fields that declare one. A file that the plan has not seen is one
// that this run has uploaded.
// Source: api-reference/files/how-to-upload-files.md#array and how-to-update-files.md.
type fileCodec struct{ known map[int]FileContent }

func (fileCodec) parse(s *scope, v spec.Value) (any, error) {
	a := s.view.set.Attachment(v)
	if a == nil {
		return nil, complain("type", "write {file: path}, with a path below the manifest's folder", "this is no file")
	}
	return a, nil
}

func (c fileCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" || t == "false" || t == "[]" || t == "0" {
		return nil, nil
	}
	f := liveFile{}
	if id, err := strconv.Atoi(t); err == nil {
		f.id = id
	} else {
		row, err := decodeRow(raw)
		if err != nil || row.Int("id") == 0 {
			return nil, fmt.Errorf("the portal's value is not a file")
		}
		f.id, f.link = row.Int("id"), row.Text("urlMachine")
	}
	content, seen := c.known[f.id]
	if content.Fault != "" {
		return nil, fmt.Errorf("file %d cannot be compared: %s", f.id, content.Fault)
	}
	f.content, f.written = content, !seen
	return f, nil
}

func (fileCodec) equal(want, live any) bool {
	w, okW := want.(*spec.Attachment)
	l, okL := live.(liveFile)
	switch {
	case okW && okL:
		return l.written || w.SHA256 == l.content.SHA256
	case okL:
		other, ok := want.(liveFile)
		return ok && other.id == l.id
	}
	return want == nil && live == nil
}

// send names a file that stays by its id and uploads any other.
func (fileCodec) send(want, _ any) any {
	switch w := want.(type) {
	case *spec.Attachment:
		return upload{w}
	case liveFile:
		return map[string]any{"id": w.id}
	}
	return ""
}

func (fileCodec) show(_ *scope, v any) any {
	switch f := v.(type) {
	case *spec.Attachment:
		return fmt.Sprintf("%s (%s)", f.Name, sizeText(f.Size))
	case liveFile:
		if f.content.SHA256 == "" {
			return fmt.Sprintf("file %d", f.id)
		}
		return fmt.Sprintf("file %d (%s)", f.id, sizeText(f.content.Size))
	}
	return nil
}

func sizeText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1000*1000))
}

// An upload is the wire form of a new file. Its content is read when the request is
// written, so that a plan does not hold it in memory; and since a batch cannot carry
// it, it goes alone.
type upload struct{ *spec.Attachment }

// MarshalJSON gives [name, base64]. It fails if the file has changed since the plan.
func (u upload) MarshalJSON() ([]byte, error) {
	content, err := u.Read()
	if err != nil {
		return nil, err
	}
	return json.Marshal([]string{u.Name, base64.StdEncoding.EncodeToString(content)})
}

// fileListCodec: several files as a whole set. A file that is there already stays,
// by its id; any that is not named is deleted.
type fileListCodec struct{ listCodec }

func (c fileListCodec) send(want, live any) any {
	return c.listCodec.send(c.kept(want, live), nil)
}

// kept gives a declared list with the files in place that are there already.
func (c fileListCodec) kept(want, live any) any {
	free := slices.Clone(anys(live))
	out := slices.Clone(anys(want))
	for k, x := range out {
		if i := slices.IndexFunc(free, func(y any) bool { return c.one.equal(x, y) }); i >= 0 {
			out[k] = free[i]
			free = slices.Delete(free, i, i+1)
		}
	}
	return out
}

// equal pairs files by their content first: one that was just written fits any.
func (c fileListCodec) equal(want, live any) bool {
	open, free := slices.Clone(anys(want)), slices.Clone(anys(live))
	if len(open) != len(free) {
		return false
	}
	open = slices.DeleteFunc(open, func(x any) bool {
		i := slices.IndexFunc(free, func(y any) bool { return sameContent(x, y) })
		if i >= 0 {
			free = slices.Delete(free, i, i+1)
		}
		return i >= 0
	})
	return !slices.ContainsFunc(free, func(y any) bool { return !y.(liveFile).written }) && len(open) == len(free)
}

// holds never takes a file that was just written for one that was to be removed.
func (c fileListCodec) holds(m members, live any) bool {
	open := 0
	for _, x := range anys(m.add) {
		if !slices.ContainsFunc(anys(live), func(y any) bool { return sameContent(x, y) }) {
			open++
		}
	}
	for _, y := range anys(live) {
		if slices.ContainsFunc(anys(m.remove), func(x any) bool { return sameContent(x, y) }) {
			return false
		}
		if f, ok := y.(liveFile); ok && f.written {
			open--
		}
	}
	return open <= 0
}

// sameContent tells whether two files, declared or live, are known to be the same.
func sameContent(a, b any) bool {
	digest := contentOf(a)
	return digest != "" && digest == contentOf(b)
}

func contentOf(v any) string {
	switch f := v.(type) {
	case *spec.Attachment:
		return f.SHA256
	case liveFile:
		return f.content.SHA256
	}
	return ""
}
