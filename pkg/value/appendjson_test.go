package value

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyText draws texts with what JSON escapes, and with what is no text at all.
func anyText() *rapid.Generator[string] {
	odd := rapid.SampledFrom([]string{"", `"`, `\`, "<", ">", "&", "\n", "\t", "\b", "\x00", "\x7f", "\xff", "\u2028", "\u2029", "ü", "привет", "💶", "plain"})
	return rapid.OneOf(rapid.StringN(0, 4, -1), rapid.Map(rapid.SliceOfN(odd, 0, 4), func(parts []string) (text string) {
		for _, p := range parts {
			text += p
		}
		return text
	}))
}

// anyValue draws values of every form, so deep; nested forms that no codec makes too.
func anyValue(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		v := Value{Form: Form(rapid.IntRange(0, int(FormMap)).Draw(t, "form"))}
		if v.Form == FormText {
			v.Text = anyText().Draw(t, "text")
		}
		if depth > 0 && v.Form != FormEmpty {
			for range rapid.IntRange(0, 2).Draw(t, "parts") {
				v.Parts = append(v.Parts, Part{Name: anyText().Draw(t, "name"), Value: anyValue(depth-1).Draw(t, "part")})
			}
		}
		return v
	})
}

func anyShown(depth int) *rapid.Generator[Shown] {
	return rapid.Custom(func(t *rapid.T) Shown {
		s := Shown{Text: anyText().Draw(t, "text")}
		if depth == 0 || rapid.Bool().Draw(t, "alone") {
			return s
		}
		s.Rest = &Rest{Style: Style(anyText().Draw(t, "style")), Says: anyMessage(1).Draw(t, "says"), Items: rapid.SliceOfN(anyShown(depth-1), 0, 2).Draw(t, "items")}
		for range rapid.IntRange(0, 2).Draw(t, "parts") {
			s.Rest.Parts = append(s.Rest.Parts, ShownPart{anyText().Draw(t, "name"), anyShown(depth-1).Draw(t, "part")})
		}
		return s
	})
}

func anyMessage(depth int) *rapid.Generator[Message] {
	return rapid.Custom(func(t *rapid.T) Message {
		m := Message{Code: anyText().Draw(t, "code")}
		for range rapid.IntRange(0, 2).Draw(t, "args") {
			a := Arg{Name: anyText().Draw(t, "name"), Text: anyText().Draw(t, "text"), Kind: anyText().Draw(t, "kind"), List: rapid.SliceOfN(anyText(), 0, 2).Draw(t, "list")}
			if depth > 0 {
				a.Message = rapid.Ptr(anyMessage(depth-1), true).Draw(t, "message")
				a.Messages = rapid.SliceOfN(anyMessage(depth-1), 0, 2).Draw(t, "messages")
			}
			m.Args = append(m.Args, a)
		}
		return m
	})
}

// What is appended is what encoding/json writes, to the byte.
func TestAppendedJSONIsThatOfTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v, s, m, text := anyValue(2).Draw(rt, "value"), anyShown(2).Draw(rt, "shown"), anyMessage(1).Draw(rt, "message"), anyText().Draw(rt, "text")
		for _, of := range []struct {
			what any
			got  []byte
		}{{v, v.AppendJSON(nil)}, {s, s.AppendJSON(nil)}, {m, m.AppendJSON(nil)}, {text, AppendText(nil, text)}} {
			want, err := json.Marshal(of.what)
			if err != nil {
				rt.Fatal(err)
			}
			if string(of.got) != string(want) {
				rt.Errorf("%#v:\n got %s\nwant %s", of.what, of.got, want)
			}
		}
	})
}

// A thing has members of every sort that the appender knows, and of some that it does not.
type thing struct {
	Name    string `json:"name"`
	Named   Address
	Left    string            `json:"left,omitempty"`
	Out     string            `json:"-"`
	Yes     bool              `json:"yes,omitempty"`
	N       int               `json:"n"`
	Long    int64             `json:"long,omitempty"`
	Ratio   float64           `json:"ratio,omitempty"`
	At      time.Time         `json:"at,omitzero"`
	Bytes   []byte            `json:"bytes"`
	List    []string          `json:"list"`
	Numbers []int             `json:"numbers,omitempty"`
	Map     map[string]string `json:"map,omitempty"`
	Value   Value             `json:"value,omitzero"`
	Says    Message           `json:"says,omitzero"`
	Shown   Shown             `json:"shown"`
	Raw     json.RawMessage   `json:"raw,omitempty"`
	Inner   inner             `json:"inner,omitzero"`
	Pointer *inner            `json:"pointer,omitempty"`
	Some    []inner           `json:"some,omitempty"`
	Mixed   mixed
	hidden  string
}

type inner struct {
	A, B string
	At   time.Time
}

type mixed struct {
	inner
	Own stamp
}

// A stamp writes itself.
type stamp string

func (s stamp) MarshalText() ([]byte, error) { return []byte("<" + s + ">"), nil }

// A struct is appended as encoding/json writes it, to the byte.
func TestAnAppendedStructIsThatOfTheStandardLibrary(t *testing.T) {
	texts := anyText()
	times := rapid.Map(rapid.Int64Range(-1<<35, 1<<36), func(n int64) time.Time { return time.Unix(n, n).UTC() })
	zoned := rapid.Map(times, func(at time.Time) time.Time { return at.In(time.FixedZone("", 3*3600)) })
	inners := rapid.Custom(func(t *rapid.T) inner {
		return inner{texts.Draw(t, "a"), texts.Draw(t, "b"), rapid.OneOf(times, zoned, rapid.Just(time.Time{})).Draw(t, "at")}
	})
	rapid.Check(t, func(rt *rapid.T) {
		x := thing{Name: texts.Draw(rt, "name"), Named: Address(texts.Draw(rt, "named")), Left: texts.Draw(rt, "left"), Out: "out", hidden: "hidden",
			Yes: rapid.Bool().Draw(rt, "yes"), N: rapid.Int().Draw(rt, "n"), Long: rapid.Int64().Draw(rt, "long"), Ratio: rapid.Float64Range(-9, 9).Draw(rt, "ratio"),
			At: rapid.OneOf(times, rapid.Just(time.Time{})).Draw(rt, "at"), Bytes: rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(rt, "bytes"),
			Value: anyValue(1).Draw(rt, "value"), Shown: anyShown(1).Draw(rt, "shown"), Says: anyMessage(0).Draw(rt, "says"),
			Inner: inners.Draw(rt, "inner"), Pointer: rapid.Ptr(inners, true).Draw(rt, "pointer"), Some: rapid.SliceOfN(inners, 0, 2).Draw(rt, "some"),
			Mixed: mixed{inners.Draw(rt, "mixed"), stamp(texts.Draw(rt, "stamp"))}}
		if rapid.Bool().Draw(rt, "more") {
			x.List, x.Numbers, x.Raw, x.Map = rapid.SliceOfN(texts, 0, 2).Draw(rt, "list"), []int{1, 2}, json.RawMessage(`{"a": "<"}`), map[string]string{"b": "&", "a": ""}
		}
		want, err := json.Marshal(&x)
		if err != nil {
			rt.Fatal(err)
		}
		if got := AppendJSON([]byte("before"), &x, nil); string(got) != "before"+string(want) {
			rt.Errorf("\n got %s\nwant %s", got, want)
		}
		var laid bytes.Buffer
		e := json.NewEncoder(&laid)
		e.SetEscapeHTML(false)
		e.SetIndent("    ", "  ")
		if err := e.Encode(&x); err != nil {
			rt.Fatal(err)
		}
		if got := AppendIndented(nil, &x, "    "); string(got)+"\n" != laid.String() {
			rt.Errorf("indented\n got %s\nwant %s", got, laid.String())
		}
	})
}
