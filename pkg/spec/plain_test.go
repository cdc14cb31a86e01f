package spec

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// plainOf reads a text both ways. It counts the documents, and those that are plain, and
// tells where a plain one is not what the YAML parser makes of it.
func plainOf(text string) (plain, all int, diff string) {
	src, problem := newSource("m.yaml", []byte(text), nil)
	if problem != nil {
		return 0, 0, ""
	}
	reader := newPlainReader(src.name)
	for _, c := range split(nil, src) {
		all++
		got, ok := reader.read(c)
		if !ok {
			continue
		}
		plain++
		root, err := parseNode(c.text)
		r := &report{src: src}
		want, loose, ok := parsed{chunk: c, root: root, above: c.line - 1, err: err}.value(r)
		switch {
		case !ok || loose || len(r.problems) > 0:
			return plain, all, fmt.Sprint("the parser does not take it: ", r.problems)
		case packedText(want) != packedText(got):
			return plain, all, fmt.Sprintf("%+v\nand not %+v", got, want)
		}
	}
	return plain, all, ""
}

// packedText is equal for equal values: kinds, texts, quotes, keys and positions.
func packedText(v value.Node) string {
	p := newPacker("m.yaml", 0)
	p.value(&v)
	return strings.Join(append(p.arena.names, string(p.data)), "\n")
}

// hazards are what YAML or its parser makes something special of. None of it may be read
// otherwise than by the parser.
var hazards = []string{
	"\t", "\n", "\n\n", " ", "  ", "\r\n", "\r", "#", " #", " # c\n", ":", ": ", ":\n", "-", "- ", "---", "\n---\n", "\n...\n", "--- x\n", "?", "? ", "|", "|\n", ">-\n", "'", "''", "\"", "\\", "\\n", "\\x41",
	"&a ", "*a", "!", "!!str ", "%", "%YAML 1.2\n", "@", "`", ",", "[", "]", "{", "}", "{}", "[]", "<<: ", "<<", "~", "null", "Null", "no", "007", "0x1F", "1e3", "2025-01-01", "+49 30", "-5", "é", "я", "\u00a0", "\u0085", "\u2028",
	"\ufeff", "\ufffe", "\x7f", "\x01", "a: 1\n", "a: b: c\n", "\n  ", "\n    ", "\n- a\n", "- a: 1\n  b: 2\n", "http://x/y", "x:y", "a#b", "=", ".", "...", "x,", "[a, b]", "{a: 1, b: c}", "{a: 1, a: 2}", "title: T\n",
}

// plainDocument draws a document that the plainReader is meant to read.
func plainDocument(t *rapid.T) string {
	var b strings.Builder
	b.WriteString(rapid.SampledFrom([]string{"", "---\n", "# c\n---  # c\n", "\n---\n"}).Draw(t, "marker"))
	drawPlainMap(t, &b, rapid.IntRange(0, 2).Draw(t, "indent"), 3)
	text := b.String()
	if rapid.Bool().Draw(t, "windows") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

var plainKeys = []string{"a", "title", "UF_CRM_1", "x-y.z", "null", "1", "no", "companyId"}

func drawPlainMap(t *rapid.T, b *strings.Builder, indent, depth int) {
	for i, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(plainKeys), 1, 4, rapid.ID).Draw(t, "keys") {
		if i > 0 || !strings.HasSuffix(b.String(), "- ") {
			b.WriteString(strings.Repeat(" ", indent))
		}
		b.WriteString(key + ":")
		drawPlainValue(t, b, indent, depth-1)
	}
}

// drawPlainValue draws what follows a colon, and ends the line.
func drawPlainValue(t *rapid.T, b *strings.Builder, indent, depth int) {
	end := rapid.SampledFrom([]string{"\n", "\n", " # c\n", "  \n\n", "\n  # c\n"}).Draw(t, "end")
	shape := rapid.IntRange(0, 3).Draw(t, "shape")
	deeper := indent + rapid.IntRange(1, 3).Draw(t, "deeper")
	switch {
	case depth <= 0 || shape < 2:
		b.WriteString(rapid.SampledFrom([]string{" ", "   "}).Draw(t, "gap") + drawInline(t, 2) + end)
	case shape == 2:
		b.WriteString(end)
		drawPlainMap(t, b, deeper, depth)
	default:
		b.WriteString(end)
		if rapid.Bool().Draw(t, "as deep") {
			deeper = indent
		}
		for range rapid.IntRange(1, 3).Draw(t, "entries") {
			b.WriteString(strings.Repeat(" ", deeper) + "- ")
			if rapid.Bool().Draw(t, "maps") {
				drawPlainMap(t, b, deeper+2, depth)
			} else {
				b.WriteString(drawInline(t, 2) + "\n")
			}
		}
	}
}

func drawInline(t *rapid.T, depth int) string {
	texts := []string{"x", "Müller & Co", "null", "no", "007", "+49 30 1", "2025-01-01", "-5", "http://x/y", "a#b", "Иван", `"q: #, [x]"`, `'q: "y"'`, `""`, "[]", "{}", "a - b", "50%", "=x", "<<", "\u00a0x"}
	switch shape := rapid.IntRange(0, 4).Draw(t, "inline"); {
	case depth > 0 && shape == 0:
		return "[" + drawInline(t, depth-1) + rapid.SampledFrom([]string{", ", ",", " , "}).Draw(t, "comma") + drawInline(t, depth-1) + "]"
	case depth > 0 && shape == 1:
		return "{a: " + drawInline(t, depth-1) + ", ref: " + drawInline(t, depth-1) + " }"
	}
	return rapid.SampledFrom(texts).Draw(t, "text")
}

// A plain document is read without the parser, and is what the parser makes of it.
func TestPlainDocumentsAreWhatTheParserReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := plainDocument(t) + "---\n" + plainDocument(t)
		if plain, all, diff := plainOf(text); diff != "" || plain != all {
			t.Fatalf("%q: %d of %d are plain: %s", text, plain, all, diff)
		}
	})
}

// A document with something odd in it is what the parser makes of it, or is left to that.
func TestOddDocumentsAreLeftToTheParser(t *testing.T) {
	files := yamlOfTheRepository(t)
	rapid.Check(t, func(t *rapid.T) {
		text := plainDocument(t)
		if rapid.Bool().Draw(t, "from a file") {
			text = rapid.SampledFrom(files).Draw(t, "file")
		}
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			left := rapid.IntRange(0, min(3, len(text)-at)).Draw(t, "left out")
			text = text[:at] + rapid.SampledFrom(hazards).Draw(t, "hazard") + text[at+left:]
		}
		if _, _, diff := plainOf(text); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

var archived = regexp.MustCompile(`(?m)^-- (.*) --\n`)

// yamlOfTheRepository gives every YAML text that the repository holds, those within its
// scripts too.
func yamlOfTheRepository(t testing.TB) (texts []string) {
	t.Helper()
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		isYAML, isScript := strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".txtar")
		if err != nil || d.IsDir() || !isYAML && !isScript {
			return err
		}
		data, err := os.ReadFile(name)
		if isYAML {
			texts = append(texts, string(data))
			return err
		}
		starts := archived.FindAllSubmatchIndex(data, -1)
		for i, s := range starts {
			end := len(data)
			if i+1 < len(starts) {
				end = starts[i+1][0]
			}
			if strings.HasSuffix(string(data[s[2]:s[3]]), ".yaml") {
				texts = append(texts, string(data[s[1]:end]))
			}
		}
		return err
	})
	if err != nil || len(texts) < 100 {
		t.Fatalf("%d texts: %v", len(texts), err)
	}
	return texts
}

// inBraces finds documents that are written as JSON is, which the parser reads.
var inBraces = regexp.MustCompile(`(?m)^\{`)

// Nine of ten documents that anybody has written here by lines are plain.
func TestPlainIsWhatPeopleWrite(t *testing.T) {
	plain, all := 0, 0
	for _, text := range yamlOfTheRepository(t) {
		p, a, diff := plainOf(text)
		if diff != "" {
			t.Errorf("%s\n%s", text, diff)
		}
		plain, all = plain+p, all+a-len(inBraces.FindAllString(text, -1))
	}
	t.Logf("%d of %d documents are plain", plain, all)
	if plain < all*9/10 {
		t.Errorf("%d of %d documents are plain", plain, all)
	}
}

// The records whose cost is measured do not go through the parser.
func TestMeasuredRecordsArePlain(t *testing.T) {
	if plain, all, diff := plainOf(mixManifest(100)); plain != 100 || all != 100 || diff != "" {
		t.Errorf("%d of %d are plain: %s", plain, all, diff)
	}
}

func FuzzPlain(f *testing.F) {
	for _, h := range hazards {
		f.Add("---\n- a\n---\nspec:\n  fields:\n    title: " + h + "\n    companyIds: [{ref: company/" + h + "}, x]\n")
	}
	for _, text := range append(oddDocuments, mixManifest(5)) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, diff := plainOf(text); diff != "" {
			t.Error(diff)
		}
	})
}

// Where a document is not plain is told by the parser, wherever it stands.
func TestHazardsInOneValueAreLeftToTheParser(t *testing.T) {
	for text, plain := range map[string]bool{
		"a: x": true, "a: x # c": true, "a: 'x'": true, "a: {b: [c, 'd']}": true, "a:\n- b\n- c: d\n  e: f": true, "- a\n- [b]": true, "a: null": true, "a: \"\"": true,
		"a:": false, "a: ~": false, "a: Null": false, "a: &b x": false, "a: *b": false, "a: !b x": false, "a: |\n x": false, "a: >\n x": false, "a: x\n  y": false, "a: 'x\n  y'": false, "a: \"\\x41\"": false,
		"a: 'it''s'": false, "? a\n: b": false, "<<: {a: b}": false, "a: b: c": false, "a: b:": false, "a: [b": false, "a: [b,]": false, "a: [b,\n c]": false, "a: {b}": false, "a: {b: }": false, "a: {b: c, b: d}": false,
		"a: b\na: c": false, "a: b\n c: d": false, " a: b\nc: d": false, "- a\nb: c": false, "a:\n  - b\n  c: d": false, "a: b\n- c": false, "x": false, "'a': b": false, "a: @b": false, "a: - b": false, "- - a": false, "a: 'b'c": false,
		"a: [b]#c": false, "a: 'b'#c": false, "a: {b: c}d": false, "a: [b: c]": false, "a: [b:,c]": false,
	} {
		read, _, diff := plainOf(text + "\n")
		if (read == 1) != plain || diff != "" {
			t.Errorf("%q: plain %t, want %t %s", text, read == 1, plain, diff)
		}
	}
}

// Texts in brackets as deep as a manifest may be are bounded before they are read.
func TestPlainDepthIsBounded(t *testing.T) {
	for depth, want := range map[int]int{plainDepth: 1, plainDepth + 1: 0, 10_000: 0} {
		text := "a: " + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "\n"
		if plain, _, diff := plainOf(text); plain != want || diff != "" {
			t.Errorf("%d: %d plain, want %d %s", depth, plain, want, diff)
		}
	}
}

// A later list does not change an earlier one, and a list may be made within another.
func TestSlabKeepsListsApart(t *testing.T) {
	var s slab[int]
	for range 2 {
		s.clear()
		outer := s.mark()
		s.push(1)
		inner := s.mark()
		s.push(2)
		s.push(3)
		first := s.take(inner)
		s.push(4)
		second := s.take(outer)
		if d := cmp.Diff([][]int{{2, 3}, {1, 4}}, [][]int{first, append(second, 9)[:2]}); d != "" {
			t.Error(d)
		}
	}
}

// What a block comes to holds no text of its file, which would stay in memory with it.
func TestNothingHoldsTheTextOfAFile(t *testing.T) {
	text := `apiVersion: b24apply/v1
kind: Deal
metadata: {name: Big-Deal, labels: {wave: first}, ids: {default: 42}}
spec: {match: [[title]], adopt: force, fields: {title: T, companyId: {ref: Company/Acme}}, policy: {title: createOnly}, lifecycle: {prevent: [delete]}}
---
apiVersion: b24apply/v1
kind: SPAItem
metadata: {name: eq-17}
spec: {type: equipment, fields: {title: T, SERIAL: X}}
---
apiVersion: b24apply/v1
kind: Moved
metadata: {name: m}
spec: {from: deal/Old, to: deal/big-deal}
---
apiVersion: b24apply/v1
kind: Absent
metadata: {name: a}
spec: {onRemove: keep, resources: [deal/gone]}
`
	src, _ := newSource("m.yaml", []byte(strings.Repeat("# comment\n", 10_000)+text), nil)
	file := weak.Make(&src.data[0])
	b := compileBlock(split(nil, src), &variables{schemas: loadSchemas()})
	b.src, src = nil, nil
	runtime.GC()
	if len(b.resources) != 2 || len(b.formers) != 2 || len(b.problems) > 0 {
		t.Errorf("%d resources, %d former ones, %v", len(b.resources), len(b.formers), b.problems)
	}
	if file.Value() != nil {
		t.Error("the text of the file is still there")
	}
	runtime.KeepAlive(b)
}

func TestNamesAreAsTheirPattern(t *testing.T) {
	pattern := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z0-9._-]{0,101}`), rapid.StringMatching(`[A-Z0-9._-]{1,5}.?`)).Draw(t, "text")
		if isName(text) != pattern.MatchString(text) {
			t.Errorf("%q: %t", text, isName(text))
		}
	})
	for text, want := range map[string]bool{strings.Repeat("a", 100): true, strings.Repeat("a", 101): false, "_a": false, "a\n": false, "": false} {
		if isName(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}

func clone(v value.Node) value.Node {
	items, pairs := v.Items, v.Pairs
	v.Items, v.Pairs = nil, nil
	for _, item := range items {
		v.Items = append(v.Items, clone(item))
	}
	for _, p := range pairs {
		p.Value = clone(p.Value)
		v.Pairs = append(v.Pairs, p)
	}
	return v
}
