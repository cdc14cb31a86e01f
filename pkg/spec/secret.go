package spec

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/value"
)

// webhookURL matches what would let anyone into a portal: the secret path of an
// incoming webhook.
// Source: local-integrations/local-webhooks.md.
var webhookURL = regexp.MustCompile(`(?i)(https?:(?:\\?/){2}[^\s"'<>]*?/rest\\?/)([0-9]+\\?/[0-9a-z_.~-]+)`)

// redact replaces the secret of every webhook URL in text by stars.
func redact(text string) string {
	if !strings.Contains(text, "/rest") {
		return text
	}
	return webhookURL.ReplaceAllStringFunc(text, func(m string) string {
		parts := webhookURL.FindStringSubmatch(m)
		return parts[1] + strings.Repeat("*", len(parts[2]))
	})
}

// holdsWebhook tells whether text holds a webhook URL.
func holdsWebhook(text string) bool {
	return strings.Contains(text, "/rest") && webhookURL.MatchString(text)
}

// findWebhooks reports each webhook URL in the file, comments included.
func findWebhooks(r *report) {
	data := r.src.data
	for from := 0; ; {
		i := bytes.Index(data[from:], []byte("/rest"))
		if i < 0 {
			return
		}
		n := r.src.lineAt(from + i)
		line := r.src.line(n)
		col, at := 1, 0
		for _, m := range webhookURL.FindAllStringIndex(line, -1) {
			col, at = col+utf8.RuneCountInString(line[at:m[0]]), m[0]
			r.problem(value.Pos{File: r.src.name, Line: n, Col: col}, line[m[0]:m[1]], "secret", value.Say("keep-webhook-in-environment"), value.Say("webhook-in-manifest"))
		}
		_, from = nextLine(data, from+i)
	}
}

// findHiddenWebhooks reports a webhook URL that only the parsed value shows,
// written with escapes or over several lines, or put together from variables. It
// tells whether there is one.
func findHiddenWebhooks(r *report, v *value.Node) bool {
	found := refuseHidden(r, v.Text, v.Pos)
	for i := range v.Items {
		found = findHiddenWebhooks(r, &v.Items[i]) || found
	}
	for i := range v.Pairs {
		p := &v.Pairs[i]
		found = refuseHidden(r, p.Key, p.Pos) || found
		found = findHiddenWebhooks(r, &p.Value) || found
	}
	return found
}

// manyHidden bounds how often a file is searched, since it may be large.
const manyHidden = 100

func refuseHidden(r *report, text string, p value.Pos) bool {
	if !holdsWebhook(text) {
		return false
	}
	if len(r.problems) < manyHidden && bytes.Contains(r.src.data, []byte(webhookURL.FindString(text))) {
		return false // found in the file's text already
	}
	r.problem(p, "", "secret", value.Say("keep-webhook-in-environment"), value.Say("webhook-in-manifest"))
	return true
}
