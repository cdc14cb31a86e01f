package portal

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// visit gets a page and returns its status and body.
func (c *crm) visit(path string) (int, string) {
	c.t.Helper()
	w := httptest.NewRecorder()
	c.p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8024"+path, nil))
	return w.Code, w.Body.String()
}

var (
	recordLink = regexp.MustCompile(`<th scope="row"><a href="/crm/type/\d+/details/(\d+)/">`)
	nextLink   = regexp.MustCompile(`<a href="([^"]+)" rel="next">`)
	prevLink   = regexp.MustCompile(`<a href="([^"]+)" rel="prev">`)
	anyTag     = regexp.MustCompile(`<[^>]*>`)
	blanks     = regexp.MustCompile(`\s+`)
)

// listed returns the ids that a list shows, in order.
func (c *crm) listed(path string) ([]int, string) {
	c.t.Helper()
	status, body := c.visit(path)
	if status != http.StatusOK {
		c.t.Fatalf("GET %s: status %d", path, status)
	}
	ids := []int{}
	for _, m := range recordLink.FindAllStringSubmatch(body, -1) {
		id, _ := strconv.Atoi(m[1])
		ids = append(ids, id)
	}
	return ids, body
}

// text returns what a page reads as, its markup taken out.
func (c *crm) text(path string, wantStatus int) string {
	c.t.Helper()
	status, body := c.visit(path)
	if status != wantStatus {
		c.t.Fatalf("GET %s: status %d, want %d", path, status, wantStatus)
	}
	return blanks.ReplaceAllString(html.UnescapeString(anyTag.ReplaceAllString(body, " ")), " ")
}

// reads fails unless the text of a page contains every phrase.
func (c *crm) reads(path string, phrases ...string) {
	c.t.Helper()
	text := c.text(path, http.StatusOK)
	for _, phrase := range phrases {
		if !strings.Contains(text, phrase) {
			c.t.Errorf("%s lacks %q:\n%s", path, phrase, text)
		}
	}
}

func openDemo(t *testing.T) *crm {
	t.Helper()
	return &crm{t: t, user: 1, p: openPortal(t, Config{Seed: "demo"})}
}

func TestTheFirstPageCountsTheRecordsOfEveryType(t *testing.T) {
	c := openDemo(t)
	c.reads("/crm/type/", "This portal has no smart processes.")
	c.smart(`{"title":"Shipments","entityTypeId":1030}`)
	c.add(1030, `{"title":"One"}`)
	c.reads("/", "Leads 1 0 –", "Deals 2 8 General · Partners", "Contacts 3 7 –", "Shipments 1030 1 ")
	c.reads("/crm/type/", "Shipments 1030 1 ")
	if text := c.text("/crm/type/", http.StatusOK); strings.Contains(text, "Deals") {
		t.Error("deals are among the smart processes")
	}
}

func TestAListIsFilteredByNameStageAndPipeline(t *testing.T) {
	c := openDemo(t)
	c.add(2, `{"title":"100% sure"}`)
	for query, want := range map[string][]int{
		"":                           {9, 8, 7, 6, 5, 4, 3, 2, 1},
		"?q=series":                  {8},
		"?q=SERIES":                  {8},
		"?q=100%25":                  {9},
		"?q=_":                       {},
		"?stage=NEW":                 {9, 3},
		"?pipeline=1":                {8, 7},
		"?pipeline=1&stage=C1:NEW":   {8},
		"?pipeline=0&q=support":      {3},
		"?pipeline=99":               {},
		"?pipeline=x&sort=nonsense":  {9, 6, 5, 4, 3, 2, 1}, // as PHP reads a number: 0
		"?sort=title&dir=asc&q=site": {2},
		"?sort=opportunity&dir=desc": {4, 1, 2, 3, 5, 6, 8, 9, 7},
		"?after=4&dir=asc":           {5, 6, 7, 8, 9},
		"?before=4":                  {9, 8, 7, 6, 5},
	} {
		got, _ := c.listed("/crm/type/2/" + query)
		if query == "?sort=opportunity&dir=desc" {
			slices.Sort(got[7:]) // 0 twice
			got[7], got[8] = got[8], got[7]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	contacts, _ := c.listed("/crm/type/3/?q=" + url.QueryEscape("Edmund  Finch"))
	if diff := cmp.Diff([]int{4}, contacts); diff != "" {
		t.Error(diff)
	}
	c.reads("/crm/type/2/?q=zzz", "0 records", "No record matches.", "Clear")
	c.reads("/crm/type/1/", "No records yet.")
}

func TestPagesOfAListShowEveryRecordOnceInBothDirections(t *testing.T) {
	c := openCRM(t, 3)
	titles := []string{`"b"`, `null`, `"A"`, `"a "`, `"C"`}
	for i := range 130 {
		c.add(7, fmt.Sprintf(`{"title":%s,"opportunity":%d}`, titles[i%len(titles)], i%3))
	}
	for _, field := range []string{"id", "title", "opportunity", "updatedTime"} {
		for _, dir := range []string{"asc", "desc"} {
			start := "/crm/type/7/?sort=" + field + "&dir=" + dir
			var pages [][]int
			var path string
			for path = start; ; {
				ids, body := c.listed(path)
				pages = append(pages, ids)
				m := nextLink.FindStringSubmatch(body)
				if m == nil {
					break
				}
				path = html.UnescapeString(m[1])
			}
			all := slices.Concat(pages...)
			slices.Sort(all)
			if len(pages) != 3 || len(slices.Compact(all)) != 130 {
				t.Fatalf("%s shows %d records on %d pages", start, len(slices.Compact(all)), len(pages))
			}
			for i := 1; i >= 0; i-- {
				_, body := c.listed(path)
				m := prevLink.FindStringSubmatch(body)
				if m == nil {
					t.Fatalf("%s has no previous page", path)
				}
				path = html.UnescapeString(m[1])
				ids, _ := c.listed(path)
				if diff := cmp.Diff(pages[i], ids); diff != "" {
					t.Errorf("%s: page %d backwards (-want +got):\n%s", start, i+1, diff)
				}
			}
			if _, body := c.listed(path); prevLink.MatchString(body) {
				t.Errorf("%s: a page before the first one", start)
			}
		}
	}
}

func TestAnItemShowsItsValuesTheWayPeopleReadThem(t *testing.T) {
	c := openDemo(t)
	c.reads("/crm/type/2/details/1/", "Telematics for 40 trucks", "Stage stageId In progress", "Pipeline categoryId General",
		"Amount opportunity 38,400.00 EUR", "Company companyId Nordwind Logistics GmbH", "Contacts contactIds Jonas Reuter",
		"Responsible person assignedById Olga Petrova", "Available to everyone opened Yes", "Type typeId Sales",
		"Comment comments –", "times in UTC+03:00")
	c.reads("/crm/type/4/details/3/", "Phone (work) +44 20 7946 0102", "Website (work) https://carrowfinch.example",
		"Linked from Deals Pilot project Annual support 2026 Contacts Edmund Finch")
	_, body := c.visit("/crm/type/3/details/1/")
	for _, want := range []string{`href="mailto:k.brandt@nordwind.example"`, `<a href="/crm/type/4/details/1/">Nordwind Logistics GmbH</a>`} {
		if !strings.Contains(body, want) {
			t.Errorf("contact 1 lacks %s", want)
		}
	}
	c.update(2, 1, `{"begindate":"2026-02-03","comments":"<b>bold</b> & 1 < 2","observers":[2,3,99]}`)
	c.reads("/crm/type/2/details/1/", "Start date begindate 3 Feb 2026", "Comment comments bold & 1 < 2",
		"Observers observers Jan Novak, Maria Schmidt, User 99")
	c.ask("crm.item.delete", `{"entityTypeId":4,"id":1}`)
	c.reads("/crm/type/3/details/1/", "Companies companyIds –")
}

func TestDaysAndTimesAreInThePortalsZone(t *testing.T) {
	c := openCRM(t, -5)
	c.add(3, `{"lastName":"Day","birthdate":"1990-06-18"}`)
	c.reads("/crm/type/3/details/1/", "Date of birth birthdate 18 Jun 1990", "times in UTC-05:00")
	c.under("crm.item.import", "item", `{"entityTypeId":1,"fields":{"title":"x","createdTime":"2020-01-01T03:30:00Z"}}`)
	c.reads("/crm/type/1/details/1/", "Created on createdTime 31 Dec 2019, 22:30:00")
}

func TestAnItemShowsWhoseMarkItCarries(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{"originatorId":"b24apply:northwind","originId":"deal/upsell"}`)
	c.add(31, `{"xmlId":"b24apply:northwind:invoice/7"}`)
	c.add(2, `{"originatorId":"another tool","originId":"5"}`)
	c.reads("/crm/type/2/details/1/", "b24apply:northwind deal/upsell")
	c.reads("/crm/type/31/details/1/", "b24apply:northwind invoice/7")
	if text := c.text("/crm/type/2/details/3/", http.StatusNotFound); !strings.Contains(text, "Item not found") {
		t.Error(text)
	}
	if _, body := c.visit("/crm/type/2/details/2/"); strings.Contains(body, `class="mark"`) {
		t.Error("a record of another tool carries our mark")
	}
}

func TestProductRowsAreShownOnceTheStoreHasThem(t *testing.T) {
	c := openDemo(t)
	for _, statement := range []string{
		`CREATE TABLE IF NOT EXISTS crm_product_row (id INTEGER PRIMARY KEY, "ownerType" TEXT, "ownerId" INTEGER, "productName" TEXT, "price" REAL,
			"quantity" REAL, "measureName" TEXT, "discountSum" REAL, "taxRate" REAL, "sort" INTEGER)`,
		`INSERT INTO crm_product_row ("ownerType", "ownerId", "productName", "price", "quantity", "measureName", "discountSum", "taxRate", "sort")
			VALUES ('D', 1, 'Second', 1234.5, 2.5, 'h', 10, 20, 20), ('D', 1, 'First', 1, 1, NULL, 0, NULL, 10), ('L', 1, 'Other', 1, 1, NULL, 0, NULL, 10)`,
	} {
		if _, err := c.p.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	c.reads("/crm/type/2/details/1/", "Amount First 1.00 1 1.00 EUR Second 1,234.50 2.5 h 10.00 20 % 3,086.25 EUR History")
}

func TestPathsOfBitrix24LeadToTheRecord(t *testing.T) {
	c := openDemo(t)
	for path, want := range map[string]string{
		"/crm/deal/details/3/":             "/crm/type/2/details/3/",
		"/crm/lead/show/7/":                "/crm/type/1/details/7/",
		"/crm/contact/details/1/":          "/crm/type/3/details/1/",
		"/crm/company/":                    "/crm/type/4/",
		"/crm/quote/list/":                 "/crm/type/7/",
		"/crm/deal/kanban/category/1/":     "/crm/type/2/?pipeline=1",
		"/crm/type/31/kanban/category/12/": "/crm/type/31/?pipeline=12",
		"/crm/type/2":                      "/crm/type/2/",
		"/crm/type/2/details/3":            "/crm/type/2/details/3/",
	} {
		w := httptest.NewRecorder()
		c.p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q (%d), want %q", path, got, w.Code, want)
		}
	}
}

func TestOnlyReadingFromThisMachineIsAllowed(t *testing.T) {
	c := openDemo(t)
	for name, tt := range map[string]struct {
		verb, target string
		status       int
	}{
		"the first page":       {"GET", "http://127.0.0.1:8024/", 200},
		"by IPv6":              {"GET", "http://[::1]:8024/", 200},
		"by name":              {"GET", "http://localhost/", 200},
		"a head":               {"HEAD", "http://127.0.0.1/", 200},
		"a foreign name":       {"GET", "http://rebound.example/", 421},
		"a write":              {"POST", "http://127.0.0.1/crm/type/2/", 405},
		"another page":         {"GET", "http://127.0.0.1/nope", 404},
		"an unknown type":      {"GET", "http://127.0.0.1/crm/type/130/", 404},
		"an unsupported type":  {"GET", "http://127.0.0.1/crm/type/14/", 404},
		"no type":              {"GET", "http://127.0.0.1/crm/type/x/", 404},
		"an unknown record":    {"GET", "http://127.0.0.1/crm/type/2/details/99/", 404},
		"no record":            {"GET", "http://127.0.0.1/crm/type/2/details/x/", 404},
		"the style":            {"GET", "http://127.0.0.1/__portal/style.css", 200},
		"the classic nowhere":  {"GET", "http://127.0.0.1/crm/deal/edit/1/", 404},
		"a record of no type":  {"GET", "http://127.0.0.1/crm/type/130/details/1/", 404},
		"a number beyond all":  {"GET", "http://127.0.0.1/crm/type/99999999999999999999/", 404},
		"a category of a word": {"GET", "http://127.0.0.1/crm/type/x/list/category/1/", 301},
	} {
		w := httptest.NewRecorder()
		c.p.ServeHTTP(w, httptest.NewRequest(tt.verb, tt.target, nil))
		if w.Code != tt.status {
			t.Errorf("%s: status %d, want %d", name, w.Code, tt.status)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != pagePolicy {
			t.Errorf("%s: policy %q", name, got)
		}
		if strings.Contains(w.Body.String(), c.p.secret) {
			t.Errorf("%s shows the webhook's secret", name)
		}
	}
}

func TestNothingThatPeopleTypeBecomesMarkup(t *testing.T) {
	c := openCRM(t, 3)
	const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
	quoted := strconv.Quote(evil)
	c.smart(`{"title":` + quoted + `,"entityTypeId":1030}`)
	c.ask("crm.category.add", `{"entityTypeId":2,"fields":{"name":`+quoted+`}}`)
	c.ask("crm.status.add", `{"fields":{"ENTITY_ID":"DEAL_STAGE","STATUS_ID":"EVIL","NAME":`+quoted+`,"SORT":15}}`)
	c.add(4, `{"title":`+quoted+`,"fm":[{"typeId":"WEB","value":"javascript:alert(1)"},{"typeId":"EMAIL","value":`+quoted+`},{"typeId":"PHONE","value":`+quoted+`}]}`)
	c.add(2, `{"title":`+quoted+`,"comments":`+quoted+`,"additionalInfo":`+quoted+`,"stageId":"EVIL","companyId":1,"originatorId":"b24apply:`+`<b>x","originId":`+quoted+`}`)
	c.update(2, 1, `{"title":"plain","sourceDescription":`+quoted+`}`)
	c.update(2, 1, `{"title":`+quoted+`}`)
	for _, path := range []string{
		"/", "/crm/type/", "/crm/type/2/", "/crm/type/4/", "/crm/type/2/details/1/", "/crm/type/4/details/1/", "/crm/type/1030/",
		"/crm/type/2/?q=" + url.QueryEscape(evil) + "&stage=" + url.QueryEscape(evil) + "&pipeline=" + url.QueryEscape(evil) + "&sort=" + url.QueryEscape(evil),
	} {
		_, body := c.visit(path)
		lower := strings.ToLower(body)
		if strings.Contains(lower, "<script") || strings.Contains(lower, "<img") || strings.Contains(lower, `href="javascript:`) {
			t.Errorf("%s holds markup of a record:\n%s", path, body)
		}
	}
	c.reads("/crm/type/2/details/1/", evil, "b24apply:<b>x")
}

func FuzzAddressesOfLists(f *testing.F) {
	for _, seed := range []string{"", "q=a", "after=1&sort=title", "before=9&sort=opportunity&dir=asc", "stage=NEW&pipeline=0", "q=%25%5c_", "pipeline=1e400", "q=\xff%00"} {
		f.Add(seed)
	}
	p, err := Open(f.Context(), Config{Seed: "demo"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { p.Close() })
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/crm/type/2/", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("%q: status %d: %s", query, w.Code, w.Body)
		}
	})
}
