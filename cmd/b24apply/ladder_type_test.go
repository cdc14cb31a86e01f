package main

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// weight is a type of field that only this test knows: an amount of grams, which manifests
// write as "1.5 kg" or "1500 g" and the portal keeps as a text.
const weight = "weight"

type weightCodec struct{ value.Codec }

var weightForm = regexp.MustCompile(`^([0-9.]+) (k?g)$`)

func (weightCodec) Parse(_ value.Names, d value.Node) (value.Value, error) {
	m := weightForm.FindStringSubmatch(d.Text)
	if m == nil {
		return value.Value{}, &value.Fault{Rule: "type", Message: value.Verbatim(d.Text + " is no weight"), Hint: value.Verbatim(`write it as "1.5 kg"`)}
	}
	grams, err := value.ReadDecimal(m[1])
	if m[2] == "kg" {
		grams = grams.Shift(3)
	}
	return value.Text(grams.String()), err
}

func (weightCodec) Show(_ value.Names, v value.Value) value.Shown {
	if v.IsEmpty() {
		return value.Shown{}
	}
	return value.InParts(v.Decimal().Shift(-3).String(), value.Spaced, value.P("unit", "kg"))
}

// shipment is a kind of deals with a field of that type.
var shipment = &kind.Kind{
	Name: "Shipment", Plural: "shipments", Schema: "shipment.json", Class: kind.ClassRecord, Rank: 50, Space: "shipment",
	EntityTypeID: 2, Link: kind.TypeDeal, Key: kind.KeyOrigin,
	Methods: kind.Methods{
		Add: "crm.item.add", Update: "crm.item.update", Get: "crm.item.get", List: "crm.item.list", Delete: "crm.item.delete",
		Item: "item", Items: "items", Typed: true,
	},
	Codes:  kind.Codes{Short: "D", Binding: "DEAL", Object: "CRM_DEAL"},
	Titles: [][]string{{"title"}},
	Names:  []string{"title", kind.SavedTime},
	Review: []string{"title"},
	Fields: []kind.Rule{
		{Name: "additionalInfo", Type: weight, Doc: "Weight"},
		{Name: "title", Type: kind.TypeString, NoClear: true, Length: 255, Doc: "Title"},
	},
}

// A type of field that is registered has all that those of Bitrix24 have: its values are
// validated, planned, sent, verified and shown, and a plan of them can be written down. It
// is no parallel test: the table of types is one.
func TestARegisteredTypeOfFieldsConverges(t *testing.T) {
	defer value.Register(weight, func(value.Type) value.Codec {
		return weightCodec{value.MustCodecOf(value.Type{Name: string(kind.TypeString)})}
	})()
	l := ladderOf(newWorld(t))
	l.kinds = (*kind.Table)(nil).With(shipment)
	l.recorded()
	declare := func(text string) {
		l.write("tested", "kind: Shipment\nmetadata: {name: s}\nspec: {fields: {title: S, additionalInfo: "+text+"}}")
	}
	declare("5 stone")
	if code, out := l.validates(); code != exitInvalid || !strings.Contains(out, "5 stone is no weight") || !strings.Contains(out, `write it as "1.5 kg"`) {
		t.Errorf("what is no weight: exit code %d\n%s", code, out)
	}
	for _, rung := range []struct{ declared, stored, shown, json string }{
		{"1.5 kg", "1500", "additionalInfo: 1.5 kg", `"before":null,"after":"1.5 kg","parts":{"after":{"style":"spaced","text":"1.5","unit":"kg"}}`},
		{"2000 g", "2000", "additionalInfo: 1.5 kg → 2 kg", `"before":"1.5 kg","after":"2 kg"`},
		{"null", "", "additionalInfo: 2 kg → (empty)", `"before":"2 kg","after":null`},
	} {
		declare(rung.declared)
		if code, out := l.validates(); code != exitDone {
			t.Errorf("%s is refused: %s", rung.declared, out)
		}
		if out := l.run(exitDone, "plan", "-f", l.dir); !strings.Contains(strings.Join(strings.Fields(out), " "), rung.shown) {
			t.Errorf("%s is planned as\n%s", rung.declared, out)
		}
		want := `{"name":"additionalInfo","label":"More information","type":"weight",` + rung.json
		if out := l.run(exitDone, "plan", "-f", l.dir, "-o", "json"); !strings.Contains(compact(t, out), want) {
			t.Errorf("%s: no %s in\n%s", rung.declared, want, out)
		}
		l.run(exitDone, "apply", "-f", l.dir, "--yes")
		if out := l.run(exitDone, "plan", "-f", l.dir, "--detailed-exitcode"); !strings.Contains(out, "No changes.") {
			t.Errorf("%s differs from itself:\n%s", rung.declared, out)
		}
		item, _ := l.answer("crm.item.list", `{"entityTypeId":2}`)["items"].([]any)[0].(map[string]any)
		if got, _ := item["additionalInfo"].(string); got != rung.stored {
			t.Errorf("%s is stored as %q, want %q", rung.declared, got, rung.stored)
		}
	}
	if n := l.portal.Stats().Writes; n != 3 {
		t.Errorf("%d requests wrote, want one a rung", n)
	}
	l.loses(`kind: Shipment
metadata: {name: s}
spec: {fields: {title: S, additionalInfo: 3 kg}}`, "additionalInfo", "NOT_STORED", "3 kg")
}

// loses checks that it is told in the words of its type what a portal does not store.
func (l *fieldLadder) loses(manifest, field string, says ...string) {
	l.t.Helper()
	other := ladderOf(newWorld(l.t))
	other.tape, other.kinds = nil, l.kinds
	other.write("tested", manifest)
	(&pruned{world: other.world}).fault(`{"kind":"lose-field","method":"crm.item.*","field":"` + field + `"}`)
	out := other.run(exitItems, "apply", "-f", other.dir, "--yes")
	for _, want := range append(says, field) {
		if !strings.Contains(out, want) {
			l.t.Errorf("no %s in\n%s", want, out)
		}
	}
}

// validates checks the manifests without the portal.
func (l *fieldLadder) validates() (code int, text string) {
	var out bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &out, stderr: &out, getenv: boxPlan, kinds: l.kinds}
	code = run(context.Background(), e, []string{"validate", "-f", l.dir})
	return code, out.String()
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var v json.RawMessage
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
