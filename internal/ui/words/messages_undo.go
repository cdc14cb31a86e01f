package words

// undoMessages are the sentences about what takes a run back.
var undoMessages = sentences{
	"undo-changed-since":     "it was changed since the run: {parts|; }",
	"undo-claimed":           "the run has found it by its mark after an answer was lost: another run may have created it",
	"undo-created-by-run":    "the run has created it",
	"undo-creates-again":     "{n} {n|record is|records are} created again with a new id; the timeline, files, what automation did, the history of stages, who created them and when, and links of others to them do not come back",
	"undo-deleted-by-run":    "the run has deleted it, as id {id}",
	"undo-fields-stay":       "{n} user {n|field stays|fields stay} that the run has created to hold marks",
	"undo-foreign-requisite": "it has a requisite that the run did not make, id {id}",
	"undo-gone-already":      "{n} {n|record|records} that the run has created {n|is|are} not there any more",
	"undo-is-gone":           "it is not there any more",
	"undo-mark-is-gone":      "it does not carry the mark any more that the run has seen or written",
	"undo-no-clearing":       "it was empty, and the portal does not take that back",
	"undo-no-file":           "what the former file held is not kept",
	"undo-no-image":          "what it held was not kept",
	"undo-no-trace":          "{n} {n|resource was|resources were} as declared: the run has left no trace there",
	"undo-nobody-knows":      "nobody knows whether the run has changed it",
	"undo-not-by-its-maker":  "user {user} has worked on it, and {maker} has created it",
	"undo-not-read":          "the portal does not show it: {why}",
	"undo-pointed-at":        "{n} {n|record points|records point} at it that stay, the first is {first}",
	"undo-record-named":      "{kind} {id}",
	"undo-saved-by":          "user {user} was the last to save it, at {at}",
	"undo-set-and-is":        "{field} was set to {want} and is {now}",
	"undo-set-once":          "it can be set only when the record is created",
	"undo-type-has-items":    "it has {n} {n|item|items} that stay, and the portal deletes none that has some",
	"undo-type-stays-away":   "a smart process that was deleted is not made again: its fields and pipelines are gone",
}
