package value

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Folded gives what is left of a text when all is left out in which two names of one thing
// may differ: case, accents, the way in which Unicode composes letters, no-break and other
// blanks, how many there are, and what is not seen. It is for finding what looks the same,
// never for telling that two values are equal.
func Folded(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	blank := false
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.IsSpace(r):
			blank = b.Len() > 0
		case unicode.In(r, unicode.Mn, unicode.Cf, unicode.Cc):
		default:
			if blank {
				b.WriteByte(' ')
				blank = false
			}
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return sharp.Replace(b.String())
}

// sharp holds letters of which another spelling is no upper or lower case of one letter.
var sharp = strings.NewReplacer("ß", "ss", "ς", "σ", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ı", "i")

// Tidied gives a text as people write it who mind no details: composed letters, and single
// plain blanks.
func Tidied(text string) string {
	return strings.Join(strings.Fields(norm.NFC.String(text)), " ")
}
