package spec

import (
	"strconv"

	"github.com/b24apply/b24apply/pkg/value"
)

// A fingerprint is a running FNV-1a of 64 bits, which is the same on every machine.
// Source: http://www.isthe.com/chongo/tech/comp/fnv/.
type fingerprint uint64

const (
	fingerprintStart = 14695981039346656037
	fingerprintPrime = 1099511628211
)

func (f *fingerprint) byte(b byte) { *f = (*f ^ fingerprint(b)) * fingerprintPrime }

// text adds a text and its end.
func (f *fingerprint) text(text string) {
	for i := range len(text) {
		f.byte(text[i])
	}
	f.number(len(text))
}

func (f *fingerprint) number(n int) {
	for ; n >= 0x80; n >>= 7 {
		f.byte(byte(n) | 0x80)
	}
	f.byte(byte(n))
}

// Digest tells whether a resource declares what it has declared at another time: its fields and
// parts as they are written, wherever they stand, in hex. It is no secret keeper.
func (r *Resource) Digest() string {
	f := fingerprint(fingerprintStart)
	f.text(r.Type)
	if r.declared.in != nil {
		u := unpacker{in: r.declared.in, at: int(r.declared.at)}
		for range 2 { // fields and parts
			n := u.number()
			f.number(n)
			for range n {
				u.digestPair(&f)
			}
		}
	}
	return strconv.FormatUint(uint64(f), 16)
}

func (u *unpacker) digestPair(f *fingerprint) {
	f.text(u.in.names[u.number()])
	u.head()
	u.digest(f)
}

// digest adds a value.
func (u *unpacker) digest(f *fingerprint) {
	bits, _ := u.head()
	n := u.number()
	is := value.NodeKind(bits & packedKind)
	f.byte(byte(is))
	switch is {
	case value.List:
		f.number(n)
		for range n {
			u.digest(f)
		}
	case value.Map:
		f.number(n)
		for range n {
			u.digestPair(f)
		}
	default:
		f.byte(bits & packedPlain)
		f.text(u.text(bits, n))
	}
}
