package value

import "github.com/b24apply/b24apply/pkg/value/phone"

// NormalPhone gives the form in which phones are compared; see [phone.Normal].
func NormalPhone(text, region string) string { return phone.Normal(text, region) }

// KnownPhone tells whether a text is a number of a country that is known, so that it
// can be told from every other one.
func KnownPhone(text, region string) bool { return phone.Known(text, region) }

// KnownNumber is NormalPhone of a known number, and false for any other text.
func KnownNumber(text, region string) (string, bool) { return phone.E164(text, region) }

// PhoneSpellings gives the spellings under which a portal may know a number; see
// [phone.Spellings].
func PhoneSpellings(text, region string) []string { return phone.Spellings(text, region) }

// PhoneDigits gives the digits of a phone.
func PhoneDigits(text string) string { return phone.Digits(text) }

// IsRegion tells whether phones of a region can be told apart.
func IsRegion(code string) bool { return phone.IsRegion(code) }
