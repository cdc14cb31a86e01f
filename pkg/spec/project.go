package spec

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// DefaultOwner is the owner of records that are applied without a project file.
const DefaultOwner = "default"

// A Project is the project file: who owns the records and where the portals are.
type Project struct {
	Name string // the owner; DefaultOwner without a project file
	// FormerNames are owners that the project was, whose marks are its own. An empty
	// list that is not nil says that it never had another name.
	FormerNames  []string
	File         string // the project file's path; "" without one
	Manifests    []string
	Environments []*Environment  // sorted by name
	Identity     map[string]Slot // where the mark is, by kind or SPA name in lower case
	Adopt        AdoptPolicy     // defaults.adopt
	PhoneRegion  string          // defaults.phoneRegion: the country of national phones, such as DE; "" is not known
	TimeZone     string          // defaults.timeZone: the zone in which times are shown, such as Europe/Berlin; "" is not declared
	Guards       Guards
	Lifecycle    Lifecycle // defaults.lifecycle, for every record

	Policies     Policies            // defaults.policy, for every record
	KindPolicies map[string]Policies // defaults.kinds, by kind or SPA name in lower case
}

// An Environment is one portal that the project is applied to.
type Environment struct {
	Name     string
	Webhook  Secret      // of the three ways in, exactly one is set
	OAuth    string      // address of a portal that the user has logged in to
	Token    TokenPortal // an access token
	MemberID string      // the identity of the portal that a login must be for, in lower case; "" if it is not declared
	Host     string      // the host that the portal must have, whatever the credential; "" if it is not declared
	Hidden   []string    // keys of the portal block whose values came from variables, see Show
	SeesAll  bool        // portal.seesAll: the credential's user may read every record of the declared kinds
	Plan     string      // "standard" (also ""), "enterprise", "box": the limits that the portal has
	Vars     []value.Field
	Guards   Guards // over those of the project
	// DryRunOnly says that nothing is written there; Protected, that nothing is but by a plan
	// that somebody could look at: a saved one, or one whose digest is given.
	DryRunOnly, Protected bool
}

// Show is a value of the portal block as messages show it: not at all if it came from a
// variable, which a project may have chosen because it holds something else.
func (e *Environment) Show(key, value string) string {
	if slices.Contains(e.Hidden, key) {
		return "(not shown, since it comes from a variable)"
	}
	return value
}

// A Secret says where a credential is found; it never holds one. Exactly one of
// its fields is set.
type Secret struct {
	Env  string   // name of an environment variable
	File string   // path of a file whose trimmed content is the secret, from the project's folder
	Exec []string // command and arguments whose trimmed stdout is the secret
	Dir  string   // the project's folder, if File is set
	Pos  value.Pos
}

// IsZero tells whether no source was declared.
func (s Secret) IsZero() bool { return s.Env == "" && s.File == "" && len(s.Exec) == 0 }
