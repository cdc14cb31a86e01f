package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A portal that sends the browser back without a code ends the login at once, if the
// state is that of this login.
func TestADeniedLoginEnds(t *testing.T) {
	took := false
	back := &returning{state: "right", take: func(string) error { took = true; return nil }, done: make(chan error, 1)}
	for query, status := range map[string]int{"error=access_denied&state=wrong": http.StatusBadRequest, "state=right": http.StatusNotFound} {
		answer := httptest.NewRecorder()
		back.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/?"+query, nil))
		if answer.Code != status {
			t.Errorf("%s: status %d, want %d", query, answer.Code, status)
		}
	}
	back.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/?error=access_denied&state=right", nil))
	select {
	case err := <-back.done:
		if !errors.Is(err, errDenied) || took {
			t.Errorf("the login ended with %v; a code was taken: %t", err, took)
		}
	default:
		t.Error("the login goes on")
	}
}
