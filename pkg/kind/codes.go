package kind

import (
	"regexp"
	"strconv"
	"strings"
)

// Codes are what Bitrix24 calls an entity type where it does not write the entityTypeId. Of
// smart processes they hold placeholders: {entityTypeId}, {hex} for it in hexadecimal digits,
// and {typeId} for the id of the type.
// Source: api-reference/crm/data-types.md#object_type.
type Codes struct {
	Short      string // owners of product rows and values of bindings: "D", as in D_12
	Binding    string // settings of a binding: "DEAL"
	Object     string // what user fields belong to: "CRM_DEAL"
	Duplicates string // the search for duplicates: "LEAD"; "" where it knows no such records
}

// Stages say where the stages of an entity type are kept.
// Source: api-reference/crm/status/crm-status-entity-types.md.
type Stages struct {
	// Directory is the list of crm.status that holds the stages, with {category} for the
	// pipeline and {entityTypeId}; First is that of the pipeline 0, if it is another one.
	Directory, First string
	Prefix           string   // how ids of stages begin in pipelines other than that: "C{category}:"
	Pipelines        bool     // records lie in pipelines
	New              []string // the stages that the first pipeline of a new type gets
}

// fill puts numbers into the placeholders of a code.
func fill(code string, entityTypeID, category int) string {
	if !strings.Contains(code, "{") {
		return code
	}
	code = strings.ReplaceAll(code, "{entityTypeId}", strconv.Itoa(entityTypeID))
	code = strings.ReplaceAll(code, "{hex}", strconv.FormatInt(int64(entityTypeID), 16))
	return strings.ReplaceAll(code, "{category}", strconv.Itoa(category))
}

// ShortCode is what product rows and bindings call an entity type: "D", "T40e".
func (k *Kind) ShortCode(entityTypeID int) string { return fill(k.Codes.Short, entityTypeID, 0) }

// Object is what user fields of an entity type belong to: "CRM_DEAL", or of a smart process
// "CRM_" and the id of its type. It is false where that id is needed and typeID is 0.
func (k *Kind) Object(typeID int) (string, bool) {
	if !strings.Contains(k.Codes.Object, "{typeId}") {
		return k.Codes.Object, true
	}
	return strings.ReplaceAll(k.Codes.Object, "{typeId}", strconv.Itoa(typeID)), typeID != 0
}

var typeObject = regexp.MustCompile(`^UF_(CRM_[0-9]+)_`)

// ObjectOf is Object by the name of one of the user fields, in capital letters; "" if it does
// not tell.
func (k *Kind) ObjectOf(userField string) string {
	if object, ok := k.Object(0); ok {
		return object
	}
	if m := typeObject.FindStringSubmatch(userField); m != nil {
		return m[1]
	}
	return ""
}

// StageDirectory is the list of crm.status that holds the stages of a pipeline.
func (k *Kind) StageDirectory(entityTypeID, category int) string {
	if category == 0 && k.Stages.First != "" {
		return k.Stages.First
	}
	return fill(k.Stages.Directory, entityTypeID, category)
}

// StageID is the id of a stage of a pipeline, by its short code.
func (k *Kind) StageID(entityTypeID, category int, short string) string {
	return fill(k.Stages.Prefix, entityTypeID, category) + short
}

// PipelineOf is the pipeline that the id of a stage tells; false if it tells none.
func (k *Kind) PipelineOf(entityTypeID int, stageID string) (int, bool) {
	before, after, ok := strings.Cut(strings.ReplaceAll(k.Stages.Prefix, "{entityTypeId}", strconv.Itoa(entityTypeID)), "{category}")
	rest, fits := strings.CutPrefix(stageID, before)
	digits, _, ends := strings.Cut(rest, after)
	n, err := strconv.Atoi(digits)
	return n, ok && fits && ends && err == nil
}

// ShortStage drops the pipeline's prefix: "C9:WON" and "DT177_3:NEW" become WON and NEW.
func ShortStage(stageID string) string {
	if _, short, ok := strings.Cut(stageID, ":"); ok {
		return short
	}
	return stageID
}

// entityOf gives the entityTypeId that a code of a kind stands for in a text; 0 for none.
func (k *Kind) entityOf(code, text string) int {
	for placeholder, base := range map[string]int{"{entityTypeId}": 10, "{hex}": 16} {
		before, ok := strings.CutSuffix(code, placeholder)
		if !ok || len(text) <= len(before) || !strings.EqualFold(text[:len(before)], before) {
			continue
		}
		n, _ := strconv.ParseInt(text[len(before):], base, 32)
		return int(max(n, 0))
	}
	if code != "" && strings.EqualFold(code, text) {
		return k.EntityTypeID
	}
	return 0
}
