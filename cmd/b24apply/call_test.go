package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// A batchServer answers batches: each command with the number of its values.
type batchServer struct {
	before  func() // each answer
	batches atomic.Int64
}

func (s *batchServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request struct{ Cmd map[string]string }
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || !strings.HasSuffix(r.URL.Path, "/batch") {
		http.Error(w, "no batch", http.StatusTeapot)
		return
	}
	s.batches.Add(1)
	if s.before != nil {
		s.before()
	}
	results := make(map[string]any, len(request.Cmd))
	for key, command := range request.Cmd {
		results[key] = map[string]any{"item": map[string]any{"id": 1, "length": len(command)}}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"result": map[string]any{"result": results, "result_error": []any{}}})
}

// callEnv is a world without terminals, whose portal is a server on loopback.
func callEnv(t *testing.T, h http.Handler) (env, *bytes.Buffer) {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	t.Chdir(t.TempDir())
	vars := map[string]string{webhookVariable: server.URL + "/rest/1/secret/", planVariable: "box"}
	var stderr bytes.Buffer
	return env{
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: &stderr,
		getenv: func(name string) (string, bool) { v, ok := vars[name]; return v, ok },
	}, &stderr
}

// A lineReader makes lines as they are read.
type lineReader struct {
	line    func(n int) string // "" is the end
	n       int
	pending string
}

func (r *lineReader) Read(p []byte) (int, error) {
	if r.pending == "" {
		r.n++
		if r.pending = r.line(r.n); r.pending == "" {
			return 0, io.EOF
		}
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}

// A lineChecker expects the lines of items in their order.
type lineChecker struct {
	rest []byte
	n    int
	bad  string // the first line that is not as expected
}

func (c *lineChecker) Write(p []byte) (int, error) {
	c.rest = append(c.rest, p...)
	for {
		line, rest, ok := bytes.Cut(c.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		c.n++
		if want := fmt.Sprintf(`{"resource":"item-%d","result":{"item":`, c.n); c.bad == "" && !bytes.HasPrefix(line, []byte(want)) {
			c.bad = string(line)
		}
		c.rest = append([]byte(nil), rest...)
	}
}

// Thirty thousand lines of 2 kB go through without ever being in memory together.
func TestCallStreamsItsItems(t *testing.T) {
	const items = 30000
	server := &batchServer{}
	e, stderr := callEnv(t, server)
	text := strings.Repeat("x", 2048)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, peak := heap(), uint64(0) // other tests have left something behind
	e.stdin = &lineReader{line: func(n int) string {
		if n > items {
			return ""
		}
		if n%1000 == 0 {
			peak = max(peak, heap())
		}
		return fmt.Sprintf("{\"resource\":\"item-%d\",\"fields\":{\"comments\":%q}}\n", n, text)
	}}
	out := &lineChecker{}
	e.stdout = out
	code := run(t.Context(), e, []string{"call", "crm.item.add", "entityTypeId=2", "--items", "-", "--concurrency", "2", "--yes"})
	if code != exitDone || out.n != items || out.bad != "" || server.batches.Load() != items/50 {
		t.Errorf("exit code %d, %d lines, %d requests, %q, %s", code, out.n, server.batches.Load(), out.bad, stderr)
	}
	if peak > before+(50<<20) { // the file alone has 60 MB
		t.Errorf("the heap grew from %d to %d MB", before>>20, peak>>20)
	}
}

// The first interrupt lets what is in flight end and reports every line; nothing is
// sent after it.
func TestAnInterruptedCallReportsEveryItem(t *testing.T) {
	signals, arrived, leave := make(chan os.Signal, 2), make(chan bool, 10), make(chan bool)
	server := &batchServer{before: func() { arrived <- true; <-leave }}
	e, stderr := callEnv(t, server)
	e.interrupts = func() (<-chan os.Signal, func()) { return signals, func() {} }
	told := &watched{text: "Stopping", seen: make(chan bool, 1)}
	e.stderr = io.MultiWriter(stderr, told)
	e.stdin = &lineReader{line: func(n int) string {
		if n > 500 {
			return ""
		}
		return fmt.Sprintf("{\"resource\":\"item-%d\",\"id\":%d,\"fields\":{\"title\":\"T\"}}\n", n, n)
	}}
	var out bytes.Buffer
	e.stdout = &out
	go func() {
		<-arrived
		signals <- os.Interrupt
		<-told.seen
		close(leave)
	}()
	code := run(t.Context(), e, []string{"call", "crm.item.update", "--items", "-", "--concurrency", "1", "--yes"})
	counts := map[string]int{
		"lines": strings.Count(out.String(), "\n"),
		"done":  strings.Count(out.String(), `"result":`),
		"left":  strings.Count(out.String(), `"code":"NOT_ATTEMPTED"`),
	}
	if diff := cmp.Diff(map[string]int{"lines": 500, "done": 50, "left": 450}, counts); diff != "" || code != exitInterrupted || server.batches.Load() != 1 {
		t.Errorf("exit code %d, %d requests, %s (-want +got):\n%s", code, server.batches.Load(), stderr, diff)
	}
}

// The second interrupt does not wait; what was in flight is unknown.
func TestASecondInterruptEndsACallAtOnce(t *testing.T) {
	signals, arrived, leave := make(chan os.Signal, 2), make(chan bool, 10), make(chan bool)
	e, stderr := callEnv(t, &batchServer{before: func() { arrived <- true; <-leave }})
	t.Cleanup(func() { close(leave) }) // before the server is closed
	e.interrupts = func() (<-chan os.Signal, func()) { return signals, func() {} }
	taken := make(chan bool)
	e.stdin = &lineReader{line: func(n int) string {
		if n > 70 { // the lines before are taken; there never are more
			close(taken)
			select {}
		}
		return "{\"id\":1,\"fields\":{\"title\":\"T\"}}\n"
	}}
	var out bytes.Buffer
	e.stdout = &out
	go func() {
		<-arrived
		<-taken
		signals <- os.Interrupt
		signals <- os.Interrupt
	}()
	code := run(context.Background(), e, []string{"call", "crm.item.add", "--items", "-", "--concurrency", "1", "--yes"})
	unknown, left := strings.Count(out.String(), `"code":"UNKNOWN_OUTCOME"`), strings.Count(out.String(), `"code":"NOT_ATTEMPTED"`)
	if code != exitInterrupted || unknown != 50 || left != 20 {
		t.Errorf("exit code %d, %d unknown, %d not attempted\n%s", code, unknown, left, stderr)
	}
}

// A watched stream tells when a text has passed.
type watched struct {
	text string
	seen chan bool
}

func (w *watched) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.seen <- true
	}
	return len(p), nil
}

func TestPlainJSONKeepsTheValue(t *testing.T) {
	for in, want := range map[string]string{
		`"\u003Cb\u003e \u0026 \u0027"`: `"<b> & '"`,
		`"https:\/\/x\/"`:               `"https://x/"`,
		`"\\u003C \\\/ \u0022 \n \u00"`: `"\\u003C \\/ \u0022 \n \u00"`,
		`{"a":1.50}`:                    `{"a":1.50}`,
	} {
		if got := string(plainJSON(json.RawMessage(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// Whatever is typed, reading a parameter neither panics nor loses its value.
func FuzzSplitPath(f *testing.F) {
	for _, arg := range []string{"a=1", "a.b[c][]:=x", "filter[>=x]=1", "a:b=2", "[", "a.", "=", ":=", "a]b", "a[b]c=1", "0[]:", "a[b]:c=1", "a[b]:"} {
		f.Add(arg)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		path, rest, err := splitPath(arg)
		if err != nil {
			return
		}
		if len(path) == 0 || path[0] == "" || !strings.HasSuffix(arg, rest) || rest != "" && !strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, ":=") {
			t.Errorf("%q: path %q, rest %q", arg, path, rest)
		}
		if err := newTree().set(path, "v"); err != nil {
			t.Errorf("%q: %v", arg, err)
		}
	})
}

// shellWords splits a command of a page as a shell does, as far as the pages go:
// single quotes keep what is between them.
func shellWords(line string) []string {
	var words []string
	quoted, open := false, false // open: a word has begun
	for _, c := range line {
		switch {
		case c == '\'':
			quoted = !quoted
		case c == ' ' && !quoted:
			open = false
			continue
		}
		if !open {
			words, open = append(words, ""), true
		}
		if c != '\'' {
			words[len(words)-1] += string(c)
		}
	}
	return words
}

func TestAMissingRightEndsACallWithItsExitCodeInBothInterfaces(t *testing.T) {
	for _, code := range []string{"ACCESS_DENIED", "BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION", "BITRIX_REST_V3_EXCEPTION_INSUFFICIENTSCOPEEXCEPTION"} {
		var f *failure
		err := callError(t.Context(), &bitrix.Error{Method: "tasks.task.get", Status: 403, Code: code})
		if !errors.As(err, &f) || f.code != exitAuth || f.hint.IsZero() {
			t.Errorf("%s: %+v", code, f)
		}
	}
}
