package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
)

// A life is that of one process, as far as the portal and the disk see it. It may end at any
// boundary: before and after bytes of a journal are written, after they are synced, when a
// request that writes goes out, and when it was executed. What the process does after that
// reaches nobody, and what it leaves on disk is what was there at that moment.
type life struct {
	sim     *sim
	cancel  context.CancelFunc
	mishaps *mishaps

	mu        sync.Mutex
	left      int           // boundaries that it lives to see; 0 is no bound
	passed    int           // boundaries that it has seen
	power     bool          // its end is that of the machine: what was not synced is lost
	late      time.Duration // when what was on its way is executed; 0 means never
	signalled int           // signals that it gets in place of its end: 1 asks it to stop, 2 to stop at once
	signals   chan os.Signal
	dead      bool
	exposed   bool // something was executed, and the disk does not know its id
	journals  []*lifeJournal
	remains   map[string][]byte // the files of the state folder at its end
}

var errLifeEnded = errors.New("the process is dead")

// boundary counts a boundary, and tells whether the process dies at it.
func (l *life) boundary() (dead bool) {
	if l.dead {
		return true
	}
	l.passed++
	if l.left == 0 || l.passed < l.left || l.exposed && l.sim.loses {
		return false
	}
	if l.signalled > 0 {
		l.left = 0
		for range l.signalled {
			l.signals <- os.Interrupt
		}
		return false
	}
	l.dead = true
	l.remains = l.sim.stateFiles()
	for _, j := range l.journals {
		if l.power {
			l.remains[j.name] = j.text[:j.safe:j.safe]
		}
	}
	l.cancel()
	return true
}

// A lifeJournal is the file of a journal. What the process has written is in the file at
// once, as it is for others after a kill; what is safe from the machine's end is known here.
type lifeJournal struct {
	life *life
	file journal.File
	name string
	text []byte
	safe int
}

// journalTo is env.journal.
func (l *life) journalTo(f journal.File) journal.File {
	j := &lifeJournal{life: l, file: f, name: l.sim.rel(f.(*os.File).Name())}
	if text, err := os.ReadFile(f.(*os.File).Name()); err == nil {
		if at, err := f.(*os.File).Seek(0, io.SeekCurrent); err == nil {
			j.text, j.safe = text[:at], int(at)
		}
	}
	l.mu.Lock()
	l.journals = append(l.journals, j)
	l.mu.Unlock()
	if l.sim.mutant.journal != nil {
		return l.sim.mutant.journal(j)
	}
	return j
}

func (j *lifeJournal) Write(b []byte) (int, error) {
	j.life.mu.Lock()
	defer j.life.mu.Unlock()
	if j.life.boundary() {
		return 0, errLifeEnded
	}
	j.text = append(j.text, b...)
	n, err := j.file.Write(b)
	if bytes.Contains(b, []byte(`"k":"result"`)) {
		j.life.exposed = false
	}
	if j.life.boundary() {
		return 0, errLifeEnded
	}
	return n, err
}

func (j *lifeJournal) Sync() error {
	j.life.mu.Lock()
	defer j.life.mu.Unlock()
	if j.life.dead {
		return errLifeEnded
	}
	j.safe = len(j.text)
	if j.life.boundary() {
		return errLifeEnded
	}
	return nil
}

func (j *lifeJournal) Close() error { return j.file.Close() }

// RoundTrip is the way to the portal.
func (l *life) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	methods, _ := commandsOf(req.URL.Path, body)
	writes := slices.ContainsFunc(methods, writesSomething)
	l.mu.Lock()
	if l.dead || writes && l.boundary() {
		if late := l.late; late > 0 && writes {
			l.late = 0 // of the request that was just going out
			time.AfterFunc(late, func() { _, _ = l.sim.ask(req, body) })
		}
		l.mu.Unlock()
		return nil, errLifeEnded
	}
	l.mu.Unlock()
	type reply struct {
		res *http.Response
		err error
	}
	c := make(chan reply, 1)
	go func() { // the portal goes on without its client
		do := func() (*http.Response, error) { return l.sim.ask(req, body) }
		var r reply
		if h, meets := l.mishaps.meets(methods); meets {
			r.res, r.err = h.suffer(do)
		} else {
			r.res, r.err = do()
		}
		c <- r
	}()
	var r reply
	select {
	case r = <-c:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if writes {
		l.exposed = true
		if l.boundary() {
			return nil, errLifeEnded
		}
	}
	return r.res, r.err
}

// commandsOf lists the commands of a request in their order.
func commandsOf(path string, body []byte) (methods []string, queries []string) {
	method := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".json")
	if method != bitrix.BatchMethod {
		return []string{method}, []string{string(body)}
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	var batch struct {
		Cmd json.RawMessage `json:"cmd"`
	}
	if decoder.Decode(&batch) != nil {
		return nil, nil
	}
	inner := json.NewDecoder(bytes.NewReader(batch.Cmd))
	if _, err := inner.Token(); err != nil {
		return nil, nil
	}
	for inner.More() {
		var command string
		if _, err := inner.Token(); err != nil || inner.Decode(&command) != nil {
			return nil, nil
		}
		m, q, _ := strings.Cut(command, "?")
		methods, queries = append(methods, m), append(queries, q)
	}
	return methods, queries
}

func writesSomething(method string) bool { return bitrix.EffectOf(method) != bitrix.Read }

// stateFiles gives the files of the state folder.
func (s *sim) stateFiles() map[string][]byte {
	out := make(map[string][]byte)
	_ = filepath.WalkDir(s.state(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what vanishes meanwhile is not there
		}
		if text, err := os.ReadFile(path); err == nil {
			out[s.rel(path)] = text
		}
		return nil
	})
	return out
}

// restore makes the state folder hold some files and no others.
func (s *sim) restore(files map[string][]byte) error {
	if err := os.RemoveAll(s.state()); err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (s *sim) state() string { return filepath.Join(s.dir, ".b24apply") }

func (s *sim) rel(path string) string {
	if name, err := filepath.Rel(s.dir, path); err == nil && !strings.HasPrefix(name, "..") {
		return name
	}
	return filepath.Join(".b24apply", path[strings.Index(path, "runs"+string(filepath.Separator)):])
}
