package words

// rowMessages are the sentences about the rows of a RecordSet.
var rowMessages = sentences{
	"key-in-two-rows":           "{resource} is the key of several rows: this is row {row}, and row {other} in line {line} has it too",
	"keep-one-row-or-say-which": "correct the key, or say which row counts: rows: {onDuplicate: first} or last",
	"mend-row-first":            "mend that row",
	"mend-rows-first":           "mend the rows that have no key, then prune",
	"mend-rows-or-allow-more":   "mend the rows, which --rejects FILE lists, or allow more under rows.maxInvalid",
	"name-type-of-items":        "name the smart process: type: equipment",
	"name-rejects":              "name a file that can be written, whose name ends in .csv",
	"name-results":              "name a folder that can be written",
	"prune-of-nameless-rows":    "--prune would delete by a list with holes: rows of {set} have no key, and nobody knows which records they are",
	"prune-of-partial-set":      "--prune would delete what {set} does not list, and it does not say that it lists all",
	"ref-to-rejected":           "{field}: {resource} is a row that was rejected, at {at}",
	"rejects-is-no-csv":         "--rejects {file}: its name does not end in .csv",
	"rejects-have-all":          "--rejects FILE writes all of them to a file that can be mended and read again",
	"rows-alike":                "and {n} more {n|row|rows} of {set} like this, the last one: {last}",
	"rows-of-set":               "{set}: {rows|#} {rows|row|rows}: {valid|#} valid, {rejected|#} rejected, {duplicate|#} duplicate, {skipped|#} skipped",
	"say-that-set-is-complete":  "write manage: complete, if its table is the full list, or select other kinds",
	"source-fault":              "source: {file} {fault}",
	"too-many-rejected":         "{n|#} of {of|#} rows of {set} declare nothing, and rows.maxInvalid allows {most}",
	"no-such-set":               "there is no RecordSet {name}: there are {sets}",
}
