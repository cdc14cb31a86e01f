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
	english.Sentences["of-a-test"] = "{kinds}: {n} {n|row|rows} of {names| or }, {cause}; {ref: …} ${{key}}"
	defer delete(english.Sentences, "of-a-test")
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
	for _, tc := range []struct {
		message value.Message
		want    string
	}{
		{value.Do("BLOCKED", value.T("root", "deal/a")), "mend deal/a and apply again"},
		{value.Do("BLOCKED"), "mend what it depends on and apply again"},
		{value.Do("NOT_READ"), "plan again"},
		{value.Do("QUERY_LIMIT_EXCEEDED"), ""},
		{value.DoIn(value.Refused, "BLOCKED"), ""},
	} {
		if got := Text(tc.message); got != tc.want {
			t.Errorf("%v is %q, want %q", tc.message, got, tc.want)
		}
	}
}

// Every code of package value has a hint; one whose hint has arguments has another one for
// where they are not known.
func TestEveryCodeHasAHint(t *testing.T) {
	known := make(map[string]bool)
	for _, c := range value.Codes(value.Problem | value.Refused | value.Outcome | value.Call | value.Noted | value.Saved) {
		known[c.Name] = true
		hint, ok := hints[c.Name]
		if !ok {
			t.Errorf("%s has no hint", c.Name)
		}
		_, general := hints[c.Name+inGeneral]
		if general != (len(places(hint)) > 0) {
			t.Errorf("%s: the hint %q in general: %t", c.Name, hint, general)
		}
		known[c.Name+inGeneral] = general
	}
	for code, hint := range hints {
		if !known[code] {
			t.Errorf("the hint of %s is of no code", code)
		}
		if strings.HasSuffix(hint, ".") || strings.Contains(hint, "](") || strings.HasSuffix(code, inGeneral) && len(places(hint)) > 0 {
			t.Errorf("%s: a hint is plain text without a full stop, and without places in general: %q", code, hint)
		}
	}
}

// A language with three forms of nouns needs no more than a catalogue: its own order of
// words, forms of words and nouns of kinds.
func TestAnotherLanguageIsAnotherCatalogue(t *testing.T) {
	russian := &Catalogue{
		Sentences: map[string]string{"point-at-it": "{counts|, | \u0438 }: {n|one|few|many}"},
		Hints:     map[string]string{"BLOCKED": "{root} first", "BLOCKED in general": "the other first"},
		Kinds:     map[string][]string{"Deal": {"\u0441\u0434\u0435\u043b\u043a\u0430", "\u0441\u0434\u0435\u043b\u043a\u0438", "\u0441\u0434\u0435\u043b\u043e\u043a"}},
		Form: func(n int) int {
			switch {
			case n%10 == 1 && n%100 != 11:
				return 0
			case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
				return 1
			}
			return 2
		},
	}
	english := &Catalogue{Sentences: map[string]string{"point-at-it": "{counts|, | and } {n|points|point} at it"}, Form: english.Form}
	say := func(n, spas int) value.Message {
		count := func(c value.Arg) value.Message { return value.Say("counted", c) }
		return value.Say("point-at-it", value.N("n", n), value.Ms("counts", []value.Message{
			count(value.C("things", n, "Deal", "deal", "deals")), count(value.C("things", spas, "Made up", "thing", "things")), value.Say("rest")}))
	}
	for _, c := range []*Catalogue{russian, english} {
		c.Sentences["counted"], c.Sentences["rest"] = "{things}", "{ref: \u2026}"
	}
	for _, tc := range []struct {
		in      *Catalogue
		message value.Message
		want    string
	}{
		{russian, say(21, 1), "21 \u0441\u0434\u0435\u043b\u043a\u0430, 1 thing \u0438 {ref: \u2026}: one"},
		{russian, say(22, 5), "22 \u0441\u0434\u0435\u043b\u043a\u0438, 5 things \u0438 {ref: \u2026}: few"},
		{russian, say(11, 2), "11 \u0441\u0434\u0435\u043b\u043e\u043a, 2 things \u0438 {ref: \u2026}: many"},
		{english, say(21, 1), "21 deals, 1 thing and {ref: \u2026} point at it"},
		{english, say(1, 1), "1 deal, 1 thing and {ref: \u2026} points at it"},
		{russian, value.Do("BLOCKED"), "the other first"},
		{russian, value.Do("BLOCKED", value.T("root", "deal/a")), "deal/a first"},
	} {
		if got := tc.in.Text(tc.message); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
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
		sentence, known := english.sentence(value.Message{Code: m.code, Args: make([]value.Arg, len(m.args))})
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
	for code := range english.Sentences {
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
	if n != len(english.Sentences) {
		t.Errorf("%d sentences have %d codes", n, len(english.Sentences))
	}
	for code, sentence := range english.Sentences {
		isLine := uiMessages[code]+reviewMessages[code]+pageMessages[code]+cmdMessages[code]+commandMessages[code] != ""
		if strings.ToLower(code) != code || strings.ContainsAny(code, " _") {
			t.Errorf("%s is not in kebab-case", code)
		}
		if sentence == "" || strings.HasSuffix(sentence, ".") && !isLine || strings.Contains(sentence, "\n") {
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
	for _, dir := range []string{"pkg", "cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "words" {
				return fs.SkipDir
			}
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

// messagesOf reads a call that makes messages: value.Say, value.Do, or value.Bad and unmet,
// which make two with the same arguments. The name of an argument is the first literal of the call that
// makes it.
func messagesOf(call *ast.CallExpr) []said {
	codes, rest, before := []ast.Expr(nil), call.Args, ""
	switch name := called(call); {
	case (name == "Say" || name == "say" || name == "Err" || name == "fine" || name == "note" || name == "tell") && len(call.Args) > 0:
		codes, rest = call.Args[:1], call.Args[1:]
	case name == "Do" && len(call.Args) > 0:
		codes, rest, before = call.Args[:1], call.Args[1:], "do/"
	case name == "Bad" && len(call.Args) > 2:
		codes, rest = call.Args[1:3], call.Args[3:]
	case name == "While" && len(call.Args) > 1:
		codes, rest = call.Args[1:2], append(slices.Clone(call.Args[2:]), causeArg)
	case name == "unread" && len(call.Args) == 2:
		codes, rest = call.Args[:1], []ast.Expr{valueArg}
	case name == "unmet" && len(call.Args) > 3:
		codes, rest = call.Args[2:4], call.Args[4:]
	}
	var out []said
	for _, c := range codes {
		if code, ok := literal(c); ok && code != "" {
			m := argumentsOf(rest)
			m.code, m.open = before+code, m.open || call.Ellipsis.IsValid()
			m.shared = len(codes) > 1
			out = append(out, m)
		}
	}
	return out
}

// The arguments that value.While and a codec's unread add to those that are written.
var causeArg, valueArg = argumentNamed("cause"), argumentNamed("value")

func argumentNamed(name string) ast.Expr {
	return &ast.CallExpr{Args: []ast.Expr{&ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(name)}}}
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
