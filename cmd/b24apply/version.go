package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker for a release: -ldflags "-X main.version=v1.2.3".
var version = ""

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.stdout, versionLine())
			return err
		},
	}
}

func versionLine() string {
	return fmt.Sprintf("b24apply %s (%s, %s, %s/%s)", versionText(), buildText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// commit and date are set by the linker where the build is not from a checkout of git:
// -ldflags "-X main.commit=0123abc -X main.date=2026-11-22T09:30:00Z".
var commit, date = "", ""

// buildText says which commit was built and when it was made.
func buildText() string {
	revision, made, changed := commit, date, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && revision == "":
				revision = s.Value
			case s.Key == "vcs.time" && made == "":
				made = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				changed = " and changes"
			}
		}
	}
	if revision == "" {
		return "commit unknown"
	}
	return "commit " + revision[:min(len(revision), 12)] + changed + " of " + cmp.Or(made, "an unknown date")
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
