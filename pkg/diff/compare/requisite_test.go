package compare

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// rqRow is a live requisite.
func rqRow(id int, columns ...string) kind.Row {
	row := kind.Row{"ID": json.RawMessage(fmt.Sprintf(`"%d"`, id)), "PRESET_ID": json.RawMessage(`"1"`), "NAME": json.RawMessage(`"R"`)}
	for i := 0; i < len(columns); i += 2 {
		row[columns[i]], _ = json.Marshal(columns[i+1])
	}
	return row
}

// ours adds the mark of a key to columns.
func ours(key string, columns ...string) []string {
	return append(columns, "ORIGINATOR_ID", "b24apply:o", "XML_ID", "b24apply:"+key)
}

// rqEntry is a declared requisite of template 1.
func rqEntry(key string, columns ...string) entry {
	e := entry{key: key, path: "requisites." + key, preset: 1}
	for i := 0; i < len(columns); i += 2 {
		e.targets = append(e.targets, declared.Target{Wire: columns[i], Codec: value.MustCodecOf(value.Type{Name: "string"}), Value: value.Node{Kind: value.Scalar, Text: columns[i+1]}})
	}
	return e
}

// Which live row an entry stands for, and what is deleted, is decided by marks; an
// unowned row is taken over only if one says the same.
func TestRequisitesArePairedByMarkThenByTaxID(t *testing.T) {
	for name, tt := range map[string]struct {
		entries []entry
		live    []kind.Row
		rows    []int // ids by entry, 0 for a new one
		adopted []string
		gone    []int
		refused string
	}{
		"none is there":                                    {entries: []entry{rqEntry("a")}, rows: []int{0}, adopted: []string{""}},
		"the mark is found":                                {entries: []entry{rqEntry("a")}, live: []kind.Row{rqRow(1), rqRow(2, ours("a")...)}, rows: []int{2}, adopted: []string{""}},
		"the mark wins over the tax id":                    {entries: []entry{rqEntry("a", "RQ_INN", "7")}, live: []kind.Row{rqRow(1, "RQ_INN", "7"), rqRow(2, ours("a")...)}, rows: []int{2}, adopted: []string{""}},
		"another owner's mark is foreign":                  {entries: []entry{rqEntry("a", "RQ_INN", "7")}, live: []kind.Row{rqRow(1, "RQ_INN", "7", "ORIGINATOR_ID", "b24apply:x", "XML_ID", "b24apply:a")}, refused: `requisites.a: R (id 1) belongs to project "x"`},
		"a mark in another case is not it":                 {entries: []entry{rqEntry("a")}, live: []kind.Row{rqRow(1, "ORIGINATOR_ID", "b24apply:O", "XML_ID", "b24apply:a")}, refused: `requisites.a: R (id 1) belongs to project "O"`},
		"another program's code is foreign":                {entries: []entry{rqEntry("a", "RQ_INN", "7")}, live: []kind.Row{rqRow(1, "RQ_INN", "7", "XML_ID", "1c")}, refused: `requisites.a: R (id 1) belongs to another system (ORIGINATOR_ID "", XML_ID "1c")`},
		"another entry of another owner is another one":    {entries: []entry{rqEntry("a")}, live: []kind.Row{rqRow(1, "ORIGINATOR_ID", "b24apply:x", "XML_ID", "b24apply:b")}, rows: []int{0}, adopted: []string{""}},
		"a mark without its owner is mended":               {entries: []entry{rqEntry("a")}, live: []kind.Row{rqRow(1, "XML_ID", "b24apply:a")}, rows: []int{1}, adopted: []string{"with half of its mark"}},
		"a mark without its entry is mended by the tax id": {entries: []entry{rqEntry("a", "RQ_INN", "7")}, live: []kind.Row{rqRow(1, "RQ_INN", "7", "ORIGINATOR_ID", "b24apply:o")}, rows: []int{1}, adopted: []string{"with half of its mark"}},
		"a mark without its entry may be any":              {entries: []entry{rqEntry("a")}, live: []kind.Row{rqRow(1, "ORIGINATOR_ID", "b24apply:o")}, refused: "requisites.a: requisites name this project and no entry, so one of them may be it: ids 1"},
		"what is the same in all is taken over":            {entries: []entry{rqEntry("a", "RQ_NAME", "N", "NAME", "R")}, live: []kind.Row{rqRow(1, "RQ_NAME", "N")}, rows: []int{1}, adopted: []string{"nobody's"}},
		"what differs in one is another one":               {entries: []entry{rqEntry("a", "RQ_NAME", "N", "NAME", "R")}, live: []kind.Row{rqRow(1, "RQ_NAME", "M")}, rows: []int{0}, adopted: []string{""}},
		"one that is declared no more is gone":             {entries: []entry{rqEntry("a")}, live: []kind.Row{rqRow(1, ours("b")...), rqRow(2, ours("a")...), rqRow(3)}, rows: []int{2}, adopted: []string{""}, gone: []int{1}},
		"an equal tax id is taken over":                    {entries: []entry{rqEntry("a", "RQ_INN", "7")}, live: []kind.Row{rqRow(1), rqRow(2, "RQ_INN", "7", "RQ_KPP", "1")}, rows: []int{2}, adopted: []string{"nobody's"}},
		"the template alone is no reason":                  {entries: []entry{rqEntry("a", "RQ_NAME", "N")}, live: []kind.Row{rqRow(1, "RQ_NAME", "N")}, rows: []int{0}, adopted: []string{""}},
		"another template is another one":                  {entries: []entry{rqEntry("a", "RQ_INN", "7")}, live: []kind.Row{rqRow(1, "RQ_INN", "7", "PRESET_ID", "2")}, rows: []int{0}, adopted: []string{""}},
		"another branch is another one":                    {entries: []entry{rqEntry("a", "RQ_INN", "7", "RQ_KPP", "2")}, live: []kind.Row{rqRow(1, "RQ_INN", "7", "RQ_KPP", "1")}, rows: []int{0}, adopted: []string{""}},
		"a branch alone is no reason":                      {entries: []entry{rqEntry("a", "RQ_KPP", "1")}, live: []kind.Row{rqRow(1, "RQ_KPP", "1")}, rows: []int{0}, adopted: []string{""}},
		"two tax ids must agree":                           {entries: []entry{rqEntry("a", "RQ_INN", "7", "RQ_OGRN", "8")}, live: []kind.Row{rqRow(1, "RQ_INN", "7", "RQ_OGRN", "9")}, rows: []int{0}, adopted: []string{""}},
		"two that fit are refused":                         {entries: []entry{rqEntry("a", "RQ_INN", "7")}, live: []kind.Row{rqRow(1, "RQ_INN", "7"), rqRow(2, "RQ_INN", "7")}, refused: "requisites.a: 2 requisites that nobody owns fit it: ids 1, 2"},
		"one that fits two is refused":                     {entries: []entry{rqEntry("a", "RQ_INN", "7"), rqEntry("b", "RQ_INN", "7")}, live: []kind.Row{rqRow(1, "RQ_INN", "7")}, refused: "requisites.a and requisites.b both fit one of the requisites that nobody owns: id 1"},
		"two with one mark are refused":                    {entries: []entry{rqEntry("a")}, live: []kind.Row{rqRow(1, ours("a")...), rqRow(2, ours("a")...)}, refused: "requisites.a: 2 requisites carry its mark: ids 1, 2"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := (&pairer{&meta.Scope{Meta: &meta.Data{}}, &requisitesPart, []string{"o"}, false}).pair(tt.entries, tt.live)
			if tt.refused != "" {
				if err == nil || faultOf(t, err).Message != tt.refused || faultOf(t, err).Hint == "" {
					t.Errorf("refused for %v, want %q", err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			ids := func(rows []kind.Row) (out []int) {
				for _, row := range rows {
					out = append(out, row.Int("ID"))
				}
				return out
			}
			var adopted []string
			for _, whose := range p.adopted {
				adopted = append(adopted, words.Text(whose))
			}
			if d := cmp.Diff([]any{tt.rows, tt.adopted, tt.gone}, []any{ids(p.rows), adopted, ids(p.gone)}); d != "" {
				t.Errorf("rows, adopted, gone (-want +got):\n%s", d)
			}
		})
	}
}

// A template is named by its exact name, its external code or its id; one name of two
// templates is not guessed.
func TestTemplatesAreResolvedByNameCodeOrID(t *testing.T) {
	meta := &kind.RequisiteMeta{Presets: []kind.Preset{{ID: 1, Name: "Organization", XMLID: "#CODE_RU#"}, {ID: 4, Name: "Organization", XMLID: ""}, {ID: 5, Name: "GmbH", XMLID: ""}}}
	for text, want := range map[string]int{"1": 1, "#CODE_RU#": 1, "CODE_RU": 1, "GmbH": 5, "Organization": 0, "gmbh": 0, "9": 0} {
		got, err := presetOf(meta, text)
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	_, err := presetOf(meta, "Organization")
	if c := faultOf(t, err); !strings.HasPrefix(c.Hint, "write the id: 1 (Organization), 4 (Organization)") {
		t.Errorf("two of one name: %v", err)
	}
}

// Fields are found by their official names, user fields by their codes too; the row's
// own columns and fields of several values are refused.
func TestOfficialFieldsAreFound(t *testing.T) {
	fields := kind.NewLiveFields([]kind.LiveField{
		{Name: "RQ_INN", Type: "string"}, {Name: "RQ_VAT_PAYER", Type: "char"}, {Name: "RQ_IDENT_TYPE", Type: "crm_status", StatusType: "CO"},
		{Name: "RQ_STAMP", Type: "file"}, {Name: "XML_ID", Type: "string"},
		{Name: "UF_CRM_FLAG", UpperName: "UF_CRM_FLAG", Type: "boolean", Dynamic: true},
		{Name: "UF_CRM_MANY", UpperName: "UF_CRM_MANY", Type: "string", Dynamic: true, Multiple: true},
	})
	for name, want := range map[string]declared.Target{
		"RQ_INN":        {Wire: "RQ_INN", Type: value.Type{Name: "ident", Label: string(kind.TypeString)}},
		"RQ_VAT_PAYER":  {Wire: "RQ_VAT_PAYER", Type: value.Type{Name: "boolean", Label: "char"}},
		"RQ_IDENT_TYPE": {Wire: "RQ_IDENT_TYPE", Type: value.Type{Name: "crm_status", Dictionary: "CO", Label: string(kind.TypeStatus)}},
		"FLAG":          {Wire: "UF_CRM_FLAG", Type: value.Type{Name: "flag", Label: string(kind.TypeBoolean)}},
		"UF_CRM_FLAG":   {Wire: "UF_CRM_FLAG", Type: value.Type{Name: "flag", Label: string(kind.TypeBoolean)}},
		"RQ_STAMP":      {}, "XML_ID": {}, "MANY": {}, "RQ_KPP": {},
	} {
		got, err := officialTarget(fields, "requisites.main", value.Pair{Key: name})
		if (err == nil) != (want.Wire != "") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (got.Wire != want.Wire || !reflect.DeepEqual(got.Type, want.Type) || got.Name != "requisites.main."+name) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// A said is what a refused value is told.
type said struct{ Message, Hint string }

func faultOf(t *testing.T, err error) said {
	f, ok := err.(*value.Fault)
	if !ok {
		t.Fatalf("error %v, want a fault", err)
	}
	return said{words.Text(f.Message), words.Text(f.Hint)}
}
