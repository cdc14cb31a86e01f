package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// speed is how much of a portal's limits a command may use.
type speed struct {
	concurrency concurrency
	budget      percent
	patience    patience
}

func (s *speed) flags(c *cobra.Command) {
	c.Flags().Var(&s.concurrency, "concurrency", fmt.Sprintf("at most `N` requests in flight (default %d)", bitrix.DefaultConcurrency))
	c.Flags().Var(&s.budget, "budget", "use at most `PERCENT` of the time that the portal grants each method, such as 70% (default 100%)")
	c.Flags().Var(&s.patience, "wait-for-portal", "wait at most `TIME`, such as 2h, for a portal that answers nobody (default 30s, and 30m once it has answered a write of this run)")
}

// patience is how long a portal that is away is waited for; 0 is the default, and less
// than 0 is not at all.
type patience time.Duration

func (p *patience) Set(text string) error {
	v, err := time.ParseDuration(text)
	switch {
	case err != nil || v < 0:
		return value.Err("must-be-time-or-zero")
	case v == 0:
		v = -1
	}
	*p = patience(v)
	return nil
}

func (p *patience) String() string {
	switch {
	case *p == 0:
		return ""
	case *p < 0:
		return "0s"
	}
	return time.Duration(*p).String()
}

func (p *patience) Type() string { return "duration" }

// concurrency is a number of requests; 0 is the default.
type concurrency int

func (n *concurrency) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 {
		return value.Err("must-be-one-or-more")
	}
	*n = concurrency(v)
	return nil
}

func (n *concurrency) String() string { return number(int(*n), "") }
func (n *concurrency) Type() string   { return "int" }

// percent is a part of the portal's time; 0 is the default.
type percent int

func (p *percent) Set(text string) error {
	v, err := strconv.Atoi(strings.TrimSuffix(text, "%"))
	if err != nil || v < 1 || v > 100 {
		return value.Err("must-be-percent")
	}
	*p = percent(v)
	return nil
}

func (p *percent) String() string { return number(int(*p), "%") }
func (p *percent) Type() string   { return "percent" }

// number is a number as it is given, or nothing for the default.
func number(n int, unit string) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + unit
}

// learnPlan lets a client ask for the portal's plan. One that it does not learn
// costs speed and nothing else.
func learnPlan(ctx context.Context, client *bitrix.Client, log *slog.Logger) {
	plan, err := client.LearnPlan(ctx)
	if err != nil {
		log.WarnContext(ctx, "the portal's plan is not known; its limits are taken to be those of the standard plan", "reason", err)
		return
	}
	log.DebugContext(ctx, "portal plan", "plan", plan)
}
