package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// configVariable names the folder of the user's tokens.
const configVariable = "B24_CONFIG_DIR"

// tokenFolder is the folder for the tokens of one kind, made by whoever writes.
func (a *app) tokenFolder(kind string) (string, error) {
	if dir := a.variable(configVariable); dir != "" {
		return filepath.Join(dir, kind), nil
	}
	if a.configDir == nil {
		return "", value.Err("there-is-no-folder-for-tokens")
	}
	dir, err := a.configDir()
	if err != nil {
		return "", &failure{code: exitError, err: value.While(err, "finding-folder-of-tokens"), hint: value.Say("set-named-variable", value.T("variable", configVariable))}
	}
	return filepath.Join(dir, "b24apply", kind), nil
}

// loginPath is the token file of a login.
func (a *app) loginPath(portal bitrix.Address) (string, error) {
	dir, err := a.tokenFolder("logins")
	return filepath.Join(dir, fileName(portal)+".json"), err
}

// renewedPath is the token file of an access token that was given in another way
// and has been renewed since. Another refresh token has another file.
func (a *app) renewedPath(portal bitrix.Address, client, refresh string) (string, error) {
	dir, err := a.tokenFolder("renewed")
	sum := sha256.Sum256([]byte(client + "\x00" + refresh))
	return filepath.Join(dir, fileName(portal)+"-"+hex.EncodeToString(sum[:8])+".json"), err
}

// renewed lists the token files of access tokens for a portal.
func (a *app) renewed(portal bitrix.Address) ([]string, error) {
	mine := regexp.MustCompile("^" + regexp.QuoteMeta(fileName(portal)) + "-[0-9a-f]{16}\\.json$")
	return a.tokenFiles("renewed", mine)
}

var tokenFileName = regexp.MustCompile(`^[^.].*\.json$`)

// logins lists the token files of all logins.
func (a *app) logins() ([]string, error) {
	return a.tokenFiles("logins", tokenFileName)
}

// tokenFiles lists the files of one kind whose names match.
func (a *app) tokenFiles(kind string, name *regexp.Regexp) ([]string, error) {
	dir, err := a.tokenFolder(kind)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, value.While(err, "listing-logins")
	}
	var paths []string
	for _, e := range entries {
		if name.MatchString(e.Name()) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, nil
}

// fileName is a portal's host as a part of a file's name.
func fileName(portal bitrix.Address) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, portal.Host())
}

// loginCredential is the login to a portal.
func (a *app) loginCredential(portal bitrix.Address) (credential, error) {
	path, err := a.findLogin(portal)
	if err != nil {
		return credential{}, err
	}
	return a.openLogin(path)
}

func (a *app) openLogin(path string) (c credential, err error) {
	file, err := bitrix.OpenTokenFile(path, bitrix.TokenFileConfig{Logger: a.logger()})
	if err != nil {
		return c, err
	}
	return credential{tokens: file}, nil
}

// findLogin is the token file of the login to a portal. One that was renamed is
// found by its old and its new address.
func (a *app) findLogin(portal bitrix.Address) (string, error) {
	path, err := a.loginPath(portal)
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(path); err == nil {
		return path, nil
	}
	paths, err := a.logins()
	if err != nil {
		return "", err
	}
	for _, other := range paths {
		if t, err := bitrix.ReadTokens(other); err == nil && sameHost(t.Endpoint, portal.Host()) {
			return other, nil
		}
	}
	hint := value.Say("log-in-to-portal", value.T("host", portal.Host()))
	if len(paths) > 0 {
		hint = value.Say("log-in-or-use-other", value.T("host", portal.Host()), value.L("logins", loginNames(paths)))
	}
	return "", &failure{code: exitAuth, err: value.Err("not-logged-in-to-portal", value.T("host", portal.Host())), hint: hint}
}

// loginNames names logins as people do; a file that cannot be read counts by its
// name.
func loginNames(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".json")
		if t, err := bitrix.ReadTokens(path); err == nil && t.Portal != "" {
			names[i] = t.Portal
		}
	}
	return names
}

// onlyLogin is the login of a user who has one.
func (a *app) onlyLogin() (credential, error) {
	none := value.Err("no-portal")
	if _, err := a.tokenFolder("logins"); err != nil {
		return credential{}, none // where there is no home, there is no login
	}
	paths, err := a.logins()
	switch {
	case err != nil:
		return credential{}, err
	case len(paths) == 0:
		return credential{}, none
	case len(paths) > 1:
		return credential{}, &failure{err: none, hint: value.Say("choose-one-login", value.T("variable", portalVariable), value.L("logins", loginNames(paths)))}
	}
	return a.openLogin(paths[0])
}
