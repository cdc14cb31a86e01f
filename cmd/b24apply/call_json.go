package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/b24apply/b24apply/pkg/value"
)

// decodeJSON reads one JSON value. Numbers stay as they are written, and an object
// that gives a name twice is an error instead of losing one of the values.
func decodeJSON(content []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	v, err := decodeValue(d)
	var twice twiceError
	switch {
	case errors.As(err, &twice):
		return nil, err
	case errors.Is(err, io.EOF):
		return nil, value.Err("there-is-no-json")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, value.Err("json-ends-early")
	case err != nil:
		return nil, value.While(err, "no-json-after-byte", value.N("byte", int(d.InputOffset())))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, value.Err("something-follows-json-value")
	}
	return v, nil
}

// A twiceError is a name that an object gives twice.
type twiceError string

func (e twiceError) Error() string { return e.Says().String() }

// Says is the error for people.
func (e twiceError) Says() value.Message {
	return value.Say("is-given-twice", value.Q("name", string(e)))
}

// Remedy is zero: the error says it.
func (twiceError) Remedy() value.Message { return value.Message{} }

func decodeValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(d)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decodeValue(d)
			if err != nil {
				return nil, inside(err)
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, inside(err)
	}
	return token, nil
}

func decodeObject(d *json.Decoder) (any, error) {
	object := map[string]any{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, inside(err)
		}
		name, _ := key.(string) // the decoder takes nothing else for a key
		if _, ok := object[name]; ok {
			return nil, twiceError(name)
		}
		if object[name], err = decodeValue(d); err != nil {
			return nil, inside(err)
		}
	}
	_, err := d.Token()
	return object, inside(err)
}

// inside tells the end of the input within a value from one before it.
func inside(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// writeJSON prints a portal's JSON value on one line, or indented for people.
func writeJSON(w io.Writer, raw json.RawMessage, pretty bool) error {
	var b bytes.Buffer
	plain := plainJSON(raw)
	var err error
	if pretty {
		err = json.Indent(&b, plain, "", "  ")
	} else {
		err = json.Compact(&b, plain)
	}
	if err != nil {
		return value.While(err, "printing-result")
	}
	b.WriteByte('\n')
	_, err = w.Write(b.Bytes())
	return err
}

// plainEscapes are escapes that the portal writes where none are needed.
var plainEscapes = map[string]byte{`\u003c`: '<', `\u003e`: '>', `\u0026`: '&', `\u0027`: '\''}

// plainJSON writes the characters that are only escaped for web pages as themselves.
func plainJSON(value json.RawMessage) []byte {
	if !bytes.Contains(value, []byte(`\`)) {
		return value
	}
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' || i+1 == len(value) {
			out = append(out, value[i])
			continue
		}
		if value[i+1] == '/' {
			out = append(out, '/')
			i++
			continue
		}
		if i+6 <= len(value) {
			if c, ok := plainEscapes[string(bytes.ToLower(value[i:i+6]))]; ok {
				out = append(out, c)
				i += 5
				continue
			}
		}
		out = append(out, value[i], value[i+1]) // an escaped backslash begins no other escape
		i++
	}
	return out
}
