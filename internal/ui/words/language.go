package words

import "strings"

// The languages that In knows, as people name them.
var Languages = []string{"en", "ru"}

// In gives the catalogue of a language by its name; false for one that there is none of.
func In(language string) (*Catalogue, bool) {
	switch language {
	case "en":
		return english, true
	case "ru":
		return russian, true
	}
	return nil, false
}

// OfLocale gives the catalogue that fits a locale of POSIX best, such as "ru_RU.UTF-8": Russian
// for it and for the languages of countries where most people of a portal read it, else English.
func OfLocale(locale string) *Catalogue {
	language, _, _ := strings.Cut(strings.ToLower(locale), ".")
	language, _, _ = strings.Cut(language, "@")
	language, _, _ = strings.Cut(strings.ReplaceAll(language, "-", "_"), "_")
	switch language {
	case "ru", "be", "kk":
		return russian
	}
	return english
}
