package zfile

import (
	"bytes"
	"io"
	"testing"

	"pgregory.net/rapid"
)

func write(t rapid.TB, name string, content []byte) []byte {
	var b bytes.Buffer
	w, err := NewWriter(name, &b)
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

func read(file []byte) ([]byte, error) {
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// What is written is read again, whatever the file is called; and a compressed file that is
// cut anywhere is an error.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := append([]byte("{"), rapid.SliceOf(rapid.Byte()).Draw(t, "content")...)
		for _, name := range []string{"a.ndjson", "a.ndjson.zst", "A.ZST"} {
			file := write(t, name, content)
			if got, err := read(file); err != nil || !bytes.Equal(got, content) {
				t.Fatalf("%s: %q, %v", name, got, err)
			}
			if cut := rapid.IntRange(4, max(4, len(file)-1)).Draw(t, "cut"); Compresses(name) && cut < len(file) {
				if got, err := read(file[:cut]); err == nil {
					t.Fatalf("%s cut at %d of %d reads %q", name, cut, len(file), got)
				}
			}
		}
	})
}

func TestOnlyTheNameCompresses(t *testing.T) {
	content := bytes.Repeat([]byte("a plan "), 1000)
	if n := len(write(t, "a.zst", content)); n > 100 {
		t.Errorf("%d bytes are compressed to %d", len(content), n)
	}
	if file := write(t, "a.zst.txt", content); !bytes.Equal(file, content) {
		t.Error("a text is compressed")
	}
}
