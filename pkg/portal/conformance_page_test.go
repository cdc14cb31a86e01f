package portal

import (
	"cmp"
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A fact is what one page of the official documentation says about a method,
// without a word of its text.
type fact struct {
	Method string            `json:"method"`
	Family string            `json:"family"`
	Page   string            `json:"page,omitempty"`
	Params []documentedParam `json:"params,omitempty"`
	Answer map[string]string `json:"answer,omitempty"` // JSON types by path, such as "null|string", from the example of a success
	Errors []string          `json:"errors,omitempty"` // codes
}

// A documentedParam is a parameter or, as "fields.title", a part of one.
type documentedParam struct {
	Name     string `json:"name"`
	Type     string `json:"type,omitempty"`
	Required bool   `json:"required,omitempty"`
	Entity   string `json:"entity,omitempty"` // entityTypeId of the tab that names it, or "spa"
}

// A pageReader collects the facts of a page line by line.
type pageReader struct {
	fact    fact
	section string // heading of level two
	prefix  string // of the parameters in the current subsection, such as "fields."
	entity  string
	errors  bool // in the table of error codes
	fence   []string
	fenced  bool
	json    bool // the fence is marked as JSON
}

var (
	methodInTitle = regexp.MustCompile(`\b[a-z]+(?:\.[A-Za-z]+)+\b`)
	paramHeading  = regexp.MustCompile(`(?i)^#{3,4}\s+(?:parameter\s+([A-Za-z_]+)|([A-Za-z_]+)\s+parameter)\s*(?:\{.*)?$`)
	paramRow      = regexp.MustCompile(`^\s*\|\|\s*\*\*([A-Za-z][A-Za-z0-9_]*)(\^\*\^)?\*\*\s*(\*|\^\*\^|\\\*)?`)
	paramType     = regexp.MustCompile("^\\s*\\[?`([A-Za-z_.]+(?:\\[\\])?)`")
	entityOfTab   = regexp.MustCompile("entityTypeId:\\*\\*\\s*(?:`(\\d+)`|\\S)")
	tableStart    = regexp.MustCompile(`^\s*#\|\s*$`)
	tabOfList     = regexp.MustCompile(`^- \S`)
	errorRow      = regexp.MustCompile("^\\s*\\|\\|\\s*(?:`?\\d{3}`?\\s*\\|\\s*)?(?:`([A-Za-z0-9_]+)`|Empty (?:string|value))\\s*\\|")
	httpStatus    = regexp.MustCompile(`^[2-5]\d\d$`)
)

// readPage returns the facts of a page, or false if it describes no method.
func readPage(name string, text []byte) (fact, bool) {
	lines := strings.Split(string(text), "\n")
	r := &pageReader{fact: fact{Page: name, Method: methodOfPage(name, lines[0])}}
	if r.fact.Method == "" {
		return fact{}, false
	}
	for i, line := range lines {
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1]
		}
		r.line(line, next)
	}
	slices.Sort(r.fact.Errors)
	r.fact.Errors = slices.Compact(r.fact.Errors)
	return r.fact, true
}

// methodOfPage returns the method in a page's title. Methods of one word are
// known by the page's name, and so are those that no title names.
func methodOfPage(name, title string) string {
	if names := methodInTitle.FindAllString(title, -1); len(names) > 0 {
		return names[len(names)-1]
	}
	word := strings.TrimSuffix(path.Base(name), ".md")
	if word = strings.ReplaceAll(word, "-", "."); familyOf(word) != "" {
		return word
	}
	return ""
}

func (r *pageReader) line(line, next string) {
	trimmed := strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(trimmed, "```"):
		r.toggle(trimmed)
	case r.fenced:
		r.fence = append(r.fence, line)
	case strings.HasPrefix(line, "#") && !tableStart.MatchString(line):
		r.heading(line)
	case strings.HasPrefix(r.section, "Error Handling"):
		r.code(line)
	case r.prefix != "-" && strings.HasPrefix(r.section, "Method Parameters"):
		r.param(line, next)
	}
}

// toggle begins or ends a fenced block. The first JSON block of the answers is
// the example of a success.
func (r *pageReader) toggle(trimmed string) {
	if !r.fenced {
		r.fenced, r.json, r.fence = true, strings.HasPrefix(trimmed, "```json"), nil
		return
	}
	r.fenced = false
	if !r.json || r.fact.Answer != nil || !strings.HasPrefix(r.section, "Response") {
		return
	}
	var example map[string]any
	if json.Unmarshal([]byte(strings.Join(r.fence, "\n")), &example) != nil {
		return
	}
	if _, ok := example["result"]; ok {
		r.fact.Answer = typesOf(example)
	}
}

// heading notes where the page is. A subsection about anything but a parameter
// holds no parameters.
func (r *pageReader) heading(line string) {
	title := strings.TrimLeft(line, "# ")
	if strings.HasPrefix(line, "## ") || strings.HasPrefix(title, "Response ") {
		r.section, r.prefix, r.entity, r.errors = strings.TrimSpace(title), "", "", false
		return
	}
	r.errors = strings.Contains(line, "Possible Error")
	r.entity, r.prefix = "", "-"
	if m := paramHeading.FindStringSubmatch(line); m != nil {
		r.prefix = m[1] + m[2] + "."
	}
}

// code reads a row of the table of errors. Some pages have only an HTTP status
// where others write that the code is empty.
func (r *pageReader) code(line string) {
	m := errorRow.FindStringSubmatch(line)
	if m == nil || !r.errors {
		return
	}
	r.fact.Errors = append(r.fact.Errors, httpStatus.ReplaceAllString(m[1], ""))
}

func (r *pageReader) param(line, next string) {
	if tabOfList.MatchString(line) {
		r.entity = ""
	}
	if m := entityOfTab.FindStringSubmatch(line); m != nil {
		r.entity = cmp.Or(m[1], "spa")
	}
	m := paramRow.FindStringSubmatch(line)
	if header := strings.HasPrefix(strings.TrimSpace(next), "`type`"); m == nil || header || m[1] == "parameter" {
		return
	}
	p := documentedParam{Name: r.prefix + m[1], Required: m[2]+m[3] != "", Entity: r.entity}
	if t := paramType.FindStringSubmatch(next); t != nil {
		p.Type = t[1]
	}
	if !slices.Contains(r.fact.Params, p) {
		r.fact.Params = append(r.fact.Params, p)
	}
}

// typesOf lists the JSON types of all parts of an answer. Elements of a list
// share the path "[]", and so do the members of objects whose keys are numbers or
// languages. Names of custom fields and types, parents and properties differ from portal to
// portal, and the settings of a custom field from type to type: they are left out,
// and so is what they hold.
func typesOf(v any) map[string]string {
	types := make(map[string][]string)
	collectTypes(types, "", v)
	delete(types, "")
	joined := make(map[string]string, len(types))
	for at, names := range types {
		joined[at] = strings.Join(names, "|")
	}
	return joined
}

var (
	customName = regexp.MustCompile(`^(?i:uf_?crm|uf_|parent_?id_?\d|property\d|rest_\d)`)
	numberKey  = regexp.MustCompile(`^\d+$`)
	byLanguage = regexp.MustCompile(`(?i:_?(label|message|languageId)$)`)
	byType     = regexp.MustCompile(`(\.SETTINGS|^result\.field\.settings|^result\.fields\[\]\.settings)$`)
)

func collectTypes(types map[string][]string, at string, v any) {
	add := func(name string) {
		if !slices.Contains(types[at], name) {
			types[at] = append(types[at], name)
			slices.Sort(types[at])
		}
	}
	switch v := v.(type) {
	case nil:
		add("null")
	case bool:
		add("boolean")
	case float64:
		add("number")
	case string:
		add("string")
	case []any:
		add("array")
		for _, element := range v {
			collectTypes(types, at+"[]", element)
		}
	case map[string]any:
		add("object")
		for _, key := range slices.Sorted(maps.Keys(v)) {
			collectMember(types, at, key, v[key])
		}
	}
}

func collectMember(types map[string][]string, at, key string, v any) {
	switch {
	case customName.MatchString(key), byType.MatchString(at):
		return
	case numberKey.MatchString(key), byLanguage.MatchString(at):
		at += "[]"
	case at != "":
		at += "." + key
	default:
		at = key
	}
	collectTypes(types, at, v)
}
