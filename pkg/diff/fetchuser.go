package diff

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// readOptionCodes reads the codes of the options of list fields, if something is
// declared that is not just one option's label: crm.item.fields does not show codes.
// Source: api-reference/crm/universal/userfieldconfig/userfieldconfig-get.md.
func (f *fetcher) readOptionCodes(ctx context.Context) error {
	fields := f.codedFields()
	if len(fields) == 0 {
		return nil
	}
	commands := make([]bitrix.Command, len(fields))
	for i, field := range fields {
		commands[i] = bitrix.Command{Method: "userfieldconfig.list", Params: bitrix.Params{"moduleId": "crm", "filter": map[string]any{"fieldName": field.UpperName}}}
	}
	var gets []bitrix.Command
	var owners []codedField
	err := f.each(ctx, "read the options of user fields", commands, func(i int, r bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		rows, err := rowsOf(r.Result, "fields")
		for _, row := range rows {
			if row.Text("entityId") == fields[i].entity {
				gets, owners = append(gets, bitrix.Command{Method: "userfieldconfig.get", Params: bitrix.Params{"moduleId": "crm", "id": row.Int("id")}}), append(owners, fields[i])
			}
		}
		return err
	})
	if err == nil {
		err = f.each(ctx, "read the options of user fields", gets, func(i int, r bitrix.Response, err error) error {
			if err != nil {
				return err
			}
			return owners[i].code(r.Result)
		})
	}
	var refusal *bitrix.Error
	if errors.As(err, &refusal) { // a scope may be missing; labels and ids are known without it
		f.meta.NoCodes = cmp.Or(refusal.Text(), refusal.Code)
		return nil
	}
	return err
}

// A codedField is a list field whose codes are needed.
type codedField struct {
	LiveField
	entity string // userfieldconfig's name of the entity type
}

// code fills in the codes; the options are shared with the metadata.
func (f codedField) code(result json.RawMessage) error {
	row, err := member(result, "field")
	if err != nil {
		return err
	}
	options, err := decodeRows(row["enum"])
	if err != nil {
		return fmt.Errorf("options of %s: %w", f.UpperName, err)
	}
	for _, o := range options {
		if i := slices.IndexFunc(f.Options, func(known *Option) bool { return known.ID == o.Int("id") }); i >= 0 {
			f.Options[i].Code = o.Text("xmlId")
		}
	}
	return nil
}

// codedFields lists the list fields for which something is declared that is not
// just one option's label.
func (f *fetcher) codedFields() []codedField {
	var out []codedField
	seen := make(map[codedKey]bool)
	for _, r := range f.set.Resources {
		if r.Kind.Class != spec.ClassRecord {
			continue
		}
		t := f.recordType(r)
		for _, field := range r.Fields() {
			if _, known := r.Kind.Field(field.Name); known {
				continue
			}
			live, err := f.liveField(t.entityTypeID, field.Name)
			key := codedKey{t.entityTypeID, live.UpperName}
			if err != nil || live.Type != typeEnumeration || seen[key] || !needsCodes(live, field.Value) {
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

func needsCodes(f LiveField, v spec.Value) bool {
	return slices.ContainsFunc(declaredScalars(v), func(text string) bool {
		labels := 0
		for _, o := range f.Options {
			if o.Label == text {
				labels++
			}
		}
		return text != "" && labels != 1
	})
}

// declaredScalars gives the texts of a value: its own, or those of its entries.
func declaredScalars(v spec.Value) []string {
	var out []string
	for _, x := range append(slices.Clone(v.Members()), v) {
		if x.Kind == spec.Scalar {
			out = append(out, x.Text)
		}
	}
	return out
}

// readFiles downloads the files of the fields that declare one, and keeps what they
// are compared by. One request a file: the portal shows a file's content only.
func (f *fetcher) readFiles(ctx context.Context) error {
	f.meta.Files = make(map[int]FileContent)
	files := f.liveFiles()
	contents := make([]FileContent, len(files))
	err := parallel(ctx, len(files), func(ctx context.Context, i int) (err error) {
		contents[i], err = f.download(ctx, files[i])
		return err
	})
	if err != nil {
		return err
	}
	for i, file := range files {
		f.meta.Files[file.id] = contents[i]
	}
	return nil
}

// download reads one file. That a single one cannot be read concerns its record
// only.
func (f *fetcher) download(ctx context.Context, file liveFile) (FileContent, error) {
	content, err := f.client.Download(ctx, file.link)
	switch {
	case err != nil && (ctx.Err() != nil || bitrix.IsAuth(err)):
		return FileContent{}, fmt.Errorf("read file %d: %w", file.id, err)
	case err != nil:
		return FileContent{Fault: err.Error()}, nil
	}
	sum := sha256.Sum256(content)
	return FileContent{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, nil
}

// liveFiles lists the files of the declared file fields, each once.
func (f *fetcher) liveFiles() []liveFile {
	var out []liveFile
	seen := make(map[int]bool)
	for _, r := range f.set.Resources {
		rows := f.liveRows(r)
		if len(rows) == 0 || !slices.ContainsFunc(r.Fields(), func(field spec.Field) bool { return holdsFile(field.Value) }) {
			continue
		}
		targets, _ := f.targets(r, f.recordType(r))
		for _, tg := range targets {
			if tg.typ != spec.TypeFile || tg.value.Kind == spec.Null {
				continue
			}
			for _, row := range rows {
				for _, file := range fileLinks(row[tg.wire]) {
					if !seen[file.id] {
						seen[file.id] = true
						out = append(out, file)
					}
				}
			}
		}
	}
	return out
}

func holdsFile(v spec.Value) bool {
	if _, ok := v.File(); ok {
		return true
	}
	return slices.ContainsFunc(v.Members(), holdsFile)
}

// fileLinks reads the files of a field, be it one or several.
func fileLinks(raw json.RawMessage) []liveFile {
	rows, err := decodeRows(raw)
	if row, single := decodeRow(raw); single == nil && row.Int("id") != 0 {
		rows, err = []Row{row}, nil
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

// isText tells whether a field holds words that a portal's filter may alter in a
// batch.
func isText(t spec.FieldType) bool {
	switch t {
	case spec.TypeString, spec.TypeText, spec.TypeMarkup, typeURL, typeAddress:
		return true
	}
	return false
}
