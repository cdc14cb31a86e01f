package spec

import "github.com/b24apply/b24apply/pkg/value"

// Suggest is value.Suggest.
func Suggest(word string, candidates []string) (string, bool) {
	return value.Suggest(word, candidates)
}

// suggestion is the code of the message that suggests a name.
const suggestion = "did-you-mean"

// didYouMean suggests what a person most likely meant.
func didYouMean(shown string) value.Message { return value.Say(suggestion, value.T("name", shown)) }
