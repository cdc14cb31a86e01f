package bitrix

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"
)

// replaced is what encoding/json writes in place of bytes that are not UTF-8. A
// replacement character that was there before it writes as it is.
var replaced = []byte(`\ufffd`)

// checkUTF8 refuses parameters whose text is not UTF-8: encoding/json would
// replace the bytes without a word. body is how it encoded them.
func checkUTF8(params any, body []byte) error {
	if utf8.Valid(body) && !bytes.Contains(body, replaced) {
		return nil
	}
	if name, found := notUTF8(reflect.ValueOf(params), ""); found {
		return fmt.Errorf("parameter %s is not UTF-8 text; convert it before it is sent", name)
	}
	if !utf8.Valid(body) {
		return fmt.Errorf("the parameters are not UTF-8 text; convert them before they are sent")
	}
	return nil
}

// notUTF8 finds the first text that is not UTF-8 and tells where it is.
func notUTF8(v reflect.Value, name string) (where string, found bool) {
	switch v.Kind() {
	case reflect.String:
		return name, !utf8.ValidString(v.String())
	case reflect.Interface, reflect.Pointer:
		return notUTF8(v.Elem(), name)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if where, found := notUTF8(v.Index(i), fmt.Sprintf("%s[%d]", name, i)); found {
				return where, true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if where, found := notUTF8(v.Field(i), member(name, v.Type().Field(i).Name)); found {
				return where, true
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare(fmt.Append(nil, a), fmt.Append(nil, b)) })
		for _, key := range keys {
			inner := member(name, fmt.Sprint(key))
			if key.Kind() == reflect.String && !utf8.ValidString(key.String()) {
				return fmt.Sprintf("name %q", key.String()), true
			}
			if where, found := notUTF8(v.MapIndex(key), inner); found {
				return where, true
			}
		}
	}
	return "", false
}

// member is the name of a value inside another, as in a query.
func member(outer, name string) string {
	if outer == "" {
		return name
	}
	return outer + "[" + name + "]"
}
