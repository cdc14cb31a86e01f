package portal

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fm lists the communications of an item as "id TYPE/KIND value".
func fm(item map[string]any) []string {
	rows := []string{}
	for _, row := range item["fm"].([]any) {
		m := row.(map[string]any)
		rows = append(rows, fmt.Sprintf("%v %v/%v %v", m["id"], m["typeId"], m["valueType"], m["value"]))
	}
	return rows
}

func TestCommunicationsAreAddedAsListObjectOrSingleEntry(t *testing.T) {
	for sent, want := range map[string][]string{
		`[{"typeId":"PHONE","valueType":"WORK","value":" +49 1 "},{"typeId":"EMAIL","value":"a@b.example"}]`:        {"1 PHONE/WORK +49 1", "2 EMAIL/WORK a@b.example"},
		`{"n0":{"typeId":"WEB","valueType":"HOME","value":"x"}}`:                                                    {"1 WEB/HOME x"},
		`{"typeId":"IM","valueType":"TELEGRAM","value":"@x"}`:                                                       {"1 IM/TELEGRAM @x"},
		`[{"value":"no type"},{"typeId":"PHONE"},{"typeId":"PHONE","value":null},{"typeId":"FAX","value":"1"},"x"]`: {},
		`[{"typeId":"PHONE","value":"1"},{"typeId":"PHONE","value":"1"}]`:                                           {"1 PHONE/WORK 1"},
		`null`: {}, `""`: {}, `[]`: {},
	} {
		c := openCRM(t, 3)
		if diff := cmp.Diff(want, fm(c.add(4, `{"fm":`+sent+`}`))); diff != "" {
			t.Errorf("%s:\n%s", sent, diff)
		}
	}
}

func TestAnUpdateEditsCommunicationsByKey(t *testing.T) {
	c := openCRM(t, 3)
	c.add(3, `{"fm":[{"typeId":"PHONE","valueType":"WORK","value":"1"},{"typeId":"EMAIL","valueType":"HOME","value":"a@b.example"},{"typeId":"WEB","value":"w"}]}`)
	for _, step := range []struct {
		sent string
		want []string
	}{
		{`{"1":{"typeId":"PHONE","valueType":"MOBILE","value":"2"},"2":{"typeId":"EMAIL","value":""},"n0":{"typeId":"PHONE","valueType":"WORK","value":"3"}}`,
			[]string{"1 PHONE/MOBILE 2", "3 WEB/WORK w", "4 PHONE/WORK 3"}},
		// A row that is not named stays, and one of another item is no row here.
		{`{"99":{"typeId":"PHONE","value":"9"}}`, []string{"1 PHONE/MOBILE 2", "3 WEB/WORK w", "4 PHONE/WORK 3", "5 PHONE/WORK 9"}},
		// A list has the keys 0, 1, …: the second entry overwrites the row 1.
		{`[{"typeId":"IM","valueType":"VK","value":"a"},{"typeId":"IM","valueType":"VK","value":"b"}]`,
			[]string{"1 IM/VK b", "3 WEB/WORK w", "4 PHONE/WORK 3", "5 PHONE/WORK 9", "6 IM/VK a"}},
		{`{"n0":{"typeId":"WEB","valueType":"WORK","value":"w"},"6":{"typeId":"IM","value":""}}`,
			[]string{"1 IM/VK b", "3 WEB/WORK w", "4 PHONE/WORK 3", "5 PHONE/WORK 9"}},
	} {
		if diff := cmp.Diff(step.want, fm(c.update(3, 1, `{"fm":`+step.sent+`}`))); diff != "" {
			t.Errorf("%s:\n%s", step.sent, diff)
		}
		if diff := cmp.Diff(step.want, fm(c.get(3, 1))); diff != "" {
			t.Errorf("%s, read back:\n%s", step.sent, diff)
		}
	}
	c.has(c.get(3, 1), map[string]any{"hasPhone": "Y", "hasEmail": "N", "phone": "3", "phoneWork": "3", "email": "", "skype": nil, "imol": ""})
	if code, _ := c.refused("crm.item.update", `{"entityTypeId":3,"id":1,"fields":{"fm":"+49"}}`); code != "100" {
		t.Error(code)
	}
}
