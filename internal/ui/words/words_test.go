package words

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
)

func TestTextPutsArgumentsInTheirPlaces(t *testing.T) {
	english["of-a-test"] = "{kinds}: {n} {n|row|rows} of {names| or }, {cause}; {ref: …} ${{key}}"
	defer delete(english, "of-a-test")
	say := func(n int, names ...string) value.Message {
		return value.Say("of-a-test", value.K("kinds", "Deal", "deals"), value.N("n", n), value.L("names", names),
			value.M("cause", value.Verbatim("{n} is verbatim")), value.T("key", "var.x"))
	}
	for _, tc := range []struct {
		message value.Message
		want    string
	}{
		{value.Message{}, ""},
		{say(1, "a", "b"), "deals: 1 row of a or b, {n} is verbatim; {ref: …} ${var.x}"},
		{say(21), "deals: 21 rows of , {n} is verbatim; {ref: …} ${var.x}"},
		{value.Say("of-a-test", value.L("names", []string{"a"})), "{kinds}: {n} {n|row|rows} of a, {cause}; {ref: …} ${{key}}"},
		{value.Say("of-a-later-version", value.T("name", "x\ny")), `of-a-later-version name="x\ny"`},
	} {
		if got := Text(tc.message); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
		text, err := json.Marshal(tc.message)
		var read value.Message
		if err == nil {
			err = json.Unmarshal(text, &read)
		}
		if got := Text(read); err != nil || got != tc.want {
			t.Errorf("from JSON: got %q, want %q (%v)", got, tc.want, err)
		}
	}
}

func TestAHintIsThatOfItsCodeUnlessAnotherIsSaid(t *testing.T) {
	if got := Hint("NOT_READ", value.Message{}); got != "plan again" {
		t.Errorf("got %q", got)
	}
	if got := Hint("NOT_READ", value.Verbatim("wait")); got != "wait" {
		t.Errorf("got %q", got)
	}
	for _, m := range []value.Message{value.Do("BLOCKED", "deal/a"), value.Do("BLOCKED"), value.Do("NOT_READ", "unused"), value.DoIn(value.Refused, "BLOCKED")} {
		code, ok := value.Done(m)
		args := make([]any, len(m.Args))
		for i, a := range m.Args {
			args[i] = a.Text
		}
		if got := Text(m); ok != !m.IsZero() || ok && got != value.Hint(code, args...) || !ok && got != "" {
			t.Errorf("%v is %q", m, got)
		}
	}
}

// A said message is one that the source makes.
type said struct {
	code string
	at   token.Position
	args []string // their names
	open bool     // not all of them are written there

	shared bool // they are those of another sentence too
}

// Every message of the source has a sentence with its arguments, and every sentence is
// said somewhere.
func TestEverySentenceIsSaidAndEveryMessageHasOne(t *testing.T) {
	messages, literals := readSource(t)
	if len(messages) < 100 {
		t.Fatalf("only %d messages were found", len(messages))
	}
	for _, m := range messages {
		sentence, known := english[m.code]
		if !known {
			t.Errorf("%s: the message %s has no sentence in this package", m.at, m.code)
		}
		for _, name := range places(sentence) {
			if !m.open && !slices.Contains(m.args, name) {
				t.Errorf("%s: the sentence of %s has {%s}, and the message no such argument", m.at, m.code, name)
			}
		}
		for _, name := range m.args {
			if known && !m.shared && !slices.Contains(places(sentence), name) {
				t.Errorf("%s: the message %s has the argument %s, and its sentence no place for it", m.at, m.code, name)
			}
		}
	}
	for code := range english {
		if !literals[code] {
			t.Errorf("nothing says %s", code)
		}
	}
}

func TestSentencesStandOnceSortedAndWithoutAFullStop(t *testing.T) {
	n := 0
	for _, file := range files {
		n += len(file)
	}
	if n != len(english) {
		t.Errorf("%d sentences have %d codes", n, len(english))
	}
	for code, sentence := range english {
		if strings.ToLower(code) != code || strings.ContainsAny(code, " _") {
			t.Errorf("%s is not in kebab-case", code)
		}
		if sentence == "" || strings.HasSuffix(sentence, ".") || strings.Contains(sentence, "\n") {
			t.Errorf("%s: %q is no sentence on one line without a full stop", code, sentence)
		}
	}
}

func places(sentence string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(sentence, -1) {
		names = append(names, m[1])
	}
	return names
}

// readSource gives the messages of the source with a literal code, and all literals: a
// code may stand in a table.
func readSource(t *testing.T) (messages []said, literals map[string]bool) {
	t.Helper()
	literals = make(map[string]bool)
	root := filepath.Join("..", "..", "..")
	for _, dir := range []string{"pkg", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if text, ok := literal(n); ok {
					literals[text] = true
				}
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				for _, m := range messagesOf(call) {
					m.at = set.Position(call.Pos())
					messages = append(messages, m)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return messages, literals
}

// messagesOf reads a call that makes messages: value.Say, or value.Bad, which makes two
// with the same arguments. The name of an argument is the first literal of the call that
// makes it.
func messagesOf(call *ast.CallExpr) []said {
	codes, rest := []ast.Expr(nil), call.Args
	switch name := called(call); {
	case name == "Say" && len(call.Args) > 0:
		codes, rest = call.Args[:1], call.Args[1:]
	case name == "Bad" && len(call.Args) > 2:
		codes, rest = call.Args[1:3], call.Args[3:]
	}
	var out []said
	for _, c := range codes {
		if code, ok := literal(c); ok && code != "" {
			m := argumentsOf(rest)
			m.code, m.open = code, m.open || call.Ellipsis.IsValid()
			m.shared = len(codes) > 1
			out = append(out, m)
		}
	}
	return out
}

func argumentsOf(exprs []ast.Expr) (m said) {
	for _, arg := range exprs {
		made, ok := arg.(*ast.CallExpr)
		name, named := "", false
		if ok && len(made.Args) > 0 {
			name, named = literal(made.Args[0])
		}
		if named {
			m.args = append(m.args, name)
		} else {
			m.open = true
		}
	}
	return m
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}
