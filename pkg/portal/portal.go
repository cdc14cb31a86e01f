package portal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Config says which portal to open. The zero value is an empty portal in
// memory with a random webhook secret, in the zone UTC+03:00.
type Config struct {
	Data string // path of the SQLite file; "" keeps everything in memory
	Seed string // records of a new portal: "demo" or "empty"; "" is "empty"
	// Country is where a new portal is at home, such as "DE": it decides which templates of
	// requisites there are. "" is "RU".
	Country string
	Zone    *time.Location // of the portal's clock; nil is UTC+03:00, so that nothing passes by the luck of UTC
	Secret  string         // of the webhook of user 1; "" is the stored one, or a random one for a new portal
	Host    string         // named in links; "" is 127.0.0.1

	Webhooks []Webhook // more webhooks than the one of user 1
	IDBase   int       // where the ids of a new portal begin, users and departments excepted; 0 is 1

	Limits      Limits      // of what callers may ask; none by default
	Costs       []Cost      // processing times of methods; others take what they take
	Application Application // that may use OAuth; none by default
	Faults      string      // what goes wrong, in the form of [FaultHelp]; nothing by default

	// CheckRequired makes writes of items fail without the custom fields that
	// are mandatory and the fields of StageRequirements. As on a real portal,
	// REST does not insist on them otherwise.
	CheckRequired     bool
	StageRequirements []StageRequirement
}

// A Portal is a Bitrix24 portal over one SQLite database. It is an
// [http.Handler] and safe for concurrent use; commands run one after another,
// so that equal requests give equal answers.
type Portal struct {
	db      *sql.DB
	zone    *time.Location
	host    string
	secret  string
	methods map[string]method // by lower-case name
	pages   http.Handler      // for people
	counts  counter
	hooks   atomic.Pointer[[]Webhook] // besides the one of user 1
	limits  Limits
	costs   costs
	rate    rate
	meter   meter
	faults  faults
	veil    veil

	application Application
	memberID    string

	closing sync.Once
	closed  chan struct{}

	running sync.Mutex // held while a command runs: reads never see half of another command's writes

	required requirements // see Config.CheckRequired
}

// Open opens the portal of cfg, and creates and seeds it first if it does not
// exist. Everything in an existing file is kept, the webhook's secret included,
// unless cfg names another secret. It fails for a file that is not a database,
// belongs to another program or was written by another version of the portal.
func Open(ctx context.Context, cfg Config) (*Portal, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	p := &Portal{
		zone: cfg.Zone, host: cfg.Host, methods: methodTable(), closed: make(chan struct{}),
		required: requirements{fields: cfg.CheckRequired, stages: slices.Clone(cfg.StageRequirements)},
	}
	if err := p.regulate(cfg); err != nil {
		return nil, err
	}
	db, err := openStore(cfg.Data)
	if err != nil {
		return nil, storeError(cfg.Data, err)
	}
	p.db = db
	if err := p.prepare(ctx, cfg); err != nil {
		db.Close()
		return nil, storeError(cfg.Data, err)
	}
	p.pages = p.pageHandler()
	return p, nil
}

// complete checks the configuration and fills in the defaults.
func (cfg *Config) complete() error {
	if cfg.Seed == "" {
		cfg.Seed = "empty"
	}
	if cfg.Seed != "demo" && cfg.Seed != "empty" {
		return fmt.Errorf("unknown seed %q: a portal starts with %q or %q", cfg.Seed, "demo", "empty")
	}
	if cfg.Zone == nil {
		cfg.Zone = time.FixedZone("", 3*60*60)
	}
	if cfg.Host == "" {
		cfg.Host = "127.0.0.1"
	}
	if _, err := countryOf(cfg.Country); err != nil {
		return err
	}
	if cfg.IDBase < 0 || cfg.IDBase > maxIDBase {
		return fmt.Errorf("ids cannot begin at %d: choose a number from 1 to %d", cfg.IDBase, maxIDBase)
	}
	if strings.Trim(cfg.Secret, secretAlphabet) != "" {
		return fmt.Errorf("the webhook's secret may hold only letters, digits, _ and -")
	}
	return nil
}

const secretAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

// prepare creates the portal in an empty store, or reads it from a full one.
func (p *Portal) prepare(ctx context.Context, cfg Config) error {
	fresh, err := checkStore(ctx, p.db)
	if err != nil {
		return err
	}
	if err := tuneStore(ctx, p.db); err != nil {
		return err
	}
	if fresh {
		if err := p.create(ctx, cfg); err != nil {
			return err
		}
	}
	if p.memberID, err = p.loadMemberID(ctx); err != nil {
		return err
	}
	if p.secret, err = p.webhookSecret(ctx, cfg.Secret); err != nil {
		return err
	}
	return p.addWebhooks(ctx, cfg.Webhooks)
}

// create makes the tables and the first records. The store counts as complete
// only afterwards, so that an interrupted creation is noticed.
func (p *Portal) create(ctx context.Context, cfg Config) error {
	err := p.tx(ctx, func(tx *sql.Tx) error {
		if err := createTables(ctx, tx); err != nil {
			return err
		}
		if err := storeIDBase(ctx, tx, cfg.IDBase); err != nil {
			return err
		}
		return seedUsers(ctx, tx)
	})
	if err != nil {
		return err
	}
	if err := p.seedCRM(ctx, cfg); err != nil {
		return fmt.Errorf("seed %q: %w", cfg.Seed, err)
	}
	return completeStore(ctx, p.db)
}

// webhookSecret returns the secret to use: the wanted one, else the stored one,
// else a new one. What it returns is in the store.
func (p *Portal) webhookSecret(ctx context.Context, wanted string) (string, error) {
	stored, err := loadSetting(ctx, p.db, "webhook.secret")
	if err != nil {
		return "", err
	}
	switch {
	case wanted == "" && stored != "", wanted == stored && stored != "":
		return stored, nil
	case wanted == "":
		wanted = strings.ToLower(rand.Text())
	}
	return wanted, saveSetting(ctx, p.db, "webhook.secret", wanted)
}

// Close closes the store. Requests that are still running fail, and what a fault
// wanted to do later is left out.
func (p *Portal) Close() error {
	p.closing.Do(func() { close(p.closed) })
	return p.db.Close()
}

// later calls fn after some time, unless the portal is closed before.
func (p *Portal) later(wait time.Duration, fn func()) {
	go func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			fn()
		case <-p.closed:
		}
	}()
}

// WebhookPath returns the path of the webhook of user 1, an administrator:
// "/rest/1/<secret>/". It is a credential.
func (p *Portal) WebhookPath() string { return "/rest/1/" + p.secret + "/" }

// now returns the portal's time: whole seconds in its own zone, since the
// portal keeps no fractions.
func (p *Portal) now() time.Time { return time.Now().In(p.zone).Truncate(time.Second) }

// tx runs fn in a transaction, which is rolled back if fn fails. The store has
// a single connection: inside fn only tx may be used, never p.db.
func (p *Portal) tx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // without effect after a commit
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// methodTable lists every method of the portal by its lower-case name.
func methodTable() map[string]method {
	table := make(map[string]method)
	for _, list := range [][]method{serviceMethods(), userMethods(), departmentMethods(), crmMethods(), applicationMethods()} {
		for _, m := range list {
			table[strings.ToLower(m.name)] = m
		}
	}
	return table
}

var _ http.Handler = (*Portal)(nil)
