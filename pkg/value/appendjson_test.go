package value

import (
	"encoding/json"
	"testing"

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
