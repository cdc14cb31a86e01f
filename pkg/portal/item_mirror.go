package portal

import (
	"context"
	"slices"
)

// mirrors pairs the two sides of the one relation between contacts and
// companies: a change of either list shows in the other.
var mirrors = map[int]struct {
	list, otherList string
	other           int
}{
	3: {list: "companyIds", otherList: "contactIds", other: 4},
	4: {list: "contactIds", otherList: "companyIds", other: 3},
}

// mirror carries changed links between contacts and companies to the other side.
// New ones come last there.
func (s *store) mirror(ctx context.Context, e *entity, old, rec *record) error {
	m, ok := mirrors[e.id]
	if !ok {
		return nil
	}
	was, is := old.links[m.list], rec.links[m.list]
	for _, id := range was {
		if slices.Contains(is, id) {
			continue
		}
		err := s.exec(ctx, `DELETE FROM crm_link WHERE etid = ? AND item = ? AND field = ? AND value = ?`, m.other, id, m.otherList, rec.id)
		if err != nil {
			return err
		}
		if err := s.firstCompany(ctx, m.other, id); err != nil {
			return err
		}
	}
	for _, id := range is {
		if slices.Contains(was, id) {
			continue
		}
		err := s.exec(ctx, `INSERT INTO crm_link (etid, item, field, sort, value)
			SELECT ?1, ?2, ?3, coalesce(max(sort), 0) + 10, ?4 FROM crm_link WHERE etid = ?1 AND item = ?2 AND field = ?3
			HAVING coalesce(max(value = ?4), 0) = 0`, m.other, id, m.otherList, rec.id)
		if err != nil {
			return err
		}
		if err := s.firstCompany(ctx, m.other, id); err != nil {
			return err
		}
	}
	return nil
}

// firstCompany makes the single company of a contact the first of its list.
func (s *store) firstCompany(ctx context.Context, etid int, contact int64) error {
	if etid != 3 {
		return nil
	}
	return s.exec(ctx, `UPDATE `+quoteName(itemTable(3))+` SET "companyId" = (SELECT value FROM crm_link
		WHERE etid = 3 AND item = ?1 AND field = 'companyIds' ORDER BY sort LIMIT 1) WHERE "id" = ?1`, contact)
}
