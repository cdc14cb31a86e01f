package value

import (
	"fmt"
	"slices"
	"strings"
)

// NodeKind tells the shape of a Node.
type NodeKind uint8

// The shapes of a node.
const (
	Null NodeKind = iota
	Scalar
	List
	Map
)

// A Node is a declared value as written: scalars keep their text, so that a
// text field can take 007, no or 2025-01-01 literally, and the type of the field
// decides later what the text means.
type Node struct {
	Kind  NodeKind
	Plain bool   // Scalar: written without quotes, so YAML could give it a type; Null: written otherwise than null
	Text  string // Scalar: the text as written, variables replaced; Null: what is written for it if not null
	Items []Node // List
	Pairs []Pair // Map, in source order
	Pos   Pos
}

// A Pair is one entry of a Map. Pos is the key's.
type Pair struct {
	Key   string
	Value Node
	Pos   Pos
}

// Get finds a key of a Map.
func (n Node) Get(key string) (Node, bool) {
	for _, p := range n.Pairs {
		if p.Key == key {
			return p.Value, true
		}
	}
	return Node{}, false
}

// Ref returns the address that a {ref: …} map points at.
func (n Node) Ref() (Address, bool) {
	if n.Kind != Map || len(n.Pairs) != 1 || n.Pairs[0].Key != "ref" {
		return "", false
	}
	return Address(strings.ToLower(n.Pairs[0].Value.Text)), true
}

// File returns the path of a {file: …} map.
func (n Node) File() (string, bool) {
	if n.Kind != Map || len(n.Pairs) != 1 || n.Pairs[0].Key != "file" {
		return "", false
	}
	return n.Pairs[0].Value.Text, true
}

// Membership returns the two sides of an {add: […], remove: […]} map, which
// manages just what is named and leaves the rest of a list alone. A side that is
// not written is an empty list.
func (n Node) Membership() (add, remove Node, ok bool) {
	if n.Kind != Map || len(n.Pairs) == 0 {
		return Node{}, Node{}, false
	}
	add, remove = Node{Kind: List, Pos: n.Pos}, Node{Kind: List, Pos: n.Pos}
	for _, p := range n.Pairs {
		switch p.Key {
		case "add":
			add = p.Value
		case "remove":
			remove = p.Value
		default:
			return Node{}, Node{}, false
		}
	}
	return add, remove, true
}

// Members returns the entries of a list, or of both sides of a membership.
func (n Node) Members() []Node {
	if add, remove, ok := n.Membership(); ok {
		return slices.Concat(add.Items, remove.Items)
	}
	return n.Items
}

// A Field is one declared property: for a record an entry of spec.fields, for a
// type an entry of spec. Pos is the key's.
type Field struct {
	Name  string
	Value Node
	Pos   Pos
}

// A Lookup is a {lookup: {kind: {field: value}}}: a link to the one live record
// whose fields have these values.
type Lookup struct {
	Space  string  // a kind in lower case, the name of an SPA, or an entityTypeId
	Fields []Field // in source order, at least one
	Pos    Pos
}

// Lookup returns what a {lookup: …} map looks for.
func (n Node) Lookup() (Lookup, bool) {
	if n.Kind != Map || len(n.Pairs) != 1 || n.Pairs[0].Key != "lookup" || len(n.Pairs[0].Value.Pairs) != 1 {
		return Lookup{}, false
	}
	p := n.Pairs[0].Value.Pairs[0]
	l := Lookup{Space: strings.ToLower(p.Key), Pos: n.Pairs[0].Pos}
	for _, f := range p.Value.Pairs {
		l.Fields = append(l.Fields, Field{Name: f.Key, Value: f.Value, Pos: f.Pos})
	}
	return l, len(l.Fields) > 0
}

// Key tells lookups apart; two that say the same have one.
func (l Lookup) Key() string { return l.Space + " " + strings.Join(l.conditions(), " ") }

// Says is the lookup as people read it.
func (l Lookup) Says() Message {
	return Say("looked-up", T("kind", l.Space), L("conditions", l.conditions()))
}

// conditions are its fields with their values, sorted.
func (l Lookup) conditions() []string {
	parts := make([]string, len(l.Fields))
	for i, f := range l.Fields {
		parts[i] = fmt.Sprintf("%s %q", f.Name, f.Value.Text)
	}
	slices.Sort(parts)
	return parts
}
