package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/value"
)

// requireFlag collects what a portal insists on: a field at a stage, such as
// 2/WON/opportunity. Any of them turns the check of mandatory fields on too.
type requireFlag struct{ cfg *portal.Config }

func (f requireFlag) Type() string { return "TYPE/STAGE/FIELD" }

func (f requireFlag) String() string {
	var texts []string
	for _, r := range f.cfg.StageRequirements {
		texts = append(texts, fmt.Sprintf("%d/%s/%s", r.EntityTypeID, r.Stage, r.Field))
	}
	return strings.Join(texts, ",")
}

func (f requireFlag) Set(text string) error {
	parts := strings.Split(text, "/")
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return value.Err("is-no-requirement", value.Q("value", text))
	}
	entity, err := strconv.Atoi(parts[0])
	if err != nil {
		return value.Err("is-no-entity-type-id", value.Q("value", parts[0]))
	}
	f.cfg.CheckRequired = true
	f.cfg.StageRequirements = append(f.cfg.StageRequirements, portal.StageRequirement{EntityTypeID: entity, Stage: parts[1], Field: parts[2]})
	return nil
}
