package kind

// userFields are the fields that people add to an entity type. Manifests do not declare them;
// the one for the owner's mark is made where a portal lacks it, after types and before records.
// Source: api-reference/crm/universal/userfieldconfig/userfieldconfig-add.md.
var userFields = &Kind{
	Name: "Fields", Plural: "user fields", Class: ClassField, Rank: 15,
	Methods: Methods{
		Add: "userfieldconfig.add", Get: "userfieldconfig.get", List: "userfieldconfig.list",
		Item: "field", Items: "fields", Alone: true,
	},
}

// UserFields is the kind of the fields that people add to an entity type.
func UserFields() *Kind { return userFields }
