package wire

import (
	"encoding/base64"
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// ReadFile gives the content of a declared file, which a value describes by the attributes
// file, folder, name, path, sha256 and size.
type ReadFile func(file value.Value) ([]byte, error)

// wireOf is what a request carries to give a field its declared value.
func (f ReadFile) wireOf(d *plan.Field) any { return f.withContents(d.Codec().Wire(d.Want, d.Live)) }

// withContents puts contents in place of the files that are named.
func (f ReadFile) withContents(wire any) any {
	switch w := wire.(type) {
	case value.Upload:
		return upload{w.File, f}
	case []any:
		for i := range w {
			w[i] = f.withContents(w[i])
		}
	}
	return wire
}

// An upload is the wire form of a new file. Its content is read when the request is
// written, so that a plan does not hold it in memory; and since a batch cannot carry
// it, it goes alone.
type upload struct {
	file value.Value
	read ReadFile
}

// MarshalJSON gives [name, base64]. It fails if the file cannot be read.
func (u upload) MarshalJSON() ([]byte, error) {
	if u.read == nil {
		return nil, value.Err("nothing-reads-files")
	}
	content, err := u.read(u.file)
	if err != nil {
		return nil, err
	}
	return json.Marshal([]string{u.file.Get("name").Text, base64.StdEncoding.EncodeToString(content)})
}
