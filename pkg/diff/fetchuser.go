package diff

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// readOptionCodes reads the codes of the options of list fields, if something is
// declared that is not just one option's label: crm.item.fields does not show codes.
// Source: api-reference/crm/universal/userfieldconfig/userfieldconfig-get.md.
func (f *fetcher) readOptionCodes(ctx context.Context) error {
	fields := f.codedFields()
	if len(fields) == 0 {
		return nil
	}
	lists := make([]kind.OptionList, len(fields))
	for i, field := range fields {
		lists[i] = kind.OptionList{Object: field.entity, Name: field.UpperName}
	}
	codes, err := f.asker.OptionCodes(ctx, lists)
	var refusal *kind.Refusal
	if errors.As(err, &refusal) && refusal.Scope != kind.ScopeCredential { // a scope may be missing; labels and ids are known without it
		f.Meta.NoCodes = refusal.Text
		return nil
	}
	if err != nil {
		return value.While(err, "reading-options")
	}
	for i, field := range fields {
		for _, o := range field.Options { // they are shared with the metadata
			if code, known := codes[i][o.ID]; known {
				o.Code = code
			}
		}
	}
	return nil
}

// A codedField is a list field whose codes are needed.
type codedField struct {
	kind.LiveField
	entity string // userfieldconfig's name of the entity type
}

// codedFields lists the list fields for which something is declared that is not
// just one option's label.
func (f *fetcher) codedFields() []codedField {
	var out []codedField
	seen := make(map[codedKey]bool)
	for _, r := range f.Set.Resources {
		if r.Kind.Class != kind.ClassRecord {
			continue
		}
		t := f.TypeOf(r)
		for _, name := range r.Outline().Fields {
			if r.Kind.Rule(name) != nil {
				continue
			}
			live, err := f.LiveField(t.EntityTypeID, name)
			key := codedKey{t.EntityTypeID, live.UpperName}
			if err != nil || live.Type != kind.TypeEnumeration || seen[key] {
				continue
			}
			if field, _ := r.Field(name); !needsCodes(live, field.Value) {
				continue
			}
			seen[key] = true
			out = append(out, codedField{live, r.Kind.ObjectOf(live.UpperName)})
		}
	}
	return out
}

type codedKey struct {
	entityTypeID int
	name         string
}

func needsCodes(f kind.LiveField, v value.Node) bool {
	return slices.ContainsFunc(declared.DeclaredScalars(v), func(text string) bool {
		labels := 0
		for _, o := range f.Options {
			if o.Label == text {
				labels++
			}
		}
		return text != "" && labels != 1
	})
}

// readFiles asks for what the files of the fields that declare one hold.
func (f *fetcher) readFiles(ctx context.Context, of iter.Seq[*spec.Resource]) error {
	files := f.liveFiles(of)
	links := make([]kind.FileLink, len(files))
	for i, file := range files {
		links[i] = kind.FileLink{ID: file.id, Link: file.link}
	}
	contents, err := f.asker.Files(ctx, links)
	if err != nil {
		return err
	}
	if f.Meta.Files == nil {
		f.Meta.Files = make(map[int]kind.FileContent, len(files))
	}
	for i, file := range files {
		f.Meta.Files[file.id] = contents[i]
	}
	return nil
}

// liveFiles lists the files of the declared file fields that are not read yet, each once.
func (f *fetcher) liveFiles(of iter.Seq[*spec.Resource]) []liveFile {
	var out []liveFile
	seen := make(map[int]bool)
	for r := range of {
		if !r.Outline().Has("file") {
			continue
		}
		rows := f.liveRows(r)
		if len(rows) == 0 || !slices.ContainsFunc(r.Fields(), func(field value.Field) bool { return holdsFile(field.Value) }) {
			continue
		}
		targets, _ := f.Targets(r, f.TypeOf(r))
		for _, tg := range targets {
			if tg.Type.Name != string(kind.TypeFile) || tg.Value.Kind == value.Null {
				continue
			}
			for _, row := range rows {
				for _, file := range fileLinks(row[tg.Wire]) {
					if _, read := f.Meta.Files[file.id]; !seen[file.id] && !read {
						seen[file.id] = true
						out = append(out, file)
					}
				}
			}
		}
	}
	return out
}

func holdsFile(v value.Node) bool {
	if _, ok := v.File(); ok {
		return true
	}
	return slices.ContainsFunc(v.Members(), holdsFile)
}

// fileLinks reads the files of a field, be it one or several.
func fileLinks(raw json.RawMessage) []liveFile {
	rows, err := kind.DecodeRows(raw)
	if row, single := kind.DecodeRow(raw); single == nil && row.Int("id") != 0 {
		rows, err = []kind.Row{row}, nil
	}
	if err != nil {
		return nil
	}
	var out []liveFile
	for _, row := range rows {
		if row.Int("id") != 0 {
			out = append(out, liveFile{id: row.Int("id"), link: row.Text("urlMachine")})
		}
	}
	return out
}
