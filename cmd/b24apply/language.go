package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/value"
)

const (
	languageFlag = "lang"
	languageAuto = "auto"
)

// speak chooses the language of both doors before anything is said, wrong flags included.
func (a *app) speak() error {
	language := a.wantedLanguage()
	locale := a.locale()
	for _, d := range []*ui.Door{a.stdout, a.stderr} {
		if !d.Speak(language, locale) {
			return &failure{code: exitError, err: value.Err("no-such-language", value.T("language", language)),
				hint: value.Say("languages-are", value.L("names", append(slices.Clone(ui.Languages), languageAuto)))}
		}
	}
	return nil
}

// wantedLanguage is the value of --lang; what is wrong with the flag itself is told when flags are read.
func (a *app) wantedLanguage() string {
	for i, arg := range a.args {
		switch name, given, joined := strings.Cut(arg, "="); {
		case arg == "--":
			return languageAuto
		case name != "--"+languageFlag:
		case joined:
			return given
		case i+1 < len(a.args):
			return a.args[i+1]
		}
	}
	return languageAuto
}

// locale is that of messages; "" where nothing or CI says none, since what a machine reads should not
// depend on who has set it up.
func (a *app) locale() string {
	if a.variable(ciVariable) != "" {
		return ""
	}
	return cmp.Or(a.variable("LC_ALL"), a.variable("LC_MESSAGES"), a.variable("LANG"))
}
