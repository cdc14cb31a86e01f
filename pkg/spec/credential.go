package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/safefile"
)

const (
	// ManifestVariables begin with this: the only variables of the process that manifests
	// can use. A repository is not trusted with any other.
	ManifestVariables = "B24_VAR_"
	// ownVariables begin with this: those that a portal block can use, but for the above.
	ownVariables = "B24_"
	// SecretsVariable names a folder of the operator's, beside the project, that secrets
	// may be read from.
	SecretsVariable = "B24_SECRETS_DIR"
	// maxSecret is the largest file that holds a credential, in bytes.
	maxSecret = 64 << 10
)

// isCredentialVariable tells whether a portal block may use a variable.
func isCredentialVariable(name string) bool {
	return strings.HasPrefix(name, ownVariables) && !strings.HasPrefix(name, ManifestVariables)
}

// Read gives the credential, unless a command prints it: running one is for the caller to
// decide. Errors name the place and no content.
func (s Secret) Read(getenv func(string) (string, bool)) (string, error) {
	switch {
	case s.Env != "":
		if !isCredentialVariable(s.Env) {
			return "", &SecretError{s.Pos, fmt.Sprintf("the environment variable %s is out of bounds", quote(s.Env)), "name one that starts with " + ownVariables + ", but not with " + ManifestVariables}
		}
		v, _ := getenv(s.Env)
		if v = strings.TrimSpace(v); v == "" {
			return "", &SecretError{s.Pos, fmt.Sprintf("the environment variable %s is not set", s.Env), "set it to the credential of that portal"}
		}
		return v, nil
	case s.File == "":
		return "", &SecretError{s.Pos, "the credential is printed by a command", ""}
	}
	content, err := s.content(getenv)
	if err != nil {
		return "", s.fault(err)
	}
	text := strings.TrimSpace(string(content))
	if text == "" {
		return "", &SecretError{s.Pos, fmt.Sprintf("the file of the credential, %s, is empty", quote(s.File)), "write the credential into it, and nothing else"}
	}
	return text, nil
}

// content reads the file: below the operator's folder of secrets, if there is one and the
// file is there, else below the project's folder.
func (s Secret) content(getenv func(string) (string, bool)) ([]byte, error) {
	name := filepath.FromSlash(s.File)
	if mounted, _ := getenv(SecretsVariable); mounted != "" {
		inside := name
		if filepath.IsAbs(name) {
			var err error
			if inside, err = filepath.Rel(mounted, name); err != nil {
				return nil, safefile.ErrOutside
			}
		}
		folder, err := safefile.Within(mounted)
		if err != nil {
			return nil, err
		}
		defer folder.Close()
		content, err := folder.Read(filepath.ToSlash(inside), maxSecret)
		if filepath.IsAbs(name) || !errors.Is(err, fs.ErrNotExist) {
			return content, err
		}
	}
	folder, err := safefile.Below(s.Dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.Read(s.File, maxSecret)
}

func (s Secret) fault(err error) error {
	fault, _ := fileFault(err)
	return &SecretError{s.Pos, fmt.Sprintf("the file of the credential, %s, %s", quote(s.File), fault),
		"it is a small regular file below the project's folder, in no hidden folder; elsewhere it lies below the folder that " + SecretsVariable + " names"}
}

// A SecretError is a credential that cannot be read from where a project says it is.
type SecretError struct {
	Pos     Pos
	Message string
	hint    string
}

func (e *SecretError) Error() string { return fmt.Sprintf("%s: %s", e.Pos, e.Message) }

// Hint is what to do about it.
func (e *SecretError) Hint() string { return e.hint }

// Credentials are the texts that no manifest may hold, whichever way they got there.
type credentials []string

// minCredential is the length below which a text is none, but a word or a mistake.
const minCredential = 6

// add takes a credential, and of a webhook its secret part too.
func (c *credentials) add(text string) {
	if text = strings.TrimSpace(text); len(text) < minCredential {
		return
	}
	*c = append(*c, text)
	if m := webhookURL.FindStringSubmatch(text); m != nil {
		if _, secret, ok := strings.Cut(m[2], "/"); ok && len(secret) >= minCredential {
			*c = append(*c, secret)
		}
	}
}

// holds tells whether a text holds one of them, as a word of its own.
func (c credentials) holds(text string) bool {
	for _, secret := range c {
		for rest := text; ; {
			i := strings.Index(rest, secret)
			if i < 0 {
				break
			}
			before, _ := utf8.DecodeLastRuneInString(rest[:i])
			after, _ := utf8.DecodeRuneInString(rest[i+len(secret):])
			if len(secret) >= longCredential || !isWord(before) && !isWord(after) {
				return true
			}
			rest = rest[i+1:]
		}
	}
	return false
}

// longCredential is the length from which a credential is not part of a longer word by
// chance.
const longCredential = 12

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// gatherCredentials learns what the operator and the project's environments call one.
// What cannot be read is no credential here; who needs it tells so.
func (l *loader) gatherCredentials() {
	for _, text := range l.o.Secrets {
		l.credentials.add(text)
	}
	if l.project == nil {
		return
	}
	for _, e := range l.project.Environments {
		for _, s := range []Secret{e.Webhook, e.Token.Access, e.Token.Refresh, e.Token.ClientSecret} {
			if s.Env == "" && s.File == "" {
				continue
			}
			if text, err := s.Read(l.o.Getenv); err == nil {
				l.credentials.add(text)
			}
		}
	}
}

const (
	credentialMessage = "a value is a credential, or holds one; it is not shown"
	credentialHint    = "a manifest never holds a credential: it would be shown by plan, and stored on the portal; remove it, and if others may have seen it, make a new one"
)

// refuseCredential reports a text of the file, before or after variables were replaced,
// that holds a credential. It tells whether there is one.
func refuseCredential(r *report, known credentials, v *Value) bool {
	if len(known) == 0 {
		return false
	}
	refuse := func(text string, p Pos) bool {
		if !known.holds(text) {
			return false
		}
		r.add(p, "", "secret", credentialHint, credentialMessage)
		return true
	}
	found := v.Kind == Scalar && refuse(v.Text, v.Pos)
	for i := range v.Items {
		found = refuseCredential(r, known, &v.Items[i]) || found
	}
	for i := range v.Pairs {
		p := &v.Pairs[i]
		found = refuse(p.Key, p.Pos) || found
		found = refuseCredential(r, known, &p.Value) || found
	}
	return found
}
