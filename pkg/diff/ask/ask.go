// Package ask is the only way by which planning reaches a portal: the [Asker] that package live
// has, and a few ways of putting its questions ([Portal]). What is asked, and what follows from
// the answers, is decided elsewhere; nothing here knows of declared resources.
package ask

import (
	"context"
	"iter"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

const (
	// Keys is how many keys one search asks for.
	Keys = kind.SearchSize
	// Searches is how many searches one request carries.
	Searches = 50
)

// An Asker reads a portal: all that planning knows of one comes through it. What is asked
// is decided here, from the manifests; how it is read is the Asker's. Package live has one.
//
// Errors end the planning: a lost connection, a refused credential, an answer that cannot
// be read. What the portal refuses to tell of one thing is a *kind.Refusal, as the error or
// in the answer, with the scope that it has.
type Asker interface {
	// Portal is the portal's host.
	Portal() string

	// Types gives the smart process types, Users all users, and Catalogs the product
	// catalogues. Names gives what else the portal says about itself.
	Types(context.Context) ([]kind.LiveType, error)
	Users(context.Context) ([]kind.User, error)
	Catalogs(context.Context) (kind.Catalog, error)
	Names(context.Context, kind.Wanted) (kind.Names, error)
	// Caller tells whose credential is used.
	Caller(context.Context) (kind.Caller, error)
	// OptionCodes gives, for each field, the codes of its options by their ids.
	OptionCodes(context.Context, []kind.OptionList) ([]map[int]string, error)

	// Find draws searches and gives their rows, in blocks of one request, in their order. A block
	// is valid until the loop goes on: rows that are kept are cloned. Alone tells
	// whether a search would share no request with others, so that none should be joined to it.
	Find(context.Context, iter.Seq[kind.Search]) iter.Seq2[kind.Block, error]
	Alone(kind.Search) bool
	// First gives the first rows of each search, and how many there are.
	First(context.Context, []kind.Search) ([]kind.Answer, error)
	// Scan gives the rows of one long search by their ids.
	Scan(context.Context, kind.Search) iter.Seq2[kind.Row, error]
	// Contacts tells which records the portal names for phones and e-mails.
	Contacts(context.Context, []kind.ContactSearch) ([]kind.ContactAnswer, error)
	// Parts gives, for each search, the rows of a part by the ids of their owners.
	Parts(context.Context, []kind.PartSearch) ([]map[int][]kind.Row, error)
	// Files gives what the files of fields hold.
	Files(context.Context, []kind.FileLink) ([]kind.FileContent, error)
}

// A Portal puts questions to an Asker.
type Portal struct{ Asker }

// Rows asks searches, and hands the rows of each over in their order, or why the portal
// refuses to show any; doing is the code of the sentence about what was being read.
func (p Portal) Rows(ctx context.Context, searches []kind.Search, doing string, take func(i int, rows []kind.Row) error, refused func(i int, no *kind.Refusal)) error {
	return p.EachRows(ctx, slices.Values(searches), doing, func(i int, rows []kind.Row) error {
		for j := range rows {
			rows[j] = rows[j].Clone()
		}
		return take(i, rows)
	}, refused)
}

// EachRows is Rows for many searches, which are drawn as they are asked. Rows are valid
// until take returns.
func (p Portal) EachRows(ctx context.Context, searches iter.Seq[kind.Search], doing string, take func(i int, rows []kind.Row) error, refused func(i int, no *kind.Refusal)) error {
	for block, err := range p.Find(ctx, searches) {
		if err != nil {
			return value.While(err, doing)
		}
		for i, answer := range block.Answers {
			if answer.Refused != nil {
				refused(block.First+i, answer.Refused)
			} else if err := take(block.First+i, answer.Rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// Firsts asks for the first rows of searches. What the portal refuses stands in the answers.
func (p Portal) Firsts(ctx context.Context, searches []kind.Search, doing string) ([]kind.Answer, error) {
	answers, err := p.First(ctx, searches)
	if err != nil {
		return nil, value.While(err, doing)
	}
	return answers, nil
}
