package spec

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A variables is what ${…} may stand for in one load. It is only read after it is
// made, by many goroutines.
type variables struct {
	vars   map[string]variable
	getenv func(string) (string, bool)
	// open names the environments to choose from when several exist and none is
	// chosen; elsewhere lists the variables that any of them sets.
	open      []string
	elsewhere map[string]bool
	chosen    string   // the environment; "" for none
	given     []string // the variables of the command line
	names     []string // of vars, sorted, to suggest; nil where there are too many
	// credentials are what no value may be.
	credentials credentials
	// schemas check the documents in which they stand.
	schemas *schemaSet
}

// maxSuggested is the number of variables up to which those that are not set are compared
// with all that are: each of many could be wrong.
const maxSuggested = 200

// A variable is a declared value; hidden ones hold text from the process's
// environment, which messages never show.
type variable struct {
	value  value.Node
	hidden bool
}

// An expander replaces variables in one document.
type expander struct {
	*variables
	r *report
	// written gives, for each replaced scalar, how messages show it.
	written map[value.Pos]value.Arg
	used    map[string]bool // the variables that the document names
	// onlyEnv refuses ${var.…}: the project file declares those.
	onlyEnv bool
	// portal says that this is a portal block, which has variables of its own, and
	// literal that it is a part of one that has none.
	portal, literal bool
}

// expand replaces the variables in every scalar inside v, but not in keys.
func (e *expander) expand(v value.Node) value.Node {
	switch v.Kind {
	case value.Scalar:
		if strings.Contains(v.Text, "${") {
			return e.scalar(v)
		}
	case value.List:
		for i := range v.Items {
			v.Items[i] = e.expand(v.Items[i])
		}
	case value.Map:
		for i := range v.Pairs {
			v.Pairs[i].Value = e.expand(v.Pairs[i].Value)
		}
	}
	return v
}

// scalar replaces the variables in one text. A text that is exactly one variable
// takes its value, so that an unquoted null or a number keeps its type.
func (e *expander) scalar(v value.Node) value.Node {
	parts, hidden, ok := e.parts(v)
	if !ok {
		return value.Node{Kind: value.Scalar, Text: v.Text, Pos: v.Pos}
	}
	if len(parts) == 1 {
		out := parts[0]
		out.Pos = v.Pos
		if hidden && out.Text == "" {
			return e.refuseEmpty(v)
		}
		e.remember(v, out, hidden)
		return out
	}
	var text strings.Builder
	for _, p := range parts {
		if p.Kind == value.Null {
			e.refuse(v, value.Say("write-one-variable"), value.Say("variable-is-null", value.T("value", quote(v.Text))))
			return v
		}
		text.WriteString(p.Text)
	}
	out := value.Node{Kind: value.Scalar, Text: text.String(), Pos: v.Pos}
	if hidden && out.Text == "" {
		return e.refuseEmpty(v)
	}
	e.remember(v, out, hidden)
	return out
}

// refuseEmpty refuses a value that is empty because a variable of the process is: a
// secret that CI did not pass must not empty a field.
func (e *expander) refuseEmpty(v value.Node) value.Node {
	e.refuse(v, value.Say("give-variable-a-value"), value.Say("environment-variable-empty", value.T("value", quote(v.Text))))
	return v
}

func (e *expander) remember(v, out value.Node, hidden bool) {
	if e.written == nil {
		e.written = map[value.Pos]value.Arg{}
	}
	shown := value.T("value", quote(v.Text))
	if !hidden && out.Kind == value.Scalar {
		shown = value.M("value", value.Say("from-variable", value.T("value", quote(out.Text)), value.T("written", redact(v.Text))))
	}
	e.written[v.Pos] = shown
}

func (e *expander) refuse(v value.Node, hint, message value.Message) {
	e.r.problem(v.Pos, v.Text, "variable", hint, message)
}

// parts cuts a text into literal pieces and the values of its variables.
func (e *expander) parts(v value.Node) (parts []value.Node, hidden, ok bool) {
	ok = true
	literal := func(text string) {
		if text != "" {
			parts = append(parts, value.Node{Kind: value.Scalar, Text: text})
		}
	}
	for rest := v.Text; rest != ""; {
		i := strings.Index(rest, "${")
		if i < 0 {
			literal(rest)
			break
		}
		if i > 0 && rest[i-1] == '$' {
			literal(rest[:i-1] + "${")
			rest = rest[i+2:]
			continue
		}
		literal(rest[:i])
		name, after, closed := strings.Cut(rest[i+2:], "}")
		if !closed {
			e.refuse(v, value.Say("write-literal-dollar"), value.Say("variable-not-closed", value.T("value", quote(v.Text))))
			return nil, false, false
		}
		part, found := e.lookup(v, name)
		if !found {
			ok = false
		}
		parts, hidden, rest = append(parts, part.value), hidden || part.hidden, after
	}
	return parts, hidden, ok
}

// lookup finds what ${name} stands for, or reports why nothing does.
func (e *expander) lookup(v value.Node, name string) (variable, bool) {
	if key, ok := strings.CutPrefix(name, "env."); ok {
		return e.env(v, key)
	}
	key, ok := strings.CutPrefix(name, "var.")
	if ok && e.used == nil {
		e.used = make(map[string]bool)
	}
	if ok {
		e.used[key] = true
	}
	switch {
	case !ok:
		e.refuse(v, value.Say("write-a-variable"), value.Say("is-no-variable", value.T("name", redact(name))))
		return variable{}, false
	case e.onlyEnv:
		e.refuse(v, value.Say("use-environment-variable"), value.Say("variable-in-project", value.T("name", name)))
		return variable{}, false
	}
	if found, ok := e.vars[key]; ok {
		return found, true
	}
	if len(e.open) > 0 && e.elsewhere[key] {
		e.r.problem(v.Pos, v.Text, "environment", value.Say("choose-environment", value.L("names", e.open)), value.Say("variable-needs-environment", value.T("name", quote(key))))
		return variable{}, false
	}
	hint := value.Say("set-variable", value.T("name", key))
	if near, ok := Suggest(key, e.names); ok {
		hint = value.Say("did-you-mean-variable", value.T("near", near), value.T("name", key))
	}
	e.refuse(v, hint, value.Say("variable-not-set", value.T("name", quote(key))))
	return variable{}, false
}

func (e *expander) env(v value.Node, key string) (variable, bool) {
	if hint := e.outOfBounds(v, key); !hint.IsZero() {
		e.refuse(v, hint, value.Say("variable-out-of-bounds", value.T("name", redact(key))))
		return variable{}, false
	}
	text, ok := e.getenv(key)
	if !ok {
		e.refuse(v, value.Say("export-variable", value.T("name", key)), value.Say("environment-variable-not-set", value.T("name", quote(key))))
		return variable{}, false
	}
	// Text, never null or a boolean: an empty variable must not clear a field.
	return variable{value.Node{Kind: value.Scalar, Text: text}, true}, true
}

// outOfBounds says what to do where an environment variable cannot be used; zero where it
// can. In a portal block it is the whole value, so that nothing of it can be sent or looked
// up under a name that somebody else has chosen.
func (e *expander) outOfBounds(v value.Node, key string) value.Message {
	switch {
	case e.literal:
		return value.Say("write-out-credential")
	case !e.portal && strings.HasPrefix(key, ManifestVariables), e.portal && isCredentialVariable(key) && v.Text == "${env."+key+"}":
		return value.Message{}
	case e.portal && isCredentialVariable(key):
		return value.Say("portal-variable-is-whole")
	case e.portal:
		return value.Say("portal-variables", value.T("own", ownVariables), value.T("manifests", ManifestVariables))
	}
	if name, ok := strings.CutPrefix(key, ownVariables); ok && variableName.MatchString(name) {
		return value.Say("manifest-variables-export", value.T("manifests", ManifestVariables), value.T("name", ManifestVariables+name))
	}
	return value.Say("manifest-variables", value.T("manifests", ManifestVariables))
}

// parseVar reads one --var k=v. The value is read as a YAML scalar: quotes make
// it a text, and null is null.
func parseVar(arg string) (name string, v value.Node, problem *Problem) {
	fail := func(hint, message value.Message) (string, value.Node, *Problem) {
		problem := newProblem(value.Pos{File: "--var"}, "variable", hint, message)
		return "", value.Node{}, &problem
	}
	name, text, ok := strings.Cut(arg, "=")
	switch {
	case !ok || !variableName.MatchString(name):
		return fail(value.Say("write-var-flag"), value.Say("sets-no-variable", value.T("name", quote(name))))
	case strings.TrimSpace(text) == "":
		return fail(value.Say("write-empty-or-null", value.T("name", name)), value.Say("variable-empty", value.T("name", quote(name))))
	case text[0] != '"' && text[0] != '\'':
		if text == literalNull {
			return name, value.Node{}, nil
		}
		if isNull(text) {
			return fail(value.Say("write-null-or-text", value.T("name", name), value.T("value", text)), value.Say("variable-is-no-null", value.T("value", text), value.T("name", quote(name))))
		}
		return name, value.Node{Kind: value.Scalar, Text: text, Plain: true}, nil
	}
	node, err := parseNode([]byte(text))
	if err != nil || node == nil || len(node.Content) > 0 {
		return fail(value.Say("close-quotes"), value.Say("variable-is-no-text", value.T("name", quote(name))))
	}
	return name, value.Node{Kind: value.Scalar, Text: node.Value}, nil
}
