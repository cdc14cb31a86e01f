// Package sealed writes and reads files that only the holders of a key can read, in the format of
// age (https://age-encryption.org/v1), as a stream. No other package imports age.
package sealed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"filippo.io/age"
)

// magic begins every file of age.
const magic = "age-encryption.org/v1\n"

var (
	// ErrLocked says that no identity opens a file, or that none was given.
	ErrLocked = errors.New("no identity opens it")
	// ErrNoKey says that a text is no key. It quotes nothing, since it may be one of another kind.
	ErrNoKey = errors.New("it is no key of age")
)

// Recipients are those who can read a file. The zero Recipients is nobody.
type Recipients struct{ all []age.Recipient }

// ParseRecipients reads public keys, such as age1ql3z7…. The error is [ErrNoKey].
func ParseRecipients(keys []string) (Recipients, error) {
	var r Recipients
	for _, key := range keys {
		parsed, err := age.ParseRecipients(strings.NewReader(key))
		if err != nil || len(parsed) != 1 {
			return Recipients{}, ErrNoKey
		}
		r.all = append(r.all, parsed...)
	}
	return r, nil
}

// Any tells whether there are recipients.
func (r Recipients) Any() bool { return len(r.all) > 0 }

// NewWriter encrypts to w what is written, if there are recipients. Close ends the file; it does
// not close w.
func (r Recipients) NewWriter(w io.Writer) (io.WriteCloser, error) {
	if !r.Any() {
		return plain{w}, nil
	}
	return age.Encrypt(w, r.all...)
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// Identities open files. The zero Identities opens none.
type Identities struct{ all []age.Identity }

// ParseIdentities reads private keys, one a line, as age-keygen writes them. The error is [ErrNoKey].
func ParseIdentities(text string) (Identities, error) {
	all, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil {
		return Identities{}, ErrNoKey
	}
	return Identities{all}, nil
}

// Is tells whether a file is encrypted, from its first bytes.
func Is(in *bufio.Reader) bool {
	first, _ := in.Peek(len(magic)) // an error comes again when it is read
	return bytes.Equal(first, []byte(magic))
}

// NewReader reads what a file holds, encrypted or not. An error wraps [ErrLocked] if no identity
// opens it.
func (i Identities) NewReader(r io.Reader) (io.Reader, error) {
	in := bufio.NewReader(r)
	if !Is(in) {
		return in, nil
	}
	if len(i.all) == 0 {
		return nil, ErrLocked
	}
	out, err := age.Decrypt(in, i.all...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrLocked
	}
	return out, err
}
