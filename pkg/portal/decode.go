package portal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// maxJSONDepth is the nesting that PHP's json_decode accepts.
const maxJSONDepth = 512

var errJSON = errors.New("malformed JSON")

// decodeJSON reads one JSON value, keeping the order of keys and the text of
// numbers. It is as strict as PHP: a byte order mark, bytes that are no UTF-8,
// text after the value and deep nesting are errors.
func decodeJSON(data []byte) (any, error) {
	if !utf8.Valid(data) || bytes.HasPrefix(data, []byte("\uFEFF")) {
		return nil, errJSON
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := decodeValue(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errJSON
	}
	return v, nil
}

func decodeValue(dec *json.Decoder, depth int) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	delim, nested := token.(json.Delim)
	switch {
	case !nested:
		return token, nil
	case depth >= maxJSONDepth:
		return nil, errJSON
	case delim == '{':
		return decodeObject(dec, depth+1)
	}
	return decodeArray(dec, depth+1)
}

func decodeObject(dec *json.Decoder, depth int) (any, error) {
	m := new(Map)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, errJSON
		}
		value, err := decodeValue(dec, depth)
		if err != nil {
			return nil, err
		}
		m.Set(key, value)
	}
	_, err := dec.Token() // the closing brace
	return m, err
}

func decodeArray(dec *json.Decoder, depth int) (any, error) {
	list := []any{}
	for dec.More() {
		value, err := decodeValue(dec, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := dec.Token() // the closing bracket
	return list, err
}
