package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/value"
)

//go:embed all:template
var template embed.FS

var notInName = regexp.MustCompile(`[^a-z0-9._-]+`)

func (a *app) initCommand() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Start a project",
		Long: `Write a project file and a first manifest into DIR (default: here), with comments for
a newcomer. Existing files are never overwritten.`,
		Args: cobra.MaximumNArgs(1),
	}
	c.Flags().StringVar(&name, "name", "", "the project's `NAME`, which marks the records that it owns (default: the folder's name)")
	c.RunE = func(_ *cobra.Command, args []string) error {
		dir := a.dir
		if len(args) == 1 {
			dir = filepath.Join(a.dir, args[0])
		}
		return a.initProject(dir, name)
	}
	return c
}

func (a *app) initProject(dir, name string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if name == "" {
		name = strings.Trim(notInName.ReplaceAllString(strings.ToLower(filepath.Base(abs)), "-"), "-._")
	}
	if name == "" || notInName.MatchString(name) || len(name) > 50 {
		return &failure{code: exitError, err: value.Err("cannot-name-project", value.Q("name", name)), hint: value.Say("give-name-of-project")}
	}
	files, err := templateFiles()
	if err != nil {
		return err
	}
	for path := range files {
		if _, err := os.Lstat(filepath.Join(dir, path)); err == nil && path != ignoreFile {
			return &failure{code: exitError, err: value.Err("exists-already", value.T("dir", filepath.Join(dir, path))), hint: value.Say("choose-other-folder")}
		}
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return &failure{code: exitError, err: value.While(errors.Unwrap(err), "folder-cannot-be-made", value.T("folder", dir)), hint: value.Say("choose-other-folder")}
	}
	root, err := os.OpenRoot(abs) // no link in a repository leads out of it
	if err != nil {
		return err
	}
	defer root.Close()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		target := filepath.Join(dir, path)
		err := writeNew(root, path, strings.ReplaceAll(files[path], "PROJECT_NAME", name))
		switch {
		case path == ignoreFile && errors.Is(err, fs.ErrExist):
			err = a.say("left-as-it-is", value.T("file", target))
		case err == nil:
			err = a.say("file-is-written", value.T("file", target))
		}
		if err != nil {
			return err
		}
	}
	next := "b24apply plan --portal embedded"
	if here, err := filepath.Abs("."); err == nil && here != abs {
		next = "b24apply -C " + shellWord(dir) + " plan --portal embedded"
	}
	if err := newLine(a.stdout); err != nil {
		return err
	}
	return a.say("next-command", value.T("command", next))
}

// ignoreFile may stand in a folder that becomes a project: a git repository has one.
const ignoreFile = ".gitignore"

// templateFiles gives the contents of a new project's files by their path.
func templateFiles() (map[string]string, error) {
	files := make(map[string]string)
	err := fs.WalkDir(template, "template", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := template.ReadFile(path)
		files[strings.TrimPrefix(path, "template/")] = string(content)
		return err
	})
	return files, err
}

// writeNew writes a file that must not exist, and its folder.
func writeNew(root *os.Root, path, content string) error {
	if err := root.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	return errors.Join(err, f.Close())
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=-]+$`)

// shellWord quotes a path so that a command with it can be pasted.
func shellWord(path string) string {
	if plainWord.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

func (a *app) say(code string, args ...value.Arg) error {
	_, err := fmt.Fprintln(a.stdout, a.stdout.Style().Text(value.Say(code, args...)))
	return err
}

// tell writes a line of our own on stderr.
func (a *app) tell(code string, args ...value.Arg) {
	fmt.Fprintln(a.stderr, a.stderr.Style().Text(value.Say(code, args...)))
}
