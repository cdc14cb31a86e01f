package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui/rows"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// rowOptions are the flags about the rows of record sets.
type rowOptions struct {
	rejects string // a file; "" for none
	results string // a folder; "" for none
	sets    []*spec.RecordSet
}

func (a *app) rejectsFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.rows.rejects, "rejects", "", "write the rows of RecordSets that were rejected to `FILE`, with all their columns and why; of several sets, each to one with the set's name before the ending")
	_ = c.MarkFlagFilename("rejects", "csv") // it fails for flags that do not exist
}

func (a *app) resultsFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.rows.results, "results", "", "write the rows of RecordSets that succeeded, failed and were not attempted to files in `DIR`, with all their columns and what became of them")
	_ = c.MarkFlagDirname("results") // it fails for flags that do not exist
}

// clear removes what an earlier command has left, so that nobody takes it for this one's.
func (o *rowOptions) clear(a *app) error {
	if o.rejects == "" {
		return nil
	}
	if !strings.EqualFold(filepath.Ext(o.rejects), ".csv") {
		return &failure{code: exitError, err: value.Err("rejects-is-no-csv", value.Q("file", o.rejects)), hint: value.Say("name-rejects")}
	}
	path := a.path(o.rejects)
	if err := safefile.Writable(path); errors.Is(err, safefile.ErrLink) {
		return linkedState(fmt.Errorf("--rejects %s: %w", o.rejects, err))
	}
	err := safefile.Replaceable(path)
	if err == nil {
		if err = os.Remove(path); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err != nil {
		return &failure{code: exitError, err: fmt.Errorf("--rejects %s: %w", o.rejects, safefile.Plain(err)), hint: value.Say("name-rejects")}
	}
	return nil
}

// read takes the sets whose tables were read, and writes their rejected rows.
func (o *rowOptions) read(a *app, sets []*spec.RecordSet) error {
	o.sets = sets
	if o.rejects == "" {
		return nil
	}
	for _, s := range sets {
		path := a.path(o.rejects)
		if len(sets) > 1 {
			ext := filepath.Ext(path)
			path = strings.TrimSuffix(path, ext) + "." + s.Name + ext
		}
		if err := rows.Rejects(path, s); err != nil {
			return &failure{code: exitError, err: fmt.Errorf("--rejects %s: %w", o.rejects, safefile.Plain(err)), hint: value.Say("name-rejects")}
		}
	}
	return nil
}

// begin makes the folder of the results, before anything is sent.
func (o *rowOptions) begin(a *app) error {
	if o.results == "" {
		return nil
	}
	if err := rows.Clear(a.path(o.results), o.sets); err != nil {
		return &failure{code: exitError, err: fmt.Errorf("--results %s: %w", o.results, err), hint: value.Say("name-results")}
	}
	return nil
}

// tell writes what became of the rows.
func (o *rowOptions) tell(a *app, report *apply.Report) error {
	if o.results == "" {
		return nil
	}
	for _, s := range o.sets {
		if err := rows.Results(a.path(o.results), s, report); err != nil {
			return fmt.Errorf("--results %s: %w", o.results, safefile.Plain(err))
		}
	}
	return nil
}

// tellRows tells of each set what became of its rows.
func (a *app) tellRows() error {
	var all error
	for _, s := range a.rows.sets {
		n := s.Counts
		all = errors.Join(all, a.say("rows-of-set", value.T("set", s.Name), value.N("rows", n.Rows), value.N("valid", n.Valid), value.N("rejected", n.Rejected), value.N("duplicate", n.Duplicate), value.N("skipped", n.Skipped)))
	}
	return all
}
