package portal

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultHelp describes the SPEC of faults for people.
const FaultHelp = `KIND[:METHOD][,OPTION=VALUE...][;...]
A METHOD may hold *; without one, or with *, every method is meant. A rule for a
request fires if the request's own method or a command of its batch fits; a rule
for a command fires for each command that fits, alone or in a batch. A rule for a
request may also name /oauth/token, which no * covers.
Kinds for a request:
  drop-before     close the connection without executing
  drop-after      execute, then close the connection without an answer
  reset           reset the connection (when=after: execute first)
  delay           wait before executing (for=2s), which it does even if the client has gone
  late            close the connection at once and execute later (for=2s)
  outage          from the first match on, close the connection of every request for some
                  time (for=30s; status=503 answers an HTML error page instead)
  500, 502, 504   answer an HTML error page (when=after: execute first)
  503             answer QUERY_LIMIT_EXCEEDED
  expired-token   answer expired_token
  redirect        answer 302 to the same path on another host (to=HOST or to=URL)
  truncated       execute, answer half of the JSON
  wrong-type      execute, answer the JSON as text/html
Kinds for a command:
  429             refuse it with OPERATION_TIME_LIMIT (for=30s names the time of the reset)
  fail            refuse it (code=CODE, text=TEXT, status=400)
  lose-field      drop a field that is written, silently (field=NAME)
  lose-mark       drop originId, originatorId and xmlId of a record that is added, silently;
                  counts each record of an import (field=NAME drops that one instead)
  keep-list       an update that empties a field keeps its value, and answers null
                  (field=NAME, to=[] answers an empty list)
  late-visible    what is added is in no list and no get for some time (for=0.5s), though
                  its id is answered at once; writes find it
  foreign         another user changes the item before crm.item.update or .delete runs
                  (field=NAME, to=VALUE; without to the field is emptied)
  robot           a robot changes the item after crm.item.add or .update, whose answer
                  shows the state before (field=NAME, to=VALUE; for=2s does it later)
  localized       German texts of errors, with the same codes
Options for all: n=N fires at most N times, every=K at each K-th match, p=0.1 with
this probability (seed=N repeats the same draws). Without them it always fires.
Example: drop-after:crm.item.add,n=1;503,p=0.05,seed=7`

// A FaultRule says what goes wrong, for which methods and how often. The text
// form is described by [FaultHelp]; JSON has the same options.
type FaultRule struct {
	Kind   string  `json:"kind"`
	Method string  `json:"method,omitempty"` // a name or a pattern with *; "" fits all
	N      int     `json:"n,omitempty"`      // fires at most so often; 0 is no bound
	Every  int     `json:"every,omitempty"`  // fires at every k-th match; 0 is 1
	P      float64 `json:"p,omitempty"`      // fires with this probability; 0 is 1
	Seed   uint64  `json:"seed,omitempty"`   // of the draws for P
	When   string  `json:"when,omitempty"`   // "before" (also "") or "after" the execution
	For    string  `json:"for,omitempty"`    // how long a delay or its like is, such as "2s"
	Code   string  `json:"code,omitempty"`   // of the error that fail answers
	Text   string  `json:"text,omitempty"`   // its description
	Status int     `json:"status,omitempty"` // its HTTP status; 0 is 400
	Field  string  `json:"field,omitempty"`  // that is dropped, kept or changed
	To     string  `json:"to,omitempty"`     // where redirect points, what foreign and robot store, or keep-list answers
}

// A faultOption is one setting of a rule in its text form.
type faultOption struct {
	name string
	get  func(*FaultRule) string
	set  func(*FaultRule, string) error
}

// faultOptions lists the options in the order in which they are written; the
// first of them say how often a rule fires, see faultScopeOptions.
func faultOptions() []faultOption {
	text := func(name string, of func(*FaultRule) *string) faultOption {
		return faultOption{name,
			func(r *FaultRule) string { return *of(r) },
			func(r *FaultRule, v string) error { *of(r) = v; return nil }}
	}
	number := func(name string, of func(*FaultRule) *int) faultOption {
		return faultOption{name,
			func(r *FaultRule) string { return unlessZero(*of(r)) },
			func(r *FaultRule, v string) (err error) { *of(r), err = strconv.Atoi(v); return err }}
	}
	return []faultOption{
		number("n", func(r *FaultRule) *int { return &r.N }),
		number("every", func(r *FaultRule) *int { return &r.Every }),
		{"p",
			func(r *FaultRule) string { return unlessZero(r.P) },
			func(r *FaultRule, v string) (err error) { r.P, err = strconv.ParseFloat(v, 64); return err }},
		{"seed",
			func(r *FaultRule) string { return unlessZero(r.Seed) },
			func(r *FaultRule, v string) (err error) { r.Seed, err = strconv.ParseUint(v, 10, 64); return err }},
		text("when", func(r *FaultRule) *string { return &r.When }),
		text("for", func(r *FaultRule) *string { return &r.For }),
		text("code", func(r *FaultRule) *string { return &r.Code }),
		text("text", func(r *FaultRule) *string { return &r.Text }),
		number("status", func(r *FaultRule) *int { return &r.Status }),
		text("field", func(r *FaultRule) *string { return &r.Field }),
		text("to", func(r *FaultRule) *string { return &r.To }),
	}
}

// unlessZero writes a number; zero is the same as no option.
func unlessZero[T comparable](v T) string {
	if v == *new(T) {
		return ""
	}
	return fmt.Sprint(v)
}

// String is the rule in its text form.
func (r FaultRule) String() string {
	b := strings.Builder{}
	b.WriteString(r.Kind)
	if r.Method != "" {
		b.WriteString(":" + r.Method)
	}
	for _, o := range faultOptions() {
		if v := o.get(&r); v != "" {
			b.WriteString("," + o.name + "=" + v)
		}
	}
	return b.String()
}

// ParseFaults reads rules in the form that [FaultHelp] describes. The empty
// text has no rules.
func ParseFaults(spec string) ([]FaultRule, error) {
	var rules []FaultRule
	for part := range strings.SplitSeq(spec, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		rule, err := parseFault(part)
		if err != nil {
			return nil, fmt.Errorf("fault %q: %w", part, err)
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func parseFault(text string) (FaultRule, error) {
	head, options, more := strings.Cut(text, ",")
	var r FaultRule
	r.Kind, r.Method, _ = strings.Cut(strings.TrimSpace(head), ":")
	for more {
		var option string
		option, options, more = strings.Cut(options, ",")
		if err := r.option(strings.TrimSpace(option)); err != nil {
			return r, err
		}
	}
	return r, r.check()
}

// option sets one option of the text form.
func (r *FaultRule) option(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || value == "" {
		return fmt.Errorf("write the option %q as NAME=VALUE", text)
	}
	options := faultOptions()
	i := slices.IndexFunc(options, func(o faultOption) bool { return o.name == name })
	if i < 0 {
		return fmt.Errorf("unknown option %q", name)
	}
	if err := options[i].set(r, value); err != nil {
		return fmt.Errorf("option %s: %q is no number", name, value)
	}
	return nil
}

// check tells what is wrong with a rule.
func (r *FaultRule) check() error {
	kind, ok := faultKinds()[r.Kind]
	if !ok {
		return fmt.Errorf("unknown kind %q", r.Kind)
	}
	if _, err := path.Match(r.Method, ""); err != nil {
		return fmt.Errorf("%q is no pattern", r.Method)
	}
	switch {
	case r.N < 0 || r.Every < 0:
		return errors.New("n and every are not negative")
	case !(r.P >= 0 && r.P <= 1):
		return errors.New("p is a probability from 0 to 1")
	case kind.command && strings.EqualFold(r.Method, batchMethod):
		return fmt.Errorf("%s is for the commands of a batch: name one of them", r.Kind)
	}
	return r.checkOptions(kind)
}

// checkOptions compares the options with those that the kind takes and needs.
func (r *FaultRule) checkOptions(kind faultKind) error {
	for _, o := range faultOptions()[faultScopeOptions:] {
		set := o.get(r) != ""
		if set && o.name != kind.needs && !slices.Contains(kind.takes, o.name) {
			return fmt.Errorf("%s has no option %s", r.Kind, o.name)
		}
		if !set && o.name == kind.needs {
			return fmt.Errorf("%s needs the option %s", r.Kind, o.name)
		}
	}
	if r.When != "" && r.When != "before" && r.When != "after" {
		return fmt.Errorf("when is before or after, not %q", r.When)
	}
	if r.Status != 0 && (r.Status < 400 || r.Status > 599) {
		return fmt.Errorf("status %d is none of an error", r.Status)
	}
	if d, err := time.ParseDuration(cmp.Or(r.For, "0s")); err != nil || d < 0 || d > maxCost {
		return fmt.Errorf("for=%s is no time to wait: write one up to %s, such as 2s", r.For, maxCost)
	}
	if kind.check != nil {
		return kind.check(*r)
	}
	return nil
}

// faultScopeOptions is the number of options that say how often a rule fires,
// which all kinds take: the first of faultOptions.
const faultScopeOptions = 4

// decodeFaults reads rules as JSON: a list of them.
func decodeFaults(data []byte) ([]FaultRule, error) {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	var rules []FaultRule
	if err := dec.Decode(&rules); err != nil {
		return nil, fmt.Errorf("faults: a JSON list of rules is wanted: %w", err)
	}
	for i := range rules {
		if err := rules[i].check(); err != nil {
			return nil, fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	return rules, nil
}
