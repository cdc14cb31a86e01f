package phone

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"sync"
)

// A matcher tells which of several patterns the whole of some digits matches, in one step a
// digit. It makes its states when they are first met.
type matcher struct {
	progs []*syntax.Prog // nil: a pattern is none that it knows
	bases []int          // of the instructions of a program among those of all

	lock   sync.RWMutex
	states []state
	byKey  map[string]int32
}

// A state is where the patterns are after some digits.
type state struct {
	at   []int     // the instructions that read a digit, sorted
	is   uint32    // the patterns that match here
	next [10]int32 // by digit: the state behind it; 0: not known yet. The first state is never behind one
}

// maxStates bounds the memory of a matcher. Behind it nothing matches, and the library is asked.
const maxStates = 20_000

func newMatcher(patterns []string) *matcher {
	m := &matcher{byKey: make(map[string]int32)}
	base := 0
	for _, p := range patterns {
		re, err := syntax.Parse(p, syntax.Perl)
		if err != nil {
			return &matcher{}
		}
		prog, err := syntax.Compile(re.Simplify())
		if err != nil {
			return &matcher{}
		}
		m.progs, m.bases = append(m.progs, prog), append(m.bases, base)
		base += len(prog.Inst)
	}
	first := state{}
	for i, p := range m.progs {
		first.reach(m, i, uint32(p.Start))
	}
	slices.Sort(first.at)
	m.states = append(m.states, first)
	return m
}

// reach adds what an instruction leads to without a digit.
func (s *state) reach(m *matcher, prog int, pc uint32) {
	inst := &m.progs[prog].Inst[pc]
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		s.reach(m, prog, inst.Out)
		s.reach(m, prog, inst.Arg)
	case syntax.InstCapture, syntax.InstNop:
		s.reach(m, prog, inst.Out)
	case syntax.InstMatch:
		s.is |= 1 << prog
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		if at := m.bases[prog] + int(pc); !slices.Contains(s.at, at) {
			s.at = append(s.at, at)
		}
	}
}

// of gives a bit for each pattern that matches all of the digits.
func (m *matcher) of(digits string) uint32 {
	if len(m.progs) == 0 {
		return 0
	}
	m.lock.RLock()
	at := int32(0)
	for i := range len(digits) {
		next := m.states[at].next[digits[i]-'0']
		if next == 0 {
			m.lock.RUnlock()
			return m.learn(digits)
		}
		at = next
	}
	is := m.states[at].is
	m.lock.RUnlock()
	return is
}

// learn is of where states are missing.
func (m *matcher) learn(digits string) uint32 {
	m.lock.Lock()
	defer m.lock.Unlock()
	at := int32(0)
	for i := range len(digits) {
		d := digits[i] - '0'
		if m.states[at].next[d] == 0 {
			if len(m.states) >= maxStates {
				return 0
			}
			next := m.behind(at, rune(digits[i]))
			m.states[at].next[d] = next
		}
		at = m.states[at].next[d]
	}
	return m.states[at].is
}

// behind gives the state behind a digit.
func (m *matcher) behind(at int32, digit rune) int32 {
	var s state
	for _, i := range m.states[at].at {
		prog := len(m.bases) - 1
		for m.bases[prog] > i {
			prog--
		}
		if inst := &m.progs[prog].Inst[i-m.bases[prog]]; inst.MatchRune(digit) {
			s.reach(m, prog, inst.Out)
		}
	}
	slices.Sort(s.at)
	key := make([]byte, 0, 4*len(s.at)+4)
	for _, i := range s.at {
		key = binary.LittleEndian.AppendUint32(key, uint32(i))
	}
	key = binary.LittleEndian.AppendUint32(key, s.is)
	if known, ok := m.byKey[string(key)]; ok {
		return known
	}
	m.states = append(m.states, s)
	m.byKey[string(key)] = int32(len(m.states) - 1)
	return int32(len(m.states) - 1)
}
