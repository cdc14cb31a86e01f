package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/value"
)

// How parameters are written on the command line, and in the header of a CSV file:
//
//	key=text            text, as written
//	key:=json           a value with a type: a number, true, null, a list, an object
//	key=@file           the text in a file, - for standard input
//	key:=@file          the JSON in a file
//	a.b=…  a[b]=…       inside an object; brackets take any key: filter[>id]=5
//	a[]=…               the next entry of a list
func paramHelp() value.Message { return value.Say("write-parameter") }

// readParams reads the parameters of a command line: an object in JSON, if any, and
// arguments that add to it. raw is set instead if the JSON is no object.
func (a *app) readParams(object string, args []string) (params map[string]any, raw any, err error) {
	t := newTree()
	in := &inputs{app: a}
	if object != "" {
		v, err := in.json(object, "--json")
		if err != nil {
			return nil, nil, err
		}
		m, ok := v.(map[string]any)
		if !ok {
			if len(args) > 0 {
				return nil, nil, value.Err("json-takes-no-parameters")
			}
			return nil, v, nil
		}
		if err := t.merge(m); err != nil {
			return nil, nil, fmt.Errorf("--json: %w", err)
		}
	}
	for _, arg := range args {
		if err := in.argument(t, arg); err != nil {
			return nil, nil, err
		}
	}
	params = t.finish()
	return params, nil, refuseCredentials(params)
}

// inputs reads values from where the command line says. Standard input can be read
// once.
type inputs struct {
	*app
	stdinUsed bool
}

func (in *inputs) argument(t *tree, arg string) error {
	path, rest, err := splitPath(arg)
	if err != nil {
		return err
	}
	name := showPath(path)
	var v any
	switch {
	case strings.HasPrefix(rest, ":="):
		v, err = in.json(rest[2:], name)
	case strings.HasPrefix(rest, "=@"):
		v, err = in.text(rest[2:], name)
	case strings.HasPrefix(rest, "="):
		v = rest[1:]
	default:
		return &failure{code: exitError, err: value.Err("parameter-has-no-value", value.Q("arg", arg)), hint: paramHelp()}
	}
	if err != nil {
		return err
	}
	return t.set(path, v)
}

// json reads JSON that is written out, or that is in the file after an @.
func (in *inputs) json(text, name string) (any, error) {
	content, from := []byte(text), name
	if file, ok := strings.CutPrefix(text, "@"); ok {
		var err error
		if content, err = in.file(file, name); err != nil {
			return nil, err
		}
		from += " " + text
	}
	v, err := decodeJSON(content)
	if err != nil {
		return nil, &failure{code: exitError, err: fmt.Errorf("%s: %w", from, err), hint: value.Say("quote-text-or-write-key")}
	}
	return v, nil
}

func (in *inputs) text(file, name string) (string, error) {
	content, err := in.file(file, name)
	if err == nil && !utf8.Valid(content) {
		err = &failure{code: exitError, err: value.Err("parameter-file-is-no-utf-8", value.T("name", name), value.T("file", file)), hint: value.Say("files-are-base64")}
	}
	return string(content), err
}

// maxInput bounds a file that is one parameter, in bytes.
const maxInput = 256 << 20

func (in *inputs) file(file, name string) (content []byte, err error) {
	var r io.Reader
	switch {
	case file == "":
		return nil, value.Err("no-file-is-named-after", value.T("name", name))
	case file == "-" && in.stdinUsed:
		return nil, value.Err("standard-input-was-read-already", value.T("name", name))
	case file == "-":
		in.stdinUsed, r = true, in.stdin
	default:
		if content, err = safefile.Read(in.path(file), maxInput); err != nil {
			return nil, noInput(name, file, err)
		}
		return bytes.TrimPrefix(content, []byte("\ufeff")), nil
	}
	content, err = io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return nil, value.While(err, "reading-parameter", value.T("name", name), value.T("file", file))
	}
	if len(content) > maxInput {
		return nil, value.Err("file-is-too-large", value.T("name", name), value.T("file", file), value.N("n", maxInput>>20))
	}
	return bytes.TrimPrefix(content, []byte("\ufeff")), nil
}

// noInput is the error of a file that was not opened.
func noInput(name, file string, err error) error {
	var large *safefile.SizeError
	switch {
	case errors.Is(err, safefile.ErrIrregular):
		return &failure{code: exitError, err: fmt.Errorf("%s: %s %w", name, file, err), hint: value.Say("pipes-are-not-read")}
	case errors.As(err, &large):
		return &failure{code: exitError, err: fmt.Errorf("%s: %s %w", name, file, err), hint: value.Say("split-it-into-several")}
	}
	return &failure{code: exitError, err: value.While(err, "opening-parameter", value.T("name", name), value.T("file", file)), hint: value.Say("name-readable-file")}
}

// path is a file's name as seen from the folder that -C names.
func (a *app) path(name string) string {
	if a.dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(a.dir, name)
}

// splitPath cuts a parameter behind its path. Brackets take any key; outside of them
// a dot separates and = or := ends.
func splitPath(arg string) (path []string, rest string, err error) {
	bad := func(why value.Message) ([]string, string, error) {
		return nil, "", &failure{code: exitError, err: value.Err("parameter-is-wrong", value.Q("arg", arg), value.M("why", why)), hint: paramHelp()}
	}
	s := arg
	for {
		end := strings.IndexAny(s, ".[]=:")
		if end < 0 {
			end = len(s)
		}
		for end < len(s) && s[end] == ':' && !strings.HasPrefix(s[end:], ":=") { // a colon alone is part of a key
			next := strings.IndexAny(s[end+1:], ".[]=:")
			if next < 0 {
				end = len(s)
				break
			}
			end += 1 + next
		}
		key := s[:end]
		if key == "" {
			return bad(value.Say("parameter-lacks-name"))
		}
		if strings.Trim(key, "<>!%@~") == "" {
			return bad(value.Say("put-operator-into-brackets", value.T("key", key)))
		}
		path, s = append(path, key), s[end:]
		for strings.HasPrefix(s, "[") {
			end := strings.IndexByte(s, ']')
			if end < 0 {
				return bad(value.Say("bracket-is-not-closed"))
			}
			path, s = append(path, s[1:end]), s[end+1:]
		}
		if !strings.HasPrefix(s, ".") {
			break
		}
		s = s[1:]
	}
	if s != "" && s[0] != '=' && !strings.HasPrefix(s, ":=") {
		return bad(value.Say("something-follows-bracket"))
	}
	return path, s, nil
}

// credentialParams would carry a credential, which is kept where no one sees it.
var credentialParams = []string{"auth", "access_token"}

func refuseCredentials(params map[string]any) error {
	for _, name := range credentialParams {
		if _, ok := params[name]; ok {
			return &failure{code: exitError, err: value.Err("parameter-would-carry-credential", value.T("name", name)),
				hint: value.Say("leave-credential-out", value.T("variable", webhookVariable))}
		}
	}
	return nil
}

func sortedNames(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
