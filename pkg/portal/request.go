package portal

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A request is one HTTP request as its commands see it. Its commands run one
// after another, so it needs no lock.
type request struct {
	user        int
	origin      string       // the address that was asked, such as https://acme.example
	secret      string       // what links to files hold: the access token, or the webhook's secret
	credential  string       // whom execution time is billed to
	application *Application // nil for a webhook
	grant       *grant       // what the credential allows
	spent       time.Duration
	cutOff      bool // the time limit of a request was reached; nothing more runs
}

type requestKey struct{}

// withRequest returns a context that carries the request to its commands, those
// inside a batch included.
func withRequest(ctx context.Context, rq *request) context.Context {
	return context.WithValue(ctx, requestKey{}, rq)
}

// requestOf returns the request that a command belongs to; outside any, one of
// nobody in particular.
func requestOf(ctx context.Context) *request {
	if rq, ok := ctx.Value(requestKey{}).(*request); ok {
		return rq
	}
	return new(request)
}

// identify returns the request with the user on whose behalf it runs: by the
// webhook in its path, or by an access token. Token parameters are taken out of
// params, since they belong to no method.
func (p *Portal) identify(r *http.Request, a address, params *Map) (*request, error) {
	origin := scheme(r) + "://" + r.Host
	if a.secret == "" && a.user == "" {
		switch token := accessToken(r, params); {
		case token == "":
		case a.xml:
			return nil, noXML()
		default:
			if hook, ok := p.linkedWebhook(a, token); ok {
				return hook.request(origin), nil
			}
			rq, err := p.identifyToken(context.WithoutCancel(r.Context()), token)
			if err == nil {
				rq.origin, rq.secret = origin, token
			}
			return rq, err
		}
	}
	hook, err := p.authorize(a)
	if err != nil {
		return nil, err
	}
	return hook.request(origin), nil
}

func (h Webhook) request(origin string) *request {
	return &request{origin: origin, secret: h.Secret, user: h.User, credential: h.credential(), grant: h.grant()}
}

// linkedWebhook returns the webhook whose secret a link to a file holds.
func (p *Portal) linkedWebhook(a address, secret string) (Webhook, bool) {
	if !strings.EqualFold(a.method, fileMethod) {
		return Webhook{}, false
	}
	for _, h := range append(slices.Clone(*p.hooks.Load()), Webhook{User: 1, Secret: p.secret}) {
		if subtle.ConstantTimeCompare([]byte(secret), []byte(h.Secret)) == 1 {
			return h, true
		}
	}
	return Webhook{}, false
}

// filesFor makes links to files as a request may fetch them.
func (p *Portal) filesFor(rq *request) fileSigner {
	return fileSigner{origin: rq.origin, auth: rq.secret, key: []byte(p.memberID + p.secret)}
}

// comply executes a command of its own, or a batch, and answers it.
func (p *Portal) comply(ctx context.Context, w http.ResponseWriter, rq *request, name string, params *Map) {
	ctx = withGrant(withRequest(context.WithoutCancel(ctx), rq), rq.grant)
	o := p.execute(ctx, rq.user, name, params)
	if rq.cutOff {
		writeHTMLError(w, http.StatusGatewayTimeout)
		return
	}
	p.write(w, o)
}

// noXML refuses a method with the suffix .xml.
func noXML() *fault { return &fault{code: "INVALID_REQUEST", text: "Only JSON answers are supported"} }

// sourceAddress is where a request comes from, without the port.
func sourceAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// regulate sets the limits, costs, faults and application of the portal.
func (p *Portal) regulate(cfg Config) error {
	rules, err := ParseFaults(cfg.Faults)
	if err != nil {
		return err
	}
	p.faults.fired = p.counts.fault
	if err := p.faults.add(rules); err != nil {
		return err
	}
	if p.costs, err = newCosts(cfg.Costs); err != nil {
		return err
	}
	p.limits, p.application = cfg.Limits, cfg.Application
	return p.application.check()
}
