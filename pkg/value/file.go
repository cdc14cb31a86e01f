package value

import (
	"fmt"
	"slices"
	"strconv"
)

// fileCodec: a file, declared as {file: path} and compared by its content. A declared one
// is an empty text with the attributes of Names.File, a live one the id that the portal
// gave it. The portal shows neither name nor size nor digest of a file; Recall adds what
// was read of it.
// Source: api-reference/files/how-to-upload-files.md#array and how-to-update-files.md.
type fileCodec struct{ base }

// A File is what is known of a file's content.
type File struct {
	Size   int64  // bytes
	SHA256 string // in hex
}

// An Upload is the wire form of a declared file: whoever sends it reads the content.
type Upload struct{ File Value }

// Recall gives live files what is known of their contents. One of which nothing was known
// when the plan was made was written since.
func Recall(v Value, known func(id string) (File, bool)) Value {
	if v.Form == FormList {
		out := make([]Value, len(v.Parts))
		for i, p := range v.Parts {
			out[i] = Recall(p.Value, known)
		}
		return Listed(out...)
	}
	if v.Form != FormText || v.Text == "" {
		return v
	}
	f, ok := known(v.Text)
	if !ok {
		return Text(v.Text, Part{"new", Text("Y")})
	}
	return Text(v.Text, Part{"sha256", Text(f.SHA256)}, Part{"size", Text(strconv.FormatInt(f.Size, 10))})
}

// Recalled tells what a value that Recall gave knows of a file.
func (v Value) Recalled(id string) (File, bool) {
	if v.Form == FormText && v.Text == id && v.Get("new").IsEmpty() {
		size, _ := strconv.ParseInt(v.Get("size").Text, 10, 64)
		return File{Size: size, SHA256: v.Get("sha256").Text}, true
	}
	if v.Form == FormList {
		for _, p := range v.Parts {
			if f, ok := p.Value.Recalled(id); ok {
				return f, true
			}
		}
	}
	return File{}, false
}

func (c fileCodec) Parse(n Names, d Node) (Value, error) {
	path, ok := d.File()
	if n == nil && ok {
		return Text("", Part{"path", Text(path)}), nil
	}
	var f Value
	if n != nil {
		f = n.File(d)
	}
	if f.IsEmpty() {
		return Value{}, Bad("type", "no-file", "write-a-file", shape(d))
	}
	return f, nil
}

func (fileCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if isNone(t) || t == "[]" {
		return Value{}, nil
	}
	if n, err := strconv.Atoi(t); err == nil {
		return Text(strconv.Itoa(n)), nil
	}
	if row, ok := object(raw); ok {
		if id := PlainText(row["id"]); allDigits(id) && id != "0" {
			return Text(id), nil
		}
	}
	return Value{}, Err("live-is-no-file")
}

func isLiveFile(v Value) bool { return v.Form == FormText && v.Text != "" }

func isWritten(v Value) bool { return !v.Get("new").IsEmpty() }

func (fileCodec) Same(want, live Value) bool {
	switch {
	case want.IsEmpty() || live.IsEmpty():
		return want.Form == live.Form
	case isLiveFile(want):
		return want.Text == live.Text
	}
	return isLiveFile(live) && (isWritten(live) || sameContent(want, live))
}

// sameContent tells whether two files, declared or live, are known to be the same.
func sameContent(a, b Value) bool {
	digest := a.Get("sha256").Text
	return digest != "" && digest == b.Get("sha256").Text
}

// Wire names a file that stays by its id and uploads any other.
func (fileCodec) Wire(want, _ Value) any {
	switch {
	case want.IsEmpty():
		return ""
	case isLiveFile(want):
		return map[string]any{"id": want.Int()}
	}
	return Upload{want}
}

func (fileCodec) Show(_ Names, v Value) Shown {
	if v.IsEmpty() {
		return Shown{}
	}
	text := v.Get("name").Text
	if isLiveFile(v) {
		text = "file " + v.Text
	}
	digest, bytes := v.Get("sha256").Text, v.Get("size").Text
	if digest == "" {
		return Shown{Text: text}
	}
	size, _ := strconv.ParseInt(bytes, 10, 64)
	return InParts(text, Bracketed, P(PartSize, SizeText(size)), P(PartBytes, bytes), P(PartSHA256, digest))
}

// SizeText writes a number of bytes for people.
func SizeText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1000*1000))
}

// Declare gives null for a file of the portal: its content stands in no manifest.
func (fileCodec) Declare(_ Names, v Value) Node {
	path := v.Get("path")
	if path.IsEmpty() {
		return Node{}
	}
	return Node{Kind: Map, Pairs: []Pair{{Key: "file", Value: scalar(path)}}}
}

func (fileCodec) Schema() map[string]any { return map[string]any{"type": []any{"object", "null"}} }

func (fileCodec) Traits() Traits { return Traits{Set: true, File: true, Listed: true} }

// fileListCodec: several files as a whole set. A file that is there already stays,
// by its id; any that is not named is deleted.
type fileListCodec struct{ listCodec }

func (c fileListCodec) Wire(want, live Value) any {
	return c.listCodec.Wire(c.After(want, live), Value{})
}

// After gives a declared list with the files in place that are there already.
func (c fileListCodec) After(want, live Value) Value {
	free, out := entriesOf(live), entriesOf(want)
	for k, x := range out {
		if i := slices.IndexFunc(free, func(y Value) bool { return c.one.Same(x, y) }); i >= 0 {
			out[k] = free[i]
			free = slices.Delete(free, i, i+1)
		}
	}
	return Listed(out...)
}

// Same pairs files by their content first: one that was just written fits any.
func (c fileListCodec) Same(want, live Value) bool {
	open, free := entriesOf(want), entriesOf(live)
	if len(open) != len(free) {
		return false
	}
	open = slices.DeleteFunc(open, func(x Value) bool {
		i := slices.IndexFunc(free, func(y Value) bool { return sameContent(x, y) })
		if i >= 0 {
			free = slices.Delete(free, i, i+1)
		}
		return i >= 0
	})
	return !slices.ContainsFunc(free, func(y Value) bool { return !isWritten(y) }) && len(open) == len(free)
}

// holds never takes a file that was just written for one that was to be removed.
func (c fileListCodec) holds(m Value, live Value) bool {
	open, files := 0, entriesOf(live)
	for _, x := range entriesOf(m.Get("add")) {
		if !slices.ContainsFunc(files, func(y Value) bool { return sameContent(x, y) }) {
			open++
		}
	}
	for _, y := range files {
		if slices.ContainsFunc(entriesOf(m.Get("remove")), func(x Value) bool { return sameContent(x, y) }) {
			return false
		}
		if isWritten(y) {
			open--
		}
	}
	return open <= 0
}
