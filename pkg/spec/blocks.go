package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync/atomic"

	"gopkg.in/yaml.v3"

	"github.com/b24apply/b24apply/pkg/value"
)

// A parsed chunk is a chunk as the plainReader or the YAML parser gives it.
type parsed struct {
	chunk
	plain   value.Node // if isPlain; good until the next chunk is read
	isPlain bool

	root  *yaml.Node // nil if the chunk holds no value, or is broken
	above int        // lines of the file above those that the nodes count
	err   error
}

// blockSize is about how much text one decoder reads, in bytes.
const blockSize = 64 << 10

// blocks cuts chunks into runs of one file each, of about the size of a block.
func blocks(chunks []chunk) (out [][]chunk) {
	first, size := 0, 0
	for i, c := range chunks {
		if i > first && (c.src != chunks[first].src || size >= blockSize) {
			out = append(out, chunks[first:i])
			first, size = i, 0
		}
		size += len(c.text)
	}
	if first < len(chunks) {
		out = append(out, chunks[first:])
	}
	return out
}

// A block is what a few documents of one file come to; see declared.
type block struct {
	src       *source
	resources []*Resource
	formers   []Former
	sets      []*RecordSet
	projects  []value.Pos
	problems  Problems
	used      map[string]bool
	filled    bool // some document holds a value
	unread    bool
	hidden    bool
}

// compileBlocks reads blocks of documents on all processors. The text of a file is dropped
// with its last block.
func compileBlocks(runs [][]chunk, vars *variables) []block {
	left := make(map[*source]*atomic.Int64)
	for _, chunks := range runs {
		if left[chunks[0].src] == nil {
			left[chunks[0].src] = new(atomic.Int64)
		}
		left[chunks[0].src].Add(1)
	}
	out := make([]block, len(runs))
	parallel(len(runs), func(i int) {
		src := runs[i][0].src
		out[i] = compileBlock(runs[i], vars)
		clear(runs[i])
		if left[src].Add(-1) == 0 {
			src.drop()
		}
	})
	return out
}

// compileBlock reads documents of one file, and drops the nodes of one before the next.
func compileBlock(chunks []chunk, vars *variables) (b block) {
	b.src, b.resources = chunks[0].src, make([]*Resource, 0, len(chunks))
	into := newPacker(chunks[0].src.name, len(chunks))
	each := newCompiler(vars, into)
	readBlock(chunks, func(p parsed) { b.add(each.compile(p)) })
	into.finish()
	return b
}

func (b *block) add(d declared) {
	if d.resource != nil {
		b.resources = append(b.resources, d.resource)
	}
	b.formers = append(b.formers, d.formers...)
	if d.set != nil {
		b.sets = append(b.sets, d.set)
	}
	if d.project != nil {
		b.projects = append(b.projects, *d.project)
	}
	b.problems = append(b.problems, d.problems...)
	if b.used == nil {
		b.used = d.used
	} else {
		maps.Copy(b.used, d.used)
	}
	b.filled = b.filled || !d.empty
	b.unread = b.unread || d.unread
	b.hidden = b.hidden || d.hidden
}

// readBlock gives chunks of one file, in order.
func readBlock(chunks []chunk, each func(parsed)) {
	plain := newPlainReader(chunks[0].src.name)
	for len(chunks) > 0 {
		v, ok := plain.read(chunks[0])
		if ok {
			each(parsed{chunk: chunks[0], plain: v, isPlain: true})
			chunks = chunks[1:]
			continue
		}
		n := 1
		for n < len(chunks) && !ok {
			if _, ok = plain.read(chunks[n]); !ok {
				n++
			}
		}
		readOthers(chunks[:n], each)
		chunks = chunks[n:]
	}
}

// readOthers gives chunks that are not plain. Making a decoder costs as much as reading a
// small document, so one reads as many as it can; what it cannot read, or not as it would be
// read alone, is read alone.
func readOthers(chunks []chunk, each func(parsed)) {
	for len(chunks) > 0 {
		n := readRun(chunks[:run(chunks)], each)
		if n == 0 {
			c := chunks[0]
			root, err := parseNode(c.text)
			each(parsed{chunk: c, root: root, above: c.line - 1, err: err})
			n = 1
		}
		chunks = chunks[n:]
	}
}

// run counts the chunks from the first on that one decoder may read: those whose texts
// follow each other and that begin with a marker. An alias is read alone, since a decoder
// would find the anchors of earlier documents.
func run(chunks []chunk) int {
	for i, c := range chunks {
		follows := i == 0 || bytes.HasPrefix(c.text, []byte("---")) && c.start == chunks[i-1].start+len(chunks[i-1].text)
		if !follows || bytes.IndexByte(c.text, '*') >= 0 {
			return i
		}
	}
	return len(chunks)
}

// readRun reads chunks with one decoder, and gives how many it has read. A document counts
// only when the next one has begun on its own line: one that the parser ends too early, such
// as two values in a row, is an error of what follows.
func readRun(chunks []chunk, each func(parsed)) int {
	if len(chunks) < 2 {
		return 0
	}
	last := chunks[len(chunks)-1]
	dec := yaml.NewDecoder(bytes.NewReader(last.src.data[chunks[0].start : last.start+len(last.text)]))
	above := chunks[0].line - 1
	var before *yaml.Node
	for i, c := range chunks {
		doc, err := decodeNode(dec)
		if err != nil || doc.Line+above < c.line || i+1 < len(chunks) && doc.Line+above >= chunks[i+1].line {
			return max(0, i-1)
		}
		if i > 0 {
			each(parsed{chunk: chunks[i-1], root: content(before), above: above})
		}
		before = doc
	}
	if _, err := decodeNode(dec); !errors.Is(err, io.EOF) {
		return len(chunks) - 1
	}
	each(parsed{chunk: last, root: content(before), above: above})
	return len(chunks)
}

// content gives the value of a document.
func content(doc *yaml.Node) *yaml.Node {
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// decodeNode gives the next document, or io.EOF.
func decodeNode(dec *yaml.Decoder) (doc *yaml.Node, err error) {
	defer func() {
		// The parser panics on states that it thinks impossible; a manifest that
		// reaches one is broken, and other manifests are still to be read.
		if p := recover(); p != nil {
			doc, err = nil, value.Err("yaml-parser-gave-up", value.T("why", fmt.Sprint(p)))
		}
	}()
	doc = new(yaml.Node)
	return doc, dec.Decode(doc)
}

// parseNode gives the root node of the only document in text, nil for none.
func parseNode(text []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	doc, err := decodeNode(dec)
	if errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if _, err := decodeNode(dec); err == nil {
		return nil, value.Err("second-document")
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return content(doc), nil
}
