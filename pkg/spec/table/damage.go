package table

import (
	"regexp"
	"strings"
)

// scientificNumber matches what a spreadsheet makes of long digits, such as a phone.
var scientificNumber = regexp.MustCompile(`^-?[0-9]([.,][0-9]+)?[Ee]\+[0-9]{1,3}$`)

func scientific(text string) bool {
	return len(text) >= 4 && len(text) <= 30 && strings.IndexByte(text, '+') > 0 && scientificNumber.MatchString(text)
}

// cellErrors are what a spreadsheet shows in place of a value that it has not.
var cellErrors = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#Н/Д", "#ССЫЛКА!", "#ЗНАЧ!", "#ИМЯ?", "#ДЕЛ/0!", "#ЧИСЛО!", "#ПУСТО!", "#NV", "#BEZUG!", "#WERT!", "#ZAHL!"}

// noValues are what programs write for no value.
var noValues = []string{"null", "(null)", "none", "nil", "n/a", "nan", `\n`, "undefined"}

// monthCell matches what a code becomes that a spreadsheet takes for a day, such as 1-12.
var monthCell = regexp.MustCompile(`(?i)^[0-9]{1,2}[.-]? ?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|май|июн|июл|авг|сен|окт|ноя|дек|mär|mai|okt|dez)(\.?|[.-][0-9]{2})$`)

// damageOf finds what a spreadsheet or an export has done to a text. What can be meant so
// is a warning; the others have lost their value.
func damageOf(text string) *Fault {
	switch c := text[0]; {
	case c == '#':
		return hashes(text)
	case len(text) > 16 || c == ' ':
		return nil // nothing below is as long
	case scientific(text):
		return bad("damage", "became-scientific", "format-as-text", quoted("value", text))
	}
	switch text[0] {
	case 'N', 'n', '(', '\\', 'u', 'U':
		for _, no := range noValues {
			if strings.EqualFold(text, no) {
				return bad("damage", "says-no-value", "declare-missing-value", quoted("value", text)).warned()
			}
		}
	}
	if hasLetterBehindDay(text) && monthCell.MatchString(text) {
		return bad("damage", "became-date", "format-as-text", quoted("value", text)).warned()
	}
	return nil
}

// hasLetterBehindDay tells whether a letter may follow one or two digits, which few cells have and
// costs less to see than a pattern.
func hasLetterBehindDay(text string) bool {
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	if i == 0 || i > 2 {
		return false
	}
	for i < len(text) && (text[i] == '.' || text[i] == '-' || text[i] == ' ') {
		i++
	}
	return i < len(text) && text[i] >= 'A'
}

// hashes finds a cell that was too narrow to show its value, or that had none.
func hashes(text string) *Fault {
	if strings.Trim(text, "#") == "" && len(text) > 2 {
		return bad("damage", "only-hashes", "widen-column", quoted("value", text))
	}
	for _, e := range cellErrors {
		if text == e {
			return bad("damage", "cell-error", "mend-formula", quoted("value", text))
		}
	}
	return nil
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// taxID checks an INN, the Russian tax number of 10 digits (organisations) or 12 (people), by its
// checksum. A spreadsheet that takes it for a number cuts its leading zero.
// Source: order of the Federal Tax Service of 29.06.2012 No. ММВ-7-6/435@, appendix 1.
func taxID(text string) (string, *Fault) {
	digits := strings.Map(func(r rune) rune {
		if isBlankRune(r) {
			return -1
		}
		return r
	}, text)
	switch {
	case scientific(digits):
		return "", bad("damage", "became-scientific", "format-as-text", quoted("value", text))
	case !isDigits(digits):
		return "", bad("tax-id", "no-tax-id", "", quoted("value", text))
	case (len(digits) == 9 || len(digits) == 11) && hasChecksum("0"+digits):
		return "", bad("damage", "lost-leading-zero", "format-as-text", quoted("value", text), quoted("full", "0"+digits))
	case len(digits) != 10 && len(digits) != 12:
		return "", bad("tax-id", "no-tax-id", "", quoted("value", text))
	case !hasChecksum(digits):
		return "", bad("tax-id", "wrong-checksum", "", quoted("value", text))
	}
	return digits, nil
}

// innWeights are those of the check digits, which they end before.
var innWeights = map[int][][]int{
	10: {{2, 4, 10, 3, 5, 9, 4, 6, 8}},
	12: {{7, 2, 4, 10, 3, 5, 9, 4, 6, 8}, {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8}},
}

func hasChecksum(digits string) bool {
	for _, weights := range innWeights[len(digits)] {
		sum := 0
		for i, w := range weights {
			sum += int(digits[i]-'0') * w
		}
		if sum%11%10 != int(digits[len(weights)]-'0') {
			return false
		}
	}
	return strings.Trim(digits, "0") != ""
}
