package kind

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// PHP prints an empty object as [], and a list with gaps as an object; numbers may be texts.
func TestRowsAreReadHoweverTheyArePrinted(t *testing.T) {
	for text, want := range map[string][]string{
		`[]`: nil, `null`: nil, `""`: nil, `[{"id":1},{"id":"2"}]`: {"1", "2"},
		`{"10":{"id":10},"9":{"id":9}}`: {"9", "10"},
		`{"4":{"VALUE":"x"}}`:           {"4"},
	} {
		rows, err := DecodeRows(json.RawMessage(text))
		var got []string
		for _, r := range rows {
			got = append(got, r.Text("id"))
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
	for _, bad := range []string{`7`, `"x"`, `[7]`, `{"a":7}`} {
		if rows, err := DecodeRows(json.RawMessage(bad)); err == nil {
			t.Errorf("%s is read as %v", bad, rows)
		}
	}
	for text, id := range map[string]int{`[]`: 0, `null`: 0, ``: 0, `{"id":7}`: 7, `{"id":"7"}`: 7, `{"id":" 7"}`: 0, `{"id":null}`: 0} {
		if row, err := DecodeRow(json.RawMessage(text)); err != nil || row.Int("id") != id {
			t.Errorf("%s: id %d, %v; want %d", text, row.Int("id"), err, id)
		}
	}
	if _, err := DecodeRow(json.RawMessage(`[1]`)); err == nil {
		t.Error("a list of a number is read as an object")
	}
	if row, err := Member(json.RawMessage(`{"item":{"id":3}}`), "item"); err != nil || row.Int("id") != 3 {
		t.Errorf("the object under a key: %v, %v", row, err)
	}
	if _, err := Member(json.RawMessage(`{"item":{}}`), "type"); err == nil {
		t.Error("a key that is not there gives an object")
	}
}

func TestUserFieldsAreFoundByTheirCodes(t *testing.T) {
	f := NewLiveFields([]LiveField{
		{Name: "title"}, {Name: "ufCrm12Serial", UpperName: "UF_CRM_12_SERIAL", Dynamic: true}, {Name: "ufCrmDealSerial", UpperName: "UF_CRM_DEAL_SERIAL", Dynamic: true},
	})
	if len(f.ByCode["SERIAL"]) != 2 || len(f.ByCode["UF_CRM_12_SERIAL"]) != 1 || len(f.ByCode["TITLE"]) != 0 || f.ByName["ufCrm12Serial"].UpperName != "UF_CRM_12_SERIAL" {
		t.Errorf("%+v", f)
	}
	for name, want := range map[string]bool{"ufCrm12Serial": true, "UF_CRM_X": true, "title": false, "ufo": false} {
		if IsUserField(name) != want {
			t.Errorf("%s is a user field: %t", name, !want)
		}
	}
}

func TestAClonedRowHasMemoryOfItsOwn(t *testing.T) {
	row := Row{"id": json.RawMessage(`7`), "title": json.RawMessage(`"x"`)}
	got := row.Clone()
	row["id"][0], row["title"] = '8', nil
	if diff := cmp.Diff(Row{"id": json.RawMessage(`7`), "title": json.RawMessage(`"x"`)}, got); diff != "" {
		t.Error(diff)
	}
	if Row(nil).Clone() != nil {
		t.Error("no row becomes one")
	}
}
