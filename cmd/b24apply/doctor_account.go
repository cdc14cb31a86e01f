package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
func (p profile) person() string {
	if name := strings.TrimSpace(p.Name + " " + p.LastName); name != "" {
		return fmt.Sprintf("%s (user %s)", name, p.ID)
	}
	return "user " + p.ID.String()
}

// checkCredential calls the portal with the credential for the first time.
func (d *doctor) checkCredential(ctx context.Context) []finding {
	sent := time.Now()
	r, err := d.client.Call(ctx, "profile", nil)
	received := time.Now()
	if err != nil {
		return one(ui.CheckFail, hintOf(err, "check that the address is a Bitrix24 portal's"), "not accepted: %s", said(err))
	}
	d.noteTime("profile", r.Time)
	d.readClock(sent, received, r.Time.Finish)
	// An empty object means that the user left. It is written as [], which is no object.
	if _ = json.Unmarshal(r.Result, &d.profile); d.profile.ID == "" {
		return one(ui.CheckFail, "use the "+d.holder()+" of an active user", "accepted, but the user behind it is not active")
	}
	return fine("the portal accepts the %s", d.holder())
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
		return one(ui.CheckFail, "use the "+d.holder()+" of an active user", "%s, who is not active", d.profile.person())
	case user.Type == "extranet":
		return one(ui.CheckWarn, "use the "+d.holder()+" of an employee", "%s, an external user: the portal refuses them many methods of the CRM", d.profile.person())
	case d.profile.Admin:
		return fine("%s, active, an administrator", d.profile.person())
	}
	return fine("%s, active, not an administrator", d.profile.person())
}

// checkScopeCRM looks for the one scope without which nothing can be done.
func (d *doctor) checkScopeCRM(context.Context) []finding {
	var granted []string
	if err := d.fact("scope", &granted); err != nil {
		return unknown("what the "+d.holder()+" may do", err)
	}
	if !slices.Contains(granted, "crm") {
		return one(ui.CheckFail, d.addScope("crm"), "the %s lacks it, and every method of the CRM needs it", d.holder())
	}
	return fine("granted")
}

// A scopeNeed is a scope that a part of the tool needs.
type scopeNeed struct {
	any []string // each of them is enough; the first grants the least
	why string
	by  func(*spec.Resource) bool // a resource that needs it
}

// scopeNeeds lists the scopes besides crm.
// Source: https://apidocs.bitrix24.com/api-reference/scopes/permissions.html
func scopeNeeds() []scopeNeed {
	return []scopeNeed{
		{[]string{"user_basic", "user"}, "to find users by e-mail or name", namesUser},
		{[]string{"userfieldconfig"}, "to manage custom fields", managesFields},
		{[]string{"catalog"}, "to manage products of the catalogue", managesCatalogue},
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
		return unknown("what the "+d.holder()+" may do", err)
	}
	var have []string
	var out []finding
	for _, need := range scopeNeeds() {
		if at := slices.IndexFunc(need.any, func(s string) bool { return slices.Contains(granted, s) }); at >= 0 {
			have = append(have, need.any[at])
			continue
		}
		f := finding{ui.CheckWarn, "missing: " + need.any[0] + ", " + need.why, d.addScope(need.any[0])}
		switch {
		case slices.ContainsFunc(d.set.Resources, need.by):
			f.status, f.message = ui.CheckFail, f.message+", which these manifests want"
		case len(d.set.Resources) > 0:
			unused = append(unused, need.any[0])
			continue
		}
		out = append(out, f)
	}
	if len(have) > 0 {
		out = append(fine("granted: %s", strings.Join(have, ", ")), out...)
	}
	if len(unused) > 0 {
		out = append(out, note("not granted, and not needed by these manifests: %s", strings.Join(unused, ", "))...)
	}
	return out
}

// checkAdministrator warns of what is hidden from others: a list leaves out what its
// reader may not see, and says nothing.
func (d *doctor) checkAdministrator(context.Context) []finding {
	if d.profile.Admin {
		return fine("yes: no record is hidden from this user")
	}
	return one(ui.CheckWarn, "use the "+d.holder()+" of an administrator, or let the user's role read all records of the types that are managed and say seesAll: true under portal of the environment",
		"no: lists leave out what this user may not read, so that a record can seem to be missing")
}

// checkSettings asks for what only those may read who may administer the CRM.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-object-types/crm-type-list.html
func (d *doctor) checkSettings(context.Context) []finding {
	var types json.RawMessage
	err := d.fact("crm.type.list", &types)
	var refusal *bitrix.Error
	switch {
	case err == nil:
		return fine("this user may change smart processes, pipelines and fields")
	case !errors.As(err, &refusal) || refusal.Code != "ACCESS_DENIED":
		return unknown("whether this user may change the CRM's settings", err)
	}
	const denied = "this user may not change smart processes, pipelines and fields"
	hint := "give the user's role the right to change the CRM's settings, or use the " + d.holder() + " of an administrator"
	switch {
	case slices.ContainsFunc(d.set.Resources, func(r *spec.Resource) bool { return r.Kind.Class == kind.ClassType }):
		return one(ui.CheckFail, hint, "%s, which these manifests want", denied)
	case len(d.set.Resources) > 0:
		return note("%s; these manifests do not ask for it", denied)
	}
	return one(ui.CheckWarn, hint, "%s", denied)
}

// importMethod creates records 20 to a call, with no automation.
const importMethod = "crm.item.batchimport"

// checkImport tells as much about imports as can be known without one: no method
// tells a user's right to import.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/import/index.html
func (d *doctor) checkImport(context.Context) []finding {
	var method struct{ IsExisting, IsAvailable bool }
	if err := d.fact("method.get", &method); err != nil {
		return unknown("whether records can be imported", err)
	}
	switch {
	case !method.IsExisting:
		return note("this portal has no crm.item.batchImport; records are created by crm.item.add")
	case d.profile.Admin:
		return fine("the portal has the method, and an administrator may use it")
	}
	return note("the portal has the method; whether this user may import can't be known without writing")
}
