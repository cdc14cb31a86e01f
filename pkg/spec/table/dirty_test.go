package table

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/value"
)

// told writes what is to be known of a fault, as people read it.
func told(f *Fault) string {
	out := fmt.Sprintf("    %s: %s [%s]", f.Pos, words.Text(f.Message), f.Rule)
	if f.Warning {
		out += " warning"
	}
	if f.Row > 0 {
		out += fmt.Sprintf(" row %d offset %d", f.Row, f.Offset)
	}
	if f.Column != "" {
		out += " column " + f.Column
	}
	if f.Raw != "" {
		out += fmt.Sprintf(" raw %.40q", f.Raw)
	}
	if hint := words.Text(f.Hint); hint != "" {
		out += "\n      hint: " + hint
	}
	return out + "\n"
}

// play maps a file and writes what comes of it.
func play(t *testing.T, path string, source, spec value.Node) string {
	t.Helper()
	s, problems := ReadSource(source)
	if problems != nil {
		t.Fatal(problems)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out strings.Builder
	r, faults := Open(f, filepath.Base(path), s.Dialect, nil)
	for _, f := range faults {
		out.WriteString(told(f))
	}
	if r == nil {
		return out.String()
	}
	m, problems := Compile(spec, Options{Dialect: r.Dialect(), Zone: value.Zone("Europe/Moscow")})
	if problems != nil {
		t.Fatal(problems)
	}
	p, faults := m.On(r)
	for _, f := range faults {
		out.WriteString(told(f))
	}
	if faults != nil {
		return out.String()
	}
	var keys Keys
	for {
		item, err := p.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "  %s", item.State)
		for _, row := range item.Rows {
			fmt.Fprintf(&out, " %d", row.Number)
		}
		if item.Record.Name != "" {
			fmt.Fprintf(&out, " %.60s", item.Record.Name)
		}
		if item.State == Valid {
			keys.Add(item.Record.Name, item.Rows[0].Number)
			for _, f := range append(item.Record.Fields, item.Record.Parts...) {
				fmt.Fprintf(&out, " %s=%q", f.Name, show(f.Value))
			}
		}
		out.WriteByte('\n')
		for _, f := range item.Faults {
			out.WriteString(told(f))
		}
	}
	duplicates := keys.Duplicates(m.OnDuplicate())
	for _, number := range slices.Sorted(maps.Keys(duplicates)) {
		fmt.Fprintf(&out, "  duplicate: %d of %d\n", number, duplicates[number])
	}
	return out.String()
}

// dirty is what files of other systems are like.
var dirty = []struct {
	name, text string
	source     value.Node
	spec       value.Node
}{
	{"a mark, CRLF, line breaks in quotes", "\ufeffid,name\r\n1,\"Acme\r\nGmbH\"\r\n2,\"a \"\"b\"\" c\"\r\n", pairs(), pairs()},
	{"ragged rows", "id,name\n1\n2,a,b\n3,c\n\n,\n4,\"d,e\"\n", pairs(), pairs()},
	{"a missing column", "id,title\n1,Acme\n", pairs(), pairs()},
	{"columns that stand twice or have no name", "id,name,name,,x\n1,a,b,c,d\n", pairs(), pairs()},
	{"an extra column", "id,name,notes\n1,a,b\n", pairs("fieldsMatch", "exact"), pairs()},
	{"duplicate keys, by case too", "id,name\na,1\nA,2\nb,3\n", pairs(), pairs()},
	{"a cell of a megabyte", "id,name\n1,x\n2," + strings.Repeat("m", 1<<20) + "\n3,\"" + strings.Repeat("m\n", 1<<19) + "\"\n4,y\n", pairs(), pairs()},
	{"a NUL", "id,name\n1,a\x00b\n2,c\n", pairs(), pairs()},
	{"a header only", "id,name\n\n\n", pairs(), pairs()},
	{"nothing", "", pairs(), pairs()},
	{"a wrong encoding", "id,name\n1,\xcc\xee\xf1\xea\xe2\xe0\n2,b\n", pairs(), pairs()},
	{"utf-8 that is declared as windows-1251", "id,name\n1,Москва\n2,b\n", pairs("encoding", "windows-1251"), pairs()},
	{"a quotation mark that is never closed", "id,name\n1,\"a\n2,b\n3,c\n", pairs(), pairs()},
	{"quotation marks within cells", "id,name\n1,a \"b\" c\n2,\"d\" e\n3,f\n", pairs(), pairs()},
	{"NULL texts", "id,name\n1,NULL\n2,\\N\n3,n/a\n", pairs(), pairs()},
	{"NULL texts that are declared", "id,name\n1,NULL\n2,\n", pairs("missingValues", list(scalar(""), scalar("NULL"))), pairs("map", pairs("title", pairs("column", "name", "empty", "clear")))},
	{"what Excel writes in Russia", cp1251("Код;Название;Оборот;Дата;Телефон\r\n1;ООО «Ёж»;12\u00a0345,50;31.12.2024;8 (916) 123-45-67\r\n2;\"а;б\";1 2,5;31.12.2024 10:15;7,9E+10\r\n3;;########;45292;\r\n"), pairs("profile", "excel-ru"), pairs(
		"key", "Код", "map", pairs("title", pairs("column", "Название"), "revenue", pairs("column", "Оборот", "decimal", "true"), "createdTime", pairs("column", "Дата", "date", "true"), "phones", pairs("column", "Телефон", "phone", "RU")))},
	{"Bitrix24's own template: a product a line", "\ufeff\"ID\";\"Название\";\"Товар\";\"Цена\";\"Количество\";\n\"1\";\"Сделка\";\"Стул\";\"10.50\";\"2\";\n\"1\";\"\";\" Стол \";\"99\";\"1\";\n\"2\";\"Другая\";\"\";\"\";\"\";\n\"2\";\"Не та\";\"Стул\";\"10.50\";\"1\";\n\"\";\"Без номера\";\"Стул\";\"1\";\"1\";\n", pairs("profile", "bitrix24-import"), pairs(
		"key", list(pairs("column", "ID", "default", "none")), "map", pairs("title", pairs("column", "Название")), "products", pairs("map", pairs("productName", pairs("column", "Товар"), "price", pairs("column", "Цена"), "quantity", pairs("column", "Количество"))))},
	{"two numbers in a cell", "id,tel\n1,\"030 1234567, 030 7654321\"\n", pairs(), pairs("map", pairs("phones", pairs("column", "tel", "phone", "DE")))},
	{"keys with all sorts of characters", "id,name\na/b,1\na b,2\nЁлка-1,3\nЁЛКА-1,4\nx~y%,5\n" + strings.Repeat("k", 101) + ",6\n" + strings.Repeat("k", 100) + ",7\n  ,8\n", pairs(), pairs()},
	{"compound keys and self references", "a,b,up_a,up_b\n1,x,,\n1,y,1,x\n2,,1,x\n", pairs(), pairs("key", list(scalar("a"), scalar("b")), "map", pairs("parents.deal", pairs("column", list(scalar("up_a"), scalar("up_b")), "ref", "deal")))},
	{"rows that are picked", "id,state,name\n1,won,a\n2,lost,b\n3,open,\n4,open,d\n", pairs(), pairs("where", pairs("state", list(scalar("won"), scalar("open")), "name", pairs("notEmpty", "true")))},
	{"lines of one record", "id,name,tag,tel\n1,Acme,x,030 1234567\n1,,y,030 1234567\n1,Acme,x,030 7654321\n2,Beta,,\n2,Gamma,,\n1,Acme,z,\n", pairs(), pairs("rows", pairs("groupBy", "id"), "map", pairs("title", pairs("column", "name"), "TAGS", list(pairs("column", "tag")), "phones", list(pairs("column", "tel", "phone", "DE"))))},
	{"comments, headers of two lines", "# exported\nPerson,,Firm\nname,id,name\nJane,1,Acme\n# end\n", pairs("commentChar", "#", "headerRows", list(scalar("1"), scalar("2"))), pairs("key", "id", "map", pairs("title", pairs("column", "Firm name"), "name", pairs("column", "Person name")))},
	{"days and hours", "id,at\n1,2024-03-31T02:30:00\n2,26.10.2014 01:30\n3,2024-02-30\n", pairs("dates", list(scalar("YYYY-MM-DDTHH:mm:ss"), scalar("DD.MM.YYYY HH:mm"), scalar("YYYY-MM-DD"))), pairs("map", pairs("createdTime", pairs("column", "at", "date", "true")))},
	{"NDJSON", "{\"id\": 1, \"name\": \"Acme\", \"tags\": [\"a\", \"b\"], \"address\": {\"city\": \"Köln\"}}\n\n{\"id\": 2, \"name\": null}\n{\"id\": 3, \"id\": 4}\n{\"id\": 5, \"name\": {\"x\": 1}}\n[1]\n{\"id\": 6, \"name\": \"b\"} {}\n{\"id\": 7\n{\"id\": \"8\", \"tags\": [{}]}\n", pairs("ndjson", "a.ndjson"), pairs("map", pairs("title", pairs("column", "name"), "TAGS", list(pairs("column", "tags")), "CITY", pairs("column", "address.city")))},
}

func cp1251(text string) string {
	out, err := charmap.Windows1251.NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return out
}

// What comes of dirty files is as designed; UPDATE_GOLDEN=1 writes it. The files are the same
// afterwards.
func TestDirtyFiles(t *testing.T) {
	var out strings.Builder
	for _, tc := range dirty {
		source, spec := tc.source, tc.spec
		if _, ok := source.Get("ndjson"); !ok {
			source.Pairs = append(source.Pairs, value.Pair{Key: "csv", Value: scalar("a.csv")})
		}
		if _, ok := spec.Get("key"); !ok {
			spec.Pairs = append(spec.Pairs, value.Pair{Key: "key", Value: scalar("id")})
		}
		if _, ok := spec.Get("map"); !ok {
			spec.Pairs = append(spec.Pairs, value.Pair{Key: "map", Value: pairs("title", pairs("column", "name"))})
		}
		path := filepath.Join(t.TempDir(), "a.csv")
		if err := os.WriteFile(path, []byte(tc.text), 0o444); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s\n%s\n", tc.name, play(t, path, source, spec))
		if after, err := os.ReadFile(path); err != nil || string(after) != tc.text {
			t.Errorf("%s: the file is another one: %v", tc.name, err)
		}
	}
	golden := filepath.Join("testdata", "dirty.golden")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error(diff)
	}
}
