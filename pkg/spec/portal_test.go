package spec

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const threeWaysIn = `  manifests: ["*.yaml"]
  environments:
    login: {portal: {oauth: acme.bitrix24.com, memberId: A223C6B3710F85DF22E9377D6C4F7553}}
    token: {portal: {token: {address: "https://acme.bitrix24.com/", access: {env: B24_A}, refresh: {file: r}, clientId: local.1, clientSecret: {exec: [pass, b24]}}}}
    hook: {portal: {webhook: {env: B24_HOOK}}}
`

func TestAnEnvironmentSaysHowToGetIn(t *testing.T) {
	dir := tree(t, map[string]string{"b24apply.yaml": project(threeWaysIn), "a.yaml": company("a", "A")})
	for name, want := range map[string]*Environment{
		"login": {OAuth: "acme.bitrix24.com", MemberID: "a223c6b3710f85df22e9377d6c4f7553"},
		"token": {Token: TokenPortal{
			Address: "https://acme.bitrix24.com/", Access: Secret{Env: "B24_A"}, Refresh: Secret{File: "r", Dir: dir},
			ClientID: "local.1", ClientSecret: Secret{Exec: []string{"pass", "b24"}},
		}},
		"hook": {Webhook: Secret{Env: "B24_HOOK"}},
	} {
		want.Name = name
		got := mustLoad(t, Options{Dir: dir, Env: name}).Env
		if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(value.Pos{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.Token.IsZero() != (name != "token") {
			t.Errorf("%s: an access token is said to be declared, or not", name)
		}
	}
}

func TestCredentialsThatContradictAreRefused(t *testing.T) {
	for portal, want := range map[string]string{
		`{webhook: {env: B24_A}, oauth: acme.bitrix24.com}`:                          "environments.e.portal: webhook and oauth contradict each other [portal]\n",
		`{oauth: a.example, token: {address: a.example, access: {env: B24_A}}}`:      "environments.e.portal: oauth and token contradict each other [portal]\n",
		`{memberId: a223c6b3710f85df22e9377d6c4f7553}`:                               "environments.e.portal says no way in [portal]\n",
		`{token: {address: a.example, access: {env: B24_A}, refresh: {env: B24_B}}}`: "environments.e.portal.token: refresh alone cannot renew the token [portal]\n",
		`{oauth: acme.bitrix24.com, memberId: acme}`:                                 "environments.e.portal.memberId: what stands here is not 32 hexadecimal digits [schema]\n",
		`{oauth: "https://acme.bitrix24.com/company/"}`:                              "environments.e.portal.oauth: what stands here is not an address such as acme.bitrix24.com [schema]\n",
		`{token: {address: a.example, access: canary}}`:                              "environments.e.portal.token.access: what stands here is not {env: NAME}, {file: PATH} or {exec: [COMMAND]} [type]\n",
	} {
		dir := tree(t, map[string]string{"b24apply.yaml": project("  manifests: [\"*.yaml\"]\n  environments: {e: {portal: " + portal + "}}\n"), "a.yaml": company("a", "A")})
		if diff := cmp.Diff(want, messages(t, Options{Dir: dir})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", portal, diff)
		}
	}
}
