package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/value"
)

// The parts of SARIF that problems fill in.
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID   string     `json:"id"`
		Help *sarifText `json:"help,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn,omitempty"`
		EndColumn   int        `json:"endColumn,omitempty"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
)

// fingerprint is the name under which SARIF keeps what tells one problem from another though lines move.
const fingerprint = "b24apply/v1"

// problemsSARIF writes one run of SARIF 2.1.0 with a rule for each rule that something breaks.
func problemsSARIF(d *Door, c *Checked) error {
	found := Style{}.inWords(c.Problems)
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "b24apply", Version: c.Tool, Rules: sarifRules(found)}
	for _, p := range found {
		r := sarifResult{RuleID: p.Rule, Level: string(p.Severity), Message: sarifText{p.Message}, Fingerprints: map[string]string{fingerprint: printOf(&p)}}
		r.RuleIndex = slices.IndexFunc(run.Tool.Driver.Rules, func(rule sarifRule) bool { return rule.ID == p.Rule })
		if p.Hint != "" {
			r.Message.Text += "\nhint: " + p.Hint
		}
		if p.File != "" && !strings.HasPrefix(p.File, "-") { // neither a flag nor standard input is a file
			r.Locations = []sarifLocation{{sarifPlace(&p)}}
		}
		run.Results = append(run.Results, r)
	}
	return Indented(d, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifRules(found []problem) []sarifRule {
	var ids []string
	for _, p := range found {
		ids = append(ids, p.Rule)
	}
	slices.Sort(ids)
	rules := []sarifRule{}
	for _, id := range slices.Compact(ids) {
		rule := sarifRule{ID: id}
		if help := words.Hint(id, value.Message{}); help != "" {
			rule.Help = &sarifText{help}
		}
		rules = append(rules, rule)
	}
	return rules
}

func sarifPlace(p *problem) sarifPhysical {
	var at sarifPhysical
	at.Artifact.URI = (&url.URL{Path: filepath.ToSlash(p.File)}).EscapedPath()
	if p.Line > 0 {
		at.Region = &sarifRegion{StartLine: p.Line}
	}
	if p.Line > 0 && p.Col > 0 {
		at.Region.StartColumn, at.Region.EndColumn = p.Col, p.Col+max(1, p.Width)
	}
	if p.Line > 0 && p.Excerpt != "" {
		at.Region.Snippet = &sarifText{p.Excerpt}
	}
	return at
}

// printOf tells a problem from others of its file, wherever its line has moved.
func printOf(p *problem) string {
	sum := sha256.Sum256([]byte(p.File + "\x00" + p.Rule + "\x00" + p.Message))
	return hex.EncodeToString(sum[:16])
}
