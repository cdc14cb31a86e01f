package spec

import "github.com/b24apply/b24apply/pkg/kind"

// APIVersion is the apiVersion of every manifest.
const APIVersion = "b24apply/v1"

// KindByName finds one of Bitrix24's own kinds by its name in manifests, or nil.
func KindByName(name string) *kind.Kind { return kind.BuiltIn().ByName(name) }

// ValueTypes lists the value types that a multi-field typeId takes.
func ValueTypes(typeID string) []string { return kind.ValueTypes(typeID) }
