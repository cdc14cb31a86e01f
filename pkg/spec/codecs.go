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
}

// codecOf gives the codec of one value of a field.
func (s *schemaSet) codecOf(rule kind.Rule) value.Codec {
	key := ruleKey{rule.Name, rule.Type, rule.NoClear, rule.Max, rule.Length, rule.Places}
	c := &s.codecs
	c.lock.RLock()
	known := c.byRule[key]
	c.lock.RUnlock()
	if known != nil && rule.Choices == nil {
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

// hasCodec tells whether a codec checks the values of a type.
func hasCodec(typ kind.FieldType) bool {
	_, ok := value.CodecOf(value.Type{Name: string(typ)})
	return ok
}

// isOneLine tells whether a field holds one line of text.
func (s *schemaSet) isOneLine(rule kind.Rule) bool {
	return rule.Length > 0 || rule.Type == kind.TypeMultifield || hasCodec(rule.Type) && s.codecOf(rule).Traits().OneLine
}
