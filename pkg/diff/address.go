package diff

import (
	"encoding/json"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A place is an address as people read it, with its coordinates if they are known.
type place struct{ text, lat, lng string }

// addressCodec: an address, declared as its text or as "text|lat;lng". The portal
// answers "text|lat;lng|id", whose id is another after every save; so the text is
// compared, and the coordinates where they are declared.
// Source: wire form of the user type address.
type addressCodec struct{}

const hintAddress = `write the address as one text, or as "text|lat;lng"`

func (addressCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || strings.TrimSpace(t) == "" {
		return nil, err
	}
	p, ok := readPlace(t)
	switch {
	case !ok:
		return nil, complain("type", hintAddress, "%q holds a | that begins no coordinates", t)
	case p.text == "":
		return nil, complain("type", hintAddress, "%q has no text", t)
	case strings.HasSuffix(p.text, "_del"):
		return nil, complain("type", "end it otherwise", "%q: the portal deletes an address that ends with _del", t)
	case json.Valid([]byte(p.text)) && p.text[0] == '{':
		return nil, complain("type", hintAddress, "the portal takes this text for a location of its own")
	}
	return p, nil
}

// readPlace reads "text", "text|lat;lng" or "text|lat;lng|id".
func readPlace(t string) (place, bool) {
	parts := strings.Split(t, "|")
	p := place{text: strings.TrimSpace(parts[0])}
	if len(parts) == 1 {
		return p, true
	}
	lat, lng, ok := strings.Cut(parts[1], ";")
	if !ok || len(parts) > 3 {
		return p, false
	}
	p.lat, ok = degrees(lat)
	lngText, okLng := degrees(lng)
	p.lng = lngText
	return p, ok && okLng
}

// degrees gives a coordinate in one spelling; none is one too.
func degrees(t string) (string, bool) {
	if t = strings.TrimSpace(t); t == "" {
		return "", true
	}
	d, err := value.ReadDecimal(t)
	if err != nil {
		return "", false
	}
	return d.String(), true
}

func (addressCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" || t == "false" {
		return nil, nil
	}
	if p, ok := readPlace(t); ok && p.text != "" {
		return p, nil
	}
	return t, nil
}

func (addressCodec) equal(want, live any) bool {
	w, okW := want.(place)
	l, okL := live.(place)
	if !okW || !okL {
		return want == live
	}
	return w.text == l.text && (w.lat+w.lng == "" || w.lat == l.lat && w.lng == l.lng)
}

func (addressCodec) send(want, _ any) any {
	p, ok := want.(place)
	switch {
	case !ok:
		return emptyText(want)
	case p.lat+p.lng == "":
		return p.text
	}
	return p.text + "|" + p.lat + ";" + p.lng
}

func (addressCodec) show(_ *scope, v any) any {
	p, ok := v.(place)
	switch {
	case !ok:
		return v
	case p.lat+p.lng == "":
		return p.text
	}
	return p.text + " (" + p.lat + ", " + p.lng + ")"
}
