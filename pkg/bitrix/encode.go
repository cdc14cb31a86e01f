package bitrix

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Carries reports whether a command of a batch can carry these parameters
// without changing them. A batch turns every value into text and reads it back
// as PHP reads a query string, so these can't be carried, at any depth, and need
// a Call of their own:
//
//   - null, booleans, empty lists and empty maps: a query has no form for them;
//   - text or a key that the portal would take for a reference to another
//     command's result, such as $result[a][id];
//   - text that a portal with the proactive filter may rewrite, since it filters
//     what comes in a batch, but not JSON: markup, paths, scripts, SQL. The list
//     is broader than the filter, so that most of it is a false alarm; see Doubts;
//   - text that is not UTF-8 or holds control characters;
//   - keys that PHP reads differently: empty, with brackets, and on the first
//     level with dots or spaces;
//   - more values than PHP accepts in one query.
//
// Numbers can be carried; the portal gets them as text, which its methods take.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html
func Carries(p Params) bool {
	return (&walker{leaf: ignore}).params(p) == nil
}

func ignore(_, _ string) {}

// carriesText is Carries for one text.
func carriesText(s string) bool { return (&walker{leaf: ignore}).check(s) == nil }

// Doubts names, sorted, the classes of text in the parameters that a portal with the
// proactive filter may rewrite in a batch: "<b" for that tag, "select from", "onclick";
// and "$result" for what reads as a reference to a command that is not there.
// Whether it does shows when one such text is sent in a Command that is AsIs, and read
// again. ok is false if a batch cannot carry the parameters for another reason.
func Doubts(p Params) (classes []string, ok bool) {
	w := walker{leaf: ignore, asIs: true}
	err := w.params(p)
	return slices.Sorted(maps.Keys(w.doubts)), err == nil
}

// Encode writes one command of a batch: the method, and its parameters as a
// query with sorted keys, percent-encoded once. It fails where Carries is false,
// naming the parameter.
func Encode(method string, p Params) (string, error) {
	return encode(Command{Method: method, Params: p})
}

func encode(c Command) (string, error) {
	method := c.Method
	if !methodName.MatchString(method) {
		return "", fmt.Errorf("%q is no method name", method)
	}
	var b strings.Builder
	b.WriteString(method)
	sep := byte('?')
	w := walker{asIs: c.AsIs, leaf: func(name, value string) {
		b.WriteByte(sep)
		b.WriteString(escape(name))
		b.WriteByte('=')
		b.WriteString(escape(value))
		sep = '&'
	}}
	if err := w.params(c.Params); err != nil {
		return "", fmt.Errorf("%s: a batch cannot carry %w", method, err)
	}
	return b.String(), nil
}

// escape percent-encodes everything but letters, digits and -_.~ so that
// nothing depends on how a plus sign is read.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// maxValues is PHP's own default for max_input_vars. What exceeds it is dropped
// without an error.
const maxValues = 1000

// A walker visits the values of parameters in order.
type walker struct {
	leaf   func(name, value string)
	asIs   bool            // text that may be rewritten is no error, and
	doubts map[string]bool // its classes are noted
	count  int
}

func (w *walker) params(p Params) error {
	for _, k := range slices.Sorted(maps.Keys(p)) {
		if err := checkKey(k); err != nil {
			return fmt.Errorf("the parameter name %q: %w", k, err)
		}
		if strings.ContainsAny(k, ". ") {
			return fmt.Errorf("the parameter name %q: a dot or space becomes an underscore", k)
		}
		if err := w.value(k, p[k]); err != nil {
			return err
		}
	}
	return nil
}

// value visits one value. The types that manifests are made of come first; any
// other type is taken by what it is made of.
func (w *walker) value(name string, v any) error {
	switch v := v.(type) {
	case string:
		return w.text(name, v)
	case int:
		return w.text(name, strconv.Itoa(v))
	case map[string]any:
		return w.object(name, v)
	case []any:
		return list(w, name, v)
	case []string:
		return list(w, name, v)
	case []int:
		return list(w, name, v)
	case nil:
		return fmt.Errorf("%s: null", name)
	case json.Marshaler, encoding.TextMarshaler, []byte:
		return fmt.Errorf("%s: a %T", name, v)
	}
	return w.reflected(name, reflect.ValueOf(v))
}

func (w *walker) reflected(name string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		return w.text(name, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return w.text(name, strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return w.text(name, strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return w.text(name, strconv.FormatFloat(f, 'f', -1, v.Type().Bits()))
		}
	case reflect.Slice, reflect.Array:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = v.Index(i).Interface()
		}
		return list(w, name, items)
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			m := make(map[string]any, v.Len())
			for it := v.MapRange(); it.Next(); {
				m[it.Key().String()] = it.Value().Interface()
			}
			return w.object(name, m)
		}
	}
	return fmt.Errorf("%s: a %s", name, v.Type())
}

func (w *walker) object(name string, m map[string]any) error {
	if len(m) == 0 {
		return fmt.Errorf("%s: an empty map", name)
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if err := checkKey(k); err != nil {
			return fmt.Errorf("%s: the key %q: %w", name, k, err)
		}
		if err := w.value(name+"["+k+"]", m[k]); err != nil {
			return err
		}
	}
	return nil
}

func list[T any](w *walker, name string, items []T) error {
	if len(items) == 0 {
		return fmt.Errorf("%s: an empty list", name)
	}
	for i, v := range items {
		if err := w.value(name+"["+strconv.Itoa(i)+"]", v); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) text(name, s string) error {
	if err := w.check(s); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if w.count++; w.count > maxValues {
		return fmt.Errorf("more than %d values", maxValues)
	}
	w.leaf(name, s)
	return nil
}

// reference is what the portal takes for the result of another command. It is
// found anywhere in a text, whatever its case.
var reference = regexp.MustCompile(`(?i)\$(result|next|total|time|error)\S*\[`)

func checkKey(k string) error {
	// Without brackets a key cannot hold a reference either.
	if k == "" || k[0] == ' ' || strings.ContainsAny(k, "[]") {
		return errors.New("a key that a query cannot hold")
	}
	return checkCharacters(k)
}

func (w *walker) check(s string) error {
	if err := checkCharacters(s); err != nil {
		return err
	}
	classes := rewritableBy(s)
	if isReference(s) {
		if !w.asIs || resolves(s) {
			return errors.New("text that reads as a reference to another command's result")
		}
		classes = append(classes, "$result")
	}
	for _, class := range classes {
		if !w.asIs {
			return errors.New("text that the portal's proactive filter may rewrite")
		}
		if w.doubts == nil {
			w.doubts = make(map[string]bool)
		}
		w.doubts[class] = true
	}
	return nil
}

func checkCharacters(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("text that is not UTF-8")
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return errors.New("text with control characters")
		}
	}
	return nil
}

func isReference(s string) bool {
	return strings.IndexByte(s, '$') >= 0 && reference.MatchString(s)
}

// resolves tells whether a text that reads as a reference can come out as something
// else: if it is nothing but one, or names one of our commands. Any other leads to no
// text or number, and is left as it is.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html
func resolves(s string) bool {
	return ownKey.MatchString(s) || strings.HasPrefix(s, "$") && !strings.ContainsAny(s, " \t\r\n")
}

// ownKey is the key of a command as batchKey writes it.
var ownKey = regexp.MustCompile(`(?i)\[["']?c[0-9]{2}["']?\]`)

// rewritable holds what the proactive filter looks for beside markup, in lower case: a
// text that holds every part of a row may be rewritten.
var rewritable = [][]string{
	{"../"}, {`..\`},
	{"script:"}, {"expression("}, {"@import"}, {"data:text/html"}, {"document.cookie"},
	{"/*"}, {"union", "select"}, {"select", "from"}, {"insert", "into"}, {"delete", "from"},
	{"drop", "table"}, {"alter", "table"}, {"into", "outfile"}, {"load_file"},
	{"sleep("}, {"benchmark("}, {"char("}, {"concat("}, {"information_schema"},
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
	for _, parts := range rewritable {
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(s, part) }) {
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
