package phone

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

// slow is what the library says.
func slow(text, region string) (normal string, known bool) {
	n := parse(text, region)
	return normalOf(n, text), n != nil && phonenumbers.IsValidNumber(n)
}

// same tells what is wrong with what is read fast; "" for nothing.
func same(text, region string) (wrong string, isFast bool) {
	got, ok := fast(text, region)
	if !ok {
		return "", false
	}
	if want, known := slow(text, region); !known || got != want {
		return fmt.Sprintf("%q in %q: %s, the library says %s (known: %t)", text, region, got, want, known), true
	}
	return "", true
}

// spell writes digits as people do.
func spell(digits string, cut func(n int) int) string {
	var b strings.Builder
	for i, c := range digits {
		if i > 0 {
			b.WriteString([]string{"", "", "", " ", "-", ".", ") ", " ("}[cut(8)])
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Whatever is read fast is what the library reads: near numbers that exist, and among all
// others.
func TestFastIsWhatTheLibraryReads(t *testing.T) {
	var names []string
	for name := range phonenumbers.GetSupportedRegions() {
		names = append(names, name)
	}
	slices.Sort(names)
	draws := rand.New(rand.NewPCG(1, 2))
	tried, hits := 0, 0
	for _, name := range names {
		code := fmt.Sprint(phonenumbers.GetCountryCodeForRegion(name))
		for _, typ := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE} {
			example := phonenumbers.GetExampleNumberForType(name, typ)
			if example == nil {
				continue
			}
			national := phonenumbers.GetNationalSignificantNumber(example)
			near := []byte(national)
			if draws.IntN(3) > 0 {
				near[draws.IntN(len(near))] = byte('0' + draws.IntN(10))
			}
			for _, digits := range []string{"+" + code + national, code + national, national, "0" + national, "8" + national, "1" + national, "00" + code + national, "+" + code + "0" + national, "+" + code + string(near), string(near), "0" + string(near)} {
				tried++
				wrong, isFast := same(spell(digits, draws.IntN), name)
				if wrong != "" {
					t.Error(wrong)
				}
				if isFast {
					hits++
				}
			}
		}
	}
	if hits < tried/3 {
		t.Errorf("%d of %d are read fast", hits, tried)
	}
	t.Logf("%d of %d are read fast", hits, tried)
}

// The same law among any digits.
func TestFastIsWhatTheLibraryReadsOfAnyDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"", "DE", "RU", "KZ", "BY", "UA", "US", "CA", "GB", "JE", "IT", "SM", "FR", "AR", "BR", "MX", "CN", "IN", "AE", "PL", "ZZ"}).Draw(t, "region")
		text := rapid.StringMatching(`[ (]?\+?[0-9][0-9 ().\-]{5,18}`).Draw(t, "text")
		if wrong, _ := same(text, name); wrong != "" {
			t.Fatal(wrong)
		}
	})
}

func FuzzFast(f *testing.F) {
	for _, text := range []string{"+49 30 1234567", "89161234567", "8 (916) 123-45-67", "0301234567", "+1 650 253 0000", "(0)30 1234567", "+7 701 511 22 33", "0049 30 1234567", "810 49 30 1234567"} {
		for _, region := range []string{"DE", "RU", "KZ", "US", ""} {
			f.Add(text, region)
		}
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		if wrong, _ := same(text, region); wrong != "" {
			t.Fatal(wrong)
		}
	})
}

// The numbers that most tables hold are read fast, and E164 of any text is that of the library.
func TestUsualSpellingsAreReadFast(t *testing.T) {
	for _, tc := range []struct{ text, region, want string }{
		{"+7 (916) 123-45-67", "RU", "+79161234567"},
		{"8 (916) 123-45-67", "RU", "+79161234567"},
		{"89161234567", "RU", "+79161234567"},
		{"79161234567", "RU", "+79161234567"},
		{"9161234567", "RU", "+79161234567"},
		{"+7 495 123-45-67", "", "+74951234567"},
		{"+7 701 511 22 33", "RU", "+77015112233"},
		{"030 1234567", "DE", "+49301234567"},
		{"0171 1234567", "DE", "+491711234567"},
		{"+49 (0)171 1234567", "DE", "+491711234567"},
		{"+375 29 123-45-67", "BY", "+375291234567"},
		{"(650) 253-0000", "US", "+16502530000"},
	} {
		if got, ok := fast(tc.text, tc.region); !ok || got != tc.want {
			t.Errorf("%q in %q: %q, %t", tc.text, tc.region, got, ok)
		}
		if wrong, _ := same(tc.text, tc.region); wrong != "" {
			t.Error(wrong)
		}
	}
	if n := testing.AllocsPerRun(100, func() { fast("8 (916) 123-45-67", "RU") }); n > 8 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFast(b *testing.B) {
	texts := make([]string, 10_000)
	for i := range texts {
		texts[i] = fmt.Sprintf("8 (916) %03d-%02d-%02d", i/10%1000, i%100, i*7%100)
	}
	b.Run("fast", func(b *testing.B) {
		for i := range b.N {
			fast(texts[i%len(texts)], "RU")
		}
	})
	b.Run("library", func(b *testing.B) {
		for i := range b.N {
			slow(texts[i%len(texts)], "RU")
		}
	})
}
