package spec

import (
	"bytes"
	"slices"
)

// usualDocument is less than most documents have, in bytes.
const usualDocument = 64

// A chunk is the text of one YAML document, with the number of the line of the
// file that it starts on.
type chunk struct {
	src   *source
	text  []byte
	start int // of the text in the file, in bytes
	line  int
}

// split cuts a file at its document markers. YAML forbids the markers inside
// scalars, so a cut never goes through one; a broken document hides no other. It adds the
// chunks to others.
func split(chunks []chunk, src *source) []chunk {
	data := src.data
	chunks = slices.Grow(chunks, min(bytes.Count(data, []byte("\n---")), len(data)/usualDocument)+1)
	start, startLine, line := 0, 1, 1
	filled, empty := false, true // the chunk has more than comments and directives; and more than its marker
	cut := func(end, nextLine int) {
		if filled && !empty {
			chunks = append(chunks, chunk{src, data[start:end], start, startLine})
		}
		start, startLine, filled, empty = end, nextLine, false, true
	}
	for i := 0; i < len(data); line++ {
		end, next := nextLine(data, i)
		switch text := data[i:end]; {
		case isMarker(text, "---"):
			if filled {
				cut(i, line)
			}
			filled, empty = true, isBlank(text[len("---"):])
		case isMarker(text, "..."):
			cut(next, line+1)
		case !filled:
			filled = !isBlank(text) && text[0] != '%'
			empty = !filled
		case empty:
			empty = isBlank(text)
		}
		i = next
	}
	cut(len(data), line)
	return chunks
}

func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t')
}

// isBlank tells whether a line holds nothing but blanks and a comment.
func isBlank(line []byte) bool {
	text := bytes.TrimLeft(line, " \t")
	return len(text) == 0 || text[0] == '#'
}
