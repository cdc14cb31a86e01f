package apply

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/undo"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// addressesOfOne is how many addresses an owner may have at most: one of each type, of which
// the portal has a dozen.
const addressesOfOne = 16

// keepImages puts what is to be deleted into the journal, whole, and gives what may be deleted.
// What the portal refuses to show is noted; what could not be asked for is not deleted. Without
// a journal nothing is asked.
func (r *runner) keepImages(ctx context.Context, open []*victim) []*victim {
	if r.cfg.log == nil {
		return open
	}
	images := make(map[*victim]*undo.Image)
	var single []*victim
	for _, group := range byStores(open) {
		single = append(single, r.listWhole(ctx, group, images)...)
	}
	for part := range slices.Chunk(single, bitrix.MaxBatch) {
		r.readWhole(ctx, part, images)
	}
	open = slices.DeleteFunc(slices.Clone(open), func(v *victim) bool { return images[v] == nil })
	for _, group := range byStores(open) {
		if err := r.readParts(ctx, group, images); err != nil {
			for _, v := range group {
				v.refused(ctx, err)
				delete(images, v)
			}
		}
	}
	return slices.DeleteFunc(open, func(v *victim) bool { return images[v] == nil || !r.keepImage(v, images[v]) })
}

func byStores(victims []*victim) map[kind.Store][]*victim {
	out := make(map[kind.Store][]*victim)
	for _, v := range victims {
		out[v.change.Store()] = append(out[v.change.Store()], v)
	}
	return out
}

// listWhole reads records of one kind by lists, and gives those that these do not show.
func (r *runner) listWhole(ctx context.Context, group []*victim, images map[*victim]*undo.Image) (missing []*victim) {
	at := group[0].change.Store()
	if !group[0].change.IsRecord() || !at.Kind.Methods.Typed {
		return group
	}
	ids, byID := make([]int, len(group)), make(map[int]*victim, len(group))
	for i, v := range group {
		ids[i] = value.IDNumber(v.change.ID)
		byID[ids[i]] = v
	}
	for _, l := range r.cfg.Client.ListEach(ctx, wire.WholeLists(at, ids)) {
		for _, raw := range l.Rows {
			if row, err := kind.DecodeRow(raw); err == nil && byID[row.Int("id")] != nil {
				images[byID[row.Int("id")]] = &undo.Image{Record: slices.Concat([]byte(`{"`+at.Kind.Methods.Item+`":`), raw, []byte("}"))}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(group), func(v *victim) bool { return images[v] != nil })
}

// isRefusal tells whether the portal has answered, and will answer the same again.
func isRefusal(err error) bool {
	var refusal *bitrix.Error
	return errors.As(err, &refusal) && !endsRun(err) && !bitrix.IsRateLimit(err)
}

func (r *runner) keepImage(v *victim, img *undo.Image) bool {
	if row, err := kind.Member(img.Record, v.change.Facts.Methods.Item); err == nil {
		if drifts := wire.SinceDeletion(v.change, row); len(drifts) > 0 {
			v.end(drifted(v.change.ID, drifts))
			return false
		}
	}
	text, err := json.Marshal(img)
	if err == nil {
		err = r.cfg.log.Append(false, journal.Record{Kind: journal.Image, Of: []journal.Entry{{Item: v.index}}, Image: text})
	}
	if err != nil {
		o := unwritten(v.change.ID, &errUnwritten{err})
		v.outcome, v.fatal = &o, &errUnwritten{err}
	}
	return err == nil
}

// readWhole reads the records themselves.
func (r *runner) readWhole(ctx context.Context, part []*victim, images map[*victim]*undo.Image) {
	commands := make([]bitrix.Command, len(part))
	for i, v := range part {
		commands[i] = wire.ReadCommand(v.change)
	}
	j := &job{cfg: &r.cfg}
	for i, a := range j.ask(ctx, commands, false) {
		switch v := part[i]; {
		case bitrix.IsNotFound(a.err):
			v.end(Outcome{Status: Succeeded})
		case a.err != nil && isRefusal(a.err):
			images[v] = &undo.Image{}
			images[v].Lack("", a.err)
		case a.err != nil:
			v.refused(ctx, a.err)
		default:
			images[v] = &undo.Image{Record: a.result}
		}
	}
}

// readParts reads what belongs to records of one kind and has methods of its own.
func (r *runner) readParts(ctx context.Context, group []*victim, images map[*victim]*undo.Image) error {
	k, entityTypeID := group[0].change.Facts, group[0].change.EntityTypeID
	byID := make(map[int]*undo.Image, len(group))
	var ids []int
	for _, v := range group {
		id := value.IDNumber(v.change.ID)
		byID[id], ids = images[v], append(ids, id)
	}
	parts := &partReader{ctx: ctx, portal: live.New(r.cfg.Client)}
	if _, ok := k.Part(kind.ProductsPart); ok {
		parts.read(kind.PartSearch{Part: kind.ProductsPart, Kind: k, EntityTypeID: entityTypeID, Owners: ids}, byID, func(img *undo.Image, rows []kind.Row) { img.Products = rows })
	}
	if slices.ContainsFunc(k.Fields, func(rule kind.Rule) bool { return rule.Type == kind.TypePrice }) {
		parts.read(kind.PartSearch{Part: kind.PricePart, Owners: ids}, byID, func(img *undo.Image, rows []kind.Row) { img.Prices = rows })
	}
	_, ofCompanies := k.Part(kind.RequisitesPart)
	if _, own := k.Part(kind.AddressesPart); own || ofCompanies {
		parts.read(kind.PartSearch{Part: kind.AddressesPart, EntityTypeID: entityTypeID, Owners: ids, Most: addressesOfOne}, byID, addAddresses)
	}
	if ofCompanies {
		readRequisites(parts, entityTypeID, ids, byID)
	}
	return parts.err
}

func addAddresses(img *undo.Image, rows []kind.Row) { img.Addresses = append(img.Addresses, rows...) }

// readRequisites reads the requisites of records, with what belongs to them.
func readRequisites(parts *partReader, entityTypeID int, ids []int, byID map[int]*undo.Image) {
	ofRequisite := make(map[int]*undo.Image)
	var requisites []int
	parts.read(kind.PartSearch{Part: kind.RequisitesPart, EntityTypeID: entityTypeID, Owners: ids}, byID, func(img *undo.Image, rows []kind.Row) {
		img.Requisites = rows
		for _, row := range rows {
			requisites = append(requisites, row.Int("ID"))
			ofRequisite[row.Int("ID")] = img
		}
	})
	slices.Sort(requisites)
	parts.read(kind.PartSearch{Part: kind.BankDetailsPart, Owners: requisites}, ofRequisite, func(img *undo.Image, rows []kind.Row) { img.BankDetails = append(img.BankDetails, rows...) })
	parts.read(kind.PartSearch{Part: kind.AddressesPart, EntityTypeID: kind.RequisiteEntity, Owners: requisites, Most: addressesOfOne}, ofRequisite, addAddresses)
}

// A partReader reads one part after the other until the first error. What the portal refuses
// to show of one owner is none: its image lacks that.
type partReader struct {
	ctx    context.Context
	portal *live.Reader
	err    error
}

func (p *partReader) read(s kind.PartSearch, of map[int]*undo.Image, take func(img *undo.Image, rows []kind.Row)) {
	if p.err != nil || len(s.Owners) == 0 {
		return
	}
	found, err := p.portal.Parts(p.ctx, []kind.PartSearch{s})
	var refused *kind.PartRefusals
	switch {
	case errors.As(err, &refused):
		for owner, no := range refused.ByOwner[0] {
			of[owner].Lack(s.Part, no)
		}
	case err != nil && isRefusal(err):
		for _, owner := range s.Owners {
			of[owner].Lack(s.Part, err)
		}
		return
	case err != nil:
		p.err = err
		return
	}
	for owner, rows := range found[0] {
		take(of[owner], rows)
	}
}

// noteMoved puts into the journal what a save has moved by itself, as a final stage moves the
// end date: undoing it puts that back.
func (j *job) noteMoved(c *check) {
	if j.cfg.log == nil || c.task.saves == nil {
		return
	}
	moved := c.task.saves.Moved(c.row)
	if len(moved) == 0 {
		return
	}
	var img undo.Image
	for _, d := range moved {
		img.Moved = append(img.Moved, undo.Moved{Field: d.Name, From: d.Live, To: d.Want})
	}
	if text, err := json.Marshal(&img); err == nil {
		_ = j.cfg.log.Append(false, journal.Record{Kind: journal.Image, Of: []journal.Entry{entry(c.task.node, "")}, Image: text}) // the next sending meets the same error
	}
}
