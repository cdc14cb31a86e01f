package review

import (
	"strings"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// keys makes what changes of one cause have in common, in room of its own.
type keys struct {
	parts [4][]byte // what happens to what; which fields; how; from what to what
	seen  [][]byte  // of each field of the change, what is shown of it
	list  [][]byte
}

// path is where a change belongs: from what all of its kind have in common to what only those have
// that are quite alike. What is created, deleted or refused is one cause a kind and reason, since no value of
// it is changed. The path is good until the next one.
func (k *keys) path(c *plan.Change, o *apply.Outcome) [][]byte {
	for i := range k.parts {
		k.parts[i] = k.parts[i][:0]
	}
	what := value.AppendText(value.AppendText(value.AppendText(k.parts[0], c.Kind), string(c.Action)), c.Reason.Code)
	if c.Type != "" {
		what = value.AppendText(what, string(c.Type))
	}
	if c.Action == plan.Refuse || c.Action == plan.Delete {
		what = append(what, pattern(words.Text(c.Reason.Message))...)
	}
	told := o != nil && o.Status != apply.Succeeded
	if told {
		what = value.AppendText(value.AppendText(append(what, o.Status...), o.Code), o.Field)
		what = append(what, pattern(words.Text(o.Error))...)
	}
	k.parts[0] = what
	k.look(c)
	if told || c.Action == plan.Create || c.Action == plan.Delete || c.Action == plan.Refuse {
		return append(k.list[:0], k.parts[:1]...)
	}
	for i := range c.Fields {
		f := &c.Fields[i]
		class := classOf(c, f)
		k.parts[1] = value.AppendText(k.parts[1], f.Name)
		k.parts[2] = value.AppendText(k.parts[2], string(class))
		if isPaired(f) && class != Respelt {
			k.parts[3] = append(k.parts[3], k.seen[i]...)
		}
	}
	return append(k.list[:0], k.parts[:]...)
}

// look notes what is shown of each field.
func (k *keys) look(c *plan.Change) {
	for len(k.seen) < len(c.Fields) {
		k.seen = append(k.seen, nil)
	}
	for i := range c.Fields {
		k.seen[i] = appendSeen(append(appendSeen(k.seen[i][:0], c.Fields[i].Before), '>'), c.Fields[i].After)
	}
}

// isPaired tells whether a field holds one of few values, so that what it was and what it
// becomes say why it changes.
func isPaired(f *plan.Field) bool {
	switch f.Type.Name {
	case "user", "employee", "stage", "crm_status", "crm_category", "boolean", "char", "flag", "checkbox", "enumeration", "crm_currency", "option", "choice":
		return !f.Type.Multiple
	}
	return false
}

// appendSeen appends as much of a value as is seen of it in a line.
func appendSeen(b []byte, v value.Shown) []byte {
	switch {
	case v.Rest == nil && v.Text == "":
		return append(b, '-')
	case v.Rest == nil:
		return value.AppendText(b, v.Text)
	case v.Rest.Says.Code != "":
		return v.Rest.Says.AppendJSON(b)
	}
	b = value.AppendText(value.AppendText(append(b, '{'), string(v.Rest.Style)), v.Text)
	for _, p := range v.Parts() {
		b = appendSeen(append(b, '.'), p.Shown)
	}
	for _, item := range v.Items() {
		b = appendSeen(append(b, ','), item)
	}
	return append(b, '}')
}

// pattern is a message without what differs from item to item: numbers, and what stands
// in quotation marks.
func pattern(message string) string {
	var b strings.Builder
	quoted, digits := false, false
	for _, r := range message {
		isDigit := '0' <= r && r <= '9'
		switch {
		case r == '"' || r == '“' || r == '”':
			quoted = r == '“' || r == '"' && !quoted
			b.WriteByte('"')
		case quoted, isDigit && digits:
		case isDigit:
			b.WriteByte('#')
		default:
			b.WriteRune(r)
		}
		digits = isDigit
	}
	return b.String()
}

// The numbers of causes beyond which what they differ in is no reason to tell them apart: by what
// fields are set, by how, and by what from and to. Beyond them one cause has the changes of all.
var most = [...]int{0, 40, 12, 12}

// A node is a place in a tree of groups.
type node struct {
	kids  map[string]*node
	order []*node
	group *group // of a leaf
}

// at gives the group of a path below a node.
func (n *node) at(path [][]byte, depth int) *group {
	switch {
	case n.group != nil:
		return n.group
	case len(path) == 0:
		n.group = newGroup()
		return n.group
	}
	kid := n.kids[string(path[0])]
	if kid == nil {
		if limit := most[depth]; limit > 0 && len(n.order) >= limit {
			return n.collapse()
		}
		kid = &node{}
		if n.kids == nil {
			n.kids = make(map[string]*node)
		}
		n.kids[string(path[0])], n.order = kid, append(n.order, kid)
	}
	return kid.at(path[1:], depth+1)
}

// collapse makes one group of all below a node.
func (n *node) collapse() *group {
	whole := newGroup()
	for _, g := range n.leaves(nil) {
		whole.take(g)
	}
	*n = node{group: whole}
	return whole
}

// leaves gives the groups below a node. Those of one set of fields know the largest of them.
func (n *node) leaves(to []*group) []*group {
	if n.group != nil {
		return append(to, n.group)
	}
	for _, kid := range n.order {
		to = kid.leaves(to)
	}
	return to
}

// fieldSets is how deep in a tree what sets the same fields parts.
const fieldSets = 2

// peers tells every group how many changes the largest has of those that set the same fields.
func (n *node) peers(depth int) {
	if depth < fieldSets {
		for _, kid := range n.order {
			kid.peers(depth + 1)
		}
		return
	}
	var largest *group
	all := n.leaves(nil)
	for _, g := range all {
		if largest == nil || g.count > largest.count {
			largest = g
		}
	}
	for _, g := range all {
		g.largest = largest
	}
}
