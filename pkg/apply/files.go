package apply

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/value"
)

var errChanged = value.Err("file-has-changed")

// readFile gives the content of a file that a record is given. It fails if the file is not
// what it was when the plan was made.
func readFile(f value.Value) ([]byte, error) {
	content, err := contentOf(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Get("path").Text, err)
	}
	return content, nil
}

func contentOf(f value.Value) ([]byte, error) {
	folder, err := safefile.Below(f.Get("folder").Text)
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
