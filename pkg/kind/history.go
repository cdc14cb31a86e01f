package kind

// What became of records: their addresses have changed, people made two of them one, or they
// must be gone.
var (
	moved  = &Kind{Name: "Moved", Plural: "moves", Schema: "moved.json", Class: ClassHistory, Rank: 90}
	merged = &Kind{Name: "Merged", Plural: "merges", Schema: "merged.json", Class: ClassHistory, Rank: 90}
	absent = &Kind{Name: "Absent", Plural: "absences", Schema: "absent.json", Class: ClassHistory, Rank: 90}
)
