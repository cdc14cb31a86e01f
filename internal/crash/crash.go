// Package crash turns a panic into an error, so that a bug ends one thing and not the
// account of all others. Any package may import it.
//
// Start with [Catch]; a [Group] carries what happens on its goroutines to the one that
// waits for them, where it can be caught.
package crash

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// An Error is a panic that was caught.
type Error struct {
	Value any    // what the code panicked with
	Stack string // where
}

func (e *Error) Error() string {
	return fmt.Sprintf("internal error: %v; this is a bug in b24apply", e.Value)
}

// Hint is what to do about it: the code of a sentence without places.
func (e *Error) Hint() (code string, args map[string]string) { return "report-the-bug", nil }

// Catch runs f and gives its error, which is an *Error if it panicked.
func Catch(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = from(v)
		}
	}()
	return f()
}

// from keeps a panic that was caught on another goroutine as it was there.
func from(v any) *Error {
	if e, ok := v.(*Error); ok {
		return e
	}
	return &Error{Value: v, Stack: string(debug.Stack())}
}

// A Group is a sync.WaitGroup whose Wait panics with the first panic of its goroutines.
// The zero Group is ready.
type Group struct {
	wg    sync.WaitGroup
	mu    sync.Mutex
	first error
}

// Go runs f on a goroutine.
func (g *Group) Go(f func()) {
	g.wg.Go(func() {
		if err := Catch(func() error { f(); return nil }); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.first == nil {
				g.first = err
			}
		}
	})
}

// Wait waits for all goroutines. It panics with the *Error of the first that did.
func (g *Group) Wait() {
	g.wg.Wait()
	if g.first != nil {
		panic(g.first)
	}
}
