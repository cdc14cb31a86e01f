package diff

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// A pagePortal shows the first 50 rows of a search, and names 20 records for phones and
// e-mails, as portals do. What is in refused it refuses, in an answer; what is in ends, as an error.
type pagePortal struct {
	*tablePortal
	contacts      map[string][]int  // the records that are named for a phone or an e-mail, by kind and value
	refused, ends func(string) bool // by what is asked
	cause         *kind.Refusal     // of both
	alone         func(kind.Search) bool
	searched      []kind.ContactSearch
}

func (p *pagePortal) Alone(s kind.Search) bool { return p.alone != nil && p.alone(s) }

func (p *pagePortal) First(ctx context.Context, searches []kind.Search) ([]kind.Answer, error) {
	out, err := p.tablePortal.First(ctx, searches)
	for i, s := range searches {
		if p.ends != nil && p.ends(about(s)) {
			return nil, p.cause
		}
		if p.refused != nil && p.refused(about(s)) {
			out[i] = kind.Answer{Refused: p.cause}
		}
		out[i].Rows = out[i].Rows[:min(len(out[i].Rows), 50)]
	}
	return out, err
}

// about names the fields of a search.
func about(s kind.Search) string {
	out := s.Part
	for _, c := range s.Where {
		out += " " + c.Field
	}
	return out
}

func (p *pagePortal) Contacts(_ context.Context, searches []kind.ContactSearch) (out []kind.ContactAnswer, _ error) {
	p.searched = append(p.searched, searches...)
	if p.ends != nil && p.ends("contacts") {
		return nil, p.cause
	}
	for _, s := range searches {
		for values := range slices.Chunk(s.Values, 19) {
			a := kind.ContactAnswer{ContactSearch: s}
			a.Values = values
			for _, v := range values {
				a.IDs = append(a.IDs, p.contacts[s.Kind.Name+" "+v]...)
			}
			if a.Full = len(a.IDs) >= kind.ContactsShown; len(a.IDs) > 0 {
				a.IDs = a.IDs[:min(len(a.IDs), kind.ContactsShown)]
				out = append(out, a)
			}
		}
	}
	return out, nil
}

func pages(rows ...kind.Row) *pagePortal {
	denied := &kind.Refusal{Scope: kind.ScopeKind, Code: "ACCESS_DENIED", Err: errors.New("Access denied")}
	p := &pagePortal{tablePortal: companyPortal(rows...), cause: denied}
	for _, id := range []int{3, 4} {
		p.names.Fields[id] = fields("id", "title", "name", "lastName", "fm")
	}
	return p
}

// aCompany is a row of a company.
func aCompany(t *testing.T, id int, title string) kind.Row {
	return row(t, fmt.Sprintf(`{"id":%d,"title":%q,"originatorId":null,"originId":null}`, id, title))
}

// The bounds of looking for what is alike: how many texts of one likeness, how many searches that
// share no request with others, and how many e-mails one of these carries.
const (
	lookBound     = ask.Keys * ask.Searches
	aloneMost     = 2
	aloneContacts = kind.ContactsShown - 1
)

// looked plans and gives what is named beside each create, with the ids, and what is counted.
func looked(t *testing.T, p ask.Asker, manifest string, o Options) (named map[string]string, counted string) {
	t.Helper()
	set := load(t, manifest)
	state, err := FetchWith(t.Context(), p, set, o)
	if err != nil {
		t.Fatal(err)
	}
	out, problems := Compute(set, state)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	named = make(map[string]string)
	for _, ch := range changesIn(out) {
		var ids []string
		for _, a := range ch.Alike {
			ids = append(ids, a.ID)
		}
		if len(ids) > 0 {
			named[string(ch.Address)] = strings.Join(ids, " ")
		}
		if ch.Action != plan.Create {
			t.Errorf("%s: %s", ch.Address, ch.Action)
		}
	}
	var counts []string
	for _, u := range out.Unlooked {
		counts = append(counts, fmt.Sprint(u.Creates, " ", u.Kind, " ", u.Why.Code))
	}
	return named, strings.Join(counts, ", ")
}

// companyManifest declares companies by their fields, named c0, c1 …
func companyManifest(fields ...string) string {
	var b strings.Builder
	b.WriteString(projectManifest)
	for i, f := range fields {
		fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c%d}\nspec: {fields: {%s}}\n", i, f)
	}
	return b.String()
}

const projectManifest = "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: o}\nspec: {manifests: [], formerNames: []}\n"

// Of a title that many have ten are named. What it hides of another title is asked for again.
func TestAFrequentTitleHidesNoOther(t *testing.T) {
	var rows []kind.Row
	for i := range 60 {
		rows = append(rows, aCompany(t, i+1, "Frequent"))
	}
	p := pages(append(rows, aCompany(t, 100, "Rare"))...)
	named, counted := looked(t, p, companyManifest("title: Frequent", "title: Rare"), Options{})
	if named["company/c0"] != "1 2 3 4 5 6 7 8 9 10" || named["company/c1"] != "100" || counted != "" {
		t.Errorf("%v, %q", named, counted)
	}
}

// What more records have than are shown is counted, where none of those shown is nobody's.
func TestATitleOfWhichMoreIsThereThanShownIsCounted(t *testing.T) {
	var rows []kind.Row
	for i := range 60 {
		rows = append(rows, marked(t, i+1, "other", fmt.Sprint("x", i), "Frequent"))
	}
	p := pages(append(rows, aCompany(t, 100, "Frequent"))...)
	named, counted := looked(t, p, companyManifest("title: Frequent", "title: Rare"), Options{})
	if len(named) > 0 || counted != "1 Company look-finds-many" {
		t.Errorf("%v, %q", named, counted)
	}
	if named, counted = looked(t, p, companyManifest("title: Frequent", "title: Rare"), Options{LookAlikes: true}); named["company/c0"] != "100" || counted != "" {
		t.Errorf("all: %v, %q", named, counted)
	}
}

// The bound is of creates, however their texts are spelt, and exact.
func TestTheBoundOfLooksIsExact(t *testing.T) {
	for _, of := range []struct {
		n       int
		title   string
		alone   bool
		counted string
	}{
		{lookBound, `title: "A %d"`, false, ""},
		{lookBound + 1, `title: "A %d"`, false, "1 Company look-is-bounded"},
		{lookBound, `title: "A  %d"`, false, ""},
		{lookBound + 7, `title: "A  %d"`, false, "7 Company look-is-bounded"},
		{aloneMost * ask.Keys, `title: "A %d"`, true, ""},
		{aloneMost*ask.Keys + 2, `title: "A %d"`, true, "2 Company look-is-alone"},
		{aloneMost * aloneContacts, `title: T, emails: ["m%d@example.com"]`, true, ""},
		{aloneMost*aloneContacts + 3, `title: T, emails: ["m%d@example.com"]`, true, "3 Company look-is-alone"},
		{lookBound + 5, `title: T, emails: ["m%d@example.com"]`, false, "5 Company look-is-bounded"},
	} {
		p := pages()
		p.alone = func(kind.Search) bool { return of.alone }
		var docs []string
		for i := range of.n {
			docs = append(docs, fmt.Sprintf(of.title, i))
		}
		manifest := companyManifest(docs...)
		if _, counted := looked(t, p, manifest, Options{}); counted != of.counted {
			t.Errorf("%d × %s: %q, want %q", of.n, of.title, counted, of.counted)
		}
		if of.counted == "" {
			continue
		}
		if _, counted := looked(t, p, manifest, Options{LookAlikes: true}); counted != "" {
			t.Errorf("%d × %s: all: %q", of.n, of.title, counted)
		}
	}
}

// Whatever look is refused, nothing else is: what it looked for is counted. A refused
// credential ends all.
func TestARefusedLookIsCounted(t *testing.T) {
	manifest := companyManifest("title: A", "title: B, emails: [b@example.com]")
	contacts := func(asked string) bool { return asked == "contacts" }
	titles := func(asked string) bool { return asked == " title" }
	for name, c := range map[string]struct {
		refused, ends func(string) bool
		counted       string
		named         map[string]string
	}{
		"one answer":         {titles, nil, "2 Company look-is-refused", map[string]string{"company/c1": "2"}},
		"all answers":        {nil, titles, "2 Company look-is-refused", map[string]string{"company/c1": "2"}},
		"phones and e-mails": {nil, contacts, "1 Company look-is-refused", map[string]string{"company/c0": "1"}},
	} {
		p := pages(aCompany(t, 1, "A"), row(t, `{"id":2,"title":"X","originatorId":null,"originId":null,"fm":[{"typeId":"EMAIL","value":"b@example.com"}]}`))
		p.contacts = map[string][]int{"Company b@example.com": {2}}
		p.refused, p.ends = c.refused, c.ends
		named, counted := looked(t, p, manifest, Options{})
		if counted != c.counted || fmt.Sprint(named) != fmt.Sprint(c.named) {
			t.Errorf("%s: %v, %q", name, named, counted)
		}
		p.cause = &kind.Refusal{Scope: kind.ScopeCredential, Code: "expired_token", Err: errors.New("expired")}
		if _, err := Fetch(t.Context(), p, load(t, manifest)); c.ends != nil && !errors.Is(err, p.cause) {
			t.Errorf("%s: a refused credential: %v", name, err)
		}
	}
}

// What does not show its mark, its title or its phones is not taken for nobody's, nor passed by.
func TestAHiddenColumnIsCounted(t *testing.T) {
	for name, c := range map[string]struct{ row, fields string }{
		"mark":   {`{"id":1,"title":"A"}`, "title: A"},
		"title":  {`{"id":1,"originatorId":null,"originId":null,"title":"A"}`, "title: A"},
		"e-mail": {`{"id":1,"originatorId":null,"originId":null,"title":"X"}`, "title: A, emails: [b@example.com]"},
	} {
		p := pages(row(t, c.row))
		p.contacts = map[string][]int{"Company b@example.com": {1}}
		asker := ask.Asker(p)
		if name == "title" {
			asker = untitled{p}
		}
		for _, all := range []bool{false, true} {
			if named, counted := looked(t, asker, companyManifest(c.fields), Options{LookAlikes: all}); counted != "1 Company look-is-refused" || len(named) > 0 {
				t.Errorf("%s: %v: %v, %q", name, all, named, counted)
			}
		}
	}
}

// untitled is a portal that finds records by their title and does not show it.
type untitled struct{ *pagePortal }

func (p untitled) First(ctx context.Context, searches []kind.Search) ([]kind.Answer, error) {
	out, err := p.pagePortal.First(ctx, searches)
	for _, a := range out {
		for i, row := range a.Rows {
			a.Rows[i] = p.veil(row)
		}
	}
	return out, err
}

func (p untitled) Scan(ctx context.Context, s kind.Search) iter.Seq2[kind.Row, error] {
	return func(yield func(kind.Row, error) bool) {
		for row, err := range p.pagePortal.Scan(ctx, s) {
			if !yield(p.veil(row), err) {
				return
			}
		}
	}
}

func (untitled) veil(row kind.Row) kind.Row {
	row = row.Clone()
	delete(row, "title")
	return row
}

// What many companies have says nothing of a contact.
func TestAPhoneOfManyIsCountedWhereItIsOfMany(t *testing.T) {
	many := make([]int, kind.ContactsShown)
	for i := range many {
		many[i] = i + 1
	}
	for _, full := range []string{"Company", "Contact"} {
		p := pages()
		p.contacts = map[string][]int{full + " m@example.com": many}
		_, counted := looked(t, p, companyManifest("title: A, emails: [m@example.com]")+
			"---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: c}\nspec: {fields: {name: A, emails: [m@example.com]}}\n", Options{})
		if counted != "1 "+full+" look-finds-many" {
			t.Errorf("%s: %q", full, counted)
		}
	}
	p := pages()
	looked(t, p, companyManifest("title: A, emails: [m@example.com]"), Options{LookAlikes: true})
	if len(p.searched) != 1 || !p.searched[0].All {
		t.Errorf("with all, a full answer is not asked for in halves: %+v", p.searched)
	}
}

// A title that many have leaves room for a record with the same e-mail.
func TestAFrequentTitleLeavesRoomForAnEmail(t *testing.T) {
	var rows []kind.Row
	for i := range 20 {
		rows = append(rows, aCompany(t, i+1, "Frequent"))
	}
	p := pages(append(rows, row(t, `{"id":99,"title":"X","originatorId":null,"originId":null,"fm":[{"typeId":"EMAIL","value":"b@example.com"}]}`))...)
	p.contacts = map[string][]int{"Company b@example.com": {99}}
	named, _ := looked(t, p, companyManifest("title: Frequent, emails: [b@example.com]"), Options{})
	if !strings.HasSuffix(named["company/c0"], " 10 99") {
		t.Errorf("%v", named)
	}
}
