package spec

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/value"
)

// MaxAttachment is the largest file that a field can be given, in bytes. A request
// carries it as base64, a third longer.
// Source: api-reference/files/how-to-upload-files.md.
const MaxAttachment = 20 << 20

// An Attachment is a file that a manifest gives to a field as {file: path}. Its
// content is not kept in memory: it is read again when it is sent.
type Attachment struct {
	Path   string // as written: relative to the manifest's folder, with slashes
	Name   string // what the portal calls the file
	Size   int64  // bytes
	SHA256 string // of the content, in hex
	place  place
	base   string // the project's folder, else the one that the command works in
}

// A place is a file by the folder that it must stay below: the project's if the manifest
// lies in it, else the manifest's own.
type place struct {
	root string
	name string // from root, with slashes
}

// Attachment returns what a {file: …} map of this set names, or nil for any other
// value.
func (s *Set) Attachment(v value.Node) *Attachment {
	name, ok := v.File()
	if !ok {
		return nil
	}
	return s.attachments[attachmentKey{v.Pos.File, name}]
}

// Value describes the file so that whoever sends it finds it again, from whatever folder: an
// empty text with the attributes name, path, sha256 and size, and the folder and the name of its
// place. The folder is one below that of the project, or of the command where there is none, so
// that a plan that is saved in one checkout can be carried out in another; else it is an absolute
// path.
func (a *Attachment) Value() value.Value {
	folder := a.place.folderFrom(a.base)
	part := func(name, text string) value.Part { return value.Part{Name: name, Value: value.Text(text)} }
	return value.Text("", part("file", a.place.name), part("folder", folder), part("name", a.Name), part("path", a.Path),
		part("sha256", a.SHA256), part("size", strconv.FormatInt(a.Size, 10)))
}

// folderFrom names the folder of a place from another one.
func (p place) folderFrom(base string) string {
	abs, err := filepath.Abs(p.root)
	if err != nil {
		return p.root
	}
	if base, err = filepath.Abs(base); err == nil {
		if rel, err := filepath.Rel(base, abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return abs
}

// An attachmentKey names an attachment as manifests do: a path in a manifest.
type attachmentKey struct{ manifest, path string }

// read reads the file.
func (p place) read(limit int64) ([]byte, error) {
	folder, err := safefile.Below(p.root)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.Read(p.name, limit)
}

// placeIn gives the place of a name in a folder: below the project's folder, whose path has
// no links, if dir is a visible folder there, else below dir itself.
func placeIn(project, dir, name string) place {
	if real, err := realPath(dir); err == nil && project != "" {
		rel, err := filepath.Rel(project, real)
		rel = filepath.ToSlash(rel)
		if err == nil && filepath.IsLocal(rel) && (rel == "." || !strings.HasPrefix(rel, ".") && !strings.Contains(rel, "/.")) {
			return place{project, path.Join(rel, name)}
		}
	}
	return place{dir, path.Clean(name)}
}

// projectFolder is the folder of the project file, without links, "" if there is none.
func (l *loader) projectFolder() string {
	if l.project == nil {
		return ""
	}
	dir := filepath.Dir(l.project.File)
	if l.project.File == stdinName {
		dir = l.o.Dir
	}
	dir, err := realPath(dir)
	if err != nil {
		return ""
	}
	return dir
}

// attach reads the files that fields are given, so that each is known by its
// content, and reports those that cannot be used.
func (l *loader) attach() {
	l.attachments = make(map[attachmentKey]*Attachment)
	for _, r := range l.resources {
		if l.beside[r.Pos.File] || !r.Outline().Has("file") {
			continue
		}
		for _, f := range r.Fields() {
			l.attachValue(f.Name, f.Value)
		}
	}
}

func (l *loader) attachValue(field string, v value.Node) {
	for _, item := range v.Items {
		l.attachValue(field, item)
	}
	if add, remove, ok := v.Membership(); ok {
		l.attachValue(field, add)
		l.attachValue(field, remove)
	}
	name, ok := v.File()
	if !ok || name == "" {
		return // the schema says so
	}
	key := attachmentKey{v.Pos.File, name}
	if _, known := l.attachments[key]; known {
		return
	}
	a, fault, hint := l.attachment(key)
	if l.attachments[key] = a; !fault.IsZero() {
		r := &report{src: l.sources[v.Pos.File]}
		r.problem(v.Pairs[0].Value.Pos, name, "file", hint, value.Say("attachment-fault", value.T("field", field), value.T("file", quote(name)), value.M("fault", fault)))
		l.refuse(r.problems...)
	}
}

// attachment reads one file; fault completes a sentence about its path.
func (l *loader) attachment(key attachmentKey) (a *Attachment, fault, hint value.Message) {
	dir := filepath.Dir(key.manifest)
	if key.manifest == stdinName {
		dir = l.o.Dir
	}
	a = &Attachment{Path: key.path, Name: path.Base(key.path), place: placeIn(l.projectFolder(), dir, key.path), base: cmp.Or(l.projectFolder(), l.o.Dir)}
	outside, where := value.Say("leads-out-of-manifest-folder"), value.Say("write-path-below-manifest")
	if a.place.root != dir {
		outside, where = value.Say("leads-out-of-project-folder"), value.Say("write-path-below-project")
	}
	switch {
	case strings.Contains(key.path, `\`), path.IsAbs(key.path), filepath.IsAbs(key.path), !filepath.IsLocal(filepath.FromSlash(a.place.name)):
		return nil, outside, where
	case controlCharacter(a.Name) >= 0:
		return nil, value.Say("holds-control-character"), value.Say("rename-the-file")
	}
	content, err := a.place.read(MaxAttachment)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, value.Say("does-not-exist"), value.Say("path-starts-from-manifest")
	case errors.Is(err, safefile.ErrOutside):
		return nil, outside, where
	case errors.Is(err, safefile.ErrHidden):
		return nil, value.Say("is-hidden"), value.Say("hidden-files-are-not-sent")
	case err != nil:
		fault, _ := fileFault(err)
		return nil, value.Say("cannot-be-used", value.M("fault", fault)), value.Message{}
	case len(content) == 0:
		return nil, value.Say("cannot-be-used", value.M("fault", value.Say("file-is-empty"))), value.Message{}
	case l.credentials.holds(string(content)):
		return nil, value.Say("holds-credential"), value.Say("remove-line-and-renew")
	}
	sum := sha256.Sum256(content)
	a.Size, a.SHA256 = int64(len(content)), hex.EncodeToString(sum[:])
	return a, value.Message{}, value.Message{}
}
