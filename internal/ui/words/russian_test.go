package words

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Each language says the same facts with the same arguments, and has the forms of words that its
// numbers ask for.
func TestEveryLanguageSaysTheSame(t *testing.T) {
	for name, pair := range map[string][2]sentences{"sentences": {english.Sentences, russian.Sentences}, "hints": {english.Hints, russian.Hints}} {
		for code, sentence := range pair[0] {
			other, known := pair[1][code]
			if !known {
				t.Errorf("%s: %s has no Russian: %q", name, code, sentence)
				continue
			}
			if want, got := distinct(places(sentence)), distinct(places(other)); !slices.Equal(want, got) {
				t.Errorf("%s: %s has the arguments %v, and in Russian %v", name, code, want, got)
			}
		}
		for code := range pair[1] {
			if _, known := pair[0][code]; !known {
				t.Errorf("%s: the Russian %s has no English", name, code)
			}
		}
	}
	n := 0
	for _, file := range russianFiles {
		n += len(file)
	}
	if n != len(russian.Sentences) {
		t.Errorf("%d Russian sentences have %d codes", n, len(russian.Sentences))
	}
	for _, k := range kind.BuiltIn().All() {
		if len(russian.Kinds[k.Name]) != 3 || russian.Plurals[k.Name] == "" {
			t.Errorf("%s has no Russian noun in three forms and as a heading", k.Name)
		}
	}
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

var (
	formed   = regexp.MustCompile(`\{[a-zA-Z]+\|([^{}#.]*[^{}]*)\}`)
	copied   = regexp.MustCompile("\\{[^{}]*\\}|\"[^\"]*\"|«[^»]*»|`[^`]*`|\\[[^\\]]*\\]")
	latin    = regexp.MustCompile(`[A-Za-z]+`)
	english3 = regexp.MustCompile(`(?:\b[a-z]+ ){3,}[a-z]+\b`)
)

// Russian is written as its vendor's pages write it, and with all the forms that a number asks for.
func TestRussianKeepsToItsRules(t *testing.T) {
	for name, all := range map[string]sentences{"sentences": russian.Sentences, "hints": russian.Hints} {
		for code, sentence := range all {
			if strings.ContainsAny(strings.ReplaceAll(sentence, "знаком !", ""), "ёЁ!\u00a0\u202f") {
				t.Errorf("%s: %s: no ё, no exclamation mark, and plain blanks: %q", name, code, sentence)
			}
			for _, m := range formed.FindAllStringSubmatch(sentence, -1) {
				if forms := strings.Count(m[1], "|") + 1; strings.IndexFunc(m[1], isCyrillic) >= 0 && !isJoin(m[1]) && forms != 3 && forms != 2 {
					t.Errorf("%s: %s: %q has %d forms of a word, and 3 are needed, or 2 where few and many are alike", name, code, m[0], forms)
				}
			}
			if rest := copied.ReplaceAllString(sentence, ""); english3.MatchString(rest) {
				t.Errorf("%s: %s: English is left in %q", name, code, sentence)
			}
			if english.Sentences[code] == sentence && strings.IndexFunc(sentence, isCyrillic) < 0 && len(latin.FindAllString(copied.ReplaceAllString(sentence, ""), -1)) > 2 {
				t.Errorf("%s: %s is not translated: %q", name, code, sentence)
			}
		}
	}
}

func isCyrillic(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }

// isJoin tells whether a form is what stands between the entries of a list.
func isJoin(form string) bool { return strings.HasPrefix(form, " ") || strings.HasPrefix(form, ",") }

func TestRussianNumbersAskForTheirForms(t *testing.T) {
	m := func(n int) value.Message {
		return value.Say("so-many-problems", value.N("n", n))
	}
	for n, want := range map[int]string{
		0: "0 проблем", 1: "1 проблема", 2: "2 проблемы", 5: "5 проблем", 11: "11 проблем", 21: "21 проблема", 101: "101 проблема", 111: "111 проблем",
		112: "112 проблем", 122: "122 проблемы", 1_000_001: "1 000 001 проблема", 1_000_011: "1 000 011 проблем",
	} {
		if got := russian.Text(m(n)); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	count := value.Say("count-of-kind", value.C("count", 21, "Deal", "deal", "deals"))
	if got := russian.Text(count); got != "21 сделка" {
		t.Errorf("got %q", got)
	}
}

func TestALocaleChoosesALanguage(t *testing.T) {
	for locale, want := range map[string]*Catalogue{"ru_RU.UTF-8": russian, "ru": russian, "be_BY@latin": russian, "kk-KZ": russian, "C": english, "": english, "en_US.UTF-8": english, "uk_UA.UTF-8": english, "rue_XX": english} {
		if got := OfLocale(locale); got != want {
			t.Errorf("%q chose another language", locale)
		}
	}
	for _, name := range Languages {
		if _, known := In(name); !known {
			t.Errorf("%s is not known", name)
		}
	}
	if _, known := In("fr"); known {
		t.Error("fr is known")
	}
}
