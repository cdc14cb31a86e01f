package bitrix

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	w := newWalker()
	defer w.release()
	return w.params(p) == nil
}

// CarriesValue tells so of one value, which is not an empty list.
func CarriesValue(v any) bool {
	w := newWalker()
	defer w.release()
	return w.value(v) == nil
}

// carriesText is Carries for one text.
func carriesText(s string) bool { return new(walker).check(s) == nil }

// Doubts names, sorted, the classes of text in the parameters that a portal with the
// proactive filter may rewrite in a batch: "<b" for that tag, "select from", "onclick";
// and "$result" for what reads as a reference to a command that is not there.
// Whether it does shows when one such text is sent in a Command that is AsIs, and read
// again. ok is false if a batch cannot carry the parameters for another reason.
func Doubts(p Params) (classes []string, ok bool) {
	return (&Command{Params: p}).Prepare()
}

// Prepare tells of the command's parameters what Doubts does, and encodes them by the way, once for
// all: they are not to be changed afterwards.
func (c *Command) Prepare() (classes []string, ok bool) {
	w := newWalker()
	defer w.release()
	w.asIs, w.writes, w.query = true, true, append(w.query, c.Method...)
	if err := w.params(c.Params); err != nil {
		return slices.Sorted(maps.Keys(w.doubts)), false
	}
	if len(w.doubts) == 0 {
		c.query = string(w.query)
	}
	return slices.Sorted(maps.Keys(w.doubts)), true
}

// Encode writes one command of a batch: the method, and its parameters as a
// query with sorted keys, percent-encoded once. It fails where Carries is false,
// naming the parameter.
func Encode(method string, p Params) (string, error) {
	return encode(Command{Method: method, Params: p})
}

func encode(c Command) (string, error) {
	method := c.Method
	if !isMethod(method) {
		return "", fmt.Errorf("%q is no method name", method)
	}
	if c.query != "" {
		return c.query, nil
	}
	w := newWalker()
	defer w.release()
	w.asIs, w.writes, w.query = c.AsIs, true, append(w.query, method...)
	if err := w.params(c.Params); err != nil {
		return "", fmt.Errorf("%s: a batch cannot carry %w", method, err)
	}
	return string(w.query), nil
}

// appendEscaped percent-encodes everything but letters, digits and -_.~ so that
// nothing depends on how a plus sign is read.
func appendEscaped(to []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.' || c == '~' {
			to = append(to, c)
			continue
		}
		to = append(to, '%', hex[c>>4], hex[c&15])
	}
	return to
}

func escape(s string) string { return string(appendEscaped(nil, s)) }

// maxValues is PHP's own default for max_input_vars. What exceeds it is dropped
// without an error.
const maxValues = 1000

// A walker visits the values of parameters in order.
type walker struct {
	writes  bool     // the query is written, too
	query   []byte   // so far
	name    []byte   // of the value that is visited
	escaped []byte   // name as the query has it; empty unless it is written
	keys    []string // of the maps that are visited, one behind the other
	count   int
	asIs    bool            // text that may be rewritten is no error, and
	doubts  map[string]bool // its classes are noted
}

// walkers are those that are not in use, for their room.
var walkers = sync.Pool{New: func() any { return new(walker) }}

func newWalker() *walker { return walkers.Get().(*walker) }

// release gives the room of a walker to the next one.
func (w *walker) release() {
	clear(w.keys[:cap(w.keys)]) // they may be parts of large texts
	*w = walker{query: w.query[:0], name: w.name[:0], escaped: w.escaped[:0], keys: w.keys[:0]}
	walkers.Put(w)
}

func (w *walker) params(p Params) error {
	from := len(w.keys)
	for _, k := range w.sorted(p) {
		if err := checkKey(k); err != nil {
			return fmt.Errorf("the parameter name %q: %w", k, err)
		}
		if strings.ContainsAny(k, ". ") {
			return fmt.Errorf("the parameter name %q: a dot or space becomes an underscore", k)
		}
		w.name = append(w.name[:0], k...)
		if w.writes {
			w.escaped = appendEscaped(w.escaped[:0], k)
		}
		if err := w.value(p[k]); err != nil {
			return err
		}
	}
	w.keys = w.keys[:from]
	return nil
}

// sorted gives the keys of a map in their order, in room of the walker: whoever has gone through
// them cuts keys to what it was.
func (w *walker) sorted(m map[string]any) []string {
	from := len(w.keys)
	for k := range m {
		w.keys = append(w.keys, k)
	}
	keys := w.keys[from:]
	slices.Sort(keys)
	return keys
}

// in visits a value inside the one whose name the walker has.
func (w *walker) in(key string, visit func() error) error {
	name, escaped := len(w.name), len(w.escaped)
	w.name = append(append(append(w.name, '['), key...), ']')
	if w.writes {
		w.escaped = append(appendEscaped(append(w.escaped, "%5B"...), key), "%5D"...)
	}
	err := visit()
	w.name, w.escaped = w.name[:name], w.escaped[:escaped]
	return err
}

// value visits one value. The types that manifests are made of come first; any
// other type is taken by what it is made of.
func (w *walker) value(v any) error {
	switch v := v.(type) {
	case string:
		return w.text(v)
	case int:
		return w.leaf(strconv.Itoa(v))
	case map[string]any:
		return w.object(v)
	case []any:
		return w.list(len(v), func(i int) error { return w.value(v[i]) })
	case []string:
		return w.list(len(v), func(i int) error { return w.text(v[i]) })
	case []int:
		return w.list(len(v), func(i int) error { return w.leaf(strconv.Itoa(v[i])) })
	case nil:
		return fmt.Errorf("%s: null", w.name)
	case json.Marshaler, encoding.TextMarshaler, []byte:
		return fmt.Errorf("%s: a %T", w.name, v)
	}
	return w.reflected(reflect.ValueOf(v))
}

func (w *walker) reflected(v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		return w.text(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return w.leaf(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return w.leaf(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return w.leaf(strconv.FormatFloat(f, 'f', -1, v.Type().Bits()))
		}
	case reflect.Slice, reflect.Array:
		return w.list(v.Len(), func(i int) error { return w.value(v.Index(i).Interface()) })
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			m := make(map[string]any, v.Len())
			for it := v.MapRange(); it.Next(); {
				m[it.Key().String()] = it.Value().Interface()
			}
			return w.object(m)
		}
	}
	return fmt.Errorf("%s: a %s", w.name, v.Type())
}

func (w *walker) object(m map[string]any) error {
	if len(m) == 0 {
		return fmt.Errorf("%s: an empty map", w.name)
	}
	from := len(w.keys)
	for _, k := range w.sorted(m) {
		if err := checkKey(k); err != nil {
			return fmt.Errorf("%s: the key %q: %w", w.name, k, err)
		}
		if err := w.in(k, func() error { return w.value(m[k]) }); err != nil {
			return err
		}
	}
	w.keys = w.keys[:from]
	return nil
}

func (w *walker) list(n int, visit func(i int) error) error {
	if n == 0 {
		return fmt.Errorf("%s: an empty list", w.name)
	}
	for i := range n {
		if err := w.in(strconv.Itoa(i), func() error { return visit(i) }); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) text(s string) error {
	if err := w.check(s); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	return w.leaf(s)
}

// leaf takes a text that a batch can carry.
func (w *walker) leaf(s string) error {
	if w.count++; w.count > maxValues {
		return fmt.Errorf("more than %d values", maxValues)
	}
	if w.writes {
		sep := byte('&')
		if w.count == 1 {
			sep = '?'
		}
		w.query = append(append(append(w.query, sep), w.escaped...), '=')
		w.query = appendEscaped(w.query, s)
	}
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
