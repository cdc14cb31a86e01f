package portal

import (
	"strings"
)

// maxOperands bounds the values of one condition; the database takes some ten
// thousand arguments in a statement.
const maxOperands = 5000

// maxPattern bounds the bytes of a LIKE pattern, which the database bounds too.
const maxPattern = 40000

// condition returns the SQL of one condition.
func (b *filterBuilder) condition(c condition) (string, error) {
	if len(c.values) > maxOperands || len(b.args) > maxOperands {
		return "", c.invalid()
	}
	if c.field.multiple {
		if c.field.custom != nil {
			return b.anyOf(c)
		}
		return b.member(c), nil
	}
	switch c.prefix {
	case "%":
		return b.like(c, "%"+likeEscape(c)+"%", false), nil
	case "!%":
		return b.like(c, "%"+likeEscape(c)+"%", true), nil
	case "=%", "%=":
		return b.like(c, c.pattern(), false), nil
	case "!=%", "!%=":
		return b.like(c, c.pattern(), true), nil
	case ">", "<", ">=", "<=":
		return b.compare(c), nil
	case "!", "!=", "!@":
		return b.negated(c), nil
	}
	if c.fuzzy() {
		return b.like(c, c.pattern(), false), nil
	}
	return b.equal(c), nil
}

// fuzzy reports whether a bare key compares with LIKE, wildcards of the value
// included: so it does for a text that is not all digits.
func (c *condition) fuzzy() bool {
	return (c.prefix == "" || c.prefix == "!") && !c.list && c.field.typ.class() == classText &&
		c.values[0] != nil && strings.Trim(c.pattern(), "0123456789") != ""
}

// pattern is the value as a LIKE pattern with the client's own wildcards.
func (c *condition) pattern() string {
	text, _ := c.values[0].(string)
	return text
}

// likeEscape is the value as a LIKE pattern that means itself.
func likeEscape(c condition) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(c.pattern())
}

// like compares without case. What has no value matches no pattern.
func (b *filterBuilder) like(c condition, pattern string, negated bool) string {
	column := quoteName(c.field.name)
	if len(pattern) > maxPattern || strings.HasSuffix(strings.ReplaceAll(pattern, `\\`, ""), `\`) {
		if negated {
			return "1"
		}
		return "0"
	}
	b.args = append(b.args, pattern)
	if negated {
		return "(" + column + " IS NULL OR " + column + ` NOT LIKE ? ESCAPE '\')`
	}
	return column + ` LIKE ? ESCAPE '\'`
}

// equal compares for equality with one value or any of a list: texts without
// case and trailing blanks. "" and null mean that the field has no value.
func (b *filterBuilder) equal(c condition) string {
	var operands []any
	empty := false
	for _, v := range c.values {
		if v == nil {
			empty = true
			continue
		}
		if text, ok := v.(string); ok && c.field.typ.class() == classText {
			v = strings.TrimRight(text, " ")
		}
		operands = append(operands, v)
	}
	var parts []string
	if len(operands) > 0 {
		b.args = append(b.args, operands...)
		parts = append(parts, indexed(c.field)+" IN ("+placeholders(len(operands))+")")
	}
	if empty {
		parts = append(parts, emptySQL(c.field))
	}
	if len(parts) == 0 {
		return "0" // of an empty list nothing is a member
	}
	return join(parts, " OR ")
}

// emptySQL holds where a field has no value.
func emptySQL(f *field) string {
	column := quoteName(f.name)
	switch f.typ.class() {
	case classText, classFlag:
		return "(" + column + " IS NULL OR rtrim(" + column + ") = '')"
	case classNumber, classLink, classReal, classFile:
		return "(" + column + " IS NULL OR " + column + " = 0)"
	}
	return column + " IS NULL"
}

// negated holds where the positive condition does not, fields without a value
// included.
func (b *filterBuilder) negated(c condition) string {
	if c.fuzzy() {
		return b.like(c, c.pattern(), true)
	}
	return "NOT coalesce(" + b.equal(c) + ", 0)"
}

// compare orders by value. Nothing is greater or less than no value.
func (b *filterBuilder) compare(c condition) string {
	v := c.values[0]
	if v == nil {
		switch c.field.typ.class() {
		case classText, classFlag, classDay:
			v = ""
		default:
			v = int64(0)
		}
	}
	b.args = append(b.args, v)
	return indexed(c.field) + " " + c.prefix + " ?"
}

// member holds where a multiple field has one of the values.
func (b *filterBuilder) member(c condition) string {
	var ids []any
	for _, v := range c.values {
		if v != nil {
			ids = append(ids, v)
		}
	}
	rows := "SELECT item FROM crm_link WHERE etid = ? AND field = ?"
	b.args = append(b.args, b.etid, c.field.name)
	if len(ids) == 0 {
		return `"id" NOT IN (` + rows + ")"
	}
	b.args = append(b.args, ids...)
	return `"id" IN (` + rows + " AND value IN (" + placeholders(len(ids)) + "))"
}
