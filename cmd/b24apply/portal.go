package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) portalCommand() *cobra.Command {
	var addr, limits string
	var costs []string
	var cfg portal.Config
	var cert certificate
	c := &cobra.Command{
		Use:   "portal",
		Short: "Serve a Bitrix24 portal in a box",
		Long: `Serve a portal that answers Bitrix24's REST methods from a SQLite file, so that
everything can be tried without an account. The first line of stdout is the URL of
its webhook; set B24_WEBHOOK_URL to it. GET /__portal/stats counts what it was asked.
A browser at the same address shows the records, without a credential.

With --limits it refuses too many requests and too much execution time as the cloud
does; --cost says what a method takes. With --client-id an application may authorize
at /oauth/authorize/ and get its tokens at /oauth/token/.

--faults makes things go wrong, and so does POST /__portal/faults with a JSON list of
rules that have the same options (GET lists them, DELETE removes them). A SPEC is
` + portal.FaultHelp,
		Example: `  b24apply portal --seed demo
  b24apply portal --addr 127.0.0.1:0 --data portal.db
  b24apply portal --limits standard --cost crm.item.update=0.05 --cost 'crm.item.*=0.02'
  b24apply portal --faults 'drop-after:crm.item.add,n=1;503,p=0.05,seed=7'`,
		Args: noArguments,
	}
	c.Flags().StringVar(&addr, "addr", embeddedAddress, "listen on `HOST:PORT`; port 0 takes a free one")
	c.Flags().StringVar(&cfg.Data, "data", "", "keep the records in `FILE` (default in memory)")
	c.Flags().StringVar(&cfg.Seed, "seed", "empty", "what a new portal holds: demo or empty")
	c.Flags().StringVar(&cfg.Country, "country", "", "`CODE` of the country of a new portal, which decides its templates of requisites: RU (default), DE, US …")
	c.Flags().StringVar(&cert.certFile, "tls-cert", "", "serve HTTPS with the certificate in `FILE`; needs --tls-key")
	c.Flags().StringVar(&cert.keyFile, "tls-key", "", "the certificate's private key in `FILE`")
	c.Flags().Var(zoneFlag{&cfg.Zone}, "zone", "`OFFSET` of the portal's clock from UTC (default +03:00)")
	c.Flags().StringVar(&cfg.Host, "host", "", "the `NAME` in its links, by which its pages may be opened besides 127.0.0.1 and localhost")
	c.Flags().IntVar(&cfg.IDBase, "id-base", 1, "begin the ids of a new portal at `N`, so that they differ from another's")
	c.Flags().Var(requireFlag{&cfg}, "require", "insist on mandatory fields, and on a field at a stage, as `TYPE/STAGE/FIELD` (repeatable)")
	c.Flags().StringVar(&limits, "limits", "off", "the limits of a `PLAN`: standard, enterprise or off")
	c.Flags().StringArrayVar(&costs, "cost", nil, "processing time as `METHOD=SECONDS`, or SECONDS+SECONDS with those of each row; a METHOD may hold * (repeatable)")
	c.Flags().StringVar(&cfg.Faults, "faults", "", "what goes wrong, as a `SPEC`")
	c.Flags().StringVar(&cfg.Application.ClientID, "client-id", "", "`ID` of an application that may use OAuth")
	c.Flags().StringVar(&cfg.Application.ClientSecret, "client-secret", "", "the application's `SECRET`")
	c.Flags().StringVar(&cfg.Application.RedirectURL, "redirect-url", "", "the application's `URL`, to which users return (default: show them the code)")
	c.Flags().StringSliceVar(&cfg.Application.Scopes, "scope", nil, "the application's `SCOPES` (default all)")
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if cfg.Limits, cfg.Costs, err = portalBounds(limits, costs); err != nil {
			return err
		}
		if _, err := portal.ParseFaults(cfg.Faults); err != nil {
			return &failure{code: exitError, err: fmt.Errorf("--faults: %w", err), hint: value.Say("help-describes-spec")}
		}
		ctx, stop := a.interruptible(c.Context())
		defer stop()
		return a.servePortal(ctx, addr, cert, cfg)
	}
	return c
}

// portalBounds reads the flags that bound a portal.
func portalBounds(plan string, texts []string) (portal.Limits, []portal.Cost, error) {
	limits, err := portal.NamedLimits(plan)
	if err != nil {
		return limits, nil, &failure{code: exitError, err: fmt.Errorf("--limits: %w", err), hint: value.Say("limits-of-portal")}
	}
	costs := make([]portal.Cost, len(texts))
	for i, text := range texts {
		if costs[i], err = portal.ParseCost(text); err != nil {
			return limits, nil, &failure{code: exitError, err: fmt.Errorf("--cost: %w", err), hint: value.Say("write-cost-like")}
		}
	}
	return limits, costs, nil
}

// warnOfOthers tells when other machines can reach the portal, which shows its records
// to all and lets all change what goes wrong and add webhooks.
func (a *app) warnOfOthers(addr net.Addr) {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		return
	}
	a.warn(value.Say("portal-is-open-to-others", value.T("addr", addr.String())),
		value.Say("leave-addr-local", value.T("address", embeddedAddress)))
}

func (a *app) servePortal(ctx context.Context, addr string, cert certificate, cfg portal.Config) error {
	if err := ownData(cfg.Data); cfg.Data != "" && err != nil {
		return err
	}
	p, err := portal.Open(ctx, cfg)
	if err != nil {
		return value.While(err, "opening-portal")
	}
	defer p.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return &failure{code: exitError, err: value.While(err, "listening-on", value.T("address", addr)), hint: value.Say("choose-other-addr")}
	}
	listener, scheme, err := cert.wrap(listener)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	if _, err := fmt.Fprintf(a.stdout, "%s://%s%s\n", scheme, listener.Addr(), p.WebhookPath()); err != nil {
		return err
	}
	a.warnOfOthers(listener.Addr())
	a.tell("serving")
	go func() {
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(closing)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
