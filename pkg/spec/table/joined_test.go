package table

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/value"
)

// Rows of other files come with the records whose keys they have, in their order, wherever they
// stand, from files that can be read again and from packed ones.
func TestChildRowsComeWithTheirRecords(t *testing.T) {
	const deals, goods, freight = "id,state,name\nA/1,x,one\nb,x,two\nc,,three\nd,x,four\ne,x,five\n",
		"deal,item,price,n\nb,Chair,10,1\nA/1,Table,20.5,2\nb,Lamp,x,1\nA/1,Chair,10,1\nz,Lost,1,1\nc,Own,1,1\n,None,1,1\nd,\"2\n", "order;sum\nA/1;99\ne;5\n"
	spec := pairs("key", "id", "map", pairs("title", pairs("column", "name")), "where", pairs("state", "x"), "products", list(
		pairs("source", pairs("csv", "goods.csv"), "by", "deal", "map", pairs("productName", pairs("column", "item"), "price", pairs("column", "price", "decimal", "true"), "quantity", pairs("column", "n"))),
		pairs("source", pairs("csv", "freight.csv.gz", "delimiter", ";"), "by", list(scalar("order")), "map", pairs("productName", pairs("constant", "Freight"), "price", pairs("column", "sum"))),
	))
	m, problems := Compile(spec, Options{})
	if problems != nil {
		t.Fatal(problems)
	}
	r, _ := Open(strings.NewReader(deals), "deals.csv", Dialect{}, nil)
	p, faults := m.On(r)
	if faults != nil || len(m.Children()) != 2 {
		t.Fatal(faults)
	}
	var got []string
	for i, c := range m.Children() {
		text, file := []byte(goods), io.ReaderAt(strings.NewReader(goods))
		if i == 1 {
			text, file = packed(t, "freight.csv.gz", []byte(freight)), nil
		}
		child, faults := Open(strings.NewReader(string(text)), c.Source.Path, c.Source.Dialect, nil)
		if faults != nil {
			t.Fatal(faults)
		}
		faults, err := p.Attach(c, child, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range faults {
			got = append(got, c.Part+" "+f.Pos.String()+" "+f.Message.Code)
		}
	}
	for {
		item, err := p.Next()
		if err == io.EOF {
			break
		}
		line := string(item.State) + " " + item.Record.Name
		for _, f := range append(item.Record.Fields, item.Record.Parts...) {
			line += " " + f.Name + "=" + show(f.Value)
		}
		for _, f := range item.Faults {
			line += " " + f.Pos.String() + " " + f.Message.Code
		}
		got = append(got, line)
	}
	for _, f := range p.Orphans() {
		got = append(got, f.Pos.String()+" "+f.Message.Code)
	}
	want := []string{
		"products goods.csv:8:1 no-key-in-row",
		"products goods.csv:9:3 unclosed-quote",
		"valid A%2F1 title=one products=[{productName: Table, price: 20.5, quantity: 2}, {productName: Chair, price: 10, quantity: 1}, {productName: Freight, price: 99}]",
		"rejected b goods.csv:4:8 no-number-without-groups",
		"skipped c",
		"valid d title=four",
		"valid e title=five products=[{productName: Freight, price: 5}]",
		"goods.csv:6:1 no-record-of-row",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A sidecar says how cells are written and what they must be.
func TestASidecarIsObeyed(t *testing.T) {
	s, fault := ReadSchema([]byte(`{"fields": [
		{"name": "id", "type": "string", "constraints": {"required": true, "unique": true, "pattern": "[a-z]+"}},
		{"name": "sum", "type": "number", "decimalChar": ",", "groupChar": " ", "constraints": {"minimum": 10, "maximum": "1000"}},
		{"name": "day", "type": "date", "format": "%d.%m.%Y", "constraints": {"minimum": "2020-01-01"}},
		{"name": "ok", "type": "boolean", "trueValues": ["да"], "falseValues": ["нет"]},
		{"name": "size", "constraints": {"enum": ["S", "M"], "maxLength": 1}}
	], "missingValues": ["", {"value": "-", "label": "none"}], "primaryKey": "id", "fieldsMatch": ["equal"], "foreignKeys": []}`), "a.schema.json")
	if fault != nil {
		t.Fatal(fault)
	}
	text := "sum,id,day,ok,size\n\"1 000,0\",a,31.12.2024,да,S\n\"9,5\",b,31.12.2019,maybe,XL\n-,a,-,нет,-\n10,A,,,M\n10,,,,M\n1.0,c,2024-12-31,,\n"
	r, faults := Open(strings.NewReader(text), "a.csv", Dialect{}, s)
	if faults != nil {
		t.Fatal(faults)
	}
	m, problems := Compile(pairs("map", pairs("S", pairs("column", "sum"), "D", pairs("column", "day"), "B", pairs("column", "ok"))), Options{Schema: s})
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
		line := fmt.Sprint(item.State, " ", item.Record.Name)
		for _, f := range item.Record.Fields {
			line += " " + f.Name + "=" + show(f.Value)
		}
		for _, f := range item.Faults {
			line += " " + f.Column + ":" + f.Message.Code
		}
		got = append(got, line)
	}
	want := []string{
		"valid a B=true D=2024-12-31 S=1000.0",
		"rejected b sum:below-minimum day:below-minimum ok:no-truth size:length-out-of-bounds ok:no-truth",
		"rejected a id:not-unique",
		"rejected A id:not-of-pattern",
		"rejected  id:no-key-in-row id:cell-is-missing",
		"rejected c sum:no-number-of-form day:no-date-of-form day:no-date-of-form sum:no-number-of-form",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]int{"{\n\n x": 3, `{"fields": 3}`: 1, `{"fields": [{"name": "a", "constraints": {"pattern": "("}}]}`: 0, `{"fields": [{"name": "a", "type": "date", "format": "%y"}]}`: 0} {
		if _, f := ReadSchema([]byte(text), "a.schema.json"); f == nil || f.Pos.Line != want {
			t.Errorf("%s: %+v", text, f)
		}
	}
	out, err := s.Write()
	again, fault := ReadSchema(out, "b")
	if err != nil || fault != nil || len(again.Fields) != 5 || again.Fields[1].GroupChar != " " || again.PrimaryKey[0] != "id" {
		t.Errorf("written and read: %s %v %v", out, err, fault)
	}
}

func TestDuplicateKeys(t *testing.T) {
	for on, want := range map[OnDuplicate]string{DuplicateError: "map[1:3 3:1 4:1]", DuplicateFirst: "map[3:1 4:1]", DuplicateLast: "map[1:4 3:4]"} {
		var k Keys
		for i, name := range []string{"Ёж", "b", "ёж", "ЁЖ", "c"} {
			k.Add(name, i+1)
		}
		if got := fmt.Sprint(k.Duplicates(on)); got != want {
			t.Errorf("%s: %s, want %s", on, got, want)
		}
	}
}

// What is said of a source is read, and what is wrong is told at its place.
func TestSources(t *testing.T) {
	for _, tc := range []struct {
		source value.Node
		want   string
	}{
		{pairs("csv", "a.csv"), ""},
		{pairs("csv", "a.tsv"), ""},
		{pairs("csv", "a.csv", "ndjson", "b"), "two-source-paths"},
		{pairs("profile", "excel-ru"), "no-source-path"},
		{pairs("csv", "a.csv", "profile", "excel-de"), "no-such-profile"},
		{pairs("csv", "a.csv", "encoding", "koi8-r"), "no-such-encoding"},
		{pairs("csv", "a.csv", "delimiter", ";;"), "no-such-character"},
		{pairs("csv", "a.csv", "delimiter", "¦"), "no-such-character"},
		{pairs("csv", "a.csv", "delimiter", "\""), "same-characters"},
		{pairs("csv", "a.csv", "fieldsMatch", "some"), "no-such-match"},
		{pairs("csv", "a.csv", "headerRows", list(scalar("2"), scalar("1"))), "no-header-rows"},
		{pairs("csv", "a.csv", "header", "no"), "source-flag"},
		{pairs("csv", "a.csv", "timeZone", "Local"), "no-such-zone"},
		{pairs("csv", "a.csv", "dates", "DD.MM.YY"), "no-date-form"},
		{pairs("csv", "a.csv", "sheet", "1"), "no-source-key"},
		{pairs("csv", "a.csv", "missingValues", list(list())), "no-list-of-source-texts"},
	} {
		_, faults := ReadSource(tc.source)
		got := ""
		for _, f := range faults {
			got += f.Message.Code
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", show(tc.source), got, tc.want)
		}
	}
	for path, want := range map[string]string{"data/a.csv.gz": "data/a.schema.json", `d\b.NDJSON`: `d\b.schema.json`, "c.d.csv": "c.d.schema.json", ".csv": ".csv.schema.json"} {
		if got := SidecarOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if f, ok := FormatOf("a.NDJSON.gz"); !ok || f != NDJSON {
		t.Error("the format of a.NDJSON.gz")
	}
}

func BenchmarkMap(b *testing.B) {
	var text strings.Builder
	text.WriteString("id,name,city,street,mail,turnover,manager,since,tel,note\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "%d,Acme %d GmbH,Bonn,Main street %d,info@acme%d.example,%d.50,AK,2024-01-%02d,+49 30 %07d,a note of some words\n", i, i, i, i, i, i%28+1, 1000000+i)
	}
	m, problems := Compile(pairs("key", "id", "map", pairs(
		"title", pairs("column", "name", "trim", "true", "required", "true"), "ADDRESS_CITY", pairs("column", "city"), "ADDRESS", pairs("column", "street"),
		"EMAIL", pairs("column", "mail", "email", "true"), "revenue", pairs("column", "turnover", "decimal", "true"),
		"assignedById", pairs("column", "manager", "values", pairs("AK", "olga@acme.example", "*", "error")),
		"SINCE", pairs("column", "since", "date", "true"), "comments", pairs("column", "note"))), Options{})
	if problems != nil {
		b.Fatal(problems)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for range b.N {
		r, _ := Open(strings.NewReader(text.String()), "a.csv", Dialect{}, nil)
		p, _ := m.On(r)
		n := 0
		for {
			item, err := p.Next()
			if err == io.EOF {
				break
			}
			if item.State != Valid {
				b.Fatal(item.Faults[0])
			}
			n++
		}
		if n != 10_000 {
			b.Fatal(n)
		}
	}
}

// The schema that a mapping expects is one that its tables keep to.
func TestAMappingSaysWhatItExpects(t *testing.T) {
	m, problems := Compile(pairs("key", list(scalar("id")), "map", pairs(
		"title", pairs("column", "name", "required", "true"),
		"revenue", pairs("column", "sum", "decimal", pairs("decimalChar", ",", "groupChar", " ")),
		"begindate", pairs("column", "day", "date", "DD.MM.YYYY"),
		"assignedById", pairs("column", "manager", "values", pairs("AK", "a@b.example", "*", "error")),
		"emails", list(pairs("value", pairs("column", "mail", "email", "true"))),
		"ZIP", pairs("column", "zip", "pattern", "[0-9]{5}"),
	)), Options{Dialect: Dialect{MissingValues: []string{"", "-"}}})
	if problems != nil {
		t.Fatal(problems)
	}
	text, err := m.Schema().Write()
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
  "fields": [
    {"name": "id", "type": "string", "constraints": {"required": true}},
    {"name": "name", "title": "title", "type": "string", "constraints": {"required": true}},
    {"name": "sum", "title": "revenue", "type": "number", "decimalChar": ",", "groupChar": " "},
    {"name": "day", "title": "begindate", "type": "date", "format": "%d.%m.%Y"},
    {"name": "manager", "title": "assignedById", "type": "string", "constraints": {"enum": ["AK"]}},
    {"name": "mail", "title": "emails.value", "type": "string", "format": "email"},
    {"name": "zip", "title": "ZIP", "type": "string", "constraints": {"pattern": "[0-9]{5}"}}
  ],
  "missingValues": ["", "-"],
  "primaryKey": ["id"],
  "fieldsMatch": "subset"
}`
	var a, b any
	if json.Unmarshal(text, &a) != nil || json.Unmarshal([]byte(want), &b) != nil {
		t.Fatalf("%s", text)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Error(diff)
	}
	s, fault := ReadSchema(text, "a")
	if fault != nil {
		t.Fatal(fault)
	}
	if _, faults := read(t, []byte("name,zip,id,sum,day,manager,mail,more\na,12345,1,\"1 000,5\",31.12.2024,AK,a@b.example,x\n"), "a.csv", Dialect{}, s); faults != nil {
		t.Error(faults)
	}
}
