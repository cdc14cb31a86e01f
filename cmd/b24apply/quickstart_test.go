package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The quickstart applies to a portal that has no Russian templates of requisites, and a
// second plan is empty. So it does where the templates are those of another country.
func TestWordsQuickstartRunsOnAPortalOfAnyCountry(t *testing.T) {
	for name, presets := range map[string][]string{
		"none":   nil,
		"German": {`{"ENTITY_TYPE_ID":8,"COUNTRY_ID":46,"NAME":"Unternehmen"}`},
		"French": {`{"ENTITY_TYPE_ID":8,"COUNTRY_ID":132,"NAME":"Société"}`, `{"ENTITY_TYPE_ID":8,"COUNTRY_ID":132,"NAME":"Personne"}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPruned(t, map[string]string{"m/a.yaml": deals("first")})
			for _, id := range []string{"1", "2", "3"} {
				p.post("crm.requisite.preset.delete", `{"id":`+id+`}`)
			}
			for _, fields := range presets {
				p.post("crm.requisite.preset.add", `{"fields":`+fields+`}`)
			}
			p.dir = filepath.Join(t.TempDir(), "quickstart")
			if err := os.CopyFS(p.dir, os.DirFS(filepath.Join(repository, "examples", "quickstart"))); err != nil {
				t.Fatal(err)
			}
			p.settled()
		})
	}
}
