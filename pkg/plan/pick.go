package plan

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"

	"github.com/b24apply/b24apply/pkg/value"
)

// addressMember is how the line of a change begins.
const addressMember = `{"address":"`

// Pick reads those changes of a saved plan that pick wants, by index and address, and nothing
// else of it. Of the plan no more is verified than that its lines are some. The changes have
// no facts of their kinds.
func Pick(r io.Reader, pick func(i int, a value.Address) bool, take func(i int, c *Change)) error {
	l := reader{in: bufio.NewReaderSize(r, 1<<16), file: sha256.New()}
	if _, err := l.header(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		line, err := l.line()
		if err != nil {
			return err
		}
		if bytes.HasPrefix(line, []byte(endPrefix)) {
			return nil
		}
		name, found := bytes.CutPrefix(line, []byte(addressMember))
		end := bytes.IndexByte(name, '"')
		if !found || end < 0 {
			return damaged()
		}
		if !pick(i, value.Address(name[:end])) {
			continue
		}
		c := &Change{}
		if err := json.Unmarshal(line, c); err != nil {
			return damaged()
		}
		take(i, c)
	}
}
