package diff

import (
	"encoding/base64"
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A liveFile is a file of a field. The portal shows no more of it than its id.
type liveFile struct {
	id   int
	link string // urlMachine, which may hold a token
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
