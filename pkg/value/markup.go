package value

import (
	"html"
	"regexp"
	"strings"
)

// markupCodec: text that the portal rewrites when it is saved: it stores comments,
// content and terms as BBCode. It turns simple HTML into tags, prints tags in upper
// case, escapes &, < and >, and removes what it does not keep. Two texts are the same
// if their normal forms are; what the portal would remove is refused.
// Source: api-reference/crm/universal/object-fields.md (comments), crm-item-add.md.
type markupCodec struct{ textCodec }

func (c markupCodec) Parse(n Names, d Node) (Value, error) {
	if lost := lostMarkup(d.Text); lost != "" {
		hint := "use-bbcode"
		if lost[0] == '<' {
			hint = "use-bbcode-or-entity"
		}
		return Value{}, Bad("markup", "lost-markup", hint, T("tag", shortened(lost)))
	}
	return c.textCodec.Parse(n, d)
}

func (markupCodec) Same(want, live Value) bool {
	return want.Text == live.Text || normalText(want.Text) == normalText(live.Text)
}

func (markupCodec) Key(v Value) string { return normalText(v.Text) }

func (markupCodec) Traits() Traits {
	return Traits{Text: true, Rewritten: true, Listed: true, Plain: true}
}

// lostMarkup finds what the portal would remove from a text, or "".
func lostMarkup(s string) string {
	if !strings.ContainsAny(s, "<&[") {
		return "" // as most texts
	}
	if comment := htmlIgnored.FindString(s); comment != "" {
		return comment
	}
	for _, tag := range htmlTag.FindAllString(bbLinks(s), -1) {
		if _, kept := bbOf[htmlName(tag)]; !kept {
			return tag
		}
	}
	return lostTags.FindString(unescaped(s))
}

// normalText gives the form in which texts are compared: simple HTML and BBCode
// alike, without entities, without blanks where they show nothing, and with an
// address that is its own label as plain text, since portals make links of those.
func normalText(s string) string {
	s = bbTags.ReplaceAllStringFunc(unescaped(strings.ReplaceAll(s, "\r\n", "\n")), func(tag string) string {
		name, rest, found := strings.Cut(tag, "=")
		if !found {
			return strings.ToUpper(tag)
		}
		return strings.ToUpper(name) + "=" + rest
	})
	s = bbLink.ReplaceAllStringFunc(s, func(link string) string {
		if m := bbLink.FindStringSubmatch(link); m[1] == "" || m[1] == m[2] {
			return m[2]
		}
		return link
	})
	s = lineEnds.ReplaceAllString(s, "\n")
	return strings.TrimRight(blockTags.ReplaceAllString(s, "$1"), "\n\t ")
}

// unescaped gives a text as BBCode without entities. Tags first: an entity of < is
// no tag.
func unescaped(s string) string {
	s = htmlTag.ReplaceAllStringFunc(bbLinks(s), func(tag string) string {
		bb, kept := bbOf[htmlName(tag)]
		switch {
		case !kept:
			return tag
		case bb == "\n" || tag[1] != '/':
			return bb
		case bb == "[*]":
			return "" // an entry of a list ends where the next one begins
		}
		name, _, _ := strings.Cut(bb[1:], "=")
		return "[/" + strings.TrimSuffix(name, "]") + "]"
	})
	return html.UnescapeString(s)
}

// bbLinks turns links and images, which have an address, into tags.
func bbLinks(s string) string {
	s = htmlImage.ReplaceAllString(s, "[IMG]${1}[/IMG]")
	s = htmlLink.ReplaceAllString(s, "[URL=${1}]")
	return htmlLinkEnd.ReplaceAllString(s, "[/URL]")
}

func htmlName(tag string) string { return strings.ToLower(htmlTag.FindStringSubmatch(tag)[1]) }

// bbOf gives the BBCode of simple HTML.
var bbOf = map[string]string{
	"b": "[B]", "strong": "[B]", "i": "[I]", "em": "[I]", "u": "[U]",
	"s": "[S]", "del": "[S]", "strike": "[S]",
	"p": "[P]", "br": "\n", "ul": "[LIST]", "ol": "[LIST=1]", "li": "[*]",
}

var (
	htmlIgnored = regexp.MustCompile(`(?is)<(?:script|style)\b[^>]*>|</(?:script|style)\s*>|<!--.*?-->`)
	htmlLink    = regexp.MustCompile(`(?is)<a\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)["']?[^>]*>`)
	htmlLinkEnd = regexp.MustCompile(`(?i)</a\s*>`)
	htmlImage   = regexp.MustCompile(`(?is)<img\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)["']?[^>]*>`)
	htmlTag     = regexp.MustCompile(`(?s)</?([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>`)
	bbTags      = regexp.MustCompile(`(?i)\[/?(?:b|i|u|s|list|\*|img|url|p)(?:=[^\]]*)?\]`)
	bbLink      = regexp.MustCompile(`\[URL(?:=([^\]]*))?\]([^\[\]]*)\[/URL\]`)
	lineEnds    = regexp.MustCompile(`[ \t]+\n`)
	blockTags   = regexp.MustCompile(`\s*(\[/?(?:LIST(?:=[^\]]*)?|P|\*)\])\s*`)
	// lostTags are those that the portal removes from a text.
	lostTags = regexp.MustCompile(`(?i)\[/?(?:user|code|quote|color|size|font|background|table|tr|td|th|left|right|center|justify|disk file|video|audio|spoiler|cut|h[1-6]|attach|mention)(?:\s*[ =][^\]]*)?\]`)
)
