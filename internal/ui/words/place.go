package words

import "strings"

// symbols are the signs of currencies that people write before an amount.
var symbols = map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "RUB": "₽"}

// Amount is an amount as the language writes it, with thousands set apart and at least two decimals. What is no
// plain number is given as it is: a plan must not show a value that is not there.
func (c *Catalogue) Amount(text, currency string) string {
	if c == nil {
		c = english
	}
	if !isPlain(text) {
		return strings.TrimSpace(text + " " + currency)
	}
	sign := ""
	if digits, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = "−", digits
	}
	whole, decimals, _ := strings.Cut(text, ".")
	for len(decimals) < 2 {
		decimals += "0"
	}
	number := c.grouped(whole) + c.Point + decimals
	symbol := symbols[currency]
	switch {
	case symbol == "":
		return strings.TrimSpace(sign + number + " " + currency)
	case c.SignBehind:
		return sign + number + " " + symbol
	}
	return sign + symbol + number
}

// Number is a whole number with its thousands set apart.
func (c *Catalogue) Number(digits string) string {
	if c == nil {
		c = english
	}
	return c.grouped(digits)
}

// isPlain tells whether a text is a decimal number.
func isPlain(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	whole, decimals, point := strings.Cut(digits, ".")
	return whole != "" && (!point || decimals != "") && strings.Trim(whole+decimals, "0123456789") == ""
}

// Place is how amounts are written, for who writes them elsewhere: what stands between thousands and
// before decimals, whether signs of currencies stand behind, and these signs.
func (c *Catalogue) Place() (thousands, point string, behind bool, signs map[string]string) {
	if c == nil {
		c = english
	}
	return c.Thousands, c.Point, c.SignBehind, symbols
}
