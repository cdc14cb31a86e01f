package crash

import (
	"errors"
	"strings"
	"testing"
)

func TestCaseB12APanicOfAnyGoroutineReachesTheOneThatWaits(t *testing.T) {
	for _, bug := range []func(){
		func() { panic("told") },
		func() { panic(errors.New("an error")) },
		func() { _ = []int{}[len(t.Name())] },
	} {
		var inner *Error
		err := Catch(func() error {
			var g Group
			g.Go(func() {})
			g.Go(bug)
			g.Wait()
			return nil
		})
		if !errors.As(err, &inner) || !strings.Contains(inner.Stack, "crash_test.go") || !strings.Contains(err.Error(), "a bug") {
			t.Errorf("got %v", err)
		}
	}
	if err := Catch(func() error { return nil }); err != nil {
		t.Error(err)
	}
}
