// Package lanes orders the records that are created by import, those of each kind by themselves:
// as they become ready, or, where they bring the times at which they were created, by these, since
// the portal takes none that is older than one that it has. It knows numbers alone.
//
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/import/index.html
package lanes

import (
	"cmp"
	"slices"
)

// A Dated is a record with the time at which it was created, in seconds of Unix.
type Dated struct {
	Record int
	At     int64
}

// A Lane gives the records of one kind in the order in which they go.
type Lane struct {
	queue []int   // ready, and undated; or given back
	order []int32 // dated, by time
	at    int     // the first of order that was not taken
	state []state // of the dated, by record
	ready int     // how many of them are ready
}

type state uint8

const (
	ready state = iota + 1
	taken
)

// New makes a lane for records whose numbers are below n. Those that are not among the dated ones
// follow them.
func New(n int, dated []Dated) *Lane {
	l := &Lane{}
	if len(dated) == 0 {
		return l
	}
	dated = slices.Clone(dated)
	slices.SortFunc(dated, func(a, b Dated) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Record, b.Record)) })
	l.order, l.state = make([]int32, len(dated)), make([]state, n)
	for i, d := range dated {
		l.order[i] = int32(d.Record)
	}
	return l
}

// IsOrdered tells whether some records are dated, so that one request goes after the other.
func (l *Lane) IsOrdered() bool { return l.order != nil }

// Push tells that a record is ready. A dated one that was taken before has lost its turn, and goes
// with the undated ones.
func (l *Lane) Push(record int, dated bool) {
	switch {
	case !dated || !l.IsOrdered():
		l.queue = append(l.queue, record)
	case l.state[record] == taken:
		l.queue = slices.Insert(l.queue, 0, record)
	case l.state[record] == 0:
		l.state[record] = ready
		l.ready++
	}
}

// Ready is how many records are ready, whether it is their turn or not.
func (l *Lane) Ready() int { return len(l.queue) + l.ready }

// Next takes the record that goes next: the oldest one that has not ended otherwise, if it is ready,
// and after all of these the undated ones. With anyway the first that is ready goes, for who knows
// that nothing makes an older one ready before. It is false if none goes.
func (l *Lane) Next(ended func(record int) bool, anyway bool) (record int, ok bool) {
	for i := l.at; i < len(l.order); i++ {
		record := int(l.order[i])
		gone := l.state[record] == taken || ended(record)
		if i == l.at && gone {
			l.at++
		}
		switch {
		case gone:
			l.take(record)
		case l.state[record] == ready:
			l.take(record)
			return record, true
		case !anyway:
			return 0, false
		}
	}
	for len(l.queue) > 0 {
		record, l.queue = l.queue[0], l.queue[1:]
		if !ended(record) {
			return record, true
		}
	}
	return 0, false
}

func (l *Lane) take(record int) {
	if l.state[record] == ready {
		l.ready--
	}
	l.state[record] = taken
}
