// Package form makes the JSON Schemas of manifests from what package kind says: [Schema].
// Editors use them, and package spec checks documents by them.
package form
