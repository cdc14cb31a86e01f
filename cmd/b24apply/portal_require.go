package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/portal"
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
		return fmt.Errorf("%q is not an entityTypeId, a stage and a field, such as 2/WON/opportunity", text)
	}
	entity, err := strconv.Atoi(parts[0])
	if err != nil {
		return fmt.Errorf("%q is no entityTypeId; write it like 2/WON/opportunity", parts[0])
	}
	f.cfg.CheckRequired = true
	f.cfg.StageRequirements = append(f.cfg.StageRequirements, portal.StageRequirement{EntityTypeID: entity, Stage: parts[1], Field: parts[2]})
	return nil
}
