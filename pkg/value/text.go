package value

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textCodec: text as written. The portal answers "" or null for empty.
type textCodec struct{ base }

func (c textCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil {
		return Value{}, err
	}
	return c.text(t)
}

func (c textCodec) text(t string) (Value, error) {
	n := utf8.RuneCountInString(t)
	switch {
	case strings.ContainsRune(t, 0):
		return Value{}, Bad("type", "holds-nul", "remove-nul", written(t))
	case t == "" && c.NoClear:
		return Value{}, c.isEmpty(t)
	case c.Length > 0 && n > c.Length:
		return Value{}, Bad("length", "too-long", "shorten", written(t), N("length", n), N("most", c.Length), N("more", n-c.Length))
	}
	return textOrNothing(t), nil
}

func (c textCodec) Traits() Traits {
	return Traits{OneLine: c.Length > 0, Text: true, Findable: true, Listed: true, Trimmed: true, Keyed: true, Plain: true}
}

func (c textCodec) Schema() map[string]any {
	s := c.base.Schema()
	if c.Length > 0 {
		s["maxLength"] = c.Length
	}
	return s
}

// locationCodec: a place of the portal, by its id.
type locationCodec struct{ textCodec }

func (c locationCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.filled(d)
	return textOrNothing(t), err
}

func (locationCodec) Traits() Traits {
	return Traits{OneLine: true, Listed: true, Keyed: true, Plain: true}
}

// urlCodec: a link to the web; the portal trims it.
type urlCodec struct{ textCodec }

func (c urlCodec) Parse(n Names, d Node) (Value, error) {
	d.Text = strings.TrimSpace(d.Text)
	return c.textCodec.Parse(n, d)
}

func (c urlCodec) Traits() Traits {
	t := c.textCodec.Traits()
	t.Trimmed = false
	return t
}

// identCodec: the number of a register, a tax office or a bank. People write it in
// groups, with blanks, points or dashes, and in either case: it is the same number.
type identCodec struct{ textCodec }

func (identCodec) Same(want, live Value) bool { return SameIdent(want.Text, live.Text) }

func (identCodec) Key(v Value) string {
	if key := Ident(v.Text); key != "" {
		return key
	}
	return v.Text
}

// SameIdent compares two numbers of registers by their letters and digits. A text
// without any is only equal to itself.
func SameIdent(a, b string) bool {
	if a == b {
		return true
	}
	x := Ident(a)
	return x != "" && x == Ident(b)
}

// Ident gives the letters and digits of a number of a register, in upper case.
func Ident(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s))
}

// choiceCodec: one text of a closed list.
type choiceCodec struct{ base }

func (c choiceCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	switch {
	case err != nil:
		return Value{}, err
	case t == "":
		return Value{}, c.isEmpty(t)
	case !slices.Contains(c.Choices, t):
		return Value{}, Bad("type", "is-none-of", "", written(t), L("choices", c.Choices))
	}
	return Text(t), nil
}

func (choiceCodec) Traits() Traits {
	return Traits{Findable: true, Listed: true, Keyed: true, Plain: true}
}

func (c choiceCodec) Schema() map[string]any {
	return map[string]any{"enum": append(anyOf(c.Choices), nil)}
}

func anyOf(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// currencyCodec: the three letters of ISO 4217, compared without case.
type currencyCodec struct{ base }

func (c currencyCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	switch {
	case err != nil || t == "" && !c.Filled:
		return Value{}, err
	case !isCurrency(t):
		return Value{}, Bad("type", "no-currency", "write-iso-4217", written(t))
	}
	return Text(strings.ToUpper(t)), nil
}

func isCurrency(t string) bool {
	return len(t) == 3 && !strings.ContainsFunc(t, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
}

func (currencyCodec) Traits() Traits {
	return Traits{Findable: true, Listed: true, Keyed: true, Plain: true}
}

// booleanCodec: "Y" or "N"; only these two are safe to send.
type booleanCodec struct{ base }

func (c booleanCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil {
		return Value{}, err
	}
	switch strings.ToLower(t) {
	case "y", "yes", "true":
		return Text("Y"), nil
	case "n", "no", "false":
		return Text("N"), nil
	}
	return Value{}, Bad("type", "not-boolean", "write-boolean", written(t))
}

// Read takes whatever is not yes for no: the portal answers nothing for a box that was
// never ticked.
func (booleanCodec) Read(raw []byte) (Value, error) {
	if IsYes(raw) {
		return Text("Y"), nil
	}
	return Text("N"), nil
}

// IsYes tells whether the portal's JSON says yes.
func IsYes(raw []byte) bool {
	switch strings.ToLower(PlainText(raw)) {
	case "y", "true", "1":
		return true
	}
	return false
}

func (booleanCodec) Same(want, live Value) bool { return (want.Text == "Y") == (live.Text == "Y") }

func (booleanCodec) Declare(_ Names, v Value) Node {
	if v.IsEmpty() {
		return Node{}
	}
	return Node{Kind: Scalar, Plain: true, Text: strconv.FormatBool(v.Text == "Y")}
}

func (booleanCodec) Schema() map[string]any {
	return map[string]any{"enum": []any{true, false, "Y", "N"}}
}

func (booleanCodec) Traits() Traits {
	return Traits{Findable: true, Flag: true, Keyed: true, Plain: true}
}

// flagCodec is yes or no in the user fields of the older methods, which keep it as 1 or 0.
type flagCodec struct{ booleanCodec }

func (flagCodec) Wire(want, _ Value) any {
	if want.Text == "Y" {
		return "1"
	}
	return "0"
}

// checkBoxCodec is yes or no as a property of a product. It is written as Y or N; where
// the id of an option comes back, Choices has the ids of those that mean yes.
type checkBoxCodec struct{ booleanCodec }

func (c checkBoxCodec) Read(raw []byte) (Value, error) {
	if slices.Contains(c.Choices, PlainText(raw)) {
		return Text("Y"), nil
	}
	return c.booleanCodec.Read(raw)
}
