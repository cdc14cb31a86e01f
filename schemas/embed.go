// Package schemas holds JSON Schemas. Those of the manifests, one a kind, and defs.json with
// what they share; editors use the same files. And those of what the program writes for other
// programs, whose names end in .schema.json: plan, report, rehearsal and events.
package schemas

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

// Base is what the $id of every schema starts with; the file's name follows.
const Base = "https://raw.githubusercontent.com/b24apply/b24apply/main/schemas/"

// FS holds the schemas by file name.
//
//go:embed *.json
var FS embed.FS

// results is how the names of schemas of results end.
const results = ".schema.json"

// Manifests lists the schemas of manifests by file name, defs.json among them.
func Manifests(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "*.json")
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, results) }), err
}
