package portal

import (
	"io"
	"math"
	"mime/multipart"
	"strconv"
	"strings"
)

// maxFormDepth is the bracket nesting that PHP accepts (max_input_nesting_level);
// a deeper variable is dropped.
const maxFormDepth = 64

// maxFormPairs is the number of variables that a portal's PHP accepts
// (max_input_vars); all after them are dropped.
const maxFormPairs = 10_000

// parseForm reads application/x-www-form-urlencoded text by the rules of PHP's
// parse_str: brackets nest, a[] appends, every leaf is a string, the last of
// equal names counts. Nothing is an error.
func parseForm(text string) *Map {
	f := newForm()
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		f.set(unescape(name), unescape(value))
	}
	return f.root
}

// parseMultipart reads multipart/form-data by the same rules. Files are
// skipped; what follows a malformed part is lost, as in PHP.
func parseMultipart(body io.Reader, boundary string) *Map {
	f := newForm()
	for reader := multipart.NewReader(body, boundary); ; {
		part, err := reader.NextRawPart()
		if err != nil {
			return f.root
		}
		if part.FileName() != "" || part.FormName() == "" {
			continue
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return f.root
		}
		f.set(part.FormName(), string(value))
	}
}

// A form is an array under construction. PHP remembers the next free number of
// every array.
type form struct {
	root  *Map
	next  map[*Map]int64
	pairs int
}

func newForm() *form { return &form{root: new(Map), next: make(map[*Map]int64)} }

// set stores a value under a name such as a[b][].
func (f *form) set(name, value string) {
	path, ok := splitName(name)
	if !ok || f.pairs == maxFormPairs {
		return
	}
	f.pairs++
	m := f.root
	for _, key := range path[:len(path)-1] {
		m = f.child(m, key)
	}
	last := path[len(path)-1]
	m.Set(f.claim(m, last), value)
}

// child returns the array under a key, in place of whatever else is there.
func (f *form) child(m *Map, key segment) *Map {
	name := f.claim(m, key)
	if v, ok := m.Get(name); ok {
		if child, ok := v.(*Map); ok {
			return child
		}
	}
	child := new(Map)
	m.Set(name, child)
	return child
}

// claim returns the key that a segment stands for in m.
func (f *form) claim(m *Map, key segment) string {
	if key.next {
		n := f.next[m]
		f.next[m] = n + 1
		return strconv.FormatInt(n, 10)
	}
	// PHP takes canonical decimals for numbers, and the next free one is above them all.
	if n, err := strconv.ParseInt(key.name, 10, 64); err == nil && strconv.FormatInt(n, 10) == key.name && n >= f.next[m] && n < math.MaxInt64 {
		f.next[m] = n + 1
	}
	return key.name
}

// A segment is one step of a variable's name: a key, or [] for the next number.
type segment struct {
	name string
	next bool
}

// splitName splits a variable's name into its steps. Dots and spaces in the
// first become underscores, and so does a bracket that is never closed; what
// follows the last closing bracket is ignored.
func splitName(name string) ([]segment, bool) {
	name, _, _ = strings.Cut(name, "\x00")
	name = strings.TrimLeft(name, " ")
	head, rest, bracket := strings.Cut(name, "[")
	if head == "" {
		return nil, false
	}
	head = strings.NewReplacer(".", "_", " ", "_").Replace(head)
	if bracket && !strings.Contains(rest, "]") {
		rest = strings.NewReplacer(".", "_", " ", "_", "[", "_").Replace(rest)
		return []segment{{name: head + "_" + rest}}, true
	}
	path := []segment{{name: head}}
	for bracket {
		key, after, closed := strings.Cut(rest, "]")
		if !closed {
			break
		}
		if len(path) > maxFormDepth {
			return nil, false
		}
		path = append(path, segment{name: key, next: strings.TrimSpace(key) == "" && len(key) <= 1})
		rest, bracket = strings.CutPrefix(after, "[")
	}
	return path, true
}

// unescape decodes percent escapes and plus signs; a malformed escape stays as
// it is.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c = hexValue(s[i+1])<<4 | hexValue(s[i+2])
			i += 2
		}
		b = append(b, c)
	}
	return string(b)
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// hexValue is the value of a hexadecimal digit.
func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}
