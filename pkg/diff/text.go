package diff

import (
	"html"
	"regexp"
	"strings"
)

// The portal stores the text of comments, content and terms as BBCode: it turns
// simple HTML into tags, prints tags in upper case, escapes &, < and >, and drops
// trailing line ends. normalText brings a declared text and a stored one to the
// same form, so that neither is a difference.
// Source: api-reference/crm/universal/object-fields.md (comments), crm-item-add.md.
func normalText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = htmlTags.ReplaceAllStringFunc(s, func(tag string) string {
		m := htmlTags.FindStringSubmatch(tag)
		closing, name := m[1] != "", strings.ToUpper(m[2])
		switch {
		case name == "BR":
			return "\n"
		case name == "P" && closing:
			return "\n"
		case name == "P":
			return ""
		case name == "STRONG":
			name = "B"
		case name == "EM":
			name = "I"
		}
		if closing {
			return "[/" + name + "]"
		}
		return "[" + name + "]"
	})
	s = bbTags.ReplaceAllStringFunc(s, func(tag string) string {
		name, rest, found := strings.Cut(tag, "=")
		if !found {
			return strings.ToUpper(tag)
		}
		return strings.ToUpper(name) + "=" + rest
	})
	return strings.TrimRight(html.UnescapeString(s), "\n\t ")
}

var (
	htmlTags = regexp.MustCompile(`(?i)<(/?)(b|i|u|s|strong|em|br|p)\s*/?>`)
	lostTags = regexp.MustCompile(`(?i)\[/?(?:user|code|quote|color|size|font|table|tr|td|th|left|right|center|justify|disk file|video|audio)(?:[ =][^\]]*)?\]`)
	bbTags   = regexp.MustCompile(`(?i)\[/?(?:b|i|u|s|list|\*|img|url|p)(?:=[^\]]*)?\]`)
)
