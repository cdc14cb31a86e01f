package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptSecret is the client secret of the application on the scripts' portals.
const scriptSecret = "canary-of-the-client-b24"

// freeAddress is an address on loopback that nobody listens on. It lies below the
// ports that systems give out by themselves, so that nobody takes it by chance.
func freeAddress() (string, error) {
	for range 50 {
		address := fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000))
		if l, err := net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", errors.New("no port is free")
}

func portalExpire(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(portalOf(ts).portal.ExpireTokens(context.Background()))
}

func portalTokens(ts *testscript.TestScript, neg bool, args []string) {
	want := atoi(ts, args[0])
	if got := portalOf(ts).portal.Stats().Tokens; (got == want) == neg {
		ts.Fatalf("the portal issued %d pairs of tokens, want %d", got, want)
	}
}

var authorizePage = regexp.MustCompile(`http://\S+/oauth/authorize/\S+`)

// browse is what a browser does with the address that login prints: it follows
// the portal back to the command, and shows that page.
func browse(ts *testscript.TestScript, _ bool, args []string) {
	var page string
	for deadline := time.Now().Add(30 * time.Second); page == ""; time.Sleep(20 * time.Millisecond) {
		printed, err := os.ReadFile(ts.MkAbs(args[0]))
		if page = authorizePage.FindString(string(printed)); page == "" && time.Now().After(deadline) {
			ts.Fatalf("%s shows no page: %v\n%s", args[0], err, printed)
		}
	}
	response, err := http.Get(page)
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	_, err = fmt.Fprintf(ts.Stdout(), "%s\n%s", response.Status, body)
	ts.Check(err)
}

// authorize opens the page itself, and does not follow it.
func authorize(ts *testscript.TestScript, _ bool, args []string) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	query := url.Values{"client_id": {"local.b24apply"}, "state": {strings.Join(args, "")}}
	response, err := client.Get(ts.Getenv("PORTAL") + "/oauth/authorize/?" + query.Encode())
	ts.Check(err)
	ts.Check(response.Body.Close())
	back, err := response.Location()
	ts.Check(err)
	_, err = fmt.Fprintln(ts.Stdout(), back)
	ts.Check(err)
}
