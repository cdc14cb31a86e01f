package bitrix

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

const fileLink = "https://acme.example/rest/crm.controller.item.getFile/?auth=t0ken&entityTypeId=4&id=7&fieldName=LOGO&fileId=9&token=crm%7Ct0ken"

// fileReply is a file as the portal sends it.
func fileReply(content string) *http.Response {
	res := reply(200, content)
	res.Header.Set("Content-Disposition", "attachment; filename=logo.png")
	return res
}

// A link is followed with the client's own credential and the parameters of the link.
func TestDownloadFollowsTheLinkWithItsOwnCredential(t *testing.T) {
	w := &wire{answer: func(int, string, Params) (*http.Response, error) { return fileReply("PNG"), nil }}
	c := newClient(t, w, func(cfg *Config) { cfg.ReadOnly = true })
	for _, link := range []string{fileLink, strings.TrimPrefix(fileLink, "https://acme.example"), strings.Replace(fileLink, "/rest/", "/rest/1/other/", 1)} {
		content, err := c.Download(t.Context(), link)
		if err != nil || string(content) != "PNG" {
			t.Errorf("%s: %q, %v", link, content, err)
		}
	}
	want := sentCall{"crm.controller.item.getFile", Params{"entityTypeId": "4", "id": "7", "fieldName": "LOGO", "fileId": "9", "token": "crm|t0ken"}}
	for _, got := range w.sent() {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// A download only reads, so what goes wrong for a while is tried again; what is no file
// is an error, and none of them shows a credential.
func TestADownloadThatFailsIsNoFile(t *testing.T) {
	for _, tc := range []struct {
		fault string
		sends int
	}{
		{"refused pace", 6}, {"server error", 6}, {"gateway page", 6}, {"page as success", 6}, {"empty success", 6}, {"reset in answer", 6},
		{"not connected", 6}, {"wrong webhook", 1}, {"refused in 200", 1}, {"no such page", 1},
	} {
		t.Run(tc.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{answer: func(int, string, Params) (*http.Response, error) { return faults[tc.fault]() }}
				content, err := newClient(t, impatient{w}).Download(t.Context(), fileLink)
				if err == nil || content != nil || len(w.sent()) != tc.sends {
					t.Fatalf("%d sends, want %d; %q, %v", len(w.sent()), tc.sends, content, err)
				}
				if strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), "t0ken") {
					t.Errorf("the error shows a credential: %v", err)
				}
			})
		})
	}
	c := newClient(t, &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":true}`), nil }})
	if _, err := c.Download(t.Context(), fileLink); err == nil || !strings.Contains(err.Error(), "the answer is no file") {
		t.Errorf("an answer of another method is taken for a file: %v", err)
	}
}

// A link that leads to anything but a reading method is not followed.
func TestDownloadFollowsReadingLinksOnly(t *testing.T) {
	w := &wire{answer: func(int, string, Params) (*http.Response, error) { return fileReply("x"), nil }}
	for _, link := range []string{"", "/upload/logo.png", "https://acme.example/rest/crm.item.delete/?id=1&auth=t0ken", "://t0ken", "/rest/"} {
		if _, err := newClient(t, w).Download(t.Context(), link); err == nil || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("%q: %v", link, err)
		}
	}
	if n := len(w.sent()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// A value that cannot be written, such as a file that has gone, fails its call in its
// own words, and nothing is sent.
func TestAValueThatCannotBeWrittenFailsItsCall(t *testing.T) {
	w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":true}`), nil }}
	_, err := newClient(t, w).Call(t.Context(), "crm.item.add", Params{"fields": []any{unwritable{}}})
	if err == nil || err.Error() != "crm.item.add: parameters: logo.png has gone" || len(w.sent()) != 0 {
		t.Errorf("%d sends, %v", len(w.sent()), err)
	}
}

type unwritable struct{}

func (unwritable) MarshalJSON() ([]byte, error) { return nil, errors.New("logo.png has gone") }
