package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The portal's links to files hold the credential that asked for them. No answer shows
// it, however it is asked for.
func TestCaseA9OurCredentialIsInNoAnswer(t *testing.T) {
	for _, kind := range []string{"webhook", "token", "oauth"} {
		t.Run(kind, func(t *testing.T) {
			w := newCanaryWorld(t)
			logo := `{"entityTypeId":4,"fields":{"title":"L","logo":["a.png","UE5H"]}}`
			res, err := http.Post(w.url+"/rest/1/"+canaryHook+"/crm.item.add", "application/json", strings.NewReader(logo))
			if err != nil || res.StatusCode != http.StatusOK {
				t.Fatal(err, res)
			}
			_ = res.Body.Close()
			if err := os.WriteFile(filepath.Join(w.dir, "ids.ndjson"), []byte(`{"id":1}`+"\n"+`{"id":1}`+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			vars := w.credential(kind)
			for _, args := range [][]string{
				{"call", "crm.item.get", "entityTypeId=4", "id=1"},
				{"call", "crm.item.get", "entityTypeId=4", "id=1", "--full"},
				{"call", "crm.item.list", "entityTypeId=4", "--all"},
				{"call", "crm.item.get", "entityTypeId=4", "--items", "ids.ndjson"},
				{"call", "batch", "--json", `{"cmd":{"a":"crm.item.get?entityTypeId=4&id=1"}}`, "--yes"},
				{"call", "crm.item.update", "entityTypeId=4", "id=1", "fields.title=M", "--yes"},
			} {
				if out := w.run(vars, args, ""); !strings.Contains(out, "getFile.json?auth=***&token=") {
					t.Errorf("%s shows no link: %s", strings.Join(args, " "), out)
				}
			}
		})
	}
}
