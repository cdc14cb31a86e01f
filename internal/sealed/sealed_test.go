package sealed

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"pgregory.net/rapid"
)

// key makes a pair of keys.
func key(t testing.TB) (public, private string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient().String(), id.String()
}

func seal(t rapid.TB, r Recipients, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := r.NewWriter(&b)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(i Identities, file []byte) ([]byte, error) {
	r, err := i.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Each recipient reads what was written, nobody else does, and no byte can be another one.
func TestOnlyRecipientsReadAFile(t *testing.T) {
	public, private := key(t)
	second, secondKey := key(t)
	_, strange := key(t)
	to, err := ParseRecipients([]string{public, second})
	if err != nil {
		t.Fatal(err)
	}
	identities := func(text string) Identities {
		i, err := ParseIdentities("# a comment\n" + text + "\n")
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	rapid.Check(t, func(rt *rapid.T) {
		content := rapid.SliceOf(rapid.Byte()).Draw(rt, "content")
		if bytes.HasPrefix(content, []byte(magic)) {
			rt.Skip("it looks like a sealed file")
		}
		file := seal(rt, to, content)
		for _, k := range []string{private, secondKey, strange + "\n" + private} {
			if got, err := open(identities(k), file); err != nil || !bytes.Equal(got, content) {
				rt.Fatalf("%q, %v", got, err)
			}
		}
		for _, none := range []Identities{{}, identities(strange)} {
			if _, err := open(none, file); !errors.Is(err, ErrLocked) {
				rt.Fatalf("%v, want locked", err)
			}
		}
		at := rapid.IntRange(len(magic), len(file)-1).Draw(rt, "at")
		flipped := bytes.Clone(file)
		flipped[at] ^= 1
		if got, err := open(identities(private), flipped); err == nil && !bytes.Equal(got, content) {
			rt.Fatalf("byte %d is another one, and %q is read", at, got)
		}
		if got, err := open(identities(private), file[:at]); err == nil {
			rt.Fatalf("cut at %d, %q is read", at, got)
		}
		if got, err := open(Identities{}, seal(rt, Recipients{}, content)); err != nil || !bytes.Equal(got, content) {
			rt.Fatalf("for nobody: %q, %v", got, err)
		}
	})
}

// What is no key is told, and a private one is quoted nowhere.
func TestWhatIsNoKeyIsTold(t *testing.T) {
	_, private := key(t)
	if _, err := ParseIdentities(private + "x"); err == nil || strings.Contains(err.Error(), private) {
		t.Errorf("%v", err)
	}
	for _, text := range []string{"", "age1", "ssh-ed25519 AAAA", "# comment"} {
		if _, err := ParseRecipients([]string{text}); err == nil {
			t.Errorf("%q is a recipient", text)
		}
	}
}
