package words

// rehearseMessages are the sentences about a rehearsal.
var rehearseMessages = sentences{
	"opening-rehearsal":              "opening a portal in memory: {cause}",
	"planting-rehearsal":             "making the portal in memory like {portal}: {cause}",
	"rehearsal-applied-not":          "applied:  {status} {name}  {code}  {why}",
	"rehearsal-ended":                "the rehearsal ended early: {why}",
	"rehearsal-differs":              "not back: {name}  {field} was {was} and is {is}",
	"rehearsal-is-gone":              "not back: {name}  it was there before, and is not there any more",
	"rehearsal-is-unlike":            "the portal in memory does not show these as the real one does, so that nothing is said of them: {fields}",
	"rehearsal-is-of-values":         "{file} keeps no values, and nothing can be carried out without its manifests",
	"rehearsal-lacks":                "not shown to this user, so that it is not in the copy: {methods} ({code})",
	"rehearsal-new-id":               "new id:   {name}  was {was} and is {is}",
	"rehearsal-not-planned-again":    "there was no second plan: the manifests of the saved plan are not here",
	"rehearsal-note":                 "note: {note} [{code}]",
	"rehearsal-nothing":              "empty",
	"rehearsal-second-plan":          "a second plan would change {n} {n|resource|resources} again: {first}",
	"rehearsal-second-plan-is-empty": "a second plan is empty",
	"rehearsal-summary":              "{n} {n|change|changes} rehearsed: {well} went as planned and came back{refused}",
	"rehearsal-and-refused":          ", {n} refused",
	"rehearsal-undone-not":           "undone:   {status} {name}  {code}  {why}",
	"rehearsal-value":                "{text}",
	"rehearse-without-lean":          "rehearse with the manifests, without a file",
	"rehearsed-on-copy":              "Rehearsed in memory, on a copy of {n} {n|record|records} and {rows} {rows|row|rows} of settings of {portal}; nothing was written there",
	"rehearsing":                     "{n} {n|change is|changes are} carried out and taken back in memory",
}
