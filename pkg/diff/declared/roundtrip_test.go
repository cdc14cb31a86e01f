package declared

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A box is a portal whose deals have a user field of every type that a text can give
// a value to.
type box struct {
	t      *testing.T
	url    string
	fields kind.LiveFields
}

// boxTypes are the types of the box's user fields, with their settings.
var boxTypes = map[string]string{
	"string": "", "integer": "", "double": `,"settings":{"PRECISION":4}`, "boolean": "", "date": "", "datetime": "",
	"enumeration": `,"enum":[{"value":"Red","xmlId":"r"},{"value":"7","xmlId":"8"},{"value":"Größe","xmlId":"Red "}]`,
	"money":       "", "url": "", "address": "", "employee": "", "crm": `,"settings":{"DEAL":"Y","COMPANY":"Y"}`,
	"crm_status": `,"settings":{"ENTITY_TYPE":"SOURCE"}`, "iblock_element": "",
}

func newBox(t *testing.T, zone *time.Location) *box {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	b := &box{t: t, url: server.URL + p.WebhookPath()}
	for typ, settings := range boxTypes {
		for code, multiple := range map[string]string{"ONE": "N", "ALL": "Y"} {
			if typ == "boolean" && multiple == "Y" {
				continue
			}
			b.call("userfieldconfig.add", fmt.Sprintf(`{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_%s_%s","userTypeId":%q,"multiple":%q%s}}`,
				code, strings.ToUpper(typ), typ, multiple, settings))
		}
	}
	client, err := bitrix.New(bitrix.Config{Webhook: b.url, Plan: "box"})
	if err != nil {
		t.Fatal(err)
	}
	if b.fields, err = live.New(client).Fields(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *box) call(method, params string) json.RawMessage {
	b.t.Helper()
	response, err := http.Post(b.url+method, "application/json", strings.NewReader(params))
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	var answer struct{ Result json.RawMessage }
	if err := json.Unmarshal(body, &answer); err != nil || response.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: HTTP %d: %s", method, response.StatusCode, body)
	}
	return answer.Result
}

// target gives the codec with which the differ would treat a value of a field.
func (b *box) target(name string, v value.Node) (*meta.Scope, Target) {
	b.t.Helper()
	s := testScope()
	s.Meta.Fields = map[int]kind.LiveFields{2: b.fields}
	fields := &View{Set: spec.NewSet(spec.Project{}, nil, nil), Meta: s.Meta}
	s.Resources = fields
	deal := &spec.Resource{Kind: kind.BuiltIn().ByName("Deal"), Address: "deal/d"}
	tg, err := fields.FieldTarget(deal, Type{EntityTypeID: 2}, value.Field{Name: name, Value: v})
	if err != nil {
		b.t.Fatal(err)
	}
	return s, tg
}

// What is parsed and sent comes back from the portal as an equal value, for every
// type of user field, single, multiple and by membership, and in any zone. What
// cannot come back is refused when it is parsed.
func TestWhatIsSentComesBackEqual(t *testing.T) {
	b := newBox(t, time.FixedZone("-05:00", -5*3600))
	accepted := make(map[string]int)
	rapid.Check(t, func(rt *rapid.T) {
		fields := make(map[string]any)
		wants := make(map[string]value.Value)
		targets := make(map[string]Target)
		for _, typ := range slices.Sorted(maps.Keys(boxTypes)) { // rapid repeats its draws in order
			one := value.Node{Kind: value.Scalar, Text: textFor(typ).Draw(rt, typ)}
			all := value.Node{Kind: value.List}
			for _, text := range rapid.SliceOfN(textFor(typ), 0, 3).Draw(rt, "all "+typ) {
				all.Items = append(all.Items, value.Node{Kind: value.Scalar, Text: text})
			}
			members := value.Node{Kind: value.Map, Pairs: []value.Pair{{Key: "add", Value: all}}}
			for name, v := range map[string]value.Node{"ONE_": one, "ALL_": rapid.SampledFrom([]value.Node{all, members}).Draw(rt, "form "+typ)} {
				if name += strings.ToUpper(typ); name == "ALL_BOOLEAN" {
					continue
				}
				b.declare(name, v, fields, wants, targets)
			}
		}
		b.declare("comments", value.Node{Kind: value.Scalar, Text: markupText().Draw(rt, "comments")}, fields, wants, targets)
		data, err := json.Marshal(map[string]any{"entityTypeId": 2, "fields": fields})
		if err != nil {
			rt.Fatal(err)
		}
		item, err := kind.Member(b.call("crm.item.add", string(data)), "item")
		if err != nil {
			rt.Fatal(err)
		}
		for name, tg := range targets {
			accepted[name]++
			live, err := tg.Codec.Read(item[tg.Wire])
			if err != nil || !tg.Codec.Same(wants[name], live) {
				rt.Errorf("%s: wanted %#v, sent %#v, the portal has %s, read as %#v: %v", name, wants[name], fields[tg.Wire], item[tg.Wire], live, err)
			}
		}
	})
	for typ := range boxTypes {
		if accepted["ONE_"+strings.ToUpper(typ)] == 0 {
			t.Errorf("no value of type %s was ever sent", typ)
		}
	}
}

// declare parses a value and puts its wire form among the fields; a refused value is
// left out.
func (b *box) declare(name string, v value.Node, fields map[string]any, wants map[string]value.Value, targets map[string]Target) {
	s, tg := b.target(name, v)
	want, err := tg.Codec.Parse(s.Names(), v)
	if err != nil {
		return
	}
	fields[tg.Wire], wants[name], targets[name] = tg.Codec.Wire(want, value.Value{}), want, tg
}

// hostile are pieces of text that something on the way might take for more.
var hostile = []string{"$result[x]", "$total[a][b]", "</script>", "<b>", "'", `"`, `\`, "\n", "\r\n", "\t", " ", "null", "[]", "{}", "0", "007", "no", "🙂", "\u202e", "\u200f", "é", "e\u0301", "%", "_", "&amp;", "&", "|", ";", "_del", "a", "Ж", "\x01", "true", "-", ".", "1e3"}

func hostileText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(hostile), 0, 5).Draw(t, "pieces"), "")
	})
}

// textFor gives texts that are likely values of a type, and some that are none.
func textFor(typ string) *rapid.Generator[string] {
	likely := map[string]*rapid.Generator[string]{
		"integer":        rapid.StringMatching(`-?[0-9]{1,12}`),
		"double":         rapid.StringMatching(`-?[0-9]{1,8}(\.[0-9]{1,4})?`),
		"boolean":        rapid.SampledFrom([]string{"Y", "no", "TRUE"}),
		"date":           rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`),
		"datetime":       rapid.StringMatching(`20[0-9]{2}-0[1-9]-[12][0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9](Z|[+-]0[0-9]:[03]0)`),
		"enumeration":    rapid.SampledFrom([]string{"Red", "r", "7", "8", "Größe", "Red ", "1", "2"}),
		"money":          rapid.StringMatching(`-?[0-9]{1,9}(\.[0-9]{1,4})?\|[A-Za-z]{3}`),
		"url":            rapid.StringMatching(` ?https://[a-z]{1,8}\.example/[a-z?=&%]{0,9} ?`),
		"address":        rapid.StringMatching(`[A-Za-zß, ]{1,20}[0-9]{1,3}(_del|\|-?[0-9]{1,2}\.[0-9]{1,5};-?[0-9]{1,3})?`),
		"employee":       rapid.SampledFrom([]string{"1", "olga@acme.example", "Olga Petrova"}),
		"crm":            rapid.StringMatching(`(D|CO|d|co|L|T80)_[0-9]{1,4}`),
		"crm_status":     rapid.SampledFrom([]string{"CALL", "Website", "WEB"}),
		"iblock_element": rapid.StringMatching(`[0-9]{1,6}`),
	}[typ]
	if likely == nil {
		return hostileText()
	}
	return rapid.OneOf(likely, likely, hostileText())
}

// markupText gives texts out of what comments are rewritten for.
func markupText() *rapid.Generator[string] {
	pieces := append([]string{"<i class='x'>", "</i>", "</b>", "<br/>", `<a href="https://a.example/?a=1&b=2">`, "<a href=u>", "<a>", "</a>", "<img src=x>", "<p>", "</p>",
		"<ul>", "<ol>", "<li>", "</li>", "</ul>", "<script>x", "<style>", "<!-- c -->", "<", ">", "<jane@acme.example>", "&lt;", "&gt;", "&nbsp;", "&#91;user=1&#93;", "&quot;",
		"[b]", "[/B]", "[url=x]x[/url]", "[url]y[/url]", "[user=1]", "[/user]", "[h1]", "[spoiler]", "[us[user=1]er]", "[list=1]", "[*]", "[/LIST]", "[p]", "[x]", "[ ]", "[disk file id=1]", "[img]i[/img]"}, hostile...)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
	})
}
