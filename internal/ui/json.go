package ui

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"reflect"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// ProblemsJSON writes {"valid": …, "recordSets": […], "problems": […]}; valid means that there
// is no error, warnings aside. Sets are those whose tables were read; there is no such list
// without any. The error is the writer's.
func ProblemsJSON(w io.Writer, ps spec.Problems, sets ...*spec.RecordSet) error {
	head := struct {
		Valid      bool       `json:"valid"`
		RecordSets []rowCount `json:"recordSets,omitempty"`
		Problems   []problem  `json:"problems"`
	}{!ps.HasErrors(), rowCounts(sets), []problem{}}
	return writeDocument(w, head, each(Style{}.inWords(ps), asIs))
}

// JSON writes a document as the others are. The error is the writer's.
func JSON(w io.Writer, document any) error {
	text, err := encode(document, "")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// A rowCount is what became of the rows of a set: each is counted once.
type rowCount struct {
	Name      string `json:"name"`
	Table     string `json:"table"`
	Rows      int    `json:"rows"`
	Valid     int    `json:"valid"`
	Rejected  int    `json:"rejected"`
	Duplicate int    `json:"duplicate"`
	Skipped   int    `json:"skipped"`
}

func rowCounts(sets []*spec.RecordSet) (out []rowCount) {
	for _, s := range sets {
		n := s.Counts
		out = append(out, rowCount{s.Name, s.Table.Name, n.Rows, n.Valid, n.Rejected, n.Duplicate, n.Skipped})
	}
	return out
}

// FailureJSON writes {"exitCode", "error", "hint"}: the document of a command that has no
// other one, since it failed. The error is the writer's.
func FailureJSON(w io.Writer, exitCode int, said, hint value.Message) error {
	text, err := encode(struct {
		ExitCode int    `json:"exitCode"`
		Error    string `json:"error"`
		Hint     string `json:"hint,omitempty"`
	}{exitCode, Text(said), Text(hint)}, "")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// everyCount adds the zeros, so that readers need no default.
func everyCount[K comparable](all []K, counts map[K]int) map[K]int {
	out := make(map[K]int, len(all))
	for _, k := range all {
		out[k] = counts[k]
	}
	return out
}

// writeDocument writes head, whose last member is an empty list, with what is shown of
// items in that list. One item at a time: a list of a million is never in memory as text.
func writeDocument(w io.Writer, head any, items iter.Seq[any]) error {
	out := bufio.NewWriter(w)
	text, err := encode(head, "")
	if err != nil {
		return err
	}
	text = bytes.TrimSuffix(text, []byte("]\n}"))
	_, _ = out.Write(text)
	some := false
	var shown, inert []byte // room
	for item := range items {
		if t := reflect.TypeOf(item); t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
			shown = value.AppendIndented(shown[:0], item, "    ")
			text = appendInert(inert[:0], shown)
			inert = text
		} else if text, err = encode(item, "    "); err != nil {
			return err
		}
		if some {
			_ = out.WriteByte(',')
		}
		some = true
		_, _ = out.WriteString("\n    ")
		_, _ = out.Write(text)
	}
	if some {
		_, _ = out.WriteString("\n  ")
	}
	_, _ = out.WriteString("]\n}\n")
	return out.Flush()
}

// each gives items as they are shown.
func each[T any](items []T, shown func(*T) any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for i := range items {
			if !yield(shown(&items[i])) {
				return
			}
		}
	}
}

// eachOf is each of a sequence; what is shown is good until the next item.
func eachOf[T, D any](items iter.Seq[T], shown func(T) D) iter.Seq[any] {
	return func(yield func(any) bool) {
		var d D
		for item := range items {
			if d = shown(item); !yield(&d) {
				return
			}
		}
	}
}

// asIs shows all of an item.
func asIs[T any](item *T) any { return item }

// encode gives the indented JSON of v without a final line break.
func encode(v any, prefix string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return []byte(Inert(string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))))), nil
}
