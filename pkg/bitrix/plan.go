package bitrix

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// ErrUnknownPlan refuses a Config whose Plan is none of those there are.
var ErrUnknownPlan = errors.New("unknown plan")

// LearnPlan asks the portal for its licence and from then on keeps to the
// request limit that belongs to it, which it returns: "enterprise", "standard",
// or "box" of a self-hosted portal. A licence that it does not know is standard,
// and so is a portal that does not tell; the error says why then. A client is
// never widened for any other reason: only a refusal could show that a limit is
// higher or lower.
// Source: https://apidocs.bitrix24.com/api-reference/common/system/app-info.html
func (c *Client) LearnPlan(ctx context.Context) (string, error) {
	plan := "standard"
	res, err := c.Call(ctx, "app.info", nil)
	if err == nil {
		plan, err = planOf(res.Result)
	}
	c.pace.use(plan)
	c.governor.use(plan)
	return plan, err
}

// planOf reads the plan from what app.info says of the licence.
func planOf(result []byte) (string, error) {
	var info struct {
		License string `json:"LICENSE"`
		Family  string `json:"LICENSE_FAMILY"`
	}
	if err := json.Unmarshal(result, &info); err != nil || info.License == "" {
		return "standard", errors.New("app.info: the portal does not tell its licence; its limits are taken to be those of the standard plan")
	}
	if info.Family == "ent" {
		return "enterprise", nil
	}
	return cmp.Or(LicencePlan(info.License), "standard"), nil
}

// LicencePlan is the plan whose limits belong to a licence such as de_ent250, a
// region and the name of a tariff: "standard", "enterprise" or "box"; "" if the
// text does not tell. A self-hosted portal has a licence such as de_selfhosted.
// Sources: https://apidocs.bitrix24.com/api-reference/common/system/app-info.html and
// https://apidocs.bitrix24.com/api-reference/common/system/feature-get.html
func LicencePlan(licence string) string {
	_, tariff, _ := strings.Cut(licence, "_")
	switch {
	case tariff == "":
		return ""
	case strings.Contains(tariff, "selfhosted"):
		return "box"
	case strings.HasPrefix(tariff, "ent"):
		return "enterprise"
	}
	return "standard"
}
