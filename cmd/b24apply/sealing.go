package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/sealed"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

const (
	// identityVariable holds a private key of age, as age-keygen writes it.
	identityVariable = "B24_AGE_IDENTITY"
	// planKeyVariable holds the key of the HMACs of lean plans.
	planKeyVariable = "B24_PLAN_KEY"
	// ciVariable is set by CI services.
	ciVariable = "CI"
)

// maxIdentity bounds a file of private keys, in bytes.
const maxIdentity = 64 << 10

// minPlanKey is the length of a key that nobody guesses, in bytes.
const minPlanKey = 16

// identityFlag adds the flag of commands that read what others have encrypted.
func (a *app) identityFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.identity, "identity", "", "open an encrypted file with the private key of age in `FILE` (or in "+identityVariable+")")
}

// encryptFlag adds the flag of commands that write what others are to read.
func encryptFlag(c *cobra.Command, to *[]string) {
	c.Flags().StringArrayVar(to, "encrypt-to", nil, "encrypt the file to the `KEY` of a recipient, age1…; repeatable")
}

// unsealed reads a file that may be encrypted.
func (a *app) unsealed(f io.Reader) (io.Reader, error) {
	in := bufio.NewReader(f)
	if !sealed.Is(in) {
		return in, nil
	}
	keys, err := a.identities()
	if err != nil {
		return nil, err
	}
	r, err := keys.NewReader(in)
	switch {
	case errors.Is(err, sealed.ErrLocked):
		return nil, &failure{code: exitError, err: value.Err("file-is-locked"), hint: value.Say("name-identity", value.T("variable", identityVariable))}
	case err != nil:
		return nil, &plan.Unusable{Code: "PLAN_DAMAGED", Message: value.Say("plan-is-damaged")}
	}
	return r, nil
}

// identities are the private keys of the flag, else of the variable. No text may hold one.
func (a *app) identities() (sealed.Identities, error) {
	text, from := a.variable(identityVariable), identityVariable
	if a.identity != "" {
		from = "--identity " + a.identity
		content, err := safefile.Read(a.path(a.identity), maxIdentity)
		if err != nil {
			return sealed.Identities{}, &failure{code: exitError, err: fmt.Errorf("%s: %w", from, err), hint: value.Say("name-identity", value.T("variable", identityVariable))}
		}
		text = string(content)
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			a.secrets.Add(line)
		}
	}
	if text == "" {
		return sealed.Identities{}, nil
	}
	keys, err := sealed.ParseIdentities(text)
	if err != nil {
		return keys, &failure{code: exitError, err: value.Err("is-no-identity", value.T("from", from)), hint: value.Say("make-identity")}
	}
	return keys, nil
}

// recipients are those who are to read a plan.
func recipientsOf(keys []string) (sealed.Recipients, error) {
	to, err := sealed.ParseRecipients(keys)
	if err != nil {
		return to, &failure{code: exitError, err: value.Err("is-no-recipient"), hint: value.Say("make-identity")}
	}
	return to, nil
}

// planKey is the key of lean plans; nil if there is none.
func (a *app) planKey() (plan.Key, error) {
	text := a.variable(planKeyVariable)
	a.secrets.Add(text)
	if text != "" && len(text) < minPlanKey {
		return nil, &failure{code: exitError, err: value.Err("plan-key-is-short", value.T("variable", planKeyVariable), value.N("min", minPlanKey)), hint: value.Say("make-plan-key", value.T("variable", planKeyVariable))}
	}
	if text == "" {
		return nil, nil
	}
	return plan.Key(text), nil
}

// isCI tells whether a CI service runs this.
func (a *app) isCI() bool {
	v := strings.ToLower(a.variable(ciVariable))
	return v != "" && v != "false" && v != "0"
}
