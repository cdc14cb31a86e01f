package spec

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/value"
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
			return "", &SecretError{s.Pos, value.Say("secret-variable-out-of-bounds", value.T("name", quote(s.Env))),
				value.Say("name-own-variable", value.T("own", ownVariables), value.T("manifests", ManifestVariables))}
		}
		v, _ := getenv(s.Env)
		if v = strings.TrimSpace(v); v == "" {
			return "", &SecretError{s.Pos, value.Say("secret-variable-not-set", value.T("name", s.Env)), value.Say("set-to-credential")}
		}
		return v, nil
	case s.File == "":
		return "", &SecretError{s.Pos, value.Say("secret-is-printed"), value.Message{}}
	}
	content, err := s.content(getenv)
	if err != nil {
		return "", s.fault(err)
	}
	text := strings.TrimSpace(string(content))
	if text == "" {
		return "", &SecretError{s.Pos, value.Say("secret-file-empty", value.T("file", quote(s.File))), value.Say("write-credential")}
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
	return &SecretError{s.Pos, value.Say("secret-file-fault", value.T("file", quote(s.File)), value.M("fault", fault)), value.Say("secret-file-is", value.T("variable", SecretsVariable))}
}

// A SecretError is a credential that cannot be read from where a project says it is.
type SecretError struct {
	Pos     value.Pos
	message value.Message
	hint    value.Message
}

func (e *SecretError) Error() string { return e.Says().String() }

// Says is the error for people.
func (e *SecretError) Says() value.Message {
	return value.Say("at-place", value.T("at", e.Pos.String()), value.M("message", e.message))
}

// Remedy is what to do about it.
func (e *SecretError) Remedy() value.Message { return e.hint }

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

// refuseCredential reports a text of the file, before or after variables were replaced,
// that holds a credential. It tells whether there is one.
func refuseCredential(r *report, known credentials, v *value.Node) bool {
	if len(known) == 0 {
		return false
	}
	refuse := func(text string, p value.Pos) bool {
		if !known.holds(text) {
			return false
		}
		r.problem(p, "", "secret", value.Say("no-credential-in-manifest"), value.Say("value-is-credential"))
		return true
	}
	found := v.Kind == value.Scalar && refuse(v.Text, v.Pos)
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
