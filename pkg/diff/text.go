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
	s = htmlLinks.ReplaceAllString(s, "[URL=$1]$2[/URL]")
	s = htmlTags.ReplaceAllStringFunc(s, func(tag string) string {
		m := htmlTags.FindStringSubmatch(tag)
		bb := bbOf[strings.ToLower(m[2])]
		switch {
		case bb == "\n" || m[1] == "":
			return bb
		case bb == "[*]":
			return "" // an entry of a list ends where the next one begins
		}
		name, _, _ := strings.Cut(bb[1:], "=")
		return "[/" + strings.TrimSuffix(name, "]") + "]"
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

// bbOf gives the BBCode of simple HTML.
var bbOf = map[string]string{
	"b": "[B]", "strong": "[B]", "i": "[I]", "em": "[I]", "u": "[U]",
	"s": "[S]", "del": "[S]", "strike": "[S]",
	"p": "[P]", "br": "\n", "ul": "[LIST]", "ol": "[LIST=1]", "li": "[*]",
}

var (
	htmlLinks = regexp.MustCompile(`(?is)<a\s+href=["']([^"']*)["'][^>]*>(.*?)</a>`)
	htmlTags  = regexp.MustCompile(`(?i)<(/?)(b|i|u|s|del|strike|strong|em|br|p|ul|ol|li)\s*/?>`)
	htmlAny   = regexp.MustCompile(`(?i)</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>`)
	htmlKept  = regexp.MustCompile(`(?i)^</?(?:b|i|u|s|del|strike|strong|em|br|p|ul|ol|li|a)(?:\s[^<>]*)?/?>$`)
	bbTags    = regexp.MustCompile(`(?i)\[/?(?:b|i|u|s|list|\*|img|url|p)(?:=[^\]]*)?\]`)
	// lostTags are those that the portal removes from a text.
	lostTags = regexp.MustCompile(`(?i)\[/?(?:user|code|quote|color|size|font|table|tr|td|th|left|right|center|justify|disk file|video|audio)(?:[ =][^\]]*)?\]`)
)
