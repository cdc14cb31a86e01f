package portal

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// docsFolder is the part of the official documentation that describes methods.
const docsFolder = "api-reference"

// readDocs calls page for every Markdown page of a checkout of the official
// documentation: a plain tree, or else the newest commit of a git repository,
// bare or not.
func readDocs(dir string, page func(name string, text []byte) error) error {
	if _, err := os.Stat(filepath.Join(dir, docsFolder)); err == nil {
		return readDocsTree(os.DirFS(dir), page)
	}
	archive, err := exec.Command("git", "-C", dir, "archive", "HEAD", docsFolder).Output()
	if err != nil {
		return fmt.Errorf("B24_DOCS: neither a tree with %s nor a git repository: %w", docsFolder, err)
	}
	return readDocsArchive(bytes.NewReader(archive), page)
}

func readDocsTree(tree fs.FS, page func(name string, text []byte) error) error {
	return fs.WalkDir(tree, docsFolder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		return page(name, text)
	})
}

func readDocsArchive(archive io.Reader, page func(name string, text []byte) error) error {
	for entries := tar.NewReader(archive); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if entry.Typeflag != tar.TypeReg || !strings.HasSuffix(entry.Name, ".md") {
			continue
		}
		text, err := io.ReadAll(entries)
		if err != nil {
			return err
		}
		if err := page(entry.Name, text); err != nil {
			return err
		}
	}
}
