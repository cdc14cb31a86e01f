package main

import (
	"bufio"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// What a file of items easily gets wrong, and a portal takes under a success answer: a
// delimiter that is another one, cells that are numbers elsewhere, columns that no field has.

// delimiters are what separates cells, by how the command line is told of it.
var delimiters = []struct{ text, flag string }{
	{";", "--delimiter ';'"},
	{"\t", "--items-format tsv"},
	{"|", "--delimiter '|'"},
	{",", "--delimiter ,"},
}

// refuseHeader refuses names of columns that no parameter has: the path of a parameter
// holds no delimiter, and is not empty.
func refuseHeader(header []string) error {
	for i, name := range header {
		if !utf8.ValidString(name) {
			return &failure{code: exitError, err: value.Err("column-is-no-utf-8", value.N("n", i+1)), hint: hintEncoding()}
		}
		if strings.TrimSpace(name) == "" {
			return &failure{code: exitError, err: value.Err("column-has-no-name", value.N("n", i+1)), hint: value.Say("name-column-by-path")}
		}
		for _, d := range delimiters {
			if strings.Contains(name, d.text) {
				return &failure{code: exitError, err: value.Err("column-name-holds-delimiter", value.N("n", i+1), value.Q("name", name)), hint: value.Say("use-flag", value.T("flag", d.flag))}
			}
		}
	}
	return nil
}

func hintEncoding() value.Message { return value.Say("save-items-as-utf-8") }

// skipMark passes by the byte order mark of UTF-8, and refuses that of UTF-16.
func skipMark(in *bufio.Reader) error {
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, err = in.Discard(len(mark))
		return err
	}
	if mark, err := in.Peek(2); err == nil && (string(mark) == "\xff\xfe" || string(mark) == "\xfe\xff") {
		return &failure{code: exitError, err: value.Err("file-is-utf-16"), hint: value.Say("save-as-csv-utf-8")}
	}
	return nil
}

// fieldMethods are methods that write what stands under fields, and nothing without it.
var fieldMethods = regexp.MustCompile(`^(crm\.(item|lead|deal|contact|company|quote)|catalog\.(product|section))\.(add|update)$`)

// refuseEmpty refuses a call that would write a record without a value.
func (c *itemCheck) refuseEmpty(params map[string]any) error {
	if !fieldMethods.MatchString(strings.ToLower(c.method)) {
		return nil
	}
	fields, _ := params["fields"].(map[string]any)
	kind := kindOfCall(c.method, params)
	for name := range fields {
		if !c.isIgnored(kind, name) {
			return nil
		}
	}
	what := value.Say("no-fields")
	if len(fields) > 0 {
		what = value.Say("no-known-field")
	}
	return &failure{code: exitError, err: value.Err("item-writes-empty-record", value.M("what", what), value.T("method", c.method)), hint: value.Say("name-parameters-by-paths")}
}

// An itemCheck warns of items. It is used by the goroutine that reads them.
type itemCheck struct {
	to     *ui.Door
	method string
	told   map[string]bool // columns that no field has
	cut    int             // values that the portal would cut
}

// maxWarnings is how many values are shown before they are counted only.
const maxWarnings = 5

func (c *itemCheck) look(line int, params map[string]any) {
	fields, _ := params["fields"].(map[string]any)
	kind := kindOfCall(c.method, params)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		c.lookAtName(kind, name)
		if text, ok := fields[name].(string); ok {
			c.lookAtNumber(line, "fields."+name, name, text)
		}
	}
	if rows, ok := params["productRows"].([]any); ok {
		for i, row := range rows {
			columns, _ := row.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(columns)) {
				if text, ok := columns[name].(string); ok {
					c.lookAtNumber(line, fmt.Sprintf("productRows[%d].%s", i, name), name, text)
				}
			}
		}
	}
}

func (c *itemCheck) warn(said, hint value.Message) {
	_ = ui.Warning(c.to, said, hint, c.to.Style()) // a warning ends nothing, be it told or not
}

// close tells how many values were not shown.
func (c *itemCheck) close() {
	if more := c.cut - maxWarnings; more > 0 {
		c.warn(value.Say("more-are-no-numbers", value.N("n", more)), value.Message{})
	}
}

var (
	plainNumber  = regexp.MustCompile(`^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(\|[A-Za-z]{3})?\s*$`)
	decimalComma = regexp.MustCompile(`^\s*[+-]?[0-9]+,[0-9]+\s*$`)
	keptNumber   = regexp.MustCompile(`^\s*[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)`)
)

// lookAtNumber warns of a value of which the portal would keep the digits up to the first
// character that is none. In a user field, whose type is not known, a decimal comma tells.
func (c *itemCheck) lookAtNumber(line int, path, name, text string) {
	isNumber := numbers[name]
	isOwn := strings.HasPrefix(strings.ToUpper(name), "UF")
	switch {
	case text == "" || plainNumber.MatchString(text):
		return
	case !isNumber && !(isOwn && decimalComma.MatchString(text)):
		return
	}
	if c.cut++; c.cut > maxWarnings {
		return
	}
	kept := strings.TrimSpace(keptNumber.FindString(text))
	if kept == "" {
		kept = "0"
	}
	warning := "would-be-cut-if-number"
	if isNumber {
		warning = "would-be-cut"
	}
	c.warn(value.Say(warning, value.N("line", line), value.T("path", path), value.Q("text", text), value.T("kept", kept)), value.Say("write-with-point"))
}

// olderForm is how the older methods write the name of a field.
var olderForm = kind.OlderForm

// numbers are the names of fields and columns that are numbers, as today's methods and the
// older ones call them.
var numbers = func() map[string]bool {
	all := make(map[string]bool)
	add := func(rules []kind.Rule) {
		for _, r := range rules {
			if r.Type == kind.TypeDouble || r.Type == kind.TypeInteger {
				all[r.Name], all[olderForm(r.Name)] = true, true
			}
		}
	}
	for _, k := range kind.All() {
		add(k.Fields)
		for _, p := range k.Parts {
			if p.Name == kind.ProductsPart {
				add(p.Columns)
			}
		}
	}
	return all
}()

// lookAtName warns once of a name under fields that the kind does not have: the portal
// ignores it.
func (c *itemCheck) lookAtName(kind *kind.Kind, name string) {
	if c.told[name] || !c.isIgnored(kind, name) {
		return
	}
	hint := spec.FieldHint(kind, name)
	if _, known := kind.Field(name); known {
		hint = value.Say("did-you-mean-older-form", value.T("name", olderForm(name)))
	}
	if near, ok := spec.Suggest(name, fieldNames(kind)); ok && hint.IsZero() {
		hint = value.Say("did-you-mean-field", value.Q("near", near))
	}
	c.told[name] = true
	c.warn(value.Say("portal-ignores-field", value.T("name", name), value.K("kinds", kind.Name, kind.Plural)), hint)
}

// isIgnored tells whether a kind has no field of a name, as its method calls fields. Of the
// older methods only today's names are known to be none.
func (c *itemCheck) isIgnored(kind *kind.Kind, name string) bool {
	upper := strings.ToUpper(name)
	if kind == nil || strings.HasPrefix(upper, "UF") || strings.HasPrefix(upper, "PARENT") || name == "fm" {
		return false
	}
	_, known := kind.Field(name)
	if strings.HasPrefix(strings.ToLower(c.method), "crm.item.") {
		return !known
	}
	return known && olderForm(name) != name
}

func fieldNames(k *kind.Kind) []string {
	names := make([]string, len(k.Fields))
	for i, r := range k.Fields {
		names[i] = r.Name
	}
	return names
}

// kindOfCall gives the kind of the records that a call writes; nil where it is not known,
// as for smart processes.
func kindOfCall(method string, params map[string]any) *kind.Kind {
	parts := strings.Split(strings.ToLower(method), ".")
	if !fieldMethods.MatchString(strings.ToLower(method)) || parts[0] != "crm" {
		return nil
	}
	for _, k := range kind.BuiltIn().Records() {
		if parts[1] == strings.ToLower(k.Name) || parts[1] == "item" && k.EntityTypeID != 0 && fmt.Sprint(params["entityTypeId"]) == strconv.Itoa(k.EntityTypeID) {
			return k
		}
	}
	return nil
}

// checked looks at an item before it is sent.
func (c *itemCheck) checked(line int, it bitrix.Item) bitrix.Item {
	if it.Err != nil {
		return it
	}
	c.look(line, it.Params)
	if err := c.refuseEmpty(it.Params); err != nil {
		it.Err = &badItem{err}
	}
	return it
}
