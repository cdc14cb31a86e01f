package spec

import (
	"sync"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// plainLink is the codec of a link to a record of any kind.
var plainLink = value.MustCodecOf(value.Type{Name: string(kind.TypeEntity), Filled: true})

// ruleCodecs keeps the codecs of rules, since many documents ask for the same ones.
type ruleCodecs struct {
	lock   sync.RWMutex
	byRule map[ruleKey]value.Codec
}

// A ruleKey is what of a rule its codec depends on.
type ruleKey struct {
	name                string
	typ                 kind.FieldType
	noClear             bool
	max, length, places int
	choices             *string // the first; the list of a rule never changes
}

// codecOf gives the codec of one value of a field.
func (s *schemaSet) codecOf(rule kind.Rule) value.Codec {
	key := ruleKey{rule.Name, rule.Type, rule.NoClear, rule.Max, rule.Length, rule.Places, nil}
	if len(rule.Choices) > 0 {
		key.choices = &rule.Choices[0]
	}
	c := &s.codecs
	c.lock.RLock()
	known := c.byRule[key]
	c.lock.RUnlock()
	if known != nil {
		return known
	}
	t := rule.ValueType()
	t.Multiple = false
	codec, ok := value.CodecOf(t)
	if !ok {
		panic("no codec checks the values of " + rule.Name)
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.byRule == nil {
		c.byRule = make(map[ruleKey]value.Codec)
	}
	c.byRule[key] = codec
	return codec
}

// isOneLine tells whether a field holds one line of text.
func (s *schemaSet) isOneLine(rule kind.Rule) bool {
	return rule.Length > 0 || rule.Type == kind.TypeMultifield || value.HasCodec(string(rule.Type)) && s.codecOf(rule).Traits().OneLine
}
