// Package schemas holds the JSON Schemas of the manifests: one a kind, and
// defs.json with what they share. Editors use the same files.
package schemas

import "embed"

// Base is what the $id of every schema starts with; the file's name follows.
const Base = "https://raw.githubusercontent.com/b24apply/b24apply/main/schemas/"

// FS holds the schemas by file name.
//
//go:embed *.json
var FS embed.FS
