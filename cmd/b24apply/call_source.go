package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// An itemSource says where the items of a bulk call are and how to read them.
type itemSource struct{ name, format, delimiter string }

// A lineItem is the parameters of one line, or what is wrong with it.
type lineItem struct {
	line   int
	params map[string]any
	err    error
}

// errInput is an error of the file itself; no line after it can be read.
type errInput struct{ err error }

func (e *errInput) Error() string { return e.err.Error() }
func (e *errInput) Unwrap() error { return e.err }

// resourceKey is the column or key that names an item, and is no parameter.
const resourceKey = "resource"

// open gives the lines of the source. What is wrong with a line is the line's; an
// errInput is the last.
func (s itemSource) open(a *app) (lines iter.Seq[lineItem], closer func() error, err error) {
	format, comma, err := s.reading()
	if err != nil {
		return nil, nil, err
	}
	var r io.Reader = a.stdin
	closer = func() error { return nil }
	if s.name != "-" {
		f, err := safefile.Open(a.path(s.name))
		if err != nil {
			return nil, nil, noInput("--items", s.name, err)
		}
		r, closer = f, f.Close
	}
	in := bufio.NewReaderSize(r, 64<<10)
	if err := skipMark(in); err != nil {
		return nil, closer, errors.Join(fmt.Errorf("--items %s: %w", s.name, err), closer())
	}
	if format == "ndjson" {
		return ndjsonLines(in), closer, nil
	}
	lines, err = csvLines(in, comma)
	if err != nil {
		err = fmt.Errorf("--items %s: %w", s.name, errors.Join(err, closer()))
	}
	return lines, closer, err
}

// reading settles the format, by the name unless it is given.
func (s itemSource) reading() (format string, comma rune, err error) {
	format = s.format
	if format == "" {
		switch ext := strings.ToLower(filepath.Ext(s.name)); {
		case ext == ".csv", ext == ".tsv":
			format = ext[1:]
		case s.name == "-", ext == ".ndjson", ext == ".jsonl":
			format = "ndjson"
		default:
			return "", 0, &failure{code: exitError, err: value.Err("items-tell-no-format", value.T("name", s.name)), hint: value.Say("add-items-format")}
		}
	}
	switch format {
	case "ndjson":
		if s.delimiter != "" {
			return "", 0, value.Err("delimiter-is-for-csv")
		}
	case "csv":
		comma = ','
	case "tsv":
		format, comma = "csv", '\t'
	default:
		return "", 0, &failure{code: exitError, err: value.Err("no-such-format-of-items", value.T("at", format)), hint: value.Say("formats-of-items")}
	}
	if s.delimiter != "" {
		var size int
		comma, size = utf8.DecodeRuneInString(s.delimiter)
		if size != len(s.delimiter) || comma == utf8.RuneError || strings.ContainsRune("\"\r\n", comma) {
			return "", 0, value.Err("delimiter-is-one-character", value.Q("delimiter", s.delimiter))
		}
	}
	return format, comma, nil
}

// maxLine bounds a line of NDJSON, in bytes.
const maxLine = 64 << 20

// ndjsonLines reads a JSON object a line. Empty lines are nothing.
func ndjsonLines(in *bufio.Reader) iter.Seq[lineItem] {
	return func(yield func(lineItem) bool) {
		for n := 1; ; n++ {
			content, err := readLine(in)
			if errors.Is(err, io.EOF) {
				return
			}
			item := lineItem{line: n, err: err}
			if err == nil {
				if content = bytes.TrimSpace(content); len(content) == 0 {
					continue
				}
				item.params, item.err = decodeLine(content)
			}
			var broken *errInput
			if !yield(item) || errors.As(item.err, &broken) {
				return
			}
		}
	}
}

func decodeLine(content []byte) (map[string]any, error) {
	if !utf8.Valid(content) {
		return nil, value.Err("line-is-no-utf-8")
	}
	v, err := decodeJSON(content)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, value.Err("line-holds-no-object")
	}
	return m, nil
}

// readLine reads a line. One that is too long ends the input: its end may be gigabytes away.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, &errInput{value.Err("line-is-too-long", value.N("n", maxLine>>20))}
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return nil, &errInput{value.While(err, "reading-items")}
		case err != nil && len(line) == 0:
			return nil, io.EOF
		}
		return line, nil
	}
}

// csvLines reads a row a line. The header holds the paths of the parameters, as on
// the command line; an empty cell gives nothing.
func csvLines(in io.Reader, comma rune) (iter.Seq[lineItem], error) {
	bound := &rowLimit{r: in}
	r := csv.NewReader(bound)
	r.Comma = comma
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, value.Err("file-of-items-is-empty")
	}
	if err != nil {
		return nil, value.While(err, "in-the-header")
	}
	columns, err := csvColumns(header)
	if err != nil {
		return nil, err
	}
	return func(yield func(lineItem) bool) {
		for {
			bound.read = 0
			record, err := r.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			item := csvItem(r, columns, record, err)
			var broken *errInput
			if !yield(item) || errors.As(item.err, &broken) {
				return
			}
		}
	}, nil
}

// A rowLimit bounds what is read for one row: a quote that is never closed would take the
// whole file for one cell.
type rowLimit struct {
	r    io.Reader
	read int // bytes since the row began, and what was read ahead
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.read > maxLine {
		return 0, value.Err("row-is-too-long", value.N("n", maxLine>>20))
	}
	n, err := l.r.Read(p)
	l.read += n
	return n, err
}

func csvColumns(header []string) (columns [][]string, err error) {
	if err := refuseHeader(header); err != nil {
		return nil, err
	}
	check := newTree()
	for i, name := range header {
		path, rest, err := splitPath(strings.TrimSpace(name))
		if err == nil && rest != "" {
			err = value.Err("column-is-named-by-path-alone")
		}
		if err == nil {
			err = check.set(path, "")
		}
		if err != nil {
			return nil, value.While(err, "in-the-column", value.N("n", i+1), value.Q("name", name))
		}
		columns = append(columns, path)
	}
	if err := refuseCredentials(check.finish()); err != nil {
		return nil, err
	}
	return columns, nil
}

func csvItem(r *csv.Reader, columns [][]string, record []string, err error) lineItem {
	var malformed *csv.ParseError
	switch {
	case errors.As(err, &malformed) && errors.Is(err, csv.ErrFieldCount):
		return lineItem{line: malformed.StartLine, err: value.Err("row-has-other-cells", value.N("n", len(record)), value.N("other", len(columns)))}
	case errors.As(err, &malformed):
		return lineItem{line: malformed.StartLine, err: malformed.Err}
	case err != nil:
		return lineItem{err: &errInput{value.While(err, "reading-items")}}
	}
	line, _ := r.FieldPos(0)
	t := newTree()
	for i, cell := range record {
		if cell == "" {
			continue
		}
		if !utf8.ValidString(cell) {
			return lineItem{line: line, err: &failure{code: exitError, err: value.Err("cell-is-no-utf-8", value.T("path", showPath(columns[i]))), hint: hintEncoding()}}
		}
		if err := t.set(columns[i], strings.Clone(cell)); err != nil {
			return lineItem{line: line, err: err}
		}
	}
	params := t.finish()
	if len(params) == 0 {
		return lineItem{line: line, err: value.Err("row-holds-no-value")}
	}
	return lineItem{line: line, params: params}
}

// item makes a call of a line: the common parameters with those of the line over
// them. Its name is what the line says, else the method and the line's number.
func (l lineItem) item(common bitrix.Request) bitrix.Item {
	it := bitrix.Item{Resource: fmt.Sprintf("%s:%d", common.Method, l.line), Err: l.err}
	if l.err != nil {
		it.Err = &badItem{l.err}
		return it
	}
	if v, ok := l.params[resourceKey]; ok {
		name, ok := v.(string)
		if number, isNumber := v.(json.Number); isNumber {
			name, ok = number.String(), true
		}
		if !ok || name == "" {
			it.Err = &badItem{value.Err("item-name-is-text", value.T("key", resourceKey))}
			return it
		}
		it.Resource = name
		delete(l.params, resourceKey)
	}
	if err := refuseCredentials(l.params); err != nil {
		it.Err = &badItem{err}
		return it
	}
	it.Params = under(common.Params.(map[string]any), l.params)
	if common.IdempotencyKey != "" {
		it.IdempotencyKey = fmt.Sprintf("%s-%d", common.IdempotencyKey, l.line)
	}
	return it
}

// A badItem is a line that gives no call.
type badItem struct{ err error }

func (b *badItem) Error() string { return b.err.Error() }
func (b *badItem) Unwrap() error { return b.err }
