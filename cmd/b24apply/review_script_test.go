package main

import (
	"encoding/json"
	"os"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"
)

var (
	planOfPage   = regexp.MustCompile(`<code>(sha256:[0-9a-f]{64})</code>`)
	causesOfPage = regexp.MustCompile(`data-rev="([0-9a-f]{64})"`)
)

// exportReview writes what the page of a plan exports once its causes are ticked:
// review PAGE FILE, or review PAGE FILE N with only the first N of them ticked.
func exportReview(ts *testscript.TestScript, _ bool, args []string) {
	page := ts.ReadFile(args[0])
	causes := causesOfPage.FindAllStringSubmatch(page, -1)
	ticked := len(causes)
	if len(args) > 2 {
		ticked = atoi(ts, args[2])
	}
	var marks []map[string]any
	for i, c := range causes {
		mark := map[string]any{"digest": c[1], "kind": "Deal", "action": "create", "count": 1, "reviewedAt": nil}
		if i < ticked {
			mark["reviewedAt"] = "2026-11-30T10:00:00Z"
		}
		marks = append(marks, mark)
	}
	text, err := json.Marshal(map[string]any{"format": "b24apply/reviewed/v1", "plan": planOfPage.FindStringSubmatch(page)[1], "reviewer": "Olga", "exportedAt": "2026-11-30T10:00:00Z", "complete": ticked == len(causes), "causes": marks})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o666))
}
