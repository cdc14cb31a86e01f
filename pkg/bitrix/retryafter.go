package bitrix

import (
	"net/http"
	"strconv"
	"time"
)

// maxRetryAfter bounds what is waited on the word of a Retry-After.
const maxRetryAfter = 2 * time.Minute

// retryAfter reads the header of that name, in seconds or as a date; 0 without one.
// Bitrix24 does not document it, but what stands before a portal may send it.
// Source: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(0, time.Until(at)), maxRetryAfter)
}

// hold lets no request go for a while.
func (p *pace) hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.resume) {
		p.resume = until
	}
}
