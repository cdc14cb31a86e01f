package kind

// UserField is the kind of the changes that create a user field for the mark. It
// comes after smart processes and before records, and nobody declares it.
var UserField = &Kind{Name: "Fields", Plural: "user fields", Class: ClassField, Rank: 15}
