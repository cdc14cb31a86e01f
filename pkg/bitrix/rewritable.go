package bitrix

import (
	"regexp"
	"slices"
	"strings"
)

// rewritable holds what the proactive filter looks for beside markup, in lower case: a
// text that holds every part of a row may be rewritten.
var rewritable = [][]string{
	{"../"}, {`..\`},
	{"script:"}, {"expression("}, {"@import"}, {"data:text/html"}, {"document.cookie"},
	{"/*"}, {"union", "select"}, {"select", "from"}, {"insert", "into"}, {"delete", "from"},
	{"drop", "table"}, {"alter", "table"}, {"into", "outfile"}, {"load_file"},
	{"sleep("}, {"benchmark("}, {"char("}, {"concat("}, {"information_schema"},
}

// rewritableLetters are the letters of each row of rewritable: most texts lack one.
var rewritableLetters = func() []uint64 {
	letters := make([]uint64, len(rewritable))
	for i, parts := range rewritable {
		letters[i] = lettersOf(strings.Join(parts, ""))
	}
	return letters
}()

// lettersOf has a bit for each character of a text; some share one.
func lettersOf(s string) (letters uint64) {
	for i := range len(s) {
		letters |= 1 << (s[i] & 63)
	}
	return letters
}

var (
	// tag is how a tag begins; what follows < may also be no name.
	tag = regexp.MustCompile(`<[/!?]?[a-z]{0,12}`)
	// handler is an attribute such as onclick=.
	handler = regexp.MustCompile(`\bon[a-z]{3,}\s*=`)
)

// rewritableBy names the classes of text by which the filter may rewrite s.
func rewritableBy(s string) (classes []string) {
	s = strings.ToLower(s)
	if strings.IndexByte(s, '<') >= 0 {
		for _, t := range tag.FindAllString(s, -1) {
			classes = append(classes, "<"+strings.TrimLeft(t, "</!?"))
		}
	}
	has := lettersOf(s)
	for i, parts := range rewritable {
		if has&rewritableLetters[i] == rewritableLetters[i] && !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(s, part) }) {
			classes = append(classes, strings.Join(parts, " "))
		}
	}
	if strings.IndexByte(s, '=') >= 0 {
		for _, h := range handler.FindAllString(s, -1) {
			classes = append(classes, strings.TrimRight(h, "= \t\r\n"))
		}
	}
	return classes
}
