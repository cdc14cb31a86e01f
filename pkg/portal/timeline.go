package portal

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
)

// timelineMethods lists the methods of comments in the timeline.
// Source: https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/index.html.
func timelineMethods() []method {
	return []method{
		crmMethod("crm.timeline.comment.add", true, addComment),
		crmMethod("crm.timeline.comment.update", true, updateComment),
		crmMethod("crm.timeline.comment.get", false, getComment),
		crmMethod("crm.timeline.comment.list", false, listComments),
		crmMethod("crm.timeline.comment.delete", true, deleteComment),
		crmMethod("crm.timeline.comment.fields", false, describeComments),
	}
}

func timelineSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS crm_comment (
			id INTEGER PRIMARY KEY AUTOINCREMENT, etid INTEGER NOT NULL, item INTEGER NOT NULL, author INTEGER NOT NULL,
			created INTEGER NOT NULL, text TEXT NOT NULL) STRICT`,
		`CREATE INDEX IF NOT EXISTS crm_comment_item ON crm_comment (etid, item)`,
		`CREATE TABLE IF NOT EXISTS crm_comment_file (
			comment INTEGER NOT NULL, file INTEGER NOT NULL, PRIMARY KEY (comment, file)) WITHOUT ROWID, STRICT`,
	}
}

// A comment is a row of crm_comment.
type comment struct {
	id, item, author, created int64
	etid                      int
	text                      string
}

// commentOwners names the entity types as comments do; smart processes are
// dynamic_{entityTypeId}.
var commentOwners = map[string]int{"lead": 1, "deal": 2, "contact": 3, "company": 4, "quote": 7, "smart_invoice": 31}

func ownerTypeID(name string) int64 {
	name = strings.ToLower(name)
	if rest, ok := strings.CutPrefix(name, "dynamic_"); ok {
		n, _ := wholeNumber(rest)
		return n
	}
	return int64(commentOwners[name])
}

func ownerTypeName(etid int) string {
	for name, id := range commentOwners {
		if id == etid {
			return name
		}
	}
	return "dynamic_" + strconv.Itoa(etid)
}

// commentOwner returns the type of the item that the fields name, which must
// exist and allow the action.
func (s *store) commentOwner(ctx context.Context, fields *Map, action string) (*entity, int64, error) {
	missing := &fault{code: "OWNER_NOT_FOUND", text: "Owner of the item not found"}
	id, _ := wholeNumber(legacyText(fields, "ENTITY_ID"))
	etid := ownerTypeID(legacyText(fields, "ENTITY_TYPE"))
	if id <= 0 || etid == 0 {
		return nil, 0, missing
	}
	e, err := s.entity(ctx, etid)
	if isFault(err) {
		return nil, 0, missing
	}
	if err != nil {
		return nil, 0, err
	}
	rec, err := s.load(ctx, e, id)
	if isFault(err) {
		return nil, 0, missing
	}
	if err != nil {
		return nil, 0, err
	}
	return e, id, s.allow(e, action, rec)
}

func addComment(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := c.needFields()
	if err != nil {
		return reply{}, err
	}
	for _, name := range []string{"ENTITY_ID", "ENTITY_TYPE"} {
		if legacyText(fields, name) == "" {
			return reply{}, &fault{code: "100", text: "Could not find value for parameter {" + name + "}"}
		}
	}
	text := legacyText(fields, "COMMENT")
	if text == "" {
		return reply{}, emptyComment()
	}
	e, item, err := s.commentOwner(ctx, fields, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	res, err := s.tx.ExecContext(ctx, `INSERT INTO crm_comment (etid, item, author, created, text) VALUES (?, ?, ?, ?, ?)`,
		e.id, item, s.user, s.now.Unix(), text)
	if err != nil {
		return reply{}, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return reply{}, err
	}
	return reply{value: id}, s.saveCommentFiles(ctx, id, fields)
}

func emptyComment() *fault { return invalidArg("Empty comment") }

// needFields returns the parameter fields, whose name is compared without case.
func (c *call) needFields() (*Map, error) {
	v, found := c.fold("fields")
	if !found || v == nil {
		return nil, &fault{code: "100", text: "Could not find value for parameter {fields}"}
	}
	m, ok := asMap(v)
	if !ok {
		return nil, mismatch("fields", v, "array")
	}
	return m, nil
}

func updateComment(ctx context.Context, s *store, c *call) (reply, error) {
	cm, err := s.comment(ctx, c, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	fields, err := c.needFields()
	if err != nil {
		return reply{}, err
	}
	if _, sent := foldGet(fields, "COMMENT"); sent {
		text := legacyText(fields, "COMMENT")
		if text == "" {
			return reply{}, emptyComment()
		}
		if err := s.exec(ctx, `UPDATE crm_comment SET text = ? WHERE id = ?`, text, cm.id); err != nil {
			return reply{}, err
		}
	}
	return reply{value: cm.id}, s.saveCommentFiles(ctx, cm.id, fields)
}

// comment returns the comment that the parameter id names, if the request may do
// the action on its item.
func (s *store) comment(ctx context.Context, c *call, action string) (comment, error) {
	v, _ := c.fold("id")
	id, ok := asInt(v)
	if !ok || id <= 0 {
		return comment{}, &fault{code: "100", text: "Could not find value for parameter {id}"}
	}
	list, err := s.comments(ctx, `WHERE id = ?`, id)
	if err != nil {
		return comment{}, err
	}
	if len(list) == 0 || !ownedAs(c, list[0]) {
		return comment{}, &fault{code: "NOT_FOUND", text: "Not found."}
	}
	owner := wrap("ENTITY_ID", strconv.FormatInt(list[0].item, 10))
	owner.Set("ENTITY_TYPE", ownerTypeName(list[0].etid))
	_, _, err = s.commentOwner(ctx, owner, action)
	return list[0], err
}

// ownedAs reports whether the comment belongs to the item that the parameters
// name, if they name one.
func ownedAs(c *call, cm comment) bool {
	for name, want := range map[string]int64{"ownerTypeId": int64(cm.etid), "ownerId": cm.item} {
		if v, sent := c.fold(name); sent {
			if n, ok := asInt(v); !ok || n != want {
				return false
			}
		}
	}
	return true
}

// comments reads the comments that the rest of the statement names.
func (s *store) comments(ctx context.Context, rest string, args ...any) ([]comment, error) {
	var list []comment
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var cm comment
		err := rows.Scan(&cm.id, &cm.etid, &cm.item, &cm.author, &cm.created, &cm.text)
		list = append(list, cm)
		return err
	}, `SELECT id, etid, item, author, created, text FROM crm_comment `+rest, args...)
	return list, err
}

// getComment answers crm.timeline.comment.get, the one method of the family
// whose errors have no code.
func getComment(ctx context.Context, s *store, c *call) (reply, error) {
	if v, _ := c.fold("id"); !positiveID(v) {
		return reply{}, legacyFault("ID is not defined or invalid.")
	}
	cm, err := s.comment(ctx, c, actionRead)
	if err != nil {
		return reply{}, withoutCode(err)
	}
	m, err := s.commentAnswer(ctx, cm)
	return reply{value: m}, err
}

func (s *store) commentAnswer(ctx context.Context, cm comment) (*Map, error) {
	m := wrap("ID", strconv.FormatInt(cm.id, 10))
	m.Set("ENTITY_ID", strconv.FormatInt(cm.item, 10))
	m.Set("ENTITY_TYPE", ownerTypeName(cm.etid))
	m.Set("CREATED", time.Unix(cm.created, 0))
	m.Set("COMMENT", cm.text)
	m.Set("AUTHOR_ID", strconv.FormatInt(cm.author, 10))
	files, err := s.commentFiles(ctx, cm)
	m.Set("FILES", files)
	return m, err
}

// listComments answers crm.timeline.comment.list, which needs one item to list
// the comments of.
func listComments(ctx context.Context, s *store, c *call) (reply, error) {
	filter, err := legacyMap(c, "filter")
	if err != nil {
		return reply{}, err
	}
	e, item, err := s.commentOwner(ctx, filter, actionRead)
	if isFault(err) {
		return reply{}, legacyFault("Access denied.")
	}
	if err != nil {
		return reply{}, err
	}
	order, err := legacyMap(c, "order")
	if err != nil {
		return reply{}, err
	}
	all, err := s.comments(ctx, `WHERE etid = ? AND item = ? ORDER BY id`, e.id, item)
	if err != nil {
		return reply{}, err
	}
	sortComments(all, order)
	keys, err := selectedKeys(c, []string{"ID", "ENTITY_ID", "ENTITY_TYPE", "CREATED", "COMMENT", "AUTHOR_ID", "FILES"})
	if err != nil {
		return reply{}, err
	}
	offset, counting := c.page()
	rows := []any{}
	for _, cm := range all[min(offset, len(all)):min(offset+pageSize, len(all))] {
		whole, err := s.commentAnswer(ctx, cm)
		if err != nil {
			return reply{}, err
		}
		rows = append(rows, pickKeys(whole, keys))
	}
	return listReply(rows, offset, len(all), counting), nil
}

// pickKeys leaves only some keys of a map.
func pickKeys(whole *Map, keys []string) *Map {
	m := new(Map)
	for _, key := range keys {
		if v, ok := whole.Get(key); ok {
			m.Set(key, v)
		}
	}
	return m
}

// sortComments sorts by the three keys there are; others change no order.
func sortComments(list []comment, order *Map) {
	columns := map[string]func(comment) int64{
		"ID":        func(cm comment) int64 { return cm.id },
		"CREATED":   func(cm comment) int64 { return cm.created },
		"AUTHOR_ID": func(cm comment) int64 { return cm.author },
	}
	slices.SortStableFunc(list, func(a, b comment) int {
		for _, key := range order.Keys() {
			column := columns[strings.ToUpper(key)]
			if column == nil {
				continue
			}
			n := cmp.Compare(column(a), column(b))
			if strings.EqualFold(legacyText(order, key), "DESC") {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
}

func deleteComment(ctx context.Context, s *store, c *call) (reply, error) {
	cm, err := s.comment(ctx, c, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	return reply{}, s.dropComments(ctx, `id = ?`, cm.id)
}
