package diff

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A pipelineID names a pipeline, or the one list of stages of an entity type.
type pipelineID struct{ entityTypeID, id int }

// pipelines lists those from which or into which changes move records, so that a reviewer
// sees how far a stage is from another.
func (c *computer) pipelines() []plan.Pipeline {
	var out []plan.Pipeline
	for _, p := range slices.SortedFunc(maps.Keys(c.shown), func(a, b pipelineID) int {
		return cmp.Or(cmp.Compare(a.entityTypeID, b.entityTypeID), cmp.Compare(a.id, b.id))
	}) {
		out = append(out, c.pipeline(p))
	}
	return out
}

func (c *computer) pipeline(p pipelineID) plan.Pipeline {
	out := plan.Pipeline{EntityTypeID: p.entityTypeID, Stages: []plan.Stage{}}
	if c.Meta.KindOf(p.entityTypeID).Stages.Pipelines {
		of, _ := c.Meta.Category(p.entityTypeID, p.id)
		out.ID, out.Title = strconv.Itoa(p.id), of.Name
	}
	for _, e := range c.Meta.Statuses[c.Meta.StageDirectory(p.entityTypeID, p.id)] {
		out.Stages = append(out.Stages, plan.Stage{ID: e.ID, Title: e.Name, Semantics: e.Semantics})
	}
	return out
}

// notePipelines notes the pipelines whose stages a change shows.
func (c *computer) notePipelines(ch *plan.Change) {
	for _, d := range ch.Fields {
		if d.Name != kind.StageField || ch.EntityTypeID == 0 {
			continue
		}
		for _, side := range []value.Shown{d.Before, d.After} {
			if !side.IsEmpty() {
				c.shown[pipelineID{ch.EntityTypeID, value.IDNumber(side.Part(value.PartPipeline).Part(value.PartID).Text)}] = true
			}
		}
	}
}
