package live

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A box is a portal with a reader whose client refuses to write, and a client that does.
type box struct {
	*Reader
	t      *testing.T
	portal *portal.Portal
	writer *bitrix.Client
}

func newBox(t *testing.T, cfg portal.Config) *box {
	t.Helper()
	p, err := portal.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	b := &box{t: t, portal: p}
	config := bitrix.Config{Webhook: server.URL + p.WebhookPath(), Plan: "box", Attempts: 2}
	if b.writer, err = bitrix.New(config); err != nil {
		t.Fatal(err)
	}
	config.ReadOnly = true
	client, err := bitrix.New(config)
	if err != nil {
		t.Fatal(err)
	}
	b.Reader = New(client)
	return b
}

// add saves items of an entity type, whose ids begin at 1.
func (b *box) add(entityTypeID int, items ...map[string]any) {
	b.t.Helper()
	for chunk := range slices.Chunk(items, bitrix.MaxBatch) {
		var commands []bitrix.Command
		for _, fields := range chunk {
			commands = append(commands, bitrix.Command{Method: "crm.item.add", Params: bitrix.Params{"entityTypeId": entityTypeID, "fields": fields}})
		}
		b.batch(commands)
	}
}

func (b *box) batch(commands []bitrix.Command) {
	b.t.Helper()
	outcomes, err := b.writer.Batch(b.t.Context(), commands)
	if err != nil || slices.ContainsFunc(outcomes, func(o bitrix.Outcome) bool { return o.Err != nil }) {
		b.t.Fatal(outcomes, err)
	}
}

func (b *box) find(searches ...kind.Search) ([]kind.Answer, error) {
	var out []kind.Answer
	for block, err := range b.Find(b.t.Context(), slices.Values(searches)) {
		if err != nil {
			return out, err
		}
		if block.First != len(out) {
			b.t.Errorf("a block begins at %d, not at %d", block.First, len(out))
		}
		out = append(out, block.Answers...)
	}
	return out, nil
}

// storeOf is where the records of an entity type are kept.
func storeOf(entityTypeID int) kind.Store {
	return kind.Store{Kind: kindOf(entityTypeID), EntityTypeID: entityTypeID}
}

func kindOf(entityTypeID int) *kind.Kind { return (*kind.Table)(nil).OfEntity(entityTypeID) }

func titled(n int) (items []map[string]any) {
	for i := range n {
		items = append(items, map[string]any{"title": fmt.Sprintf("T%d", i+1), "originatorId": "b24apply:o", "originId": fmt.Sprintf("n%d", i+1)})
	}
	return items
}

func ids(rows []kind.Row) (out []int) {
	for _, row := range rows {
		out = append(out, row.Int("id"))
	}
	return out
}

// All names that a plan can need come by one request.
func TestNamesComeTogether(t *testing.T) {
	b := newBox(t, portal.Config{Seed: "demo"})
	before := b.client.Requests()
	n, err := b.Names(t.Context(), kind.Wanted{
		Entities: []kind.WantedEntity{{EntityTypeID: 2, Pipelines: true}, {EntityTypeID: 3}, {EntityTypeID: 1234}},
		Caller:   true, Currencies: true, Requisites: true, AddressTypes: true, Catalogs: kind.Required, PriceTypes: true, Measures: true, VATs: true, Properties: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if sent := b.client.Requests() - before; sent != 1 {
		t.Errorf("%d requests", sent)
	}
	if n.Fields[2].ByName["stageId"].Type != kind.TypeStatus || n.Fields[3].ByName["lastName"].Name == "" || !n.Missing[1234] || len(n.Refused) > 0 {
		t.Errorf("fields: %v, missing %v", n.Fields[2].ByName["stageId"], n.Missing)
	}
	if len(n.Categories[2]) == 0 || n.Categories[3] != nil || n.Caller != (kind.Caller{ID: 1, Admin: true}) || len(n.Currencies) == 0 {
		t.Errorf("pipelines %v, caller %v, currencies %v", n.Categories, n.Caller, n.Currencies)
	}
	r, c := n.Requisites, n.Catalog
	if r.Fields.ByName["RQ_INN"].Name == "" || r.BankFields.ByName["RQ_BANK_NAME"].Name == "" || len(r.Presets) == 0 || len(r.AddressTypes) == 0 {
		t.Errorf("requisites: %+v", r)
	}
	if len(c.Iblocks) == 0 || c.BasePrice == 0 || len(c.Measures) == 0 || len(c.VATs) == 0 {
		t.Errorf("catalogue: %+v", c)
	}
}

// A refusal reaches as far as it is meant: what is a hint stays unknown, an entity type is
// told apart, and a refused credential ends the reading.
func TestRefusalsOfNamesHaveTheirScope(t *testing.T) {
	const denied, missing, scope = "ACCESS_DENIED", "NOT_FOUND", "insufficient_scope"
	wanted := kind.Wanted{Entities: []kind.WantedEntity{{EntityTypeID: 2, Pipelines: true}}, Statuses: true, Caller: true, Currencies: true, Catalogs: kind.Hint}
	required := wanted
	required.Catalogs = kind.Required
	for _, tc := range []struct {
		method, code string
		wanted       kind.Wanted
		want         string // the scope of the error, "told" for one in the names, or "" for none
	}{
		{"profile", denied, wanted, ""}, {"crm.currency.list", denied, wanted, ""}, {"catalog.catalog.list", denied, wanted, ""},
		{"catalog.catalog.list", denied, required, "told"}, {"crm.status.list", denied, wanted, "told"}, {"crm.status.list", "INTERNAL_SERVER_ERROR", wanted, "told"},
		{"crm.item.fields", denied, wanted, "told"}, {"crm.item.fields", missing, wanted, ""}, {"crm.item.fields", scope, wanted, "credential"},
		{"crm.category.list", missing, wanted, ""}, {"crm.category.list", denied, wanted, "told"}, {"crm.status.list", scope, wanted, "credential"}, {"catalog.catalog.list", scope, required, "told"}, {"profile", scope, wanted, ""},
		{"crm.status.list", "METHOD_CONFIRM_DENIED", wanted, "told"}, {"crm.status.list", "expired_token", wanted, "credential"}, {"crm.status.list", "PAYMENT_REQUIRED", wanted, "credential"},
	} {
		b := newBox(t, portal.Config{Faults: "fail:" + tc.method + ",code=" + tc.code})
		n, err := b.Names(t.Context(), tc.wanted)
		got := scopeOf(err)
		for topic, refused := range n.Refused {
			if got = "told"; err != nil || len(n.Refused) > 1 || refused.Code != tc.code || refused.Scope != kind.ScopeKind || !strings.HasPrefix(refused.Error(), tc.method+" on ") {
				t.Errorf("%s %s: %v %+v (%v)", tc.method, tc.code, topic, refused, err)
			}
		}
		if got != tc.want || err == nil && n.Missing[2] != (tc.method == "crm.item.fields" && tc.code == missing) {
			t.Errorf("%s %s: %q, want %q (%v)", tc.method, tc.code, got, tc.want, err)
		}
	}
}

func scopeOf(err error) string {
	var refused *kind.Refusal
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &refused):
		return "none"
	case !errors.As(err, new(*bitrix.Error)):
		return "without the client's error"
	}
	return map[kind.Scope]string{kind.ScopeItem: "item", kind.ScopeKind: "kind", kind.ScopeCredential: "credential"}[refused.Scope]
}

// Lists that are longer than a page are read whole, by offset.
func TestSmallListsAreReadWhole(t *testing.T) {
	b := newBox(t, portal.Config{})
	var commands []bitrix.Command
	for i := range 60 {
		commands = append(commands, bitrix.Command{Method: "crm.type.add", Params: bitrix.Params{"fields": map[string]any{"title": fmt.Sprint("T", i), "entityTypeId": 1030 + 2*i}}})
	}
	for _, c := range commands {
		if _, err := b.writer.Call(t.Context(), c.Method, c.Params); err != nil {
			t.Fatal(err)
		}
	}
	types, err := b.Types(t.Context())
	if err != nil || len(types) != 60 || types[59].EntityTypeID != 1148 || types[59].Title != "T59" {
		t.Errorf("%d types, %v", len(types), err)
	}
	users, err := b.Users(t.Context())
	if err != nil || len(users) == 0 || users[0].ID != 1 || !users[0].Active || users[0].Name == "" {
		t.Errorf("users %v, %v", users, err)
	}
	if id, err := b.FirstPipeline(t.Context(), 1030); err != nil || id == 0 {
		t.Errorf("pipeline %d, %v", id, err)
	}
	if _, err := b.FirstPipeline(t.Context(), 9999); !bitrix.IsNotFound(err) {
		t.Errorf("the pipeline of nothing: %v", err)
	}
}

// The codes of options come by their ids, and only for the entity type that is meant.
func TestOptionCodesComeByTheirIDs(t *testing.T) {
	b := newBox(t, portal.Config{})
	for _, object := range []string{"CRM_DEAL", "CRM_LEAD"} {
		if _, err := b.writer.Call(t.Context(), "userfieldconfig.add", bitrix.Params{"moduleId": "crm", "field": map[string]any{"entityId": object, "fieldName": "UF_" + object + "_SIZE",
			"userTypeId": "enumeration", "enum": []any{map[string]any{"value": "Small", "xmlId": "S-" + object}, map[string]any{"value": "Large", "xmlId": "L"}}}}); err != nil {
			t.Fatal(err)
		}
	}
	fields, err := b.Fields(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	options := fields.ByCode["SIZE"][0].Options
	codes, err := b.OptionCodes(t.Context(), []kind.OptionList{{Object: "CRM_DEAL", Name: "UF_CRM_DEAL_SIZE"}, {Object: "CRM_DEAL", Name: "UF_CRM_NONE"}})
	if diff := cmp.Diff([]map[int]string{{options[0].ID: "S-CRM_DEAL", options[1].ID: "L"}, nil}, codes); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

// Each condition lets through what it says, and nothing else.
func TestConditions(t *testing.T) {
	b := newBox(t, portal.Config{})
	b.add(3, map[string]any{"name": "A"}, map[string]any{"name": "B"})
	items := titled(4)
	items[0]["contactIds"], items[1]["contactIds"] = []any{1, 2}, []any{2}
	items[3]["originatorId"] = "b24apply:other"
	b.add(2, items...)
	for name, tc := range map[string]struct {
		where []kind.Condition
		want  []int
	}{
		"none":     {nil, []int{1, 2, 3, 4}},
		"is":       {[]kind.Condition{{Field: "title", Values: []any{"T2"}}}, []int{2}},
		"any of":   {[]kind.Condition{{Field: "originId", Test: kind.AnyOf, Values: []any{"n1", "n3", "n9"}}}, []int{1, 3}},
		"has":      {[]kind.Condition{{Field: "contactIds", Test: kind.Has, Values: []any{1}}}, []int{1}},
		"contains": {[]kind.Condition{{Field: "originatorId", Test: kind.Contains, Values: []any{"apply:o"}}}, []int{1, 2, 3, 4}},
		"lacks": {[]kind.Condition{{Field: "originatorId", Test: kind.Contains, Values: []any{"b24apply:"}},
			{Field: "originatorId", Test: kind.Lacks, Values: []any{"b24apply:other", "b24apply:third"}}}, []int{1, 2, 3}},
	} {
		answers, err := b.First(t.Context(), []kind.Search{{Store: storeOf(2), Where: tc.where, Columns: []string{"id"}}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := ids(answers[0].Rows); !slices.Equal(got, tc.want) || answers[0].Total != len(tc.want) {
			t.Errorf("%s: %v of %d, want %v", name, got, answers[0].Total, tc.want)
		}
	}
}

// 120 searches of 49 keys each are three requests, and each has its own rows, with the
// columns that were asked for and no others.
func TestFindAnswersEachSearch(t *testing.T) {
	b := newBox(t, portal.Config{})
	b.add(2, titled(200)...)
	var searches []kind.Search
	for i := range 120 {
		where := kind.Condition{Field: "originId", Test: kind.AnyOf}
		for k := range kind.SearchSize {
			where.Values = append(where.Values, fmt.Sprintf("n%d", i*kind.SearchSize+k+1))
		}
		searches = append(searches, kind.Search{Store: storeOf(2), Where: []kind.Condition{where}, Columns: []string{"id", "originId"}})
	}
	before := b.client.Requests()
	answers, err := b.find(searches...)
	if err != nil || len(answers) != len(searches) {
		t.Fatal(len(answers), err)
	}
	if sent := b.client.Requests() - before; sent != 3 {
		t.Errorf("%d requests", sent)
	}
	n := 0
	for i, a := range answers {
		for _, row := range a.Rows {
			if n++; row.Text("originId") != fmt.Sprintf("n%d", n) || len(row) != 2 || (n-1)/kind.SearchSize != i {
				t.Errorf("row %d of search %d: %v", n, i, row)
			}
		}
	}
	if n != 200 {
		t.Errorf("%d rows", n)
	}
}

// Rows that are to be whole are read again, all of a request together, if the list has left
// a column out; they show what names a record, and phones where these were asked for.
func TestWholeRowsAreReadAgain(t *testing.T) {
	b := newBox(t, portal.Config{})
	for i := range 60 {
		b.add(3, map[string]any{"name": fmt.Sprint("N", i), "fm": map[string]any{"n0": map[string]any{"typeId": "PHONE", "valueType": "WORK", "value": fmt.Sprintf("+49 30 9000%02d", i)}}})
	}
	search := kind.Search{Store: storeOf(3), Columns: []string{"id"}, Whole: true, Contacts: true}
	b.portal.ResetStats()
	answers, err := b.find(search)
	if err != nil || len(answers[0].Rows) != 60 {
		t.Fatal(answers, err)
	}
	for _, row := range answers[0].Rows {
		if row.Text("name") == "" || !strings.Contains(string(row["fm"]), "+49 30") || row["post"] != nil {
			t.Errorf("%v", row)
		}
	}
	if got := b.portal.Stats().Commands["crm.item.get"]; got != 0 {
		t.Errorf("%d records were read again for nothing", got)
	}
	search.Columns = []string{"id", "isNowhere"}
	before := b.client.Requests()
	if _, err = b.find(search); err != nil {
		t.Fatal(err)
	}
	// Two pages of one list, and 60 records in two batches.
	if got := b.portal.Stats().Commands["crm.item.get"]; got != 60 || b.client.Requests()-before != 4 {
		t.Errorf("%d records were read again, %d requests", got, b.client.Requests()-before)
	}
}

// What one store refuses concerns that store; a refused credential and what cannot be read
// end the search.
func TestRefusedSearches(t *testing.T) {
	searches := []kind.Search{
		{Store: storeOf(2), Columns: []string{"id"}},
		{Store: storeOf(4), Columns: []string{"id"}},
	}
	for faults, want := range map[string]string{
		"fail:crm.item.list,code=ACCESS_DENIED,n=1":      "",
		"fail:crm.item.list,code=insufficient_scope,n=1": "credential",
		"truncated": "none",
		"502":       "none",
	} {
		for name, ask := range map[string]func(*box) ([]kind.Answer, error){
			"find":  func(b *box) ([]kind.Answer, error) { return b.find(searches...) },
			"first": func(b *box) ([]kind.Answer, error) { return b.First(t.Context(), searches) },
		} {
			answers, err := ask(newBox(t, portal.Config{Faults: faults}))
			if got := scopeOf(err); got != want {
				t.Errorf("%s, %s: %q, want %q (%v)", faults, name, got, want, err)
			}
			if want == "" && (answers[0].Refused == nil || answers[0].Refused.Code != "ACCESS_DENIED" || answers[1].Refused != nil) {
				t.Errorf("%s, %s: %+v", faults, name, answers)
			}
		}
	}
}

// A scan gives every row once, in order, and ends with its error.
func TestScanGivesEveryRow(t *testing.T) {
	b := newBox(t, portal.Config{})
	b.add(2, titled(130)...)
	var got []int
	search := kind.Search{Store: storeOf(2), Where: []kind.Condition{{Field: "originatorId", Values: []any{"b24apply:o"}}}, Columns: []string{"id"}}
	for row, err := range b.Scan(t.Context(), search) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row.Int("id"))
	}
	if len(got) != 130 || !slices.IsSorted(got) {
		t.Errorf("%d rows: %v", len(got), got)
	}
	b = newBox(t, portal.Config{Faults: "fail:crm.item.list,code=ACCESS_DENIED"})
	n := 0
	for _, err := range b.Scan(t.Context(), search) {
		if n++; scopeOf(err) != "kind" {
			t.Errorf("%v", err)
		}
	}
	if n != 1 {
		t.Errorf("%d ends", n)
	}
}

// A phone that more records have than an answer names is known as such; answers that name
// nothing are left out; and what is asked at once is asked in halves where that is unsure.
func TestContactsNameAllRecords(t *testing.T) {
	b := newBox(t, portal.Config{})
	var contacts []map[string]any
	phone := func(number string) map[string]any {
		return map[string]any{"name": "N", "fm": map[string]any{"n0": map[string]any{"typeId": "PHONE", "valueType": "WORK", "value": number}}}
	}
	for range 25 {
		contacts = append(contacts, phone("+49301"))
	}
	for i := range 30 {
		contacts = append(contacts, phone(fmt.Sprintf("+49302%02d", i)))
	}
	b.add(3, contacts...)
	values := []string{"+49301", "+49999"}
	for i := range 30 {
		values = append(values, fmt.Sprintf("+49302%02d", i))
	}
	answers, err := b.Contacts(t.Context(), []kind.ContactSearch{{Kind: kindOf(3), TypeID: "PHONE", Values: values, All: true}})
	if err != nil {
		t.Fatal(err)
	}
	named := make(map[int]bool)
	for _, a := range answers {
		if a.Full != (len(a.Values) == 1 && a.Values[0] == "+49301") || slices.Equal(a.Values, []string{"+49999"}) {
			t.Errorf("%v: full %v", a.Values, a.Full)
		}
		for _, id := range a.IDs {
			named[id] = true
		}
	}
	if want := kind.ContactsShown + 30; len(named) != want {
		t.Errorf("%d records named, want %d", len(named), want)
	}
	answers, err = b.Contacts(t.Context(), []kind.ContactSearch{{Kind: kindOf(3), TypeID: "PHONE", Values: values[:10]}})
	if err != nil || len(answers) != 1 || !answers[0].Full || len(answers[0].Values) != 10 {
		t.Errorf("asked once: %v, %v", answers, err)
	}
}

// Requisites, bank details and addresses of more than a page are read whole, and are those
// of the owners that were asked for.
func TestWhatBelongsToRecordsIsReadWhole(t *testing.T) {
	b := newBox(t, portal.Config{})
	b.add(4, map[string]any{"title": "C"})
	const n = 60
	var commands []bitrix.Command
	for i := range n {
		id := i + 1
		commands = append(commands,
			bitrix.Command{Method: "crm.requisite.add", Params: bitrix.Params{"fields": map[string]any{"ENTITY_TYPE_ID": 4, "ENTITY_ID": 1, "PRESET_ID": 1, "NAME": fmt.Sprint(i)}}},
			bitrix.Command{Method: "crm.requisite.bankdetail.add", Params: bitrix.Params{"fields": map[string]any{"ENTITY_ID": id, "NAME": fmt.Sprint(i)}}},
			bitrix.Command{Method: "crm.address.add", Params: bitrix.Params{"fields": map[string]any{"TYPE_ID": 1, "ENTITY_TYPE_ID": 8, "ENTITY_ID": id, "CITY": "A"}}},
			bitrix.Command{Method: "crm.address.add", Params: bitrix.Params{"fields": map[string]any{"TYPE_ID": 6, "ENTITY_TYPE_ID": 8, "ENTITY_ID": id, "CITY": "B"}}})
	}
	for chunk := range slices.Chunk(commands, 48) {
		b.batch(chunk)
	}
	found, err := b.Parts(t.Context(), []kind.PartSearch{{Part: kind.RequisitesPart, EntityTypeID: 4, Owners: []int{1}}, {Part: kind.RequisitesPart, EntityTypeID: 3, Owners: []int{1}}})
	if err != nil || len(found[0][1]) != n || len(found[1]) != 0 {
		t.Fatalf("%d requisites, %v", len(found[0][1]), err)
	}
	var requisites []int
	for _, row := range found[0][1] {
		requisites = append(requisites, row.Int("ID"))
	}
	bank, err := b.Parts(t.Context(), []kind.PartSearch{{Part: kind.BankDetailsPart, Owners: requisites}})
	if err != nil {
		t.Fatal(err)
	}
	// One type less than there is, so that a list is longer than a page.
	addresses, err := b.Parts(t.Context(), []kind.PartSearch{{Part: kind.AddressesPart, EntityTypeID: kind.RequisiteEntity, Owners: requisites, Most: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range requisites {
		if len(bank[0][id]) != 1 || len(addresses[0][id]) != 2 {
			t.Errorf("requisite %d has %d bank details and %d addresses", id, len(bank[0][id]), len(addresses[0][id]))
		}
	}
}

// A file is known by its content; that one cannot be read concerns its record only, unless
// the credential is refused.
func TestFilesAreKnownByTheirContent(t *testing.T) {
	b := newBox(t, portal.Config{})
	if _, err := b.writer.Call(t.Context(), "crm.item.add", bitrix.Params{"entityTypeId": 3, "fields": map[string]any{"name": "A", "photo": []any{"a.txt", base64.StdEncoding.EncodeToString([]byte("hello"))}}}); err != nil {
		t.Fatal(err)
	}
	answers, err := b.find(kind.Search{Store: storeOf(3), Columns: []string{"photo"}})
	if err != nil {
		t.Fatal(err)
	}
	photo, err := kind.DecodeRow(answers[0].Rows[0]["photo"])
	if err != nil || photo.Text("urlMachine") == "" {
		t.Fatal(answers, err)
	}
	contents, err := b.Files(t.Context(), []kind.FileLink{{ID: photo.Int("id"), Link: photo.Text("urlMachine")}, {ID: 99, Link: "https://acme.example/nowhere"}})
	if err != nil {
		t.Fatal(err)
	}
	want := kind.FileContent{Size: 5, SHA256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}
	if !cmp.Equal(contents[0], want) || contents[1].Fault.IsZero() {
		t.Errorf("%+v", contents)
	}
}
