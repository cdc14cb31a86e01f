package table

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// one maps one cell by one rule and tells what it gives, or the fault.
func one(t *testing.T, cell string, o Options, rule ...any) string {
	t.Helper()
	rule = append([]any{"column", "c"}, rule...)
	return mapped(t, "id,c,d\n1,\""+strings.ReplaceAll(cell, `"`, `""`)+"\",second\n", o, pairs(rule...))
}

// mapped maps the first row by a rule of the field f.
func mapped(t *testing.T, text string, o Options, rule value.Node) string {
	t.Helper()
	m, problems := Compile(pairs("key", "id", "map", pairs("f", rule)), o)
	if len(problems) > 0 {
		return "problem: " + problems[0].Error()
	}
	r, faults := Open(strings.NewReader(text), "a.csv", o.Dialect, o.Schema)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	p, faults := m.On(r)
	if len(faults) > 0 {
		return "fault: " + faults[0].Error()
	}
	item, err := p.Next()
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	if len(item.Record.Fields) > 0 {
		out = show(item.Record.Fields[0].Value)
	}
	for _, f := range item.Faults {
		if out += "!" + f.Rule; f.Warning {
			out += "?"
		}
		out += " " + f.Message.Code
	}
	return out
}

func TestVerbs(t *testing.T) {
	berlin := Options{Zone: value.Zone("Europe/Berlin")}
	excel, _ := Profile("excel-ru")
	excel.Encoding, excel.Delimiter = "utf-8", ','
	for _, tc := range []struct {
		cell string
		o    Options
		rule []any
		want string
	}{
		{" Acme ", Options{}, nil, " Acme "},
		{" Acme\u00a0", Options{}, []any{"trim", "true"}, "Acme"},
		{"", Options{}, nil, ""},
		{"", Options{}, []any{"required", "true"}, "!required cell-is-missing"},
		{"", Options{}, []any{"default", "x", "required", "true"}, "x"},
		{"", Options{}, []any{"empty", "clear"}, "null"},
		{"   ", Options{}, []any{"empty", "clear"}, "null"},

		{"AK", Options{}, []any{"values", pairs("AK", "olga@acme.example", "*", "error")}, "olga@acme.example"},
		{"XY", Options{}, []any{"values", pairs("AK", "olga@acme.example", "*", "error")}, "!values not-in-values"},
		{"XY", Options{}, []any{"values", pairs("AK", "olga@acme.example")}, "XY"},
		{"XY", Options{}, []any{"values", pairs("AK", "a", "*", "b")}, "b"},
		{"-", Options{}, []any{"values", pairs("-", value.Node{})}, "null"},

		{"No. 17/b", Options{}, []any{"pattern", `No\. (\d+).*`}, "17"},
		{"No. x", Options{}, []any{"pattern", `No\. (\d+).*`}, "!pattern not-of-pattern"},
		{"ab", Options{}, []any{"pattern", `a|ab`}, "ab"},
		{"a", Options{}, []any{"pattern", `(`}, `problem: no-pattern pattern="\"(\""`},

		{"8 (916) 123-45-67", Options{}, []any{"phone", "RU"}, "+79161234567"},
		{"030 1234567", Options{}, []any{"phone", "DE"}, "+49301234567"},
		{"12", Options{}, []any{"phone", "DE"}, "!phone no-known-phone"},
		{"030 1234567, 030 7654321", Options{}, []any{"phone", "DE"}, "!phone several-phones"},
		{"030 1234567, 030 7654321", Options{}, []any{"phone", "DE", "split", ","}, "+49301234567"},
		{"7.9E+10", Options{}, []any{"phone", "RU"}, "!damage became-scientific"},
		{"a", Options{}, []any{"phone", "Germany"}, `problem: no-region value="\"Germany\""`},

		{"jane@acme.example", Options{}, []any{"email", "true"}, "jane@acme.example"},
		{"jane@acme", Options{}, []any{"email", "true"}, "!email no-email"},
		{"a@b.example; c@d.example", Options{}, []any{"email", "true"}, "!email several-emails"},

		{"7707083893", Options{}, []any{"inn", "true"}, "7707083893"},
		{"500100732259", Options{}, []any{"inn", "true"}, "500100732259"},
		{"7707083894", Options{}, []any{"inn", "true"}, "!tax-id wrong-checksum"},
		{"105015500", Options{}, []any{"inn", "true"}, "!tax-id no-tax-id"},
		{"274062111", Options{}, []any{"inn", "true"}, "!damage lost-leading-zero"},
		{"0274062111", Options{}, []any{"inn", "true"}, "0274062111"},

		{"31.12.2024", Options{}, []any{"date", "DD.MM.YYYY"}, "2024-12-31"},
		{"1.2.2024", Options{}, []any{"date", "D.M.YYYY"}, "2024-02-01"},
		{"31.02.2024", Options{}, []any{"date", "DD.MM.YYYY"}, "!date no-date-of-form"},
		{"12/31/2024", Options{}, []any{"date", list(scalar("DD.MM.YYYY"), scalar("MM/DD/YYYY"))}, "2024-12-31"},
		{"45292", Options{}, []any{"date", "DD.MM.YYYY"}, "!damage date-became-number"},
		{"31.12.2024 10:30", Options{}, []any{"date", "DD.MM.YYYY HH:mm"}, "!date no-time-zone"},
		{"31.12.2024 10:30", berlin, []any{"date", "DD.MM.YYYY HH:mm"}, "2024-12-31T10:30:00+01:00"},
		{"31.03.2024 02:30", berlin, []any{"date", "DD.MM.YYYY HH:mm"}, "!date hour-left-out"},
		{"27.10.2024 02:30", berlin, []any{"date", "DD.MM.YYYY HH:mm"}, "2024-10-27T02:30:00+02:00!date? hour-comes-twice"},
		{"2024-10-27T02:30:00+01:00", Options{}, []any{"date", "true"}, "2024-10-27T02:30:00+01:00"},
		{"31.12.24", Options{}, []any{"date", "DD.MM.YY"}, `problem: no-date-form form="\"DD.MM.YY\""`},

		{"1 234,50", Options{}, []any{"decimal", pairs("decimalChar", ",", "groupChar", " ")}, "1234.50"},
		{"1\u00a0234\u00a0567,5", Options{}, []any{"decimal", pairs("decimalChar", ",", "groupChar", " ")}, "1234567.5"},
		{"1.234,50", Options{}, []any{"decimal", pairs("decimalChar", ",", "groupChar", ".")}, "1234.50"},
		{"1.23,50", Options{}, []any{"decimal", pairs("decimalChar", ",", "groupChar", ".")}, "!decimal no-number-of-form"},
		{"12 34", Options{}, []any{"decimal", pairs("groupChar", " ")}, "!decimal no-number-of-form"},
		{"-12,5", Options{}, []any{"decimal", pairs("decimalChar", ",", "factor", "10")}, "-125"},
		{"12,5", Options{}, []any{"decimal", "true"}, "!decimal no-number-without-groups"},
		{"12,5", Options{Dialect: excel}, []any{"decimal", "true"}, "12.5"},
		{"12.50", Options{}, []any{"decimal", "true"}, "12.50"},

		{"4711", Options{}, []any{"ref", "Deal"}, "{ref: deal/4711}"},
		{"A/7 б", Options{}, []any{"ref", "deal"}, "{ref: deal/A%2F7%20б}"},
		{"7707083893", Options{}, []any{"lookup", pairs("company", "inn")}, "{lookup: {company: {inn: 7707083893}}}"},
		{"17", Options{}, []any{"user", "id"}, "17"},
		{"Olga", Options{}, []any{"user", "id"}, "!form not-of-form"},
		{"Olga", Options{}, []any{"user", "email"}, "!form not-of-form"},
		{"17", Options{}, []any{"option", "label"}, "!form not-of-form"},
		{"Won", Options{}, []any{"stage", "title"}, "Won"},
		{"x", Options{}, []any{"eval", "y"}, `problem: no-verb name="\"eval\""`},
		{"x", Options{}, []any{"join", list(scalar("c"), scalar("d"))}, "problem: not-one-beginning"},
		{"x", Options{}, []any{"trim", "yes"}, `problem: no-flag verb="\"trim\""`},

		{"########", Options{}, nil, "!damage only-hashes"},
		{"#ССЫЛКА!", Options{}, nil, "!damage cell-error"},
		{"#1 in Bonn", Options{}, nil, "#1 in Bonn"},
		{"7,9E+10", Options{}, nil, "7,9E+10!damage? became-scientific"},
		{"NULL", Options{}, nil, "NULL!damage? says-no-value"},
		{"NULL", Options{Dialect: Dialect{MissingValues: []string{"", "NULL"}}}, nil, ""},
		{"12-янв", Options{}, nil, "12-янв!damage? became-date"},
		{"5 августа", Options{}, nil, "5 августа"},
	} {
		got := one(t, tc.cell, tc.o, tc.rule...)
		if !strings.HasPrefix(got, tc.want) || !strings.HasPrefix(tc.want, "problem") && got != tc.want {
			t.Errorf("%q %v: got %s, want %s", tc.cell, tc.rule, got, tc.want)
		}
	}
}

// What begins a rule may be several columns.
func TestRulesOfSeveralColumns(t *testing.T) {
	text := "id,a,b,c\n1,Jane,,Doe\n"
	cols := func(names ...string) value.Node {
		n := list()
		for _, name := range names {
			n.Items = append(n.Items, scalar(name))
		}
		return n
	}
	for _, tc := range []struct {
		rule value.Node
		want string
	}{
		{pairs("join", cols("a", "b", "c")), "Jane Doe"},
		{pairs("join", pairs("columns", cols("a", "c"), "with", ", ")), "Jane, Doe"},
		{pairs("coalesce", cols("b", "c")), "Doe"},
		{pairs("column", cols("a", "c"), "ref", "contact"), "{ref: contact/Jane~Doe}"},
		{pairs("column", cols("a", "b"), "ref", "contact"), ""},
		{pairs("column", cols("a", "c")), "problem: columns-without-ref"},
		{pairs("constant", list(scalar("x"), scalar("y"))), "[x, y]"},
		{list(pairs("column", "a"), pairs("column", "b"), pairs("column", "c")), "[Jane, Doe]"},
		{list(pairs("value", pairs("column", "a"), "type", pairs("constant", "WORK")), pairs("value", pairs("column", "b"), "type", pairs("constant", "HOME"))), "[{value: Jane, type: WORK}]"},
		{pairs("column", "x"), "fault: missing-column"},
		{scalar("a"), "problem: no-rule"},
	} {
		if got := mapped(t, text, Options{}, tc.rule); got != tc.want && (!strings.Contains(tc.want, ": no") || got != tc.want) && !strings.HasPrefix(got, tc.want+" ") {
			t.Errorf("%s: got %s, want %s", show(tc.rule), got, tc.want)
		}
	}
}

// A field that holds several values gets a list, also of one; a dotted name is an entry of a map;
// what is a part of the kind is one; a day in a field of times is its first moment.
func TestFieldsOfAKindHaveTheirShapes(t *testing.T) {
	r, faults := Open(strings.NewReader("id,tel,deal,made,sum\n1,\"030 1234567; 030 7654321\",17,31.12.2024,\"1,5\"\n2,030 1234567,,,\n"), "a.csv", Dialect{Local: true, Numbers: Numbers{Decimal: ','}, Dates: []string{"DD.MM.YYYY"}}, nil)
	if faults != nil {
		t.Fatal(faults)
	}
	m, problems := Compile(pairs("key", list(scalar("id")), "map", pairs(
		"phones", pairs("column", "tel", "split", ";", "phone", "DE"),
		"parents.deal", pairs("column", "deal", "ref", "deal"),
		"parents.quote", pairs("column", "deal", "ref", "quote"),
		"createdTime", pairs("column", "made"),
		"revenue", pairs("column", "sum"),
		"title", pairs("column", "id", "onlyIfEmpty", "true"),
	)), Options{Kind: kindNamed(t, "Company"), Dialect: r.Dialect(), Zone: value.Zone("Europe/Berlin")})
	if problems != nil {
		t.Fatal(problems)
	}
	p, _ := m.On(r)
	var got []string
	for {
		item, err := p.Next()
		if err == io.EOF {
			break
		}
		line := item.Record.Name
		for _, f := range item.Record.Fields {
			line += " " + f.Name + "=" + show(f.Value)
		}
		got = append(got, line)
	}
	want := []string{
		"1 createdTime=2024-12-31T00:00:00+01:00 parents={deal: {ref: deal/17}, quote: {ref: quote/17}} phones=[+49301234567, +49307654321] revenue=1.5 title=1",
		"2 phones=[+49301234567] title=2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := m.OnlyIfEmpty(); len(got) != 1 || got[0] != "title" {
		t.Errorf("only if empty: %v", got)
	}
}

func kindNamed(t *testing.T, name string) *kind.Kind {
	t.Helper()
	k := kind.BuiltIn().ByName(name)
	if k == nil {
		t.Fatalf("no kind %s", name)
	}
	return k
}

// A table of values is read once, and what it lacks is rejected.
func TestValuesFile(t *testing.T) {
	open := func(text string) Options {
		return Options{Open: func(path string) (io.ReadCloser, error) {
			if path != "v.csv" {
				return nil, os.ErrNotExist
			}
			return io.NopCloser(strings.NewReader(text)), nil
		}}
	}
	rule := func(path string) []any {
		return []any{"valuesFile", pairs("csv", path, "key", "from", "value", "to", "delimiter", ";")}
	}
	for _, tc := range []struct{ text, path, cell, want string }{
		{"from;to\nAK;17\n", "v.csv", "AK", "17"},
		{"from;to\nAK;17\n", "v.csv", "XX", "!values not-in-values-file"},
		{"from;to\nAK;17\nAK;18\n", "v.csv", "AK", "problem: in-values-file"},
		{"from;from\nAK;17\n", "v.csv", "AK", "problem: in-values-file"},
		{"a;to\nAK;17\n", "v.csv", "AK", "problem: in-values-file"},
		{"from;to\nAK;17\n", "w.csv", "AK", "problem: in-values-file"},
	} {
		if got := one(t, tc.cell, open(tc.text), rule(tc.path)...); !strings.HasPrefix(got, tc.want) {
			t.Errorf("%q: got %s, want %s", tc.text, got, tc.want)
		}
	}
}

// What is told without a pattern is what the pattern tells.
func TestAddressesAreToldAsByTheirPattern(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-c@.+ é]{0,8}`).Draw(t, "text")
		if got, want := isAddress(text), address.MatchString(text); got != want {
			t.Fatalf("%q: %t, want %t", text, got, want)
		}
		day := rapid.StringMatching(`[0-9]{0,3}[. -]{0,3}(jan|янв|x|)(\.|-[0-9]{2}|)`).Draw(t, "day")
		if monthCell.MatchString(day) && !hasLetterBehindDay(day) {
			t.Fatalf("%q is not looked at", day)
		}
	})
}
