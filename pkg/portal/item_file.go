package portal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// saveFile turns a value of a file field into the id of a stored file. A list
// of name and base64 content stores a file, {"id": n} keeps the current one;
// anything else, bad base64 included, leaves the field empty under a success
// answer.
// Source: https://apidocs.bitrix24.com/api-reference/files/how-to-update-files.html.
func (s *store) saveFile(ctx context.Context, v, current any) (any, error) {
	m, ok := asMap(v)
	if !ok {
		return nil, nil
	}
	if id, keeps := m.Get("id"); keeps {
		if n, ok := asInt(id); ok && current == n {
			return current, nil
		}
		return nil, nil
	}
	parts, _ := asList(v)
	if len(parts) != 2 {
		return nil, nil
	}
	name, named := asString(parts[0])
	text, _ := asString(parts[1])
	content, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !named || name == "" || len(content) == 0 {
		return nil, nil
	}
	res, err := s.tx.ExecContext(ctx, `INSERT INTO crm_file (name, content) VALUES (?, ?)`, name, content)
	if err != nil {
		return nil, err
	}
	id, err := res.LastInsertId()
	return id, err
}

// dropFiles deletes the files that an item no longer holds.
func (s *store) dropFiles(ctx context.Context, e *entity, old, rec *record) error {
	for _, f := range e.columns() {
		if f.typ != typeFile {
			continue
		}
		for _, id := range f.droppedFiles(old, rec) {
			if err := s.exec(ctx, `DELETE FROM crm_file WHERE id = ?`, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// fileLinks renders a file of a field: null, or the id and two links.
func fileLinks(e *entity, r *record, f *field, v any) any {
	id, ok := v.(int64)
	if !ok {
		return nil
	}
	query := fmt.Sprintf("entityTypeId=%d&id=%d&fieldName=%s&fileId=%d", e.id, r.id, f.upper, id)
	m := new(Map)
	m.Set("id", id)
	m.Set("url", "/bitrix/components/bitrix/crm.item.show_file/show_file.php?"+query)
	m.Set("urlMachine", e.files.machine(query))
	return m
}

// A fileSigner makes the links by which a program fetches files. They hold the credential
// of the request that asked for them.
// Source: https://apidocs.bitrix24.com/api-reference/files/how-to-update-files.html.
type fileSigner struct {
	origin string // such as https://acme.example
	auth   string // an access token, or the secret of a webhook
	key    []byte // that signs
}

// machine is the link to the file that a query names.
func (s fileSigner) machine(query string) string {
	packed := base64.StdEncoding.EncodeToString([]byte("action=" + fileMethod + "&SITE_ID=s1&" + query))
	values := url.Values{"auth": {s.auth}, "token": {"crm|" + packed + "." + s.sign(packed)}}
	return s.origin + "/rest/" + fileMethod + ".json?" + values.Encode()
}

func (s fileSigner) sign(packed string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(packed))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// open returns the parameters that a link's token holds; false for a token of another hand.
func (s fileSigner) open(token string) (*Map, bool) {
	packed, signature, _ := strings.Cut(strings.TrimPrefix(token, "crm|"), ".")
	query, err := base64.StdEncoding.DecodeString(packed)
	if err != nil || !hmac.Equal([]byte(signature), []byte(s.sign(packed))) {
		return nil, false
	}
	return parseForm(string(query)), true
}
