package portal

import (
	"context"
	"database/sql"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// openPortal opens a portal and closes it with the test.
func openPortal(t *testing.T, cfg Config) *Portal {
	t.Helper()
	p, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestAFileIsReopenedWithEverythingInIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new folder", "100% portal?.db")
	first := openPortal(t, Config{Data: file})
	if _, err := first.db.ExecContext(t.Context(), "UPDATE portal_user SET name = 'Olha' WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("others may read the file: %v", mode)
	}
	second := openPortal(t, Config{Data: file, Seed: "demo"})
	if got, want := second.WebhookPath(), first.WebhookPath(); got != want {
		t.Errorf("webhook %s, want %s", got, want)
	}
	if u, err := second.userByID(t.Context(), 1); err != nil || u.name != "Olha" {
		t.Errorf("user 1 is %v, %v", u, err)
	}
}

func TestTwoPortalsInMemoryShareNothing(t *testing.T) {
	a, b := openPortal(t, Config{}), openPortal(t, Config{})
	if a.WebhookPath() == b.WebhookPath() {
		t.Error("two portals have one secret")
	}
	if _, err := a.db.ExecContext(t.Context(), "DELETE FROM portal_user"); err != nil {
		t.Fatal(err)
	}
	if users, err := b.users(t.Context()); err != nil || len(users) != len(seededUsers()) {
		t.Errorf("%d users, %v", len(users), err)
	}
}

func TestTheSecretIsRandomOrTheConfiguredOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "portal.db")
	p := openPortal(t, Config{Data: file})
	if got := p.WebhookPath(); !regexp.MustCompile(`^/rest/1/[a-z0-9]{20,}/$`).MatchString(got) {
		t.Errorf("webhook %s", got)
	}
	p.Close()
	p = openPortal(t, Config{Data: file, Secret: "Mine_1-2"})
	p.Close()
	if got, want := openPortal(t, Config{Data: file}).WebhookPath(), "/rest/1/Mine_1-2/"; got != want {
		t.Errorf("webhook %s, want %s", got, want)
	}
}

func TestOpenRefusesWhatIsNoPortal(t *testing.T) {
	dir := t.TempDir()
	database := func(name string, statements ...string) string {
		path := filepath.Join(dir, name)
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, statement := range statements {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		cfg  Config
		want string
	}{
		"a text file":           {Config{Data: text}, "not a SQLite database"},
		"a folder":              {Config{Data: dir}, "is a directory"},
		"another database":      {Config{Data: database("other.db", "CREATE TABLE a (b)")}, "another program"},
		"a later version":       {Config{Data: database("later.db", "PRAGMA application_id = 0x42323442", "PRAGMA user_version = 99")}, "version 99"},
		"half a portal":         {Config{Data: database("half.db", "PRAGMA application_id = 0x42323442")}, "interrupted"},
		"an unknown seed":       {Config{Seed: "full"}, `unknown seed "full"`},
		"a secret with a slash": {Config{Secret: "a/b"}, "only letters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := Open(t.Context(), tt.cfg)
			if err == nil {
				p.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), filepath.Base(tt.cfg.Data)) && tt.cfg.Data != "" {
				t.Errorf("got %v, want %q and the file", err, tt.want)
			}
		})
	}
	if got, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(got), "no database\n") {
		t.Errorf("the text file was changed: %v", err)
	}
}

// A file that came with a repository could hold tables that compute without end.
func TestCaseA7AStoreThatComputesIsRefused(t *testing.T) {
	const endless = "(WITH RECURSIVE t (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t)"
	tests := map[string][]string{
		"a view":            {"ALTER TABLE portal_setting RENAME TO s", "CREATE VIEW portal_setting AS SELECT name, value FROM s WHERE " + endless + " > 0"},
		"a trigger":         {"CREATE TRIGGER x AFTER INSERT ON crm_item_4 BEGIN SELECT " + endless + "; END"},
		"a computed column": {"ALTER TABLE crm_item_4 ADD COLUMN x TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000))) VIRTUAL"},
		"a checked column":  {"ALTER TABLE crm_item_4 ADD COLUMN x TEXT CHECK (length(hex(zeroblob(100000000))) > 0)"},
		"a virtual table":   {"CREATE VIRTUAL TABLE x USING fts5 (y)"},
	}
	for name, statements := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "portal.db")
			openPortal(t, Config{Data: file, Seed: "demo"}).Close()
			openPortal(t, Config{Data: file}).Close() // which is fine
			db, err := sql.Open("sqlite", file)
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range statements {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			db.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			p, err := Open(ctx, Config{Data: file})
			if err == nil {
				p.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "computed column") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTxRollsBackWhatFails(t *testing.T) {
	p := openPortal(t, Config{})
	failure := errors.New("no")
	err := p.tx(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(t.Context(), "DELETE FROM portal_user"); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	if users, err := p.users(t.Context()); err != nil || len(users) != len(seededUsers()) {
		t.Errorf("%d users, %v", len(users), err)
	}
}

func TestNowIsInTheConfiguredZone(t *testing.T) {
	zone := time.FixedZone("", -5*60*60)
	now := openPortal(t, Config{Zone: zone}).now()
	if now.Location() != zone || now.Nanosecond() != 0 {
		t.Errorf("now is %v", now)
	}
}

func TestNoErrorShowsTheSecret(t *testing.T) {
	const canary = "canary7secret"
	p := openPortal(t, Config{Secret: canary})
	p.methods["test.broken"] = method{name: "test.broken", run: func(ctx context.Context, c *call) (reply, error) {
		_, err := c.portal.db.ExecContext(ctx, "SELECT nothing FROM nowhere")
		return reply{}, err
	}}
	for _, target := range []string{"nope", "test.broken", "batch?cmd[a]=nope&cmd[b]=test.broken", "profile.xml"} {
		rec := httptest.NewRecorder()
		p.ServeHTTP(rec, httptest.NewRequest("GET", p.WebhookPath()+target, nil))
		if !strings.Contains(rec.Body.String(), "error") || strings.Contains(rec.Body.String(), canary) {
			t.Errorf("%s: %s", target, rec.Body)
		}
	}
}
