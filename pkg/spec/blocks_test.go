package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// oddDocuments are documents that could look otherwise beside others than alone.
var oddDocuments = []string{
	"a: 1\n", "a: &x 1\nb: *x\n", "b: *x\n", "a: &x [1]\n", "\"one\"\ntwo: 2\n", "one\ntwo: 2\n", "- 1\na: 2\n", "a: [\n", "a: [1,\n", "a: {b\n", "a: \"open\n", "a: 'open\n",
	"a: |\n  text\n\n", "a: |+\n  text\n\n\n", "a: >-\n  folded\n  text\n", "--- |\nroot\n", "--- > # c\n root\n", "--- text\n", "--- {a: 1}\n", "# comment\n\n# more\na: 1 # end\n# foot\n",
	"a:\n  b:\n   - c\n  # foot of b\n# foot of a\n", "\ta: 1\n", "a: !x 1\n", "%YAML 1.2\n---\na: 1\n", "%TAG !e! tag:x,2000:\n---\na: !e!b 1\n", "a: 1\n...\n", "...\n", "a: 1\n...\nb: 2\n",
	"%FOO\n", "a: %x\n", "? b\n: 1\n", "? [a, b]\n: 1\n", "<<: {a: 1}\n", "a: \"\\x41\"\n", "a: \"\\q\"\n", "a: @x\n", "a: b: c\n", "\ufeffa: 1\n", "a: \u0085b: 2\n", "a: 1\r\nb: 2\r\n", "a: \u2028b\n", "", "# only a comment\n",
	"null\n", "~\n", "a:\n", "[a, b]\n", "[a,\n---\nb]\n", "a: \x01\n", "a: x---y\n---z: 1\n", "a: |\n ---\n", "a: \"x\n ---\n y\"\n", "- - - - a\n", "a: *y\n",
}

// What one decoder reads of a file is what each document is alone.
func TestDocumentsReadTogetherAreThoseReadAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for i, doc := range rapid.SliceOfN(rapid.SampledFrom(oddDocuments), 1, 8).Draw(t, "documents") {
			if i > 0 || rapid.Bool().Draw(t, "marker first") {
				b.WriteString(rapid.SampledFrom([]string{"---\n", "---\n", "--- # c\n", "...\n---\n", "---\n---\n", "\n---\n"}).Draw(t, "marker"))
			}
			b.WriteString(doc)
		}
		if diff := readBothWays(b.String()); diff != "" {
			t.Fatalf("%q: %s", b.String(), diff)
		}
	})
}

// FuzzReadTogether is the same law for any text.
func FuzzReadTogether(f *testing.F) {
	for i, doc := range oddDocuments {
		f.Add(doc + "---\n" + oddDocuments[(i+7)%len(oddDocuments)] + "---\n" + oddDocuments[(i+20)%len(oddDocuments)])
	}
	f.Add(mixManifest(5))
	f.Fuzz(func(t *testing.T, text string) {
		if diff := readBothWays(text); diff != "" {
			t.Error(diff)
		}
	})
}

func readBothWays(text string) string {
	src, problem := newSource("m.yaml", []byte(text), nil)
	if problem != nil {
		return ""
	}
	type reading struct {
		Value     value.Node
		Loose, OK bool
		Problems  Problems
	}
	read := func(p parsed) reading {
		r := &report{src: src}
		v, loose, ok := p.value(r)
		return reading{clone(v), loose, ok, r.problems}
	}
	var together, alone []reading
	for _, chunks := range blocks(split(nil, src)) {
		readBlock(chunks, func(p parsed) { together = append(together, read(p)) })
	}
	for _, c := range split(nil, src) {
		root, err := parseNode(c.text)
		alone = append(alone, read(parsed{chunk: c, root: root, above: c.line - 1, err: err}))
	}
	return cmp.Diff(alone, together)
}

// A decoder that had to start anew for each document would be no gain.
func TestOneDecoderReadsManyDocuments(t *testing.T) {
	for text, want := range map[string]int{
		mixManifest(50):                                  50,
		"---\n" + mixManifest(50):                        50,
		strings.Replace(mixManifest(50), "ct-7", "*", 1): 17, // companies and contacts before it
		strings.Repeat("---\n", 5) + "a: 1\n":            0,
		"a: 1\n---\nb: [\n---\nc: 3\n---\nd: 4\n":        0, // what stands before a broken one is read again
	} {
		src, _ := newSource("m.yaml", []byte(text), nil)
		chunks := split(nil, src)
		if got := readRun(chunks[:run(chunks)], func(parsed) {}); got != want {
			t.Errorf("%.40q: %d of %d, want %d", text, got, len(chunks), want)
		}
	}
}

func TestBlocksHoldTheChunksInOrder(t *testing.T) {
	var all []chunk
	for i := range 3 {
		src, _ := newSource(fmt.Sprint(i), []byte(mixManifest(400*i+1)), nil)
		all = append(all, split(nil, src)...)
	}
	var again []chunk
	for _, b := range blocks(all) {
		size := 0
		for _, c := range b {
			if size >= blockSize || c.src != b[0].src {
				t.Errorf("a block of %d chunks is too large, or of two files", len(b))
			}
			size += len(c.text)
		}
		again = append(again, b...)
	}
	if len(again) != len(all) || len(blocks(all)) < 4 {
		t.Errorf("%d chunks of %d in %d blocks", len(again), len(all), len(blocks(all)))
	}
}
