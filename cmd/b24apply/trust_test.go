package main

import (
	"io"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/spec"
)

func trustingApp(vars map[string]string) *app {
	return newApp(env{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, getenv: getter(vars)})
}

// A token goes to the cloud, to this machine, or to whom the operator has named.
func TestCaseA2TokensGoToNamedHostsOnly(t *testing.T) {
	for _, tc := range []struct {
		hosts, host string
		want        bool
	}{
		{"", "acme.bitrix24.de", true},
		{"", "ACME.bitrix24.com.br", true},
		{"", "acme.bitrix24.com:443", true},
		{"", "127.0.0.1:8024", true},
		{"", "localhost", true},
		{"", "[::1]:8024", true},
		{"", "acme.bitrix24.com:8443", false},
		{"", "bitrix24.com", false},
		{"", ".bitrix24.com", false},
		{"", "evil.acme.bitrix24.com", false},
		{"", "acme.bitrix24.com.evil.example", false},
		{"", "acme-bitrix24.com", false},
		{"", "acme.bitrix24.site", false},
		{"", "acme.bitrix24.evil", false},
		{"", "localhost.evil.example", false},
		{"", "127.0.0.1.evil.example", false},
		{"", "10.0.0.1", false},
		{"crm.acme.example", "crm.acme.example", true},
		{"crm.acme.example", "CRM.acme.example:8443", true},
		{"https://crm.acme.example/", "crm.acme.example", true},
		{"crm.acme.example:8443", "crm.acme.example:8443", true},
		{"crm.acme.example:8443", "crm.acme.example:9443", false},
		{"a.example, crm.acme.example;b.example", "crm.acme.example", true},
		{"crm.acme.example", "evil.crm.acme.example", false},
		{"crm.acme.example", "acme.bitrix24.de", false},
		{"crm.acme.example", "127.0.0.1:8024", true},
		{" , ", "acme.bitrix24.de", true},
	} {
		a := trustingApp(map[string]string{hostsVariable: tc.hosts})
		if err := a.trusted(tc.host, tc.host); (err == nil) != tc.want {
			t.Errorf("list %q, host %s: %v", tc.hosts, tc.host, err)
		}
	}
}

// A portal that moves is followed only to where the operator or the cloud vouches for it.
func TestCaseA5MovesAreFollowedToNamedHostsOnly(t *testing.T) {
	pin := &spec.Environment{Name: "prod", Host: "acme.bitrix24.de"}
	for _, tc := range []struct {
		hosts    string
		env      *spec.Environment
		can      access
		from, to string
		want     bool
	}{
		{"", nil, writing, "acme.bitrix24.de", "acme-new.bitrix24.de", true},
		{"", nil, writing, "crm.acme.example", "acme.bitrix24.de", true},
		{"", nil, reading, "acme.bitrix24.de", "evil.example", false},
		{"", nil, writing, "acme.bitrix24.de", "acme.bitrix24.de.evil.example", false},
		{"", nil, reading, "crm.acme.example", "crm2.acme.example", false},
		{"", nil, reading, "acme.bitrix24.de", "127.0.0.1:80", false},
		{"", nil, reading, "127.0.0.1:1", "localhost:2", true},
		{"", nil, writing, "127.0.0.1:1", "localhost:2", false},
		{"crm2.acme.example", nil, writing, "crm.acme.example", "crm2.acme.example", true},
		{"crm2.acme.example", nil, reading, "acme.bitrix24.de", "acme-new.bitrix24.de", false},
		{"crm2.acme.example", nil, reading, "127.0.0.1:1", "127.0.0.1:2", false},
		{"127.0.0.1:2", nil, writing, "127.0.0.1:1", "127.0.0.1:2", true},
		{"", pin, reading, "acme.bitrix24.de", "acme-new.bitrix24.de", false},
		{"acme-new.bitrix24.de", pin, writing, "acme.bitrix24.de", "acme-new.bitrix24.de", false},
		{"", pin, writing, "acme-old.bitrix24.de", "acme.bitrix24.de", true},
	} {
		a := trustingApp(map[string]string{hostsVariable: tc.hosts})
		if err := a.mayMove(tc.env, tc.can, tc.from, tc.to); (err == nil) != tc.want {
			t.Errorf("list %q, writing %v, pinned %v: %s to %s: %v", tc.hosts, tc.can, tc.env != nil, tc.from, tc.to, err)
		}
	}
}
