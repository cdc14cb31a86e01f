package portal

import (
	"context"
	"database/sql"
	"mime"
	"net/http"
	"slices"
	"strconv"
)

// fileMethod is where urlMachine of a file field leads to.
const fileMethod = "crm.controller.item.getFile"

// A storedFile is a file that is sent as it was stored.
type storedFile struct {
	name    string
	content []byte
}

// getItemFile answers the links to files of items: with the file itself, for
// those who may read the item that holds it.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/object-fields.html (urlMachine).
func getItemFile(ctx context.Context, s *store, c *call) (reply, error) {
	if v, sent := c.params.Get("token"); sent {
		token, _ := asString(v)
		signed, ok := s.files.open(token)
		if !ok {
			return reply{}, noAccess()
		}
		named := *c
		named.params = signed
		c = &named
	}
	e, id, err := s.itemParams(ctx, c)
	if err != nil {
		return reply{}, err
	}
	rec, err := s.load(ctx, e, id)
	if err != nil {
		return reply{}, err
	}
	if err := s.allow(e, actionRead, rec); err != nil {
		return reply{}, err
	}
	fileID, err := c.needInt("fileId")
	if err != nil {
		return reply{}, err
	}
	name, _ := c.params.Get("fieldName")
	field, _ := asString(name)
	if f := e.find(field); f == nil || f.typ != typeFile || !slices.Contains(f.files(rec), any(int64(fileID))) {
		return reply{}, notFound("File")
	}
	file, err := s.file(ctx, int64(fileID))
	return reply{file: file}, err
}

// files lists the ids of the files that an item holds in the field.
func (f *field) files(rec *record) []any {
	if f.multiple {
		return f.unpack(rec.vals[f.name])
	}
	return []any{rec.vals[f.name]}
}

func (s *store) file(ctx context.Context, id int64) (*storedFile, error) {
	var file *storedFile
	err := s.scan(ctx, func(rows *sql.Rows) error {
		file = new(storedFile)
		return rows.Scan(&file.name, &file.content)
	}, `SELECT name, content FROM crm_file WHERE id = ?`, id)
	if err == nil && file == nil {
		err = notFound("File")
	}
	return file, err
}

func (f *storedFile) send(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	w.Header().Set("Content-Length", strconv.Itoa(len(f.content)))
	w.WriteHeader(http.StatusOK)
	w.Write(f.content)
}
