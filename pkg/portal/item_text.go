package portal

import (
	"html"
	"regexp"
	"strings"
)

// The markup of comments, contents and terms.
var (
	htmlIgnored = regexp.MustCompile(`(?is)<(?:script|style)\b[^>]*>.*?</(?:script|style)\s*>|<!--.*?-->`)
	htmlLink    = regexp.MustCompile(`(?is)<a\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)["']?[^>]*>`)
	htmlImage   = regexp.MustCompile(`(?is)<img\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)["']?[^>]*>`)
	htmlTag     = regexp.MustCompile(`(?s)<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>`)
	bbTag       = regexp.MustCompile(`(?i)\[/?(?:user|quote|code|color|size|font|background|table|tr|td|th|left|right|center|justify|video|spoiler|cut|h[1-6]|disk file|attach|mention)(?:\s*[= ][^\]]*)?\]`)
)

// bbTags maps HTML tags to the BBCode tags that CRM texts keep.
var bbTags = map[string]string{
	"b": "B", "strong": "B", "i": "I", "em": "I", "u": "U", "s": "S", "del": "S", "strike": "S", "p": "P",
	"ul": "LIST", "ol": "LIST=1", "a": "URL",
}

// toBBCode converts an incoming text to the form in which the CRM stores it:
// HTML becomes BBCode or is dropped, BBCode outside of b, i, u, s, list, *, img,
// url and p is dropped, and &, < and > become entities. Converting a result once
// more changes nothing.
func toBBCode(text string) string {
	text = htmlIgnored.ReplaceAllString(text, "")
	text = htmlImage.ReplaceAllString(text, "[IMG]${1}[/IMG]")
	text = htmlLink.ReplaceAllString(text, "[URL=${1}]")
	text = html.UnescapeString(htmlTag.ReplaceAllStringFunc(text, bbFromTag))
	for range 8 { // a tag may come to light when the one inside of it goes
		stripped := bbTag.ReplaceAllString(text, "")
		if stripped == text {
			break
		}
		text = stripped
	}
	return entities.Replace(text)
}

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func bbFromTag(tag string) string {
	parts := htmlTag.FindStringSubmatch(tag)
	closing, name := parts[1], strings.ToLower(parts[2])
	switch name {
	case "br":
		return "\n"
	case "li":
		if closing == "" {
			return "[*]"
		}
		return ""
	case "a":
		if closing == "" { // a link without a target
			return ""
		}
	}
	bb, ok := bbTags[name]
	if !ok {
		return ""
	}
	if closing != "" {
		bb, _, _ = strings.Cut(bb, "=")
	}
	return "[" + closing + bb + "]"
}
