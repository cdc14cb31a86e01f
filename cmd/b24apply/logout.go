package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout [PORTAL]",
		Short: "Forget the tokens of a portal",
		Long: `Delete the tokens of a login from this machine, and those that a renewal of an access
token has left. The portal is not asked: the access token runs out within the hour, and
an administrator can take the application's access away there.

PORTAL is needed only if there are several logins, or set B24_PORTAL.`,
		Example: `  b24apply logout acme.bitrix24.com`,
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.logout(c.Context(), strings.Join(args, "")) },
	}
}

func (a *app) logout(ctx context.Context, portal string) error {
	paths, err := a.tokensOf(portal)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := bitrix.RemoveTokens(ctx, path); err != nil {
			return &failure{code: exitError, err: value.While(err, "logging-out"), hint: hintOf(err, value.Message{})}
		}
		if err := a.say("tokens-are-deleted", value.T("file", path)); err != nil {
			return err
		}
	}
	return nil
}

// tokensOf lists the token files of a portal: of its login, and of renewals.
func (a *app) tokensOf(portal string) ([]string, error) {
	if portal == "" && a.variable(portalVariable) == "" {
		paths, err := a.logins()
		switch {
		case err != nil:
			return nil, err
		case len(paths) == 0:
			return nil, &failure{code: exitError, err: value.Err("not-logged-in")}
		case len(paths) > 1:
			return nil, &failure{code: exitError, err: value.Err("logged-in-to-several"), hint: value.Say("name-one-login", value.L("logins", loginNames(paths)))}
		}
		return paths, nil
	}
	address, err := a.namedPortal(portal)
	if err != nil {
		return nil, err
	}
	paths, err := a.renewed(address)
	if err != nil {
		return nil, err
	}
	if login, err := a.findLogin(address); err == nil {
		paths = append(paths, login)
	}
	if len(paths) == 0 {
		return nil, &failure{code: exitError, err: value.Err("not-logged-in-to-portal", value.T("host", address.Host()))}
	}
	return paths, nil
}
