package spec

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// checkWritten finds what YAML makes of a document and its author hardly meant, while
// values are still as they are written: nulls that nobody wrote, and values that end at
// a blank and a #.
func (d *document) checkWritten(c chunk, loose bool) {
	hash := bytes.Contains(c.text, []byte(" #")) || bytes.Contains(c.text, []byte("\t#"))
	escape := bytes.ContainsRune(c.text, '\\')
	if !loose && !hash && !escape {
		return
	}
	d.walkWritten(d.root, nil, value.Pair{Pos: d.root.Pos}, func(v value.Node, path []string, at value.Pair) {
		switch {
		case v.Kind == value.Null && v.Plain:
			d.refuseBlank(v, path, at)
		case hash && v.Kind == value.Scalar && v.Plain:
			d.warnCut(v, path)
		case escape && v.Kind == value.Scalar && !v.Plain:
			d.warnEscape(v, path)
		}
	})
}

// walkWritten visits every scalar and null below v; at is the pair that holds it, or
// the list's.
func (d *document) walkWritten(v value.Node, path []string, at value.Pair, visit func(value.Node, []string, value.Pair)) {
	switch v.Kind {
	case value.List:
		for i, item := range v.Items {
			d.walkWritten(item, append(path, strconv.Itoa(i)), at, visit)
		}
	case value.Map:
		for _, p := range v.Pairs {
			d.walkWritten(p.Value, append(path, p.Key), p, visit)
		}
	default:
		visit(v, path, at)
	}
}

// refuseBlank refuses a null that is not written as null: a key left blank is a line
// that somebody did not finish, and Null may be a surname.
func (d *document) refuseBlank(v value.Node, path []string, at value.Pair) {
	if d.kind.Class == kind.ClassProject && !(len(path) == 5 && path[3] == "vars") {
		return // the schema says what may be left out
	}
	rule, known := d.ruleAt(path)
	if known && rule.Refuse != "" || !known && d.isUnknown(path) {
		return // which is told of the key
	}
	d.markReported(slices.Clone(path))
	pos, text, entry := v.Pos, v.Text, isEntry(path)
	label := d.label(path)
	hint := d.blankHint(path, rule, entry)
	switch cut := gluedComment(d.from(v.Pos)); {
	case text != "":
		if d.isText(path) || d.kind.Class == kind.ClassProject {
			hint = value.Say("or-quote-text", value.M("hint", hint), value.T("text", `"`+text+`"`))
		}
		d.problem(pos, text, "blank", hint, value.Say("stands-for-null", value.T("field", label), value.T("value", text)))
		return
	case cut != "":
		rest := d.from(v.Pos)
		pos.Col += len(rest) - len(bytes.TrimLeft(rest, " \t"))
		hint = value.Say("quote-or-else", value.T("value", quote(cut)), value.M("hint", hint))
		d.problem(pos, cut, "blank", hint, value.Say("value-is-a-comment", value.T("field", label), value.T("comment", quote(cut))))
		return
	case entry:
		pos.Col-- // the dash, or the comma
	default:
		pos, text = at.Pos, at.Key
	}
	d.problem(pos, text, "blank", hint, value.Say("left-blank", value.T("field", label)))
}

func isEntry(path []string) bool {
	if len(path) == 0 {
		return false
	}
	_, err := strconv.Atoi(path[len(path)-1])
	return err == nil
}

// blankHint names the ways out that a place has.
func (d *document) blankHint(path []string, rule kind.Rule, entry bool) value.Message {
	switch {
	case entry && (d.kind.IsHistory() || path[0] != "spec"):
		return value.Say("remove-entry")
	case entry:
		return value.Say("remove-entry-or-empty")
	case d.kind.Class == kind.ClassProject:
		return value.Say("give-variable-or-null")
	case len(path) == 1, len(path) == 2 && path[1] == "fields" && d.kind.HasFields():
		return value.Say("write-below")
	case path[0] != "spec" || d.kind.IsHistory():
		return value.Say("give-value-or-remove")
	case rule.NoClear:
		return value.Say("give-value-or-leave")
	case rule.Type == kind.TypeMultifield && len(path) > 4:
		return value.Say("give-value-or-remove-entry")
	case rule.Multiple || rule.Type == kind.TypeMultifield:
		return value.Say("empty-list-or-leave")
	}
	switch _, isPart := d.kind.Part(path[1]); {
	case isPart && len(path) == 2:
		return value.Say("empty-all-or-leave")
	case !isPart && path[1] != "fields" && d.kind.HasFields():
		return value.Say("give-value-or-remove")
	}
	return value.Say("write-null-or-leave")
}

// ruleAt finds the rule of the field or column at a path.
func (d *document) ruleAt(path []string) (kind.Rule, bool) {
	if len(path) < 2 || path[0] != "spec" {
		return kind.Rule{}, false
	}
	rest := path[1:]
	if d.kind.HasFields() {
		if rest[0] != "fields" {
			return d.columnAt(d.kind.Parts, rest)
		}
		if rest = rest[1:]; len(rest) == 0 {
			return kind.Rule{}, false
		}
	}
	return d.rule(rest[0])
}

// columnAt finds the rule of a column of a part, or of one in it.
func (d *document) columnAt(parts []kind.Part, path []string) (kind.Rule, bool) {
	i := slices.IndexFunc(parts, func(p kind.Part) bool { return len(path) > 0 && p.Name == path[0] })
	if i < 0 {
		return kind.Rule{}, false
	}
	part, rest := parts[i], path[1:]
	if part.Shape != kind.ShapeOne && len(rest) > 0 {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return kind.Rule{}, false
	}
	if rule, ok := part.Column(rest[0]); ok {
		return rule, true
	}
	return d.columnAt(part.Parts, rest)
}

// isUnknown tells whether a path leads to a field that the kind does not have.
func (d *document) isUnknown(path []string) bool {
	if d.kind.Class == kind.ClassRecord {
		return len(path) == 3 && path[1] == "fields" && !userField.MatchString(path[2])
	}
	return d.kind.Class == kind.ClassCatalog && len(path) == 3 && path[1] == "fields" && !(d.kind.Properties && userField.MatchString(path[2]))
}

// gluedComment gives a comment whose # has a text right behind it, which is rarely meant
// as a comment; "" for any other rest of a line.
func gluedComment(rest []byte) string {
	rest = bytes.TrimLeft(rest, " \t")
	if len(rest) < 2 || rest[0] != '#' || strings.IndexByte(" \t#!", rest[1]) >= 0 {
		return ""
	}
	return string(bytes.TrimRight(rest, " \t"))
}

// A cursor is the place of the scalar that was looked at last. Scalars come in the order
// of the text, so that a long line with many of them is read once.
type cursor struct {
	pos    value.Pos
	offset int // in bytes, of pos
	end    int // of its line
}

// from gives the rest of the line from a position on, without copying it.
func (d *document) from(p value.Pos) []byte {
	c := &d.cursor
	if c.pos.Line != p.Line || c.pos.Col > p.Col {
		starts := d.src.lines()
		if p.Line < 1 || p.Line > len(starts) {
			return nil
		}
		c.pos, c.offset = value.Pos{Line: p.Line, Col: 1}, starts[p.Line-1]
		c.end, _ = nextLine(d.src.data, c.offset)
	}
	for c.pos.Col < p.Col && c.offset < c.end {
		_, size := utf8.DecodeRune(d.src.data[c.offset:c.end])
		c.offset += size
		c.pos.Col++
	}
	return d.src.data[c.offset:c.end]
}

// warnCut warns of a plain value that YAML ends at a blank and a #.
func (d *document) warnCut(v value.Node, path []string) {
	rest, ok := d.behind(v)
	comment := bytes.TrimLeft(rest, " \t")
	if !ok || len(comment) == 0 || comment[0] != '#' || len(comment) == len(rest) {
		return
	}
	isNote := len(rest)-len(comment) > 1 || len(bytes.Trim(comment, "# \t")) == 0 || !d.isText(path)
	if gluedComment(rest) == "" && isNote {
		return
	}
	comment = bytes.TrimRight(comment, " \t")
	whole := v.Text + " " + string(comment)
	d.warning(v.Pos, v.Text, "cut",
		value.Say("write-whole-in-quotes", value.T("whole", quote(whole))),
		value.Say("cut-by-comment", value.T("field", d.label(path)), value.T("comment", quote(string(comment))), value.T("value", quote(v.Text))))
}

// isText tells whether a path leads to a text of free form.
func (d *document) isText(path []string) bool {
	rule, known := d.ruleAt(path)
	if !known {
		return len(path) > 2 && path[1] == "fields" && userField.MatchString(path[2])
	}
	return rule.Type == kind.TypeString || rule.Type == kind.TypeText || rule.Type == kind.TypeMarkup || rule.Type == kind.TypeMultifield
}

// behind gives what follows a plain scalar on the line where it ends. It is false if
// the scalar does not stand at its position, as one made from a variable.
func (d *document) behind(v value.Node) ([]byte, bool) {
	line, rest := v.Pos.Line, d.from(v.Pos)
	if after, ok := bytes.CutPrefix(rest, []byte(v.Text)); ok {
		return after, true
	}
	for _, word := range strings.Fields(v.Text) { // a scalar of several lines, which YAML folds
		for rest = bytes.TrimLeft(rest, " \t"); len(rest) == 0; rest = bytes.TrimLeft(rest, " \t") {
			if line++; line > len(d.src.lines()) {
				return nil, false
			}
			rest = d.from(value.Pos{Line: line, Col: 1})
		}
		var ok bool
		if rest, ok = bytes.CutPrefix(rest, []byte(word)); !ok {
			return nil, false
		}
	}
	return rest, true
}

// warnEscape warns of a double-quoted path of Windows, in which YAML reads escapes.
func (d *document) warnEscape(v value.Node, path []string) {
	if !strings.ContainsFunc(v.Text, isOdd) || strings.ContainsRune(v.Text, 0) {
		return
	}
	raw := quoted(d.from(v.Pos))
	if escape := pathEscape(raw); escape != "" {
		if d.escaped == nil {
			d.escaped = make(map[value.Pos]bool)
		}
		d.escaped[v.Pos] = true
		d.warning(v.Pos, raw, "escape", value.Say("escape-backslash"), value.Say("is-an-escape", value.T("field", d.label(path)), value.T("escape", escape), value.T("value", visible(v.Text))))
	}
}

// quoted gives a double-quoted text as it is written, up to the end of the line; ""
// where none begins.
func quoted(rest []byte) string {
	if len(rest) == 0 || rest[0] != '"' {
		return ""
	}
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return string(rest[:i+1])
		}
	}
	return string(rest)
}

// pathEscape finds the escape in a double-quoted text that looks like a backslash of
// somebody's: behind a drive's letter or another backslash, or one that hardly any text has.
func pathEscape(raw string) string {
	drive := len(raw) > 4 && raw[2] == ':' && raw[3] == '\\' && unicode.IsLetter(rune(raw[1]))
	for i := 1; i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		inPath := strings.ContainsRune("ntr", rune(raw[i])) && (drive || wasPath(raw[:i-1]))
		if inPath || strings.ContainsRune("0abefvNLP_", rune(raw[i])) {
			return raw[i-1 : i+1]
		}
	}
	return ""
}

// wasPath tells whether a path has begun in what stands before an escape.
func wasPath(before string) bool {
	word := before[strings.LastIndexAny(before, " \t\"'(")+1:]
	return len(word) == 2 && word[1] == ':' && unicode.IsLetter(rune(word[0])) || strings.Contains(word, `\\`)
}

// isOdd tells whether a character is one that people do not see.
func isOdd(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\u00a0'
}

// visible shows a text on one line, with marks for breaks, tabs and other characters
// that people do not see.
func visible(text string) string {
	const most = 60
	var b strings.Builder
	n := 0
	for _, r := range redact(text) {
		if n++; n > most {
			b.WriteRune('…')
			break
		}
		switch {
		case r == '\n':
			b.WriteRune('⏎')
		case r == '\t':
			b.WriteRune('⇥')
		case isOdd(r):
			fmt.Fprintf(&b, "\\u%04X", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
