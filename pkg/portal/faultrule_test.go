package portal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseFaults(t *testing.T) {
	tests := map[string]struct {
		spec string
		want []FaultRule
	}{
		"nothing":  {"", nil},
		"blanks":   {" ; ;", nil},
		"a kind":   {"503", []FaultRule{{Kind: "503"}}},
		"a method": {"drop-after:crm.item.add,n=3", []FaultRule{{Kind: "drop-after", Method: "crm.item.add", N: 3}}},
		"two rules": {"delay:*, for=2s, p=0.25, seed=9 ; fail:crm.*,code=A,text=b c,status=403,every=2",
			[]FaultRule{{Kind: "delay", Method: "*", For: "2s", P: 0.25, Seed: 9}, {Kind: "fail", Method: "crm.*", Code: "A", Text: "b c", Status: 403, Every: 2}}},
		"an address": {"redirect,to=http://127.0.0.1:80", []FaultRule{{Kind: "redirect", To: "http://127.0.0.1:80"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseFaults(tt.spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseFaultsRefuses(t *testing.T) {
	tests := map[string]struct{ spec, want string }{
		"an unknown kind":          {"503;explode:crm.*", `fault "explode:crm.*": unknown kind "explode"`},
		"an unknown option":        {"503,often=3", `unknown option "often"`},
		"an option without value":  {"503,n", `write the option "n" as NAME=VALUE`},
		"an empty value":           {"503,n=", `write the option "n=" as NAME=VALUE`},
		"a number that is none":    {"503,n=x", `option n: "x" is no number`},
		"a negative number":        {"503,n=-1", "not negative"},
		"an impossible chance":     {"503,p=1.5", "probability"},
		"no chance at all":         {"503,p=NaN", "probability"},
		"an option of other kinds": {"503,code=X", "503 has no option code"},
		"no wait":                  {"delay", "delay needs the option for"},
		"a wait without unit":      {"delay,for=2", "no time to wait"},
		"a wait into the past":     {"delay,for=-2s", "no time to wait"},
		"a wait for too long":      {"delay,for=61m", "no time to wait"},
		"a fail without code":      {"fail", "fail needs the option code"},
		"a status of success":      {"fail,code=A,status=200", "status 200"},
		"no host":                  {"redirect,to=/path", "to is a host"},
		"a host with a path":       {"redirect,to=a.example/b", "to is a host"},
		"another scheme":           {"redirect,to=ftp://a.example", "to is a host"},
		"a robot without a field":  {"robot,to=5", "robot needs the option field"},
		"a foreign edit of code":   {"foreign,field=title,code=X", "foreign has no option code"},
		"a text for all":           {"localized,text=x", "localized has no option text"},
		"a robot for a batch":      {"robot:batch,field=title", "name one of them"},
		"another moment":           {"502,when=during", "before or after"},
		"a moment that is fixed":   {"drop-after,when=before", "has no option when"},
		"a batch as a command":     {"fail:Batch,code=A", "name one of them"},
		"a broken pattern":         {"503:crm.[", "no pattern"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseFaults(tt.spec); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTheHelpNamesEveryKindAndOption(t *testing.T) {
	for kind := range faultKinds() {
		if !strings.Contains(FaultHelp, kind) {
			t.Errorf("the kind %s is missing", kind)
		}
	}
	for _, o := range faultOptions() {
		if !strings.Contains(FaultHelp, o.name+"=") {
			t.Errorf("the option %s is missing", o.name)
		}
	}
	_, example, _ := strings.Cut(FaultHelp, "Example: ")
	if rules, err := ParseFaults(example); err != nil || len(rules) != 2 {
		t.Errorf("the example has %d rules, %v", len(rules), err)
	}
}

// What a rule says as text is the rule again, and no text breaks the portal.
func FuzzParseFaults(f *testing.F) {
	for _, seed := range []string{
		"drop-after:crm.item.add,n=1;503,p=0.05,seed=7", "delay,for=1h2m3s;fail:*,code=A=B,text= x ,status=599",
		"redirect,to=[::1]:80", "lose-field:a*b,field=UF_CRM_1,every=9", "robot,field=title,to=/a b;foreign,field=x", "502,when=after", "reset:[a-z]?\\*", ";;,=:",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		rules, err := ParseFaults(spec)
		if err != nil {
			return
		}
		texts := make([]string, len(rules))
		for i, r := range rules {
			texts[i] = r.String()
			arm(r).fits([]string{"crm.item.add"})
		}
		again, err := ParseFaults(strings.Join(texts, ";"))
		if diff := cmp.Diff(rules, again); err != nil || diff != "" {
			t.Errorf("%q became %q: %v %s", spec, texts, err, diff)
		}
	})
}
