package diff

import (
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// kindArg is an argument that is a kind of resources, in the plural.
func kindArg(name string, k *kind.Kind) value.Arg { return value.K(name, k.Name, k.Plural) }
