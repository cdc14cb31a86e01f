package portal

import (
	"regexp"
	"strings"
)

// Parts of a custom field's name: UF_CRM_, the number of a smart process type,
// and what people chose.
var (
	userFieldParts = regexp.MustCompile(`^UF_CRM_(?:([0-9]+)_)?(.*)$`)
	onlyLetters    = regexp.MustCompile(`^[A-Z_]*$`)
	onlyDigits     = regexp.MustCompile(`^[0-9_]*$`)
)

// camelUserField returns the name that crm.item methods give a custom field. Of
// a name that mixes letters and digits only the prefix changes, so that the
// original can be told from it.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/index.html.
func camelUserField(name string) string {
	parts := userFieldParts.FindStringSubmatch(name)
	if parts == nil {
		return name
	}
	number, rest := parts[1], parts[2]
	switch {
	case onlyLetters.MatchString(rest):
		return "ufCrm" + number + camelWords(rest)
	case number != "" && onlyDigits.MatchString(rest):
		return "ufCrm" + number + "_" + rest
	}
	return "ufCrm_" + strings.TrimPrefix(name, "UF_CRM_")
}

// camelWords joins the words of an UPPER_SNAKE text.
func camelWords(text string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(text, "_") {
		if word != "" {
			b.WriteString(word[:1] + strings.ToLower(word[1:]))
		}
	}
	return b.String()
}

// key returns the name of a field in the answers of this call. The parameter
// useOriginalUfNames leaves custom fields their own names.
func (e *entity) key(f *field) string {
	if f.custom == nil || e.original {
		return f.name
	}
	return f.camel
}

// findCustom returns the custom field of a name, nil if there is none. With
// useOriginalUfNames only original names are known.
func (e *entity) findCustom(name string) *field {
	for _, f := range e.custom {
		if f.name == name || f.camel == name && !e.original {
			return f
		}
	}
	return nil
}

// maxUserFieldName bounds the name of a custom field, in characters.
const maxUserFieldName = 50

const userFieldAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// nameProblem says what is wrong with the name of a custom field, "" if nothing
// is.
func nameProblem(name string) string {
	switch {
	case len(name) > maxUserFieldName:
		return "Field name is too long (more than 50 characters)."
	case strings.Trim(name, userFieldAlphabet) != "":
		return "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _."
	}
	return ""
}
