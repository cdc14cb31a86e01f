package spec

import (
	"fmt"
	"strings"
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
	value  Value
	hidden bool
}

// An expander replaces variables in one document.
type expander struct {
	*variables
	r *report
	// written gives, for each replaced scalar, how messages show it.
	written map[Pos]string
	used    map[string]bool // the variables that the document names
	// onlyEnv refuses ${var.…}: the project file declares those.
	onlyEnv bool
	// portal says that this is a portal block, which has variables of its own, and
	// literal that it is a part of one that has none.
	portal, literal bool
}

// expand replaces the variables in every scalar inside v, but not in keys.
func (e *expander) expand(v Value) Value {
	switch v.Kind {
	case Scalar:
		if strings.Contains(v.Text, "${") {
			return e.scalar(v)
		}
	case List:
		for i := range v.Items {
			v.Items[i] = e.expand(v.Items[i])
		}
	case Map:
		for i := range v.Pairs {
			v.Pairs[i].Value = e.expand(v.Pairs[i].Value)
		}
	}
	return v
}

// scalar replaces the variables in one text. A text that is exactly one variable
// takes its value, so that an unquoted null or a number keeps its type.
func (e *expander) scalar(v Value) Value {
	parts, hidden, ok := e.parts(v)
	if !ok {
		return Value{Kind: Scalar, Text: v.Text, Pos: v.Pos}
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
		if p.Kind == Null {
			e.refuse(v, "write the whole value as one variable, or give it a text", "%s holds a variable that is null", quote(v.Text))
			return v
		}
		text.WriteString(p.Text)
	}
	out := Value{Kind: Scalar, Text: text.String(), Pos: v.Pos}
	if hidden && out.Text == "" {
		return e.refuseEmpty(v)
	}
	e.remember(v, out, hidden)
	return out
}

// refuseEmpty refuses a value that is empty because a variable of the process is: a
// secret that CI did not pass must not empty a field.
func (e *expander) refuseEmpty(v Value) Value {
	e.refuse(v, "give the variable a value; to empty the field write null here", "%s is empty, since its environment variable is", quote(v.Text))
	return v
}

func (e *expander) remember(v, out Value, hidden bool) {
	if e.written == nil {
		e.written = map[Pos]string{}
	}
	shown := quote(v.Text)
	if !hidden && out.Kind == Scalar {
		shown = fmt.Sprintf("%s (from %s)", quote(out.Text), redact(v.Text))
	}
	e.written[v.Pos] = shown
}

func (e *expander) refuse(v Value, hint, format string, args ...any) {
	e.r.add(v.Pos, v.Text, "variable", hint, format, args...)
}

// parts cuts a text into literal pieces and the values of its variables.
func (e *expander) parts(v Value) (parts []Value, hidden, ok bool) {
	ok = true
	literal := func(text string) {
		if text != "" {
			parts = append(parts, Value{Kind: Scalar, Text: text})
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
			e.refuse(v, "write $${ for a literal ${", "%s opens a variable with ${ and never closes it", quote(v.Text))
			return nil, false, false
		}
		value, found := e.lookup(v, name)
		if !found {
			ok = false
		}
		parts, hidden, rest = append(parts, value.value), hidden || value.hidden, after
	}
	return parts, hidden, ok
}

// lookup finds what ${name} stands for, or reports why nothing does.
func (e *expander) lookup(v Value, name string) (variable, bool) {
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
		e.refuse(v, "write ${var.NAME} or ${env.B24_VAR_NAME}, or $${ for a literal ${", "${%s} is no variable", redact(name))
		return variable{}, false
	case e.onlyEnv:
		e.refuse(v, "use ${env.B24_VAR_NAME} here", "the project file declares variables and cannot use ${%s}", name)
		return variable{}, false
	}
	if found, ok := e.vars[key]; ok {
		return found, true
	}
	if len(e.open) > 0 && e.elsewhere[key] {
		e.r.add(v.Pos, v.Text, "environment", "choose one: --env "+strings.Join(e.open, " or --env "),
			"variable %s depends on the environment, and none is chosen", quote(key))
		return variable{}, false
	}
	hint := fmt.Sprintf("set it with --var %s=VALUE or under vars of the environment", key)
	if near, ok := Suggest(key, e.names); ok {
		hint = fmt.Sprintf("did you mean ${var.%s}? else %s", near, hint)
	}
	e.refuse(v, hint, "variable %s is not set", quote(key))
	return variable{}, false
}

func (e *expander) env(v Value, key string) (variable, bool) {
	if hint := e.outOfBounds(v, key); hint != "" {
		e.refuse(v, hint, "${env.%s} is out of bounds", redact(key))
		return variable{}, false
	}
	text, ok := e.getenv(key)
	if !ok {
		e.refuse(v, "export "+key+" before the run", "environment variable %s is not set", quote(key))
		return variable{}, false
	}
	// Text, never null or a boolean: an empty variable must not clear a field.
	return variable{Value{Kind: Scalar, Text: text}, true}, true
}

// outOfBounds says what to do where an environment variable cannot be used; "" where it
// can. In a portal block it is the whole value, so that nothing of it can be sent or looked
// up under a name that somebody else has chosen.
func (e *expander) outOfBounds(v Value, key string) string {
	switch {
	case e.literal:
		return "write out where the credential is, as in {env: B24_PROD_WEBHOOK}"
	case !e.portal && strings.HasPrefix(key, ManifestVariables), e.portal && isCredentialVariable(key) && v.Text == "${env."+key+"}":
		return ""
	case e.portal && isCredentialVariable(key):
		return "in a portal block a variable is the whole value: set it to the whole address"
	case e.portal:
		return "a portal block can use environment variables whose names start with " + ownVariables + ", but not with " + ManifestVariables
	}
	hint := "in manifests only environment variables whose names start with " + ManifestVariables + " can be used"
	if name, ok := strings.CutPrefix(key, ownVariables); ok && variableName.MatchString(name) {
		hint += ": export " + ManifestVariables + name
	}
	return hint
}

// parseVar reads one --var k=v. The value is read as a YAML scalar: quotes make
// it a text, and null is null.
func parseVar(arg string) (name string, v Value, problem *Problem) {
	fail := func(hint, format string, args ...any) (string, Value, *Problem) {
		problem := newProblem(Pos{File: "--var"}, "variable", hint, format, args...)
		return "", Value{}, &problem
	}
	name, text, ok := strings.Cut(arg, "=")
	switch {
	case !ok || !variableName.MatchString(name):
		return fail("write --var NAME=VALUE", "%s sets no variable", quote(name))
	case strings.TrimSpace(text) == "":
		return fail(fmt.Sprintf(`write --var '%s=""' for an empty text, or --var %s=null`, name, name), "the value of variable %s is empty", quote(name))
	case text[0] != '"' && text[0] != '\'':
		if text == literalNull {
			return name, Value{}, nil
		}
		if isNull(text) {
			return fail(fmt.Sprintf(`write --var %s=null, or --var '%s="%s"' for the text`, name, name, text), "the value %s of variable %s is no null: only the word null is", text, quote(name))
		}
		return name, Value{Kind: Scalar, Text: text, Plain: true}, nil
	}
	node, err := parseNode([]byte(text))
	if err != nil || node == nil || len(node.Content) > 0 {
		return fail("close the quotes, or use none", "the value of variable %s is no YAML text", quote(name))
	}
	return name, Value{Kind: Scalar, Text: node.Value}, nil
}
