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
)

func (a *app) portalCommand() *cobra.Command {
	var addr, limits string
	var cfg portal.Config
	var cert certificate
	c := &cobra.Command{
		Use:   "portal",
		Short: "Serve a Bitrix24 portal in a box",
		Long: `Serve a portal that answers Bitrix24's REST methods from a SQLite file, so that
everything can be tried without an account. The first line of stdout is the URL of
its webhook; set B24_WEBHOOK_URL to it. GET /__portal/stats counts what it was asked.`,
		Example: `  b24apply portal --seed demo
  b24apply portal --addr 127.0.0.1:0 --data portal.db`,
		Args: noArguments,
	}
	c.Flags().StringVar(&addr, "addr", embeddedAddress, "listen on `HOST:PORT`; port 0 takes a free one")
	c.Flags().StringVar(&cfg.Data, "data", "", "keep the records in `FILE` (default in memory)")
	c.Flags().StringVar(&cfg.Seed, "seed", "empty", "what a new portal holds: demo or empty")
	c.Flags().StringVar(&limits, "limits", "off", "the portal's limits: off")
	c.Flags().StringVar(&cert.certFile, "tls-cert", "", "serve HTTPS with the certificate in `FILE`; needs --tls-key")
	c.Flags().StringVar(&cert.keyFile, "tls-key", "", "the certificate's private key in `FILE`")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if limits != "off" {
			return &failure{code: exitError, err: fmt.Errorf("--limits %s: this portal has no such limits", limits), hint: "limits: off"}
		}
		ctx, stop := a.interruptible(c.Context())
		defer stop()
		return a.servePortal(ctx, addr, cert, cfg)
	}
	return c
}

func (a *app) servePortal(ctx context.Context, addr string, cert certificate, cfg portal.Config) error {
	p, err := portal.Open(ctx, cfg)
	if err != nil {
		return fmt.Errorf("open the portal: %w", err)
	}
	defer p.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return &failure{code: exitError, err: fmt.Errorf("listen on %s: %w", addr, err), hint: "choose another address with --addr, or port 0"}
	}
	listener, scheme, err := cert.wrap(listener)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	if _, err := fmt.Fprintf(a.stdout, "%s://%s%s\n", scheme, listener.Addr(), p.WebhookPath()); err != nil {
		return err
	}
	fmt.Fprintln(a.stderr, "Serving. Ctrl-C ends it.")
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
