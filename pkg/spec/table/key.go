package table

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/value"
)

// maxName is how many characters the name of a row may have: those of a name in a manifest.
const maxName = 100

// KeyName joins the parts of a key to the name of a row, by which its record is found for
// ever: each part percent-encoded outside letters of any script, digits, "-", "_" and ".",
// joined by "~". The form never changes, since it is what the record's mark holds.
func KeyName(parts ...string) string {
	if len(parts) == 1 && isPlainName(parts[0]) {
		return parts[0]
	}
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('~')
		}
		writeEncoded(&b, part)
	}
	return b.String()
}

func isPlainName(part string) bool {
	for i := range len(part) {
		if !isPlainByte(part[i]) {
			return false
		}
	}
	return true
}

func isPlainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
}

func writeEncoded(b *strings.Builder, part string) {
	const digits = "0123456789ABCDEF"
	for len(part) > 0 {
		r, size := utf8.DecodeRuneInString(part)
		if size == 1 && isPlainByte(part[0]) || size > 1 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			b.WriteString(part[:size])
		} else {
			for _, c := range []byte(part[:size]) {
				b.WriteByte('%')
				b.WriteByte(digits[c>>4])
				b.WriteByte(digits[c&15])
			}
		}
		part = part[size:]
	}
}

// checkName finds what is wrong with the name of a row.
func checkName(name string) *Fault {
	if n := utf8.RuneCountInString(name); n > maxName {
		return bad("key", "long-key", "", quoted("name", name), value.N("n", n), value.N("most", maxName))
	}
	return nil
}
