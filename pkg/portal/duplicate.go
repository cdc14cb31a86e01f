package portal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// maxDuplicates bounds the values of a search and the ids found per type.
const maxDuplicates = 20

// findDuplicates answers crm.duplicate.findbycomm. Once 20 items of a type are
// found, the types after it are left out. More than 20 values: the rest is not
// looked at.
// Source: https://apidocs.bitrix24.com/api-reference/crm/duplicates/crm-duplicate-find-by-comm.html.
func findDuplicates(ctx context.Context, s *store, c *call) (reply, error) {
	kind, wanted, err := duplicateParams(c)
	if err != nil {
		return reply{}, err
	}
	only, _ := c.fold("entity_type")
	onlyType, _ := asString(only)
	found := new(Map)
	for _, owner := range []struct {
		name string
		etid int
	}{{"LEAD", 1}, {"CONTACT", 3}, {"COMPANY", 4}} {
		if onlyType != "" && !strings.EqualFold(onlyType, owner.name) {
			continue
		}
		ids, err := s.withComm(ctx, owner.etid, kind, wanted)
		if err != nil {
			return reply{}, err
		}
		if len(ids) > 0 {
			found.Set(owner.name, ids)
		}
		if len(ids) == maxDuplicates {
			break
		}
	}
	return reply{value: found}, nil
}

// duplicateParams reads the kind of communication and the values in the form in
// which they are compared.
func duplicateParams(c *call) (kind string, wanted []string, err error) {
	v, _ := c.fold("type")
	kind, _ = asString(v)
	kind = strings.ToUpper(kind)
	switch kind {
	case "":
		return "", nil, &fault{code: "Communication type is not defined", text: "Parameter 'type' is required."}
	case "PHONE", "EMAIL":
	default:
		text := fmt.Sprintf("Communication type '%s' is not supported in current context", truncate(kind, 50))
		return "", nil, &fault{code: text, text: text + "."}
	}
	v, _ = c.fold("values")
	values, _ := asList(v)
	for _, value := range values[:min(len(values), maxDuplicates)] {
		if text, _ := asString(value); commKey(kind, text) != "" {
			wanted = append(wanted, commKey(kind, text))
		}
	}
	if len(wanted) == 0 {
		return "", nil, &fault{code: "Communication values is not defined", text: "Parameter 'values' is required."}
	}
	return kind, wanted, nil
}

// withComm lists the items of a type that hold one of the values and that the
// request may read, by id.
func (s *store) withComm(ctx context.Context, etid int, kind string, wanted []string) ([]int64, error) {
	items := s.readable(&entity{id: etid}, listing{})
	var ids []int64
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var item int64
		var value string
		if err := rows.Scan(&item, &value); err != nil {
			return err
		}
		if len(ids) < maxDuplicates && slices.Contains(wanted, commKey(kind, value)) && !slices.Contains(ids, item) {
			ids = append(ids, item)
		}
		return nil
	}, `SELECT item, value FROM crm_fm WHERE etid = ? AND type_id = ? AND item IN (SELECT "id" FROM `+
		quoteName(itemTable(etid))+" "+items.where+`) ORDER BY item, id`, append([]any{etid, kind}, items.args...)...)
	return ids, err
}

// commKey is the form in which a phone or an e-mail is compared: digits without
// an extension, the international prefix and the 8 of Russian trunk calls
// resolved; or lower case.
func commKey(kind, value string) string {
	value = strings.TrimSpace(strings.ToLower(value))
	if kind != "PHONE" {
		return value
	}
	if i := strings.IndexAny(value, ";,#x"); i > 0 {
		value = value[:i]
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, value)
	switch {
	case strings.HasPrefix(strings.TrimLeft(value, "( "), "+"):
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	case len(digits) == 11 && digits[0] == '8':
		digits = "7" + digits[1:]
	}
	return digits
}
