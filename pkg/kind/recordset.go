package kind

// recordSet stands for many records of one kind, one for each row of a table. It is no
// resource itself: what it declares are those records.
var recordSet = &Kind{Name: "RecordSet", Plural: "record sets", Schema: "recordset.json", Class: ClassSet, Rank: 80}
