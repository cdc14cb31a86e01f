package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// What an answer repeats of our own credential is hidden in every output, however it is
// written there; what is not ours stays.
func TestCaseA9OurOwnCredentialInAnAnswerIsHidden(t *testing.T) {
	const hook, token = "~s3cret-Hook_path.x1", "0123abcd+/=token&é"
	refuses := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what came is enough
		said := "https://x.example/bitrix/tools/crm_show_file.php?auth=" + url.QueryEscape(token) + "&fileId=7 " + r.URL.String() + " " + string(body)
		if refuses {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "X", "error_description": said, "argument": token})
			return
		}
		text, _ := json.Marshal(map[string]any{"result": map[string]any{"item": map[string]string{
			"urlMachine": said, "plain": "auth=" + token, "hook": "https://x.example/rest/1/" + hook + "/crm.item.get", "tilde": strings.ReplaceAll(hook, "~", "%7E"),
			"other": "auth=somebodyelses0123456789",
		}}})
		_, _ = w.Write(bytes.ReplaceAll(text, []byte("/"), []byte(`\/`)))
	}))
	defer server.Close()
	for name, vars := range map[string]map[string]string{
		hook:  {webhookVariable: server.URL + "/rest/1/" + hook + "/"},
		token: {portalVariable: server.URL, accessVariable: token},
	} {
		vars[planVariable], vars["B24_STATE_HOME"] = "box", t.TempDir()
		for _, refuses = range []bool{false, true} {
			for _, args := range [][]string{
				{"call", "crm.item.get", "entityTypeId=2", "id=1"}, {"call", "crm.item.get", "id=1", "--full"}, {"-v", "call", "crm.item.add", "entityTypeId=2", "--yes"},
			} {
				var out bytes.Buffer
				var log sharedBuffer
				run(t.Context(), env{stdin: strings.NewReader("{\"id\":1}\n{\"id\":2}\n"), stdout: &out, stderr: &log, getenv: getter(vars)}, append([]string{"-C", t.TempDir()}, args...))
				all := out.String() + log.String()
				for _, form := range append(secretForms(name), strings.ReplaceAll(name, "~", "%7E")) {
					if strings.Contains(all, form) {
						t.Errorf("%v shows %q:\n%s", args, form, all)
					}
				}
				if args[0] == "call" && !refuses && (!strings.Contains(all, "***") || !strings.Contains(all, "somebodyelses0123456789")) {
					t.Errorf("%v: nothing was repeated, or too much hidden:\n%s", args, all)
				}
			}
		}
	}
}
