// Package spec reads manifests: bytes in, resources or problems out. It never
// opens a socket.
//
// Start with [Load], which reads the project file and the manifests it names,
// replaces variables, validates every document against its JSON Schema and then
// against meaning (addresses, references, cycles), and returns either a [Set] or
// every problem it found, each with its position and a remedy.
//
// What the tool knows about a kind is one row of [Kinds] and one schema; nothing
// else in the tree branches on a kind's name.
package spec
