package value_test

import (
	"strings"
	"testing"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/value"
)

// Every sentence that a fault can have is in the catalogue, and takes its arguments.
func TestFaultsSayWhatIsWrong(t *testing.T) {
	for _, tc := range []struct {
		typ  value.Type
		d    value.Node
		rule string
		want string
	}{
		{value.Type{Name: "double", Places: 2}, value.NodeOf("12.345"), "type", "12.345 has more than the 2 decimals that the portal keeps; round it in the manifest"},
		{value.Type{Name: "double", Places: 2}, value.NodeOf("1e3"), "type", `"1e3" is not a number; write digits with a point, such as 1250.50`},
		{value.Type{Name: "double", Places: 2}, value.NodeOf("1e999999999"), "type", `"1e999999999" is not a number; write digits with a point, such as 1250.50`},
		{value.Type{Name: "double", Places: 2, Blank: true}, value.NodeOf("1e999999999"), "type", `"1e999999999" is not a number; write digits with a point, such as 1250.50`},
		{value.Type{Name: "integer", Natural: true}, value.NodeOf("-1"), "type", `"-1" is negative; write 0 or more`},
		{value.Type{Name: "integer", Max: 100}, value.NodeOf("101"), "type", `"101" is too large; it goes from 0 to 100`},
		{value.Type{Name: "date"}, value.NodeOf("31.12.2026"), "type", `"31.12.2026" is not a date (YYYY-MM-DD); write the year first, such as 2026-12-31`},
		{value.Type{Name: "datetime", Minutes: true}, value.NodeOf("2026-01-01T00:00:05Z"), "type", "2026-01-01T00:00:05Z: this field keeps no seconds; leave the seconds at 00"},
		{value.Type{Name: "string", Length: 3}, value.NodeOf("four"), "length", `"four" has 4 characters, and at most 3 are kept; shorten it by 1: the portal would cut it without a word`},
		{value.Type{Name: "string"}, value.NodesOf("a"), "type", "a list is not one value; write one value"},
		{value.Type{Name: "string", Multiple: true}, value.NodeOf("a"), "type", `"a" is not a list; write a list: [ … ]`},
		{value.Type{Name: "stage"}, value.NodeOf("Wom"), "stage", `"Wom" is no stage of pipeline "Sales"; did you mean "Won"? stages: New, Won`},
		{value.Type{Name: "user"}, value.NodeOf("Bo Chan"), "user", `"Bo Chan": the portal has 2 active users with this full name; write the id: 3, 4`},
		{value.Type{Name: "user"}, value.NodeOf("Petrova Olga"), "user", `"Petrova Olga": the portal has no active user with this full name; did you mean "Olga Petrova"? write the id, the e-mail or the exact full name of an active user; e-mails are only visible with the scope user or user_basic`},
		{value.Type{Name: "crm", Entities: []string{"D"}}, value.NodeOf("CO_7"), "reference", `company 7 is of a type that the field's settings do not allow; the field takes deal D_…`},
		{value.Type{Name: "crm"}, value.NodeOf("XX_7"), "reference", `"XX_7" is no record; write {ref: deal/name}, or the type and the id as D_12 (lead L_…, deal D_…, contact C_…, company CO_…)`},
		{value.Type{Name: "enumeration"}, value.NodeOf("Rod"), "option", `"Rod" is no option of this field; did you mean "Red"? options: Red, Green, 20`},
		{value.Type{Name: "crm_multifield", Multi: "PHONE"}, value.NodesOf("+49 30 1", "+49301"), "duplicate-value", `"+49301" is the same as "+49 30 1"; leave one of them out`},
	} {
		t.Run(tc.want, func(t *testing.T) {
			_, err := value.MustCodecOf(tc.typ).Parse(value.PortalNames{}, tc.d)
			f, ok := err.(*value.Fault)
			if !ok {
				t.Fatalf("error %v, want a fault", err)
			}
			if got := words.Text(f.Message) + "; " + words.Text(f.Hint); got != tc.want || f.Rule != tc.rule {
				t.Errorf("got  %s [%s]\nwant %s [%s]", got, f.Rule, tc.want, tc.rule)
			}
			if strings.Contains(words.Text(f.Hint), "{value}") || words.Text(f.Message) == "" {
				t.Errorf("a sentence is not whole: %v", f)
			}
		})
	}
}
