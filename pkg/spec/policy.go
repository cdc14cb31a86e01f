package spec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Policy says who owns the value of a declared field.
type Policy string

// The policies. PolicyEnforce is what holds where none is declared.
const (
	PolicyEnforce    Policy = "enforce"    // the manifest: what people change is put back
	PolicyCreateOnly Policy = "createOnly" // set when the record is created, then people own it
	PolicyKeepHuman  Policy = "keepHuman"  // the manifest, until a person changes it
	PolicyIgnore     Policy = "ignore"     // never compared or sent: it only documents
	// PolicyOnlyIfEmpty sets the field where the record has nothing in it. Only the mapping of a table says so.
	PolicyOnlyIfEmpty Policy = "onlyIfEmpty"
)

// AnyField is the name that stands for every field in Policies.
const AnyField = "*"

// Policies gives policies to fields by the names under which they are declared; an
// entry of parents goes by the name parents.
type Policies map[string]Policy

// For is the policy of a field by its own name, else by AnyField; "" if neither is
// given.
func (p Policies) For(field string) Policy {
	name, _, _ := strings.Cut(field, ".")
	return cmp.Or(p[field], p[name], p[AnyField])
}

// Policy is the policy of a field of a record. The record's own policies win over
// those of its SPA, these over those of its kind, and these over the project's; at
// each of these levels the field's name wins over AnyField.
func (s *Set) Policy(r *Resource, field string) Policy {
	if r.Kind.Class != kind.ClassRecord {
		return PolicyEnforce // nothing tells who saved a product last
	}
	if r.route != nil && r.route.Times != "" && r.Kind.Stamps(field) {
		return stampPolicy(*r.route)
	}
	byKind := s.Project.KindPolicies
	if len(r.Policies)+len(byKind)+len(s.Project.Policies) == 0 {
		return PolicyEnforce
	}
	for _, p := range []Policies{r.Policies, byKind[strings.ToLower(r.Type)], byKind[strings.ToLower(r.Kind.Name)], s.Project.Policies} {
		if policy := p.For(field); policy != "" {
			return policy
		}
	}
	return PolicyEnforce
}

// stampPolicy is the policy of times and authors, which tell of the past: they are set by the
// import that creates the record, or not at all.
func stampPolicy(route kind.Route) Policy {
	if route.Preserves() {
		return PolicyCreateOnly
	}
	return PolicyIgnore
}

// readPolicies reads a map of fields to policies; what is wrong with its form is the
// schema's affair.
func readPolicies(v value.Node) Policies {
	if len(v.Pairs) == 0 {
		return nil
	}
	p := make(Policies, len(v.Pairs))
	for _, pair := range v.Pairs {
		p[pair.Key] = Policy(kept(pair.Value.Text))
	}
	return p
}

// readPolicies fills in the policies of a record. One for a field that the record
// does not declare has no effect, which is worth a warning.
func (d *document) readPolicies(r *Resource, fields, parts []value.Field) {
	if d.kind.Class != kind.ClassRecord {
		return
	}
	body, _ := d.root.Get("spec")
	v, _ := body.Get("policy")
	r.Policies = readPolicies(v)
	for _, p := range v.Pairs {
		_, isField := fieldOf(fields, p.Key)
		_, isPart := fieldOf(parts, p.Key)
		hint, known := policyName(p.Key, d.kind)
		switch {
		case !known:
			d.problem(p.Pos, p.Key, "policy", hint, value.Say("policy-no-such-field", value.K("kinds", d.kind.Name, d.kind.Plural), value.T("field", quote(p.Key))))
		case p.Key != AnyField && !isField && !isPart:
			d.problem(p.Pos, p.Key, "policy", value.Say("declare-field-or-remove"), value.Say("policy-not-declared", value.T("field", quote(p.Key))))
			d.problems[len(d.problems)-1].Severity = SeverityWarning
		}
	}
}

// policyName tells whether a policy can be given to a name in one of some kinds; hint
// is what to do if not.
func policyName(name string, kinds ...*kind.Kind) (hint value.Message, known bool) {
	names := []string{AnyField}
	for _, k := range kinds {
		for _, rule := range k.Fields {
			if rule.Refuse == "" {
				names = append(names, rule.Name)
			}
		}
		for _, part := range k.Parts {
			names = append(names, part.Name)
		}
	}
	if slices.Contains(names, name) || userField.MatchString(name) || parentField.MatchString(name) {
		return value.Message{}, true
	}
	for _, k := range kinds {
		if hint := FieldHint(k, name); !hint.IsZero() && len(kinds) == 1 {
			return hint, false
		}
	}
	if near, ok := Suggest(name, names); ok {
		return didYouMean(quote(near)), false
	}
	return value.Say("write-declared-name", value.T("any", quote(AnyField))), false
}

// readPolicyDefaults fills in the policies of a project.
func (p *projectDoc) readPolicyDefaults(body value.Node) {
	p.defaults, _ = body.Get("defaults")
	policy, _ := p.defaults.Get("policy")
	p.Policies = readPolicies(policy)
	region, _ := p.defaults.Get("phoneRegion")
	p.PhoneRegion = region.Text
	zone, _ := p.defaults.Get("timeZone")
	p.TimeZone = zone.Text
	kinds, _ := p.defaults.Get("kinds")
	for _, pair := range kinds.Pairs {
		policy, _ := pair.Value.Get("policy")
		if p.KindPolicies == nil {
			p.KindPolicies = make(map[string]Policies, len(kinds.Pairs))
		}
		p.KindPolicies[strings.ToLower(pair.Key)] = readPolicies(policy)
	}
}

// checkPolicies checks the names in the project's policies, once the declared smart
// processes are known.
func (l *loader) checkPolicies() {
	if l.project == nil {
		return
	}
	policy, _ := l.project.defaults.Get("policy")
	l.checkPolicyNames("defaults.policy", policy, l.o.Kinds.Records()...)
	kinds, _ := l.project.defaults.Get("kinds")
	seen := make(map[string]bool)
	for _, p := range kinds.Pairs {
		policy, _ := p.Value.Get("policy")
		k, names := l.policyKind(p.Key)
		switch lower := strings.ToLower(p.Key); {
		case k != nil && !seen[lower]:
			seen[lower] = true
			l.checkPolicyNames("defaults.kinds."+p.Key, policy, k)
		case k != nil:
			l.complainAboutPolicy(p, value.Say("keep-one-of-them"), value.Say("policy-twice", value.T("kind", quote(p.Key))))
		case l.unread: // it may be a smart process that could not be read
		default:
			hint := value.Say("kinds", value.L("names", listed(names)))
			if near, ok := Suggest(p.Key, names); ok {
				hint = didYouMean(quote(near))
			}
			l.complainAboutPolicy(p, hint, value.Say("policy-no-such-kind", value.T("kind", quote(p.Key))))
		}
	}
}

// policyKind finds the kind of the records that a key of defaults.kinds is about, and
// gives all the names that it could be.
func (l *loader) policyKind(name string) (*kind.Kind, []string) {
	var names []string
	for _, k := range l.o.Kinds.Records() {
		if strings.EqualFold(k.Name, name) {
			return k, nil
		}
		names = append(names, k.Name)
	}
	items := l.o.Kinds.Items()
	for _, r := range l.resources {
		switch {
		case r.Type != "" && strings.EqualFold(r.Type, name), r.Kind.Class == kind.ClassType && strings.EqualFold(r.Name, name):
			return items, nil
		case r.Kind.Class == kind.ClassType:
			names = append(names, r.Name)
		}
	}
	return nil, names
}

func (l *loader) checkPolicyNames(where string, policy value.Node, kinds ...*kind.Kind) {
	for _, p := range policy.Pairs {
		if hint, known := policyName(p.Key, kinds...); !known {
			l.complainAboutPolicy(p, hint, value.Say("records-have-no-field", value.T("where", where), value.T("field", quote(p.Key))))
		}
	}
}

func (l *loader) complainAboutPolicy(at value.Pair, hint, message value.Message) {
	r := &report{src: l.project.src}
	r.problem(at.Pos, at.Key, "policy", hint, message)
	l.refuse(r.problems...)
}
