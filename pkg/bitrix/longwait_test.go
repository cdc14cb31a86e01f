package bitrix

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestALongWaitIsTold(t *testing.T) {
	for delay, told := range map[time.Duration]bool{time.Second: false, longWait: true, 90 * time.Second: true} {
		var out bytes.Buffer
		c := &Client{log: slog.New(slog.NewTextHandler(&out, nil))}
		c.logRetry(t.Context(), "crm.item.add", 1, delay, &failure{err: errors.New("busy")})
		if got := strings.Count(out.String(), "\n"); (got == 1) != told {
			t.Errorf("a wait of %s is told in %d lines: %s", delay, got, out.String())
		}
	}
}
