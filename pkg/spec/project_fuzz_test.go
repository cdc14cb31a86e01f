package spec

import (
	"os"
	"path/filepath"
	"testing"
)

// A project file and a manifest beside it, whatever they hold, give a set or problems,
// and each problem lies inside its file.
func FuzzProjectAndManifests(f *testing.F) {
	const head = "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: acme}\nspec: "
	const company = "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec: {fields: {title: \"${var.x}\"}}\n"
	f.Add([]byte(head+"{manifests: [\"m/*.yaml\"], environments: {prod: {portal: {webhook: {env: B24_WEBHOOK_URL}}, vars: {x: y}}}}\n"), []byte(company))
	f.Add([]byte(head+"{manifests: [\"m/**/**/*.yaml\", \"../x\", \"[\"], guards: {delete: {max: -1, percent: 500}}}\n"), []byte("---\n...\n"))
	f.Add([]byte(head+"{defaults: {phoneRegion: XX, policy: {title: never}}, identity: {quote: {field: 1}}, formerNames: [acme, \"\"]}\n"), []byte("a: [\n"))
	f.Add([]byte("kind: Project\n---\nkind: Project\n"), []byte(head+"{}"))
	f.Add([]byte(""), []byte("\ufeff"+company))
	f.Fuzz(func(t *testing.T, project, manifest []byte) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "m"), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{ProjectFile: project, filepath.Join("m", "a.yaml"): manifest} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		set, problems := Load(Options{Dir: dir, Getenv: testEnv})
		if (set == nil) != problems.HasErrors() {
			t.Errorf("set is nil: %t, problems: %v", set == nil, problems)
		}
		for _, p := range problems {
			if p.Line < 0 || p.Col < 0 || p.Message.IsZero() || p.Rule == "" {
				t.Errorf("a problem without its place: %+v", p)
			}
		}
	})
}
