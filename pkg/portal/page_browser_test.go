package portal

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// A browser is a tab of a headless Chromium that shows the pages of a portal.
type browser struct {
	*crm
	ctx  context.Context
	base string

	mu       sync.Mutex
	requests []string
	dialogs  int
}

// openBrowser starts Chromium, or skips the test where there is none.
func openBrowser(t *testing.T, c *crm) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium on this machine: install the package chromium to run this test")
	}
	server := httptest.NewServer(c.p)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)...)
	t.Cleanup(cancel)
	b := &browser{crm: c, base: server.URL}
	b.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Listen(b.ctx, b.note); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// note remembers what the pages asked for.
func (b *browser) note(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, ev.Request.URL)
	case *cdppage.EventJavascriptDialogOpening:
		b.dialogs++
	}
}

// open goes to a path of the portal.
func (b *browser) open(path string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(b.base+path)); err != nil {
		b.t.Fatal(err)
	}
}

// follow clicks the link with a text and waits for the page behind it.
func (b *browser) follow(text string) {
	b.t.Helper()
	b.leave(chromedp.Click(fmt.Sprintf(`//main//a[normalize-space()=%q]`, text)))
}

// leave does what leads to another page and waits for it.
func (b *browser) leave(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// column returns the texts of what a selector finds.
func (b *browser) column(selector string) []string {
	b.t.Helper()
	texts, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](
		fmt.Sprintf(`Array.from(document.querySelectorAll(%q), n => n.textContent.trim())`, selector)))
	if err != nil {
		b.t.Fatal(err)
	}
	return texts
}

// shows compares the texts of what a selector finds.
func (b *browser) shows(selector string, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.column(selector)); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", selector, diff)
	}
}

// at compares the path and query that the browser is at.
func (b *browser) at(want string) {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		b.t.Fatal(err)
	}
	if got = strings.TrimPrefix(got, b.base); got != want {
		b.t.Errorf("at %s, want %s", got, want)
	}
}

const names = "tbody th[scope=row]"

func TestABrowserFindsARecordAndFollowsItsLinks(t *testing.T) {
	b := openBrowser(t, openDemo(t))
	b.open("/")
	b.follow("Deals")
	b.at("/crm/type/2/")
	b.follow("Partners")
	b.shows(names, "Joint webinar series", "Reseller agreement DACH")
	b.leave(chromedp.SendKeys(chromedp.CSS(`input[name=q]`), "dach\r"))
	b.shows(names, "Reseller agreement DACH")
	b.follow("Clear")
	b.leave(chromedp.SetValue(chromedp.CSS(`select[name=stage]`), "WON"), chromedp.Click(chromedp.CSS(`button[type=submit]`)))
	b.shows(names, "Ticketing for the gallery")
	b.follow("Ticketing for the gallery")
	b.at("/crm/type/2/details/5/")
	b.shows("h1", "Ticketing for the gallery")
	b.follow("Atelier Moreau SARL")
	b.shows("h1", "Atelier Moreau SARL")
	b.follow("Camille Moreau")
	b.shows("h1", "Camille Moreau")
	b.follow("Contacts")
	b.follow("ID")
	b.shows("th[aria-sort=ascending]", "ID")
	b.open("/crm/deal/details/3/")
	b.at("/crm/type/2/details/3/")
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.requests {
		if !strings.HasPrefix(address, b.base+"/") {
			t.Errorf("a page asked for %s", address)
		}
	}
	if len(b.requests) < 10 {
		t.Errorf("only the requests %v were seen", b.requests)
	}
}

func TestABrowserTurnsPagesBothWays(t *testing.T) {
	c := openCRM(t, 3)
	for i := range 120 {
		c.add(1, fmt.Sprintf(`{"title":"Lead %03d"}`, i+1))
	}
	b := openBrowser(t, c)
	b.open("/crm/type/1/?sort=id&dir=asc")
	ends := func(first, last string, count int) {
		t.Helper()
		got := b.column(names)
		if len(got) != count || got[0] != first || got[len(got)-1] != last {
			t.Errorf("%d records from %s to %s, want %d from %s to %s", len(got), got[0], got[len(got)-1], count, first, last)
		}
	}
	ends("Lead 001", "Lead 050", 50)
	b.follow("Next")
	b.follow("Next")
	ends("Lead 101", "Lead 120", 20)
	b.follow("Previous")
	ends("Lead 051", "Lead 100", 50)
	b.follow("First")
	ends("Lead 001", "Lead 050", 50)
}

func TestABrowserShowsScriptsAsText(t *testing.T) {
	c := openCRM(t, 3)
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>`
	c.add(2, `{"title":"`+evil+`"}`)
	b := openBrowser(t, c)
	b.open("/crm/type/2/")
	b.shows(names, evil)
	b.follow(evil)
	b.shows("h1", evil)
	if got := b.column("script, img"); len(got) > 0 {
		t.Errorf("the page has %d scripts and images", len(got))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dialogs > 0 {
		t.Error("a script of a record ran")
	}
}
