package madeup

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Evil are texts that browsers, terminals, spreadsheets, hosts of pull requests and runners would
// take for more than texts.
var Evil = []string{`</script><script>window.pwned=1</script>`, `<img src=x onerror="window.pwned=2">`, `"><svg/onload=window.pwned=3>`, "\u202egnp.exe\u202c\u200f\u2066x\u2069", "{{.Owner}} ${7*7} `x`", "<!--<script>", "\x1b[31mred\a",
	"=cmd|' /C calc'!A0", "@everyone #1 [x](javascript:alert(1)) | a | b |", "javascript:alert(1)", "' onmouseover='window.pwned=4", "\u2028line\u2029sep\x00nul\ufffe", "</style><style>*{display:none}", "]]></title><base href=//evil.example>",
	"::error::x\n::set-output name=a::b", "<b>17</b>", "\x1f\x1e\x1d\x1c\x1b\x11\x12\x13sep", "</details></table><h1>own", "⟦U+202E⟧ and \\u003cscript\\u003e", "```\n# own heading\n<!-- b24apply:plan:other -->", "https://evil.example/?q=1 www.evil.example acme/repo#7 deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"}

// Hostile makes a plan with hostile texts everywhere, and with very long ones.
func Hostile() *plan.Plan {
	m := &maker{id: 1}
	for i, h := range Evil {
		several := func(s ...string) value.Shown {
			var all []value.Shown
			for _, x := range s {
				all = append(all, text(x))
			}
			return value.Several(all)
		}
		options := field("OPTIONS", h, "enumeration", several(h, "a"), several("x", h+"2"))
		options.Type.Multiple, options.List = true, &value.ListChange{Gone: []int{0, 1}, Come: []int{0, 1}}
		rows := field("products", h, "products", value.Several([]value.Shown{row(h, "1", 1, "")}), value.Several([]value.Shown{row(h, h, 1, h)}))
		moved := field("stageId", "Stage", "stage", value.InParts(h, value.Alone, value.P(value.PartID, h)), value.InParts(h+"!", value.Alone, value.P(value.PartID, "B")))
		m.add(plan.Change{Address: value.Address("deal/" + h), Kind: "Deal", Action: plan.Update, EntityTypeID: deals, Title: h, Last: &plan.Saves{Saved: plan.Save{By: user(h, 1, true), At: h}},
			Fields: []plan.Field{field("comments", "C", "markup", text(strings.Repeat(h, 9)), text(strings.Repeat(h, 10))), field("opportunity", h, "double", value.InParts(h, value.Alone, value.P(value.PartCurrency, h)), value.InParts("2", value.Alone, value.P(value.PartCurrency, h))),
				options, rows, moved, field(h, h, "string", text(h), text(h+"!"))}}, h)
		m.add(plan.Change{Address: value.Address("deal/d" + strconv.Itoa(i)), Kind: "Deal", Action: plan.Delete, EntityTypeID: deals, Title: h, Risk: value.Verbatim(h), Pointers: []plan.Pointers{{EntityTypeID: 7, Title: h, Count: 2}},
			Reason: plan.Reason{Message: value.Verbatim(h)}, Fields: []plan.Field{field("title", h, "string", text(h), value.Shown{})}}, h)
		m.add(plan.Change{Address: value.Address("deal/r" + strconv.Itoa(i)), Kind: "Deal", Action: plan.Refuse, EntityTypeID: deals, Title: h, Reason: plan.Reason{Code: h, Message: value.Verbatim(h), Hint: value.Verbatim(h)}}, h)
		m.add(plan.Change{Address: value.Address("deal/c" + strconv.Itoa(i)), Kind: "Deal", Action: plan.Create, EntityTypeID: deals, Title: h, Alike: []plan.Alike{{ID: h, Title: h, By: []string{h}}},
			Fields: []plan.Field{field("title", h, "string", value.Shown{}, text(h)), field("phones", h, "crm_multifield", value.Shown{}, several(h, h))}}, h)
	}
	big := strings.Repeat("слово <b> ", 100_000)
	m.add(plan.Change{Address: "company/big", Kind: "Company", Action: plan.Update, EntityTypeID: companies, Title: strings.Repeat("A", 5000),
		Fields: []plan.Field{field("comments", "Comment", "markup", text(big), text(strings.Replace(big, "слово", "СЛОВО", 3)+"end")), field("title", "T", "string", text(strings.Repeat("x", 1_000_000)), text(strings.Repeat("y", 1_000_000)))}}, "m.yaml")
	evil := Evil[0] + Evil[1]
	p := &plan.Plan{Owner: evil, Env: evil, Portal: evil, Project: evil, Changes: plan.List(m.out...),
		Notes:     []plan.Note{{Code: evil, Message: value.Verbatim(evil), Lines: []value.Message{value.Verbatim(evil)}}},
		Guards:    []plan.Guard{{Knob: evil, Limit: evil, Actual: 3}},
		Refused:   &plan.Refusal{Code: evil, Message: value.Verbatim(evil), Owner: evil},
		Unseen:    []string{evil},
		Pipelines: []plan.Pipeline{{EntityTypeID: deals, Title: evil, Stages: []plan.Stage{{ID: fmt.Sprint(evil), Title: evil, Semantics: evil}, {ID: "B", Title: "B"}}}}}
	return Known(p)
}
