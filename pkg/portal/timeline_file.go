package portal

import (
	"context"
	"database/sql"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// saveCommentFiles replaces the files of a comment, if files are sent: name and
// base64 content is a new one, {"id": n} keeps one. What is neither is dropped
// without a word.
func (s *store) saveCommentFiles(ctx context.Context, id int64, fields *Map) error {
	v, sent := foldGet(fields, "FILES")
	if !sent {
		return nil
	}
	current, err := s.commentFileIDs(ctx, id)
	if err != nil {
		return err
	}
	files, _ := asList(v)
	var kept []int64
	for _, file := range files {
		saved, err := s.keepFile(ctx, file, current)
		if err != nil {
			return err
		}
		if saved != 0 {
			kept = append(kept, saved)
		}
	}
	for _, old := range current {
		if !slices.Contains(kept, old) {
			if err := s.exec(ctx, `DELETE FROM crm_file WHERE id = ?`, old); err != nil {
				return err
			}
		}
	}
	if err := s.exec(ctx, `DELETE FROM crm_comment_file WHERE comment = ?`, id); err != nil {
		return err
	}
	for _, file := range kept {
		if err := s.exec(ctx, `INSERT OR IGNORE INTO crm_comment_file (comment, file) VALUES (?, ?)`, id, file); err != nil {
			return err
		}
	}
	return nil
}

// keepFile returns the id of a file that is sent or kept, 0 for none.
func (s *store) keepFile(ctx context.Context, v any, current []int64) (int64, error) {
	m, _ := asMap(v)
	if raw, keeps := foldGet(m, "id"); keeps {
		if n, ok := asInt(raw); ok && slices.Contains(current, n) {
			return n, nil
		}
		return 0, nil
	}
	saved, err := s.saveFile(ctx, v, nil)
	id, _ := saved.(int64)
	return id, err
}

func (s *store) commentFileIDs(ctx context.Context, id int64) ([]int64, error) {
	var ids []int64
	err := s.scan(ctx, func(rows *sql.Rows) error {
		ids = append(ids, 0)
		return rows.Scan(&ids[len(ids)-1])
	}, `SELECT file FROM crm_comment_file WHERE comment = ? ORDER BY file`, id)
	return ids, err
}

// commentFiles renders the files of a comment as an object by file id.
func (s *store) commentFiles(ctx context.Context, cm comment) (any, error) {
	files := new(Map)
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var id, size int64
		var name, author string
		if err := rows.Scan(&id, &name, &size, &author); err != nil {
			return err
		}
		m := wrap("id", id)
		m.Set("date", time.Unix(cm.created, 0))
		m.Set("type", fileKind(name))
		m.Set("name", name)
		m.Set("size", size)
		m.Set("authorId", cm.author)
		m.Set("authorName", author)
		m.Set("urlShow", fmt.Sprintf("/disk/showFile/%d/", id))
		m.Set("urlDownload", fmt.Sprintf("/disk/downloadFile/%d/", id))
		files.Set(strconv.FormatInt(id, 10), m)
		return nil
	}, `SELECT f.id, f.name, length(f.content), trim(u.name || ' ' || u.last_name) FROM crm_comment_file
		JOIN crm_file f ON f.id = file JOIN portal_user u ON u.id = ? WHERE comment = ? ORDER BY f.id`, cm.author, cm.id)
	if files.Len() == 0 {
		return emptyObject(), err
	}
	return files, err
}

// fileKind tells images from other files by their names.
func fileKind(name string) string {
	if slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"}, strings.ToLower(path.Ext(name))) {
		return "image"
	}
	return "file"
}

// dropComments deletes the comments that a condition names, with their files.
func (s *store) dropComments(ctx context.Context, condition string, args ...any) error {
	comments := `(SELECT id FROM crm_comment WHERE ` + condition + `)`
	for _, statement := range []string{
		`DELETE FROM crm_file WHERE id IN (SELECT file FROM crm_comment_file WHERE comment IN ` + comments + `)`,
		`DELETE FROM crm_comment_file WHERE comment IN ` + comments,
		`DELETE FROM crm_comment WHERE ` + condition,
	} {
		if err := s.exec(ctx, statement, args...); err != nil {
			return err
		}
	}
	return nil
}

// dropTimeline deletes what the timeline of a deleted item holds: its comments
// and its stage history.
func (s *store) dropTimeline(ctx context.Context, etid int, item int64) error {
	err := s.exec(ctx, `DELETE FROM `+historyTable+` WHERE etid = ? AND "ownerId" = ?`, etid, item)
	if err != nil {
		return err
	}
	return s.dropComments(ctx, `etid = ? AND item = ?`, etid, item)
}

// commentFields describe a comment.
// Source: https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/crm-timeline-comment-fields.html.
var commentFields = []fieldRow{
	{name: "ID", typ: typeInteger, title: "ID", cells: "R"},
	{name: "CREATED", typ: typeDatetime, title: "Date added", cells: "R"},
	{name: "ENTITY_ID", typ: typeInteger, title: "ID of the element the comment is attached to", cells: "QI"},
	{name: "ENTITY_TYPE", typ: typeString, title: "Type of the element the comment is attached to", cells: "QI"},
	{name: "AUTHOR_ID", typ: typeInteger, title: "Author", cells: "I"},
	{name: "COMMENT", typ: typeString, title: "Comment text", cells: "w"},
	{name: "FILES", typ: "attached_diskfile", title: "File list", cells: "m"},
}

func describeComments(context.Context, *store, *call) (reply, error) {
	return reply{value: describeRows(commentFields)}, nil
}
