package table

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	xencoding "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// read gives all rows as texts, and the faults.
func read(t testing.TB, text []byte, name string, d Dialect, s *Schema) (rows [][]string, faults []*Fault) {
	t.Helper()
	r, faults := Open(bytes.NewReader(text), name, d, s)
	if r == nil {
		return nil, faults
	}
	for {
		row, err := r.Next()
		if f, ok := err.(*Fault); ok {
			faults = append(faults, f)
			continue
		}
		if err == io.EOF {
			return rows, faults
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Blank {
			continue
		}
		var cells []string
		for i := range row.Cells {
			cells = append(cells, row.Cells[i].Text)
		}
		rows = append(rows, cells)
	}
}

// What encoding/csv reads of a well-formed file is read the same, but that line breaks in
// quotes stay as they are; and a row that is read again at its place is the same.
func TestWellFormedFilesAreReadAsByTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		cell := rapid.StringMatching(`[a-z0-9 "Яß,;\r\n]{0,6}`)
		var b bytes.Buffer
		if rapid.Bool().Draw(t, "mark") {
			b.WriteString("\ufeff")
		}
		for i := range columns {
			fmt.Fprintf(&b, "%sc%d", strings.Repeat(",", min(i, 1)), i)
		}
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
		b.WriteString(end)
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			for i := range columns {
				text := cell.Draw(t, "cell")
				if strings.ContainsAny(text, "\",\r\n") || rapid.Bool().Draw(t, "quoted") {
					text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
				}
				b.WriteString(strings.Repeat(",", min(i, 1)) + text)
			}
			b.WriteString(end)
		}
		std := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\ufeff"))))
		want, err := std.ReadAll()
		if err != nil {
			t.Skip("not well-formed: " + err.Error())
		}
		r, faults := Open(bytes.NewReader(b.Bytes()), "a.csv", Dialect{}, nil)
		if r == nil {
			if faults[0].Message.Code == "header-only" {
				return
			}
			t.Fatal(faults)
		}
		var got [][]string
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			row = row.Clone()
			again, err := r.At(bytes.NewReader(b.Bytes()), row.Place)
			if diff := cmp.Diff(row, again, cmp.AllowUnexported(Cell{})); err != nil || diff != "" {
				t.Fatalf("read again: %v %s", err, diff)
			}
			var cells []string
			for i := range row.Cells {
				c := &row.Cells[i]
				cells = append(cells, strings.ReplaceAll(c.Text, "\r\n", "\n"))
				if at := b.Bytes()[row.Offset+int64(c.offset):]; c.Text != "" && at[0] != '"' && !bytes.HasPrefix(at, []byte(c.Text)) {
					t.Fatalf("%q is not at %d", c.Text, row.Offset+int64(c.offset))
				}
				place(t, b.Bytes(), row.pos("", i).Line, row.pos("", i).Col, row.Offset+int64(c.offset))
			}
			if !row.Blank || !(len(cells) == 1 && b.Bytes()[row.Offset] != '"') {
				got = append(got, cells)
			}
		}
		if diff := cmp.Diff(want[1:], got); diff != "" && len(want)+len(got) > 1 {
			t.Fatalf("%q: %s", b.Bytes(), diff)
		}
	})
}

// place checks that a line and a column are those of an offset.
func place(t rapid.TB, text []byte, line, col int, offset int64) {
	before := string(bytes.TrimPrefix(text[:offset], []byte("\ufeff")))
	if want := 1 + strings.Count(before, "\n"); want != line {
		t.Fatalf("%d is in line %d, not %d", offset, want, line)
	}
	if want := 1 + len([]rune(before[strings.LastIndex(before, "\n")+1:])); want != col {
		t.Fatalf("%d is at column %d, not %d", offset, want, col)
	}
}

// A file says the same in each encoding and packed in each way, at the same lines and columns.
func TestEncodingsAndPackingsSayTheSame(t *testing.T) {
	text := "ключ,имя\r\n1,Ёж \"и\" К°\r\n2,\"два\nряда, \"\"да\"\"\"\r\n3,x\r\n"
	text = strings.ReplaceAll(text, "Ёж \"и\" К°", "Ёж и К°")
	want := [][]string{{"1", "Ёж и К°"}, {"2", "два\nряда, \"да\""}, {"3", "x"}}
	encoders := map[string]xencoding.Encoding{
		"utf-8": xencoding.Nop, "windows-1251": charmap.Windows1251,
		"utf-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	}
	for name, e := range encoders {
		raw, err := e.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"a.csv", "a.csv.gz", "a.csv.zst"} {
			rows, faults := read(t, packed(t, file, raw), file, Dialect{Encoding: name}, nil)
			if diff := cmp.Diff(want, rows); diff != "" || faults != nil {
				t.Errorf("%s %s: %v %s", name, file, faults, diff)
			}
		}
		r, _ := Open(bytes.NewReader(raw), "a.csv", Dialect{Encoding: name}, nil)
		for i := range want {
			row, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if pos := row.pos("", 1); pos.Line != []int{2, 3, 5}[i] || pos.Col != 3 {
				t.Errorf("%s: row %d at %s", name, i, pos)
			}
			row = row.Clone()
			again, err := r.At(bytes.NewReader(raw), row.Place)
			if diff := cmp.Diff(row, again, cmp.AllowUnexported(Cell{})); err != nil || diff != "" {
				t.Errorf("%s: row %d again: %v %s", name, i, err, diff)
			}
		}
	}
	if rows, faults := read(t, []byte("a,b\n\xe9,\x80\n"), "a.csv", Dialect{Encoding: "windows-1252"}, nil); faults != nil || rows[0][0] != "é" || rows[0][1] != "€" {
		t.Errorf("windows-1252: %v %v", rows, faults)
	}
}

func packed(t testing.TB, name string, raw []byte) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch {
	case strings.HasSuffix(name, ".gz"):
		w = gzip.NewWriter(&b)
	case strings.HasSuffix(name, ".zst"):
		w, _ = zstd.NewWriter(&b)
	default:
		return raw
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A wrong encoding is an error that says where, and nothing is guessed.
func TestWrongEncodingsAreFaultsThatSayWhere(t *testing.T) {
	utf16, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("a,b\nx,y\n"))
	odd := append(append([]byte{}, utf16...), 'x')
	half := append(append([]byte{}, utf16[:len(utf16)-2]...), 0x00, 0xd8, '\n', 0)
	for _, tc := range []struct {
		raw      []byte
		encoding string
		want     string
	}{
		{[]byte("a,b\nx,\xcc\xee\xf1\xea\xe2\xe0\n"), "utf-8", "encoding not-in-encoding a.csv:2:3 offset 6 row 1 column b"},
		{[]byte("a,b\nx,\"1\n2\xff\"\n"), "utf-8", "encoding not-in-encoding a.csv:3:2 offset 10 row 1 column b"},
		{[]byte("a,b\nx,Москва\n"), "windows-1251", "encoding utf8-instead a.csv:2:3 offset 6 row 1 column b"},
		{[]byte("a,b\nx,\x98\n"), "windows-1251", "encoding not-in-encoding a.csv:2:3 offset 6 row 1 column b"},
		{utf16, "utf-8", "encoding other-encoding a.csv offset 0 row 0 column "},
		{utf16[2:], "utf-16", "encoding no-byte-order a.csv offset 0 row 0 column "},
		{[]byte("\xef\xbb\xbfa,b\nx,y\n"), "windows-1251", "encoding other-encoding a.csv offset 0 row 0 column "},
		{odd, "utf-16", "encoding not-in-encoding a.csv:3:1 offset 18 row 2 column a"},
		{half, "utf-16", "encoding not-in-encoding a.csv:2:4 offset 16 row 1 column b"},
	} {
		_, faults := read(t, tc.raw, "a.csv", Dialect{Encoding: tc.encoding}, nil)
		if len(faults) != 1 {
			t.Errorf("%q: %v", tc.raw, faults)
			continue
		}
		f := faults[0]
		if got := fmt.Sprintf("%s %s %s offset %d row %d column %s", f.Rule, f.Message.Code, f.Pos, f.Offset, f.Row, f.Column); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.raw, got, tc.want)
		}
	}
}

// fieldsMatch has the five words of Data Package v2.
func TestFieldsMatch(t *testing.T) {
	for _, tc := range []struct {
		match           FieldsMatch
		declared, table string
		want            string
	}{
		{MatchExact, "a,b", "a,b", ""}, {"", "a,b", "b,a", "other-order"}, {MatchExact, "a,b", "a", "missing-column"}, {MatchExact, "a", "a,b", "extra-column"},
		{MatchEqual, "a,b", "b,a", ""}, {MatchEqual, "a,b", "b", "missing-column"}, {MatchEqual, "a", "b,a", "extra-column"},
		{MatchSubset, "a", "b,a", ""}, {MatchSubset, "a,c", "b,a", "missing-column"},
		{MatchSuperset, "a,b", "b", ""}, {MatchSuperset, "a,b", "b,c", "extra-column"},
		{MatchPartial, "a,b", "b,c", ""}, {MatchPartial, "a", "b,c", "no-declared-column"},
	} {
		s := &Schema{}
		for name := range strings.SplitSeq(tc.declared, ",") {
			s.Fields = append(s.Fields, Field{Name: name})
		}
		_, faults := read(t, []byte(tc.table+"\n"+strings.Repeat(",", strings.Count(tc.table, ","))+"x\n"), "a.csv", Dialect{FieldsMatch: tc.match}, s)
		got := ""
		for _, f := range faults {
			got += f.Message.Code
		}
		if got != tc.want {
			t.Errorf("%s of %s and %s: %q, want %q", tc.match, tc.declared, tc.table, got, tc.want)
		}
	}
}

// Whatever the bytes are, reading ends, every fault lies inside the file, and a row that is whole
// is read again as it was.
func FuzzReader(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "\ufeffa;b\r\n\"1\r\n2\";\"x\"\"y\"\r\n", "a,b\n\"1,2\n3,4\n", "a,b\n1\"2,3\n", "a\n\x00\n", "{\"a\":1}\n{\"b\":[1,\"x\"]}\n{\"a\":", "\xff\xfea\x00,\x00b\x00\n\x001\x00", "# c\na,b\n\n1,2,3\n"} {
		f.Add([]byte(text), uint8(0))
		f.Add([]byte(text), uint8(5))
		f.Add([]byte(text), uint8(9))
	}
	f.Fuzz(func(t *testing.T, text []byte, how uint8) {
		d := Dialect{Encoding: Encodings()[int(how)%len(encodings)]}
		if how&8 != 0 {
			d.Delimiter, d.Comment = ';', '#'
		}
		if how&16 != 0 {
			d.Format = NDJSON
		}
		r, faults := Open(bytes.NewReader(text), "a.csv", d, nil)
		if r == nil && len(faults) == 0 {
			t.Fatal("neither a reader nor a fault")
		}
		inside(t, text, faults...)
		for n := 0; r != nil; n++ {
			row, err := r.Next()
			if fault, ok := err.(*Fault); ok {
				inside(t, text, fault)
				if n > len(text)+1 {
					t.Fatal("reading does not end")
				}
				continue
			}
			if err != nil {
				break
			}
			row = row.Clone()
			again, err := r.At(bytes.NewReader(text), row.Place)
			if diff := cmp.Diff(row, again, cmp.AllowUnexported(Cell{})); err != nil || diff != "" {
				t.Fatalf("read again: %v %s", err, diff)
			}
		}
	})
}

func inside(t *testing.T, text []byte, faults ...*Fault) {
	for _, f := range faults {
		if lines := bytes.Count(text, []byte("\n")) + 1; f.Offset < 0 || f.Offset > int64(len(text)) || f.Pos.Line < 0 || f.Pos.Line > lines+1 || f.Rule == "" {
			t.Fatalf("%v at %s, offset %d, of %d bytes and %d lines", f, f.Pos, f.Offset, len(text), lines)
		}
	}
}

// Reading a plain row allocates its text and nothing else.
func TestAPlainRowIsOneAllocation(t *testing.T) {
	text := "a,b,c,d\n" + strings.Repeat("1,Acme GmbH,Bonn,12.50\n", 5000)
	r, faults := Open(strings.NewReader(text), "a.csv", Dialect{}, nil)
	if faults != nil {
		t.Fatal(faults)
	}
	if n := testing.AllocsPerRun(4000, func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}); n > 1.1 {
		t.Errorf("%v allocations a row", n)
	}
}
