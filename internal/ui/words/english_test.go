package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// spoken are the packages of which people read what they say. The client is not among them:
// its errors are for programs of others too, which have no catalogue; what to do about them is
// a code. Nor is the portal in a box, which says what Bitrix24 says.
var spoken = []string{"pkg/value", "pkg/kind", "pkg/plan", "pkg/live", "pkg/diff", "pkg/wire", "pkg/apply", "pkg/spec", "internal/ui", "internal/runlock", "cmd/b24apply"}

// sentence matches two words with a blank between them.
var sentence = regexp.MustCompile(`[\pL']{2,}[,;:]? [\pL']{2,}`)

// unspoken are the fields and calls whose texts are no messages.
var unspoken = map[string]string{
	"Use": "help", "Short": "help", "Long": "help", "Example": "help", // of a command, which is whole texts; a language brings its own
	"Why": "documentation", "Do": "documentation", // of a code, for docs/errors.md
	"panic": "a bug", "MustCompile": "a pattern", "MatchString": "a pattern",
	"DebugContext": "log", "InfoContext": "log", "WarnContext": "log", // for who looks for a fault
	"Contains": "what others say", // such as the YAML parser, whose texts are compared
	"Set":      "a header", "Header": "a header",
}

// flags are the calls that declare a flag, whose last argument is its help.
var flags = regexp.MustCompile(`^(Bool|String|Int|Duration|Uint64|Count|StringArray|StringSlice)?(Var|VarP|VarPF)$`)

// helps are the calls of this program whose texts are the help of a command or a flag.
var helps = []string{"one"}

// written are files whose texts are read elsewhere than in a terminal, each with its reason.
var written = map[string]string{
	"pkg/spec/form/make.go":      "the descriptions in JSON Schemas, which editors show",
	"pkg/spec/form/recordset.go": "the same",
	"internal/ui/junit.go":       "the tags of XML",
	"cmd/b24apply/root.go":       "the frame of the help",
	"cmd/b24apply/version.go":    "the line of the version, which programs read",
}

// kinds are the texts of package kind: descriptions of fields in JSON Schemas, and the English
// nouns of kinds, for which a catalogue may have its own.
const kinds = "pkg/kind/"

// names are texts that only look like a sentence, or are a part of JSON.
var names = []string{
	"the portal in a box", // in plan files; ui says it in words
	"b24apply key",        // the label of a field that is made on the portal
	"cut off", "not sent", // states of runs and items in JSON
	"portal's name", "scope crm", "other scopes", "CRM settings", "read access", "time zone", // checks of doctor in JSON
	"company CO_…",                                     // a code behind the noun of its kind
	"{file: path}", `{amount: "12.50", currency: EUR}`, // as it is written in a manifest
	"(not shown, since it comes from a variable)", " (listed in its card)", // inside a value, in saved plans too
	"--items-format tsv", "b24apply apply", "b24apply plan --portal embedded", " plan --portal embedded", // as it is typed
	"DD.MM.YYYY HH:mm", "DD.MM.YYYY HH:mm:ss", "YYYY-MM-DD HH:mm:ss", "YYYY-MM-DD HH:mm", // forms of times in tables
	"text/html; charset=utf-8", "<!DOCTYPE html>\n<html lang=\"en\">\n<title>%s</title>\n<h1>%[1]s</h1>\n<p>%s</p>\n",
}

// No English stands outside the catalogue, but for what is listed here with its reason.
func TestNoEnglishStandsOutsideTheCatalogue(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	read := 0
	for _, dir := range spoken {
		err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(dir)), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == "words" || d.Name() == "testdata" || d.Name() == "template" || d.Name() == "madeup") {
				return fs.SkipDir
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil || written[filepath.ToSlash(name)] != "" {
				return err
			}
			read++
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			for _, lit := range englishIn(file, strings.HasPrefix(filepath.ToSlash(name), kinds)) {
				t.Errorf("%s: %.120s: say a code with value.Say or value.Err, and give it a sentence in this package", set.Position(lit.Pos()), lit.Value)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 300 {
		t.Errorf("only %d files were read", read)
	}
}

// englishIn gives the literals of a file that are English; with errorsOnly those of errors alone.
func englishIn(file *ast.File, errorsOnly bool) (out []*ast.BasicLit) {
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			key, ok := n.Key.(*ast.Ident)
			return !ok || unspoken[key.Name] == ""
		case *ast.CallExpr:
			name := called(n)
			if flags.MatchString(name) {
				for _, arg := range n.Args[:len(n.Args)-1] {
					ast.Inspect(arg, visit)
				}
				return false
			}
			if errorsOnly && (name == "New" || name == "Errorf") {
				out = append(out, sentencesIn(n)...)
			}
			return unspoken[name] == "" && !slices.Contains(helps, name)
		case *ast.BasicLit:
			if !errorsOnly {
				out = append(out, sentencesIn(n)...)
			}
		}
		return true
	}
	ast.Inspect(file, visit)
	return out
}

func sentencesIn(n ast.Node) (out []*ast.BasicLit) {
	ast.Inspect(n, func(n ast.Node) bool {
		if text, ok := literal(n); ok && sentence.MatchString(text) && !slices.Contains(names, text) {
			out = append(out, n.(*ast.BasicLit))
		}
		return true
	})
	return out
}
