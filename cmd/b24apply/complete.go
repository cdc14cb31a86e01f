package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/spec"
)

// completeSaved offers saved plans.
func completeSaved(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return savedExtensions, cobra.ShellCompDirectiveFilterFileExt
}

// completions tells the shell what flags can take: environments of the project, formats,
// ways to a portal. Nothing is sent, and no problem of the manifests is told.
func (a *app) completions(c *cobra.Command) {
	for name, values := range map[string]func() []string{
		"env":    a.environmentNames,
		"output": func() []string { return []string{"text", "json"} },
		"portal": func() []string { return []string{"embedded", "embedded:"} },
	} {
		if c.Flags().Lookup(name) == nil {
			continue
		}
		_ = c.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { // it fails for flags that do not exist
			return values(), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

func (a *app) environmentNames() []string {
	set, _ := spec.LoadProject(spec.Options{Dir: a.dir, Getenv: a.getenv, Kinds: a.kinds})
	if set == nil {
		return nil
	}
	var out []string
	for _, e := range set.Project.Environments {
		out = append(out, e.Name)
	}
	return out
}

// completeAddress offers the addresses of declared records; while no slash is typed, and
// where nothing is declared, the kinds.
func (a *app) completeAddress(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	if set, _ := spec.Load(a.loading()); set != nil {
		for _, r := range set.Resources {
			if r.Kind.HasFields() && strings.HasPrefix(string(r.Address), strings.ToLower(typed)) {
				out = append(out, string(r.Address))
			}
		}
	}
	if len(out) > 0 {
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	for _, k := range a.kinds.All() {
		if k.HasFields() && k.Space != "" && strings.HasPrefix(k.Space+"/", strings.ToLower(typed)) {
			out = append(out, k.Space+"/")
		}
	}
	slices.Sort(out)
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
