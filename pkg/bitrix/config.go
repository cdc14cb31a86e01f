package bitrix

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// A Config says which portal to reach and how. Either Webhook or Tokens is
// required.
type Config struct {
	// Webhook is the URL of an inbound webhook, https://portal/rest/1/secret/.
	// Plain http is accepted for loopback addresses only.
	Webhook string
	// Tokens gives the access tokens of OAuth 2, and renews them when the
	// portal says that they have expired.
	Tokens TokenSource
	// Transport sends the requests; nil means an http.Transport of the
	// client's own. It must not follow redirects.
	Transport http.RoundTripper
	// Moved is asked before the credential goes to another host, because the portal
	// redirects there or a renewal of the token names it; its error refuses. It may be
	// called by many goroutines, and again for the same hosts. nil refuses nothing.
	Moved func(from, to string) error
	// Plan is the portal's request limit: "standard" (also ""), "enterprise",
	// "box" for a self-hosted portal, which has none, or "auto", which is
	// standard until LearnPlan has asked the portal.
	Plan string
	// Concurrency bounds the HTTP requests in flight; 0 means 8. A request that
	// waits before it is sent is not in flight.
	Concurrency int
	// Budget is the part, in percent, of the time that the portal grants each
	// method in ten minutes that this client may use; 0 means 100.
	Budget int
	// Logger gets every request at debug level, without secrets; nil is silent.
	Logger *slog.Logger
	// Timeout bounds one HTTP request, its answer included; 0 means 75 s. The
	// portal itself gives up at 60 s, so a shorter time loses answers.
	Timeout time.Duration
	// MaxBody bounds one answer in bytes; 0 means 64 MiB.
	MaxBody int64
	// Attempts bounds how often one request is tried; 0 means 6.
	Attempts int
	// WaitForPortal is how long a portal that answers nobody is waited for, from the first
	// request without an answer on; 0 means 30 s, and 30 minutes once it has answered a
	// write, and less than 0 not at all. Then calls fail with an *Away.
	WaitForPortal time.Duration
	// Outage, if set, is told when the portal is away, every five minutes while it stays
	// away, and when it is back. It is called on any goroutine.
	Outage func(Outage)
	// ReadOnly refuses every method that is not known to only read, inside a
	// batch too, with ErrReadOnly.
	ReadOnly bool
}

const (
	defaultTimeout  = 75 * time.Second
	defaultMaxBody  = 64 << 20
	defaultAttempts = 6
	// DefaultConcurrency is how many requests are in flight unless configured.
	DefaultConcurrency = 8
)

// endpoint is where the configuration's credential leads.
func (c Config) endpoint() (*endpoint, error) {
	switch {
	case c.Tokens == nil:
		return parseWebhook(c.Webhook)
	case c.Webhook != "":
		return nil, errors.New("both a webhook and access tokens are given; give one of them")
	}
	return tokenEndpoint(c.Tokens.Token(), c.Tokens.Kind())
}

// String tells the configuration without its credential, which is a secret.
func (c Config) String() string {
	portal := "no portal"
	if e, err := c.endpoint(); err == nil {
		portal = e.host
	}
	return fmt.Sprintf("bitrix.Config(%s, plan %q)", portal, c.Plan)
}

// LogValue is String, so that no log handler prints the credential.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// A Client calls the methods of one portal. Make it with New.
type Client struct {
	endpoint  atomic.Pointer[endpoint] // replaced when the portal was renamed or the token renewed
	tokens    TokenSource              // nil with a webhook
	transport http.RoundTripper
	timeout   time.Duration
	maxBody   int64
	attempts  int
	log       *slog.Logger
	pace      *pace
	governor  *governor
	moved     func(from, to string) error // nil: any move is followed
	watch     watch                       // whether the portal answers
	slots     chan struct{}               // one for each request in flight
	docs      docs                        // the memory of answers that were handed over
	requests  atomic.Int64
	reached   atomic.Bool  // the portal has answered at least once
	toldSlow  atomic.Int64 // when people were told of a slow answer, in ns since 1970; 0 is never
	readOnly  bool
}

// New checks the configuration and makes a client; it sends nothing. Its errors
// say what is wrong with the credential and never show it.
func New(cfg Config) (*Client, error) {
	e, err := cfg.endpoint()
	if err != nil {
		return nil, err
	}
	p, err := newPace(cfg.Plan)
	if err != nil {
		return nil, err
	}
	if cfg.Timeout < 0 || cfg.MaxBody < 0 || cfg.Attempts < 0 {
		return nil, fmt.Errorf("timeout %s, largest body %d and attempts %d must not be negative", cfg.Timeout, cfg.MaxBody, cfg.Attempts)
	}
	if cfg.Concurrency < 0 || cfg.Budget < 0 || cfg.Budget > 100 {
		return nil, fmt.Errorf("concurrency %d must not be negative, and budget %d must be 1 to 100 percent, or 0 for all", cfg.Concurrency, cfg.Budget)
	}
	c := &Client{
		tokens:    cfg.Tokens,
		transport: cfg.Transport,
		timeout:   orDefault(cfg.Timeout, defaultTimeout),
		maxBody:   orDefault(cfg.MaxBody, defaultMaxBody),
		attempts:  orDefault(cfg.Attempts, defaultAttempts),
		log:       cfg.Logger,
		pace:      p,
		governor:  newGovernor(cfg.Plan, cfg.Budget),
		slots:     make(chan struct{}, orDefault(cfg.Concurrency, DefaultConcurrency)),
		moved:     cfg.Moved,
		readOnly:  cfg.ReadOnly,
		watch:     watch{limit: cfg.WaitForPortal, tell: cfg.Outage},
	}
	if c.transport == nil {
		c.transport = newTransport()
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.endpoint.Store(e)
	return c, nil
}

// mayMove asks whether the credential may go from one host to another.
func (c *Client) mayMove(from, to *endpoint) error {
	if c.moved == nil || from.host == to.host {
		return nil
	}
	return c.moved(from.host, to.host)
}

// Portal is the portal's host, with its port if the URL has one. It is safe to
// show. It changes when the portal answers that it was renamed.
func (c *Client) Portal() string { return c.endpoint.Load().host }

// URL is a page of the portal for people, by its path: "crm/type/2/details/17/".
func (c *Client) URL(path string) string {
	e := c.endpoint.Load()
	return fmt.Sprintf("%s://%s/%s", e.scheme, e.host, path)
}

// Requests counts the HTTP requests sent so far, repetitions and followed
// redirects included. A batch is one request.
func (c *Client) Requests() int { return int(c.requests.Load()) }

// String names the portal, so that printing a client shows no secret.
func (c *Client) String() string { return "bitrix.Client(" + c.Portal() + ")" }

// newTransport is the transport of a client that was given none. Idle
// connections are dropped early: a connection that the portal closes just as a
// request is written on it makes that request's outcome unknown.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 15 * time.Second,
		MaxIdleConns:        64,
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     10 * time.Second,
	}
}

func orDefault[T int | int64 | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}
