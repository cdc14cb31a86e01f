package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A profile is what the method of that name tells with no scope at all.
// Source: https://apidocs.bitrix24.com/api-reference/common/users/profile.html
type profile struct {
	ID       json.Number `json:"ID"` // as text or as a number
	Admin    bool        `json:"ADMIN"`
	Name     string      `json:"NAME"`
	LastName string      `json:"LAST_NAME"`
	Zone     string      `json:"TIME_ZONE"`
}

// person names the user.
func (p profile) person() value.Message {
	if name := strings.TrimSpace(p.Name + " " + p.LastName); name != "" {
		return value.Say("user-of-name", value.T("name", name), value.T("id", p.ID.String()))
	}
	return value.Say("user-of-id", value.T("id", p.ID.String()))
}

// checkCredential calls the portal with the credential for the first time.
func (d *doctor) checkCredential(ctx context.Context) []finding {
	sent := time.Now()
	r, err := d.client.Call(ctx, "profile", nil)
	received := time.Now()
	if err != nil {
		return one(ui.CheckFail, hintOf(err, value.Say("check-address-is-portal")), value.Say("not-accepted", value.M("why", said(err))))
	}
	d.noteTime("profile", r.Time)
	d.readClock(sent, received, r.Time.Finish)
	// An empty object means that the user left. It is written as [], which is no object.
	if _ = json.Unmarshal(r.Result, &d.profile); d.profile.ID == "" {
		return one(ui.CheckFail, value.Say("use-active-user", value.M("holder", d.holder())), value.Say("accepted-for-inactive-user"))
	}
	return fine("portal-accepts", value.M("holder", d.holder()))
}

// checkUser tells on whose behalf everything is done.
// Source: https://apidocs.bitrix24.com/api-reference/user/user-current.html
func (d *doctor) checkUser(context.Context) []finding {
	var user struct {
		Active *bool  `json:"ACTIVE"`
		Type   string `json:"USER_TYPE"`
	}
	// Without a scope for users it is refused; the profile has told the rest.
	err := d.fact("user.current", &user)
	switch {
	case err == nil && user.Active != nil && !*user.Active:
		return one(ui.CheckFail, value.Say("use-active-user", value.M("holder", d.holder())), value.Say("is-not-active", value.M("person", d.profile.person())))
	case user.Type == "extranet":
		return one(ui.CheckWarn, value.Say("use-employee", value.M("holder", d.holder())), value.Say("is-external-user", value.M("person", d.profile.person())))
	case d.profile.Admin:
		return fine("is-active-administrator", value.M("person", d.profile.person()))
	}
	return fine("is-active-and-no-administrator", value.M("person", d.profile.person()))
}

// checkScopeCRM looks for the one scope without which nothing can be done.
func (d *doctor) checkScopeCRM(context.Context) []finding {
	var granted []string
	if err := d.fact("scope", &granted); err != nil {
		return unknown(value.Say("question-of-permissions", value.M("holder", d.holder())), err)
	}
	if !slices.Contains(granted, "crm") {
		return one(ui.CheckFail, d.addScope("crm"), value.Say("lacks-scope-crm", value.M("holder", d.holder())))
	}
	return fine("is-granted")
}

// A scopeNeed is a scope that a part of the tool needs.
type scopeNeed struct {
	any []string                  // each of them is enough; the first grants the least
	why string                    // the sentence that says what for
	by  func(*spec.Resource) bool // a resource that needs it
}

// scopeNeeds lists the scopes besides crm.
// Source: https://apidocs.bitrix24.com/api-reference/scopes/permissions.html
func scopeNeeds() []scopeNeed {
	return []scopeNeed{
		{[]string{"user_basic", "user"}, "to-find-users", namesUser},
		{[]string{"userfieldconfig"}, "to-manage-fields", managesFields},
		{[]string{"catalog"}, "to-manage-products", managesCatalogue},
	}
}

// namesUser tells whether a record names a user otherwise than by id.
func namesUser(r *spec.Resource) bool {
	return slices.ContainsFunc(r.Fields(), func(f value.Field) bool {
		rule, _ := r.Kind.Field(f.Name)
		return rule.Type == kind.TypeUser && slices.ContainsFunc(slices.Concat(f.Value.Items, []value.Node{f.Value}), func(v value.Node) bool {
			return v.Kind == value.Scalar && strings.Trim(v.Text, "0123456789") != ""
		})
	})
}

func managesFields(r *spec.Resource) bool {
	_, inline := r.Field("fields")
	return r.Kind.Class == kind.ClassField || r.Kind.Class == kind.ClassType && inline
}

func managesCatalogue(r *spec.Resource) bool {
	return r.Kind.Class == kind.ClassCatalog || slices.ContainsFunc(r.Lookups(), func(l value.Lookup) bool {
		return slices.ContainsFunc(kind.BuiltIn().Catalogs(), func(k *kind.Kind) bool { return k.Space == l.Space })
	})
}

// checkOtherScopes compares what is granted with what is needed: by the manifests,
// where there are any.
func (d *doctor) checkOtherScopes(context.Context) []finding {
	var granted, unused []string
	if err := d.fact("scope", &granted); err != nil {
		return unknown(value.Say("question-of-permissions", value.M("holder", d.holder())), err)
	}
	var have []string
	var out []finding
	for _, need := range scopeNeeds() {
		if at := slices.IndexFunc(need.any, func(s string) bool { return slices.Contains(granted, s) }); at >= 0 {
			have = append(have, need.any[at])
			continue
		}
		missing := []value.Arg{value.T("scope", need.any[0]), value.M("why", value.Say(need.why))}
		f := finding{ui.CheckWarn, value.Say("scope-is-missing", missing...), d.addScope(need.any[0])}
		switch {
		case slices.ContainsFunc(d.set.Resources, need.by):
			f.status, f.message = ui.CheckFail, value.Say("wanted-scope-is-missing", missing...)
		case len(d.set.Resources) > 0:
			unused = append(unused, need.any[0])
			continue
		}
		out = append(out, f)
	}
	if len(have) > 0 {
		out = append(fine("are-granted", value.L("have", have)), out...)
	}
	if len(unused) > 0 {
		out = append(out, note("not-granted-nor-needed", value.L("unused", unused))...)
	}
	return out
}

// checkAdministrator warns of what is hidden from others: a list leaves out what its
// reader may not see, and says nothing.
func (d *doctor) checkAdministrator(context.Context) []finding {
	if d.profile.Admin {
		return fine("is-administrator")
	}
	return one(ui.CheckWarn, value.Say("use-administrator-or-see-all", value.M("holder", d.holder())),
		value.Say("is-no-administrator"))
}

// checkSettings asks for what only those may read who may administer the CRM.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-object-types/crm-type-list.html
func (d *doctor) checkSettings(context.Context) []finding {
	var types json.RawMessage
	err := d.fact("crm.type.list", &types)
	var refusal *bitrix.Error
	switch {
	case err == nil:
		return fine("user-may-change-settings")
	case !errors.As(err, &refusal) || refusal.Code != "ACCESS_DENIED":
		return unknown(value.Say("question-of-settings"), err)
	}
	hint := value.Say("give-right-to-change", value.M("holder", d.holder()))
	switch {
	case slices.ContainsFunc(d.set.Resources, func(r *spec.Resource) bool { return r.Kind.Class == kind.ClassType }):
		return one(ui.CheckFail, hint, value.Say("user-may-not-change-wanted-settings"))
	case len(d.set.Resources) > 0:
		return note("user-may-not-change-unneeded-settings")
	}
	return one(ui.CheckWarn, hint, value.Say("user-may-not-change-settings"))
}

// importMethod creates records 20 to a call, with no automation.
const importMethod = "crm.item.batchimport"

// checkImport tells as much about imports as can be known without one: no method
// tells a user's right to import.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/import/index.html
func (d *doctor) checkImport(context.Context) []finding {
	var method struct{ IsExisting, IsAvailable bool }
	if err := d.fact("method.get", &method); err != nil {
		return unknown(value.Say("question-of-import"), err)
	}
	switch {
	case !method.IsExisting:
		return note("import-is-not-there")
	case d.profile.Admin:
		return fine("import-may-be-used")
	}
	return note("import-is-there")
}
