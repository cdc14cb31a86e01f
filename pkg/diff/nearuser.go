package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
)

// nearUser suggests the active user who may be meant by a name in another order or
// case, by an e-mail with blanks around it, or by a name with a slip; "" if there is none.
func (m *Meta) nearUser(text string) string {
	var names []string
	for _, u := range m.Users {
		if !u.Active {
			continue
		}
		switch {
		case nameWords(u.Name) != "" && nameWords(u.Name) == nameWords(text):
			return fmt.Sprintf("did you mean %q? ", u.Name)
		case u.Email != "" && strings.EqualFold(u.Email, strings.TrimSpace(text)):
			return fmt.Sprintf("did you mean %q? ", u.Email)
		case !strings.Contains(text, "@"): // e-mails that look alike are often those of different people
			names = append(names, u.Name)
		}
	}
	if near, ok := spec.Suggest(strings.TrimSpace(text), slices.DeleteFunc(names, func(n string) bool { return n == "" })); ok {
		return fmt.Sprintf("did you mean %q? ", near)
	}
	return ""
}

// nameWords gives the words of a name whatever their order, case and blanks.
func nameWords(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '\u00a0' || r == ',' || r == '\t' })
	slices.Sort(words)
	return strings.Join(words, " ")
}
