package words

// wireMessages are the sentences about what the portal answers, to who reads it and to who
// writes to it.
var wireMessages = sentences{
	"address-was-not-asked-for":    "the portal gave an address of entity type {type} and id {id}, which was not asked for",
	"answer-has-no-id":             "the answer has no id",
	"answer-has-no-price":          "the answer has no price",
	"answer-shows-no-row":          "the answer shows no row, and one was asked for",
	"answer-shows-several-rows":    "the answer shows {n} rows, and one was asked for",
	"fields-do-not-name":           "crm.item.fields does not name {field}",
	"is-no-part-of-a-record":       "{part} is no part of a record",
	"name-of-field-was-not-read":   "the name of {field} could not be read: {cause}",
	"nothing-reads-files":          "nothing reads files here",
	"of-product-row":               "product row {n}: {cause}",
	"of-the-requisite":             "the requisite: {cause}",
	"outcomes-do-not-match":        "the answer tells of {outcomes} records, and {n} were sent",
	"pipeline-was-not-read":        "the pipeline of {type} could not be read: {cause}",
	"portal-gives-rows-again":      "{method}: {cause}: the portal gives the first {n} rows again when asked for the next",
	"read-of-field":                "field {field}: {cause}",
	"reading-file":                 "read file {id}: {cause}",
	"reading-options-of":           "options of {field}: {cause}",
	"referred-record-is-missing":   "the record that it refers to does not exist",
	"type-has-no-default-pipeline": "the new type has no default pipeline",
}
