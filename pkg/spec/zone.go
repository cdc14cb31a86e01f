package spec

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// zoneAreas are the first parts of zones that are named after a city.
// Source: https://data.iana.org/time-zones/theory.html, section "Timezone identifiers".
var zoneAreas = []string{"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}

// zoneHint names the zone that a wrong name probably means: it lacks the area or has
// other capitals.
func zoneHint(name string) value.Message {
	near := capitals(name)
	for _, candidate := range append([]string{near}, withAreas(near)...) {
		if value.Zone(candidate) != nil {
			return didYouMean(quote(candidate))
		}
	}
	return value.Say("write-time-zone")
}

func withAreas(city string) []string {
	var out []string
	for _, area := range zoneAreas {
		out = append(out, area+"/"+city)
	}
	return out
}

// capitals writes a name of a zone as the database does: each word with a capital, and _
// between words.
func capitals(name string) string {
	out := []byte(strings.ToLower(strings.Join(strings.Fields(name), "_")))
	for i, c := range out {
		if first := i == 0 || strings.IndexByte("/_-", out[i-1]) >= 0; first && 'a' <= c && c <= 'z' {
			out[i] = c - 'a' + 'A'
		}
	}
	return string(out)
}
