package layout

import "strings"

// A value is how far a value in brackets or quotes has come.
type value struct {
	depth int  // of brackets
	quote byte // ' or " inside a quoted text, else 0
}

func (v value) open() bool { return v.depth > 0 || v.quote != 0 }

// read goes through a line and gives the place of the colon behind its first key, -1 for none.
func (v *value) read(text string) (key int) {
	key = -1
	fresh := v.quote == 0 // a token may begin here
	word := 0             // where the word at hand begins
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case v.quote != 0:
			i += v.quoted(text[i:])
			fresh = false
		case c == ' ' || c == '\t':
			if word < i {
				fresh = leads(text[word:i], fresh)
			}
			word = i + 1
		case c == '#' && i == word:
			return key
		case fresh && (c == '"' || c == '\''):
			v.quote = c
		case (fresh || v.depth > 0) && (c == '[' || c == '{'):
			v.depth++
			fresh, word = true, i+1
		case v.depth > 0 && (c == ']' || c == '}'):
			v.depth--
			fresh = false
		case v.depth > 0 && (c == ',' || c == ':' && i > 0 && isQuote(text[i-1])):
			fresh, word = true, i+1
		case c == ':' && v.depth == 0 && key < 0 && (i+1 == len(text) || text[i+1] == ' '):
			key, fresh = i, false
		case (c == '-' || c == '?' || c == '!' || c == '&') && i == word: // may lead a token
		default:
			fresh = fresh && i > word && (text[word] == '!' || text[word] == '&')
		}
	}
	return key
}

// quoted goes on in a quoted text, and gives how many bytes more than one were read.
func (v *value) quoted(text string) int {
	switch {
	case v.quote == '"' && text[0] == '\\', v.quote == '\'' && strings.HasPrefix(text, "''"):
		return 1
	case text[0] == v.quote:
		v.quote = 0
	}
	return 0
}

// leads tells whether a token may begin behind a word and blanks.
func leads(word string, fresh bool) bool {
	if word == "-" || word == "?" || word[0] == '!' || word[0] == '&' {
		return fresh
	}
	return word[len(word)-1] == ':'
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

// isDash tells whether a text begins an entry of a block list.
func isDash(text string) bool {
	return text == "-" || strings.HasPrefix(text, "- ")
}

// isKey tells whether a text begins with the key of a block map.
func isKey(text string) bool {
	var v value
	return v.read(text) >= 0
}

// A sign begins a literal or folded text.
type sign struct {
	fixed bool // a number says how far its lines are indented
	keeps bool // its blank lines at the end belong to it
}

// signOf finds the sign at the end of a line.
func signOf(text string) (sign, bool) {
	if at := strings.Index(text, " #"); at >= 0 {
		text = strings.TrimRight(text[:at], " \t")
	}
	at := strings.LastIndexAny(text, " \t") + 1
	last := text[at:]
	if last == "" || last[0] != '|' && last[0] != '>' || len(last) > 3 || strings.Trim(last[1:], "+-123456789") != "" {
		return sign{}, false
	}
	before := strings.TrimRight(text[:at], " \t")
	if before != "" && !leads(before[strings.LastIndexAny(before, " \t")+1:], true) {
		return sign{}, false
	}
	return sign{fixed: strings.ContainsAny(last, "123456789"), keeps: strings.Contains(last, "+")}, true
}
