package spec

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unique"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec/form"
	"github.com/b24apply/b24apply/pkg/value"
)

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	userField    = form.UserField
	parentField  = form.ParentField
	digits       = regexp.MustCompile(`^[0-9]+$`)
)

// A document is one YAML document on its way to a resource.
type document struct {
	*report
	schemas  *schemaSet
	kinds    *kind.Table
	root     value.Node
	kind     *kind.Kind
	into     *packer                 // takes the resource
	written  map[value.Pos]value.Arg // how messages show scalars that held variables
	reported map[string]bool         // paths whose problems are told already
	cursor   cursor
	escaped  map[value.Pos]bool // values that were warned of for their escapes
}

// A declared is what one document comes to.
type declared struct {
	resource *Resource  // nil for a project, or if not even its address is known
	formers  []Former   // what an Absent, a Moved or a Merged names
	set      *RecordSet // whose table is still to be read
	project  *value.Pos // where a project document stands
	problems Problems
	empty    bool            // there is no value, only a marker
	unread   bool            // nobody knows what the document declares
	hidden   bool            // excerpts of its file would show a secret
	used     map[string]bool // the variables that it names
}

// A compiler reads the documents of one block. Each takes the room of the one before.
type compiler struct {
	vars     *variables
	into     *packer
	document document
	report   report
	expander expander
}

func newCompiler(vars *variables, into *packer) *compiler {
	return &compiler{vars: vars, into: into}
}

// compile reads one document: envelope, variables, schema, then meaning as far as one
// document shows it.
func (in *compiler) compile(p parsed) (out declared) {
	c, vars := p.chunk, in.vars
	in.report = report{src: c.src}
	in.document = document{report: &in.report, schemas: vars.schemas, kinds: vars.schemas.kinds, into: in.into}
	in.expander = expander{variables: vars, r: &in.report}
	d, ex := &in.document, &in.expander
	defer func() { out.problems, out.used = append(d.problems, d.warnings...), ex.used }()
	if len(vars.credentials) > 0 && vars.credentials.holds(string(c.text)) {
		d.problem(value.Pos{File: c.src.name}, "", "secret", value.Say("no-credential-in-manifest"), value.Say("file-holds-credential"))
		return declared{unread: true, hidden: true}
	}
	var loose, ok bool
	if d.root, loose, ok = p.value(d.report); !ok {
		return declared{unread: len(d.problems) > 0, empty: len(d.problems) == 0}
	}
	if findHiddenWebhooks(d.report, &d.root) || refuseCredential(d.report, vars.credentials, &d.root) {
		return declared{unread: true, hidden: true}
	}
	if !d.envelope() {
		return declared{unread: true}
	}
	d.checkWritten(c, loose)
	ex.onlyEnv = d.kind.Class == kind.ClassProject
	if d.kind.Class == kind.ClassProject {
		expandProject(ex, d.root, vars.chosen)
	} else {
		expandManifest(ex, d.root)
	}
	if d.written = ex.written; len(ex.written) > 0 {
		if refuseCredential(d.report, vars.credentials, &d.root) {
			return declared{unread: true}
		}
		findHiddenWebhooks(d.report, &d.root)
	}
	if len(d.problems) > 0 || bytes.Contains(c.text, []byte("/rest")) {
		d.markRefused()
	}
	if d.kind.Class == kind.ClassProject {
		d.explain(d.schemas.validate(d.kind, d.root))
		d.checkPortals()
		d.checkDefaults()
		at := d.root.Pos
		return declared{project: &at}
	}
	if d.kind.IsHistory() {
		return declared{formers: d.history()}
	}
	if d.kind.Class == kind.ClassSet {
		return declared{set: d.recordSet()}
	}
	return declared{resource: d.resource()}
}

// envelope checks what says which schema holds.
func (d *document) envelope() bool {
	if d.root.Kind != value.Map {
		d.problem(d.root.Pos, d.root.Text, "schema", value.Say("every-document-starts-with", value.T("version", APIVersion)), value.Say("manifest-is-no-map", d.shown("value", d.root)))
		return false
	}
	version, hasVersion := d.root.Get("apiVersion")
	kind, hasKind := d.root.Get("kind")
	if !hasVersion {
		d.problem(d.root.Pos, "", "required", value.Say("write-api-version", value.T("version", APIVersion)), value.Say("api-version-missing"))
	} else if version.Text != APIVersion {
		d.problem(version.Pos, version.Text, "schema", value.Say("write-api-version", value.T("version", APIVersion)), value.Say("api-version-unsupported", d.shown("value", version)))
	}
	if !hasKind {
		d.problem(d.root.Pos, "", "required", value.Say("kinds", value.L("names", d.kinds.Names())), value.Say("kind-missing"))
		return false
	}
	if d.kind = d.kinds.ByName(kind.Text); d.kind == nil {
		hint := value.Say("kinds", value.L("names", d.kinds.Names()))
		if near, ok := Suggest(kind.Text, d.kinds.Names()); ok {
			hint = didYouMean(near)
		}
		d.problem(kind.Pos, kind.Text, "kind", hint, value.Say("kind-unknown", d.shown("value", kind)))
		return false
	}
	return hasVersion && version.Text == APIVersion
}

// expandManifest replaces variables everywhere but in apiVersion and kind.
func expandManifest(ex *expander, root value.Node) {
	for i, p := range root.Pairs {
		if p.Key != "apiVersion" && p.Key != "kind" {
			root.Pairs[i].Value = ex.expand(p.Value)
		}
	}
}

// markRefused keeps the schema and the field checks from complaining about a value
// whose variable, or the webhook in it, has been reported.
func (d *document) markRefused() {
	at := map[value.Pos]bool{}
	for _, p := range d.problems {
		at[p.Pos] = true
	}
	var walk func(value.Node, []string)
	walk = func(v value.Node, path []string) {
		if v.Kind == value.Scalar && (at[v.Pos] || holdsWebhook(v.Text)) {
			d.markReported(path)
		}
		for i, item := range v.Items {
			walk(item, append(path, strconv.Itoa(i)))
		}
		for _, p := range v.Pairs {
			walk(p.Value, append(path, p.Key))
		}
	}
	walk(d.root, nil)
}

func (d *document) markReported(path []string) {
	if d.reported == nil {
		d.reported = make(map[string]bool)
	}
	d.reported[strings.Join(path, "\x00")] = true
}

// isReported tells whether a problem was told about this place or one around it.
func (d *document) isReported(path []string) bool {
	if len(d.reported) == 0 {
		return false
	}
	for i := 1; i <= len(path); i++ {
		if d.reported[strings.Join(path[:i], "\x00")] {
			return true
		}
	}
	return false
}

// shown is the argument of a message that is a value, as messages show one.
func (d *document) shown(name string, v value.Node) value.Arg {
	if arg, ok := d.written[v.Pos]; ok && v.Kind == value.Scalar {
		arg.Name = name
		return arg
	}
	switch {
	case v.Kind == value.Scalar:
		return value.T(name, quote(v.Text))
	case v.Kind == value.List && len(v.Items) == 0:
		return value.M(name, value.Say("an-empty-list"))
	case v.Kind == value.List:
		return value.M(name, value.Say("a-list"))
	case v.Kind == value.Map:
		return value.M(name, value.Say("a-map"))
	}
	return value.T(name, literalNull)
}

// The paths to what a kind declares.
var specPath, fieldsPath = []string{"spec"}, []string{"spec", "fields"}

// isName tells whether a text can be the name of a resource: up to a hundred letters, digits,
// dots, dashes and low lines of ASCII, of which the first is a letter or a digit.
func isName(text string) bool {
	if text == "" || len(text) > 100 || !isWordByte(text[0]) || text[0] == '_' {
		return false
	}
	for i := range len(text) {
		if c := text[i]; !isWordByte(c) && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

// resource builds what a document declares, with every problem that it has.
func (d *document) resource() *Resource {
	r := d.into.resource()
	r.Kind, r.Labels = d.kind, labels(d.root)
	metadata, _ := d.root.Get("metadata")
	name, named := metadata.Get("name")
	body, _ := d.root.Get("spec")
	path := specPath
	if d.kind.HasFields() {
		body, _ = body.Get("fields")
		path = fieldsPath
	}
	fields := d.into.room(len(body.Pairs))
	for i, p := range body.Pairs {
		fields[i] = value.Field{Name: p.Key, Value: p.Value, Pos: p.Pos}
	}
	d.readRoute(r)
	d.checkFields(r.Route(), fields, path)
	if d.kind.HasFields() {
		d.readIdentity(r, fields)
		d.checkUserLookups(fields)
	}
	parts := d.readParts()
	d.readLifecycle(r)
	d.readPolicies(r, fields, parts)
	valid := d.checkName(name, named)
	space, spaced := d.space(r)
	d.explain(d.schemas.validate(d.kind, d.root))
	if !valid || !spaced {
		return nil
	}
	slices.SortFunc(fields, func(a, b value.Field) int { return strings.Compare(a.Name, b.Name) })
	r.Name, r.Pos, r.Address = name.Text, name.Pos, value.NewAddress(space, name.Text)
	d.into.keep(r, fields, parts)
	return r
}

// checkName tells whether metadata.name can be used; only what the schema cannot
// say is reported.
func (d *document) checkName(name value.Node, named bool) bool {
	if !named || d.isReported([]string{"metadata", "name"}) {
		return false
	}
	if name.Kind == value.Scalar && isName(name.Text) {
		return true
	}
	d.markReported([]string{"metadata", "name"})
	d.problem(name.Pos, name.Text, "schema", value.Message{}, value.Say("is-no-name", d.shown("value", name)))
	return false
}

// space gives the first part of the address, and for an SPA item its type.
func (d *document) space(r *Resource) (string, bool) {
	if d.kind.Space != "" {
		return d.kind.Space, true
	}
	body, _ := d.root.Get("spec")
	typ, ok := body.Get("type")
	if !ok || typ.Kind != value.Scalar || d.isReported([]string{"spec", "type"}) {
		return "", false
	}
	if !isName(typ.Text) {
		d.markReported([]string{"spec", "type"})
		d.problem(typ.Pos, typ.Text, "reference", value.Say("write-name-of-spa"), value.Say("type-is-no-name", d.shown("value", typ)))
		return "", false
	}
	r.Type, r.TypePos = kept(typ.Text), typ.Pos
	return typ.Text, true
}

// kept gives one copy of a text that a document has and that outlives it: the text itself may
// be a piece of its file's, which would stay in memory for it.
func kept(text string) string { return unique.Make(text).Value() }

func labels(root value.Node) map[string]string {
	metadata, _ := root.Get("metadata")
	declared, _ := metadata.Get("labels")
	if len(declared.Pairs) == 0 {
		return nil
	}
	out := make(map[string]string, len(declared.Pairs))
	for _, p := range declared.Pairs {
		out[p.Key] = kept(p.Value.Text)
	}
	return out
}
