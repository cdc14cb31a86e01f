package apply

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/value"
)

var errChanged = value.Err("file-has-changed")

// filesBelow reads files whose folders are named from a folder.
type filesBelow string

// read gives the content of a file that a record is given. It fails if the file is not what it
// was when the plan was made.
func (base filesBelow) read(f value.Value) ([]byte, error) {
	content, err := base.contentOf(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Get("path").Text, err)
	}
	return content, nil
}

func (base filesBelow) contentOf(f value.Value) ([]byte, error) {
	name := f.Get("folder").Text
	if !filepath.IsAbs(name) {
		name = filepath.Join(string(base), filepath.FromSlash(name))
	}
	folder, err := safefile.Below(name)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	content, err := folder.Read(f.Get("file").Text, int64(f.Get("size").Int()))
	if large := (*safefile.SizeError)(nil); errors.As(err, &large) {
		return nil, errChanged
	}
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != f.Get("sha256").Text {
		return nil, errChanged
	}
	return content, nil
}
