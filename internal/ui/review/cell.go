package review

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Class is what becomes of a field, whatever it holds.
type Class string

// The classes.
const (
	Absent  Class = ""        // the change does not set the field, others of its cause do
	Filled  Class = "filled"  // it held nothing
	Emptied Class = "emptied" // it will hold nothing
	Respelt Class = "respelt" // the same value, as the portal spells it
	Changed Class = "changed"
)

// A Shape is how a field is laid out.
type Shape string

// The shapes, in the order in which one takes the place of another where fields of one cause differ.
const (
	Plain Shape = "plain"
	User  Shape = "user"
	Money Shape = "money"
	Stage Shape = "stage"
	Rows  Shape = "rows" // of products
	Text  Shape = "text" // long
	List  Shape = "list"
)

var shapes = []Shape{Plain, User, Money, Stage, Rows, Text, List}

// A Column is one field of the changes of a cause.
type Column struct {
	Name, Label string
	Type        value.Type
	Shape       Shape
	Class       Class // of the first change that sets it
	Constant    bool  // it is the same in all changes
	Currency    string

	place, count int
	seen         []byte
	varies       bool
}

// add takes in what a change does to the field.
func (c *Column) add(of *plan.Change, f *plan.Field, seen []byte) {
	if c.count == 0 {
		c.seen, c.Class, c.Currency = slices.Clone(seen), classOf(of, f), currencyOf(f.After)
		if c.Currency == "" {
			c.Currency = currencyOf(f.Before)
		}
	} else if !c.varies && string(seen) != string(c.seen) {
		c.varies = true
	}
	c.count++
	c.richer(shapeOf(f))
}

func (c *Column) take(other *Column) {
	c.varies = c.varies || other.varies || string(c.seen) != string(other.seen)
	c.count += other.count
	c.richer(other.Shape)
}

func (c *Column) richer(s Shape) {
	if slices.Index(shapes, s) > slices.Index(shapes, c.Shape) {
		c.Shape = s
	}
}

// names tells how much a field tells which record it is.
func (c *Column) names() int {
	switch c.Name {
	case "title":
		return 3
	case "lastName":
		return 2
	case "name":
		return 1
	}
	return 0
}

// A Cell is what becomes of one field of a change, in texts for people.
type Cell struct {
	*Column
	Class         Class // of this change
	Before, After string
	Unit          string       // the currency of money
	Amounts       *Amounts     // of money, if both sides are numbers
	Strip         []StripStage // of a stage
	Steps         int          // of a stage, forward; 0 where that says nothing
	Gone          []string     // of a list
	Come          []string
	Stay          []string
	Words         []Piece // of a long text
	Cut           int     // how many characters of it are left out
	Rows          *RowsDiff
	Note          string
}

// Amounts are what becomes of money.
type Amounts struct {
	Diff    value.Decimal // After - Before
	Percent string        // of Before, without a sign; "" if that is nothing or says nothing
}

// A StripStage is a stage of the pipeline in which a record moves.
type StripStage struct {
	Title, Semantics string
	From, To         bool
}

// amountField is what records call their amount.
const amountField = "opportunity"

func classOf(c *plan.Change, f *plan.Field) Class {
	switch {
	case c.Action == plan.Delete:
		return Emptied
	case f.Before.IsEmpty():
		return Filled
	case f.After.IsEmpty():
		return Emptied
	case f.Respelt:
		return Respelt
	}
	return Changed
}

func isStage(f *plan.Field) bool { return f.Type.Name == "stage" || f.Name == "stageId" }

// longText is from how many bytes a text is a long one.
const longText = 80

func shapeOf(f *plan.Field) Shape {
	for _, v := range [...]value.Shown{f.Before, f.After} {
		switch items := v.Items(); {
		case len(items) > 0 && items[0].Style() == value.Row:
			return Rows
		case v.IsList() && len(items) > 1, len(items) > 0 && items[0].Style() == value.Removed:
			return List
		}
	}
	switch {
	case isStage(f):
		return Stage
	case f.Type.Name == "user" || f.Type.Name == "employee":
		return User
	case currencyOf(f.Before) != "" || currencyOf(f.After) != "":
		return Money
	case isLong(f.Before) || isLong(f.After):
		return Text
	}
	return Plain
}

func isLong(v value.Shown) bool {
	return v.Rest == nil && (len(v.Text) > longText || strings.ContainsRune(v.Text, '\n'))
}

func currencyOf(v value.Shown) string { return v.Part(value.PartCurrency).Text }

// isNumber tells whether a text is an amount.
func isNumber(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	whole, decimals, _ := strings.Cut(digits, ".")
	return whole != "" && len(digits) < 40 && strings.Trim(whole+decimals, "0123456789") == ""
}

// cells are those of a change for the columns of its cause.
func (r *Review) cells(c *plan.Change, cause *Cause) []Cell {
	out := make([]Cell, len(cause.Columns))
	for i, column := range cause.Columns {
		at := slices.IndexFunc(c.Fields, func(f plan.Field) bool { return f.Name == column.Name })
		if out[i] = (Cell{Column: column}); at >= 0 {
			r.fill(&out[i], c, &c.Fields[at])
		}
	}
	return out
}

func (r *Review) fill(x *Cell, c *plan.Change, f *plan.Field) {
	x.Class, x.Note = classOf(c, f), r.Say(f.Note)
	x.Before, x.After = r.Show(f.Before), r.Show(f.After)
	if c.Action == plan.Delete {
		x.After = ""
	}
	switch x.Shape {
	case Money:
		r.money(x, f)
	case Stage:
		r.stages(x, c, f)
	case List:
		r.list(x, f)
	case Rows:
		x.Rows = r.rows(f)
	case Text:
		r.long(x)
	}
}

// money gives the bare amounts, which whoever lays them out formats.
func (r *Review) money(x *Cell, f *plan.Field) {
	before, after := f.Before.Text, f.After.Text
	x.Unit = cmp.Or(currencyOf(f.After), currencyOf(f.Before))
	if x.Class != Filled && isNumber(before) {
		x.Before = before
	}
	if x.Class != Emptied && isNumber(after) {
		x.After = after
	}
	if x.Class != Changed || !isNumber(before) || !isNumber(after) || currencyOf(f.Before) != currencyOf(f.After) {
		return
	}
	b, a := value.Text(before).Decimal(), value.Text(after).Decimal()
	x.Amounts = &Amounts{Diff: a.Sub(b)}
	if !b.IsZero() {
		hundred := value.Text("100").Decimal()
		if p := a.Sub(b).Mul(hundred).Div(b.Abs()).Abs().Round(0); !p.IsZero() {
			x.Amounts.Percent = p.String()
		}
	}
}

// pipelineOf finds the pipeline in which a change moves its record.
func (r *Review) pipelineOf(c *plan.Change, f *plan.Field) *plan.Pipeline {
	id := f.After.Part(value.PartPipeline).Part(value.PartID).Text
	if id == "" {
		id = f.Before.Part(value.PartPipeline).Part(value.PartID).Text
	}
	for i := range r.Plan.Pipelines {
		if p := &r.Plan.Pipelines[i]; p.EntityTypeID == c.EntityTypeID && p.ID == id {
			return p
		}
	}
	return nil
}

// stageAt is the place of a stage in a pipeline; -1 if it is not in it.
func stageAt(p *plan.Pipeline, v value.Shown) int {
	id := v.Part(value.PartID).Text
	return slices.IndexFunc(p.Stages, func(s plan.Stage) bool {
		return id != "" && s.ID == id || id == "" && v.Text != "" && s.Title == v.Text
	})
}

func (r *Review) stages(x *Cell, c *plan.Change, f *plan.Field) {
	p := r.pipelineOf(c, f)
	if p == nil {
		return
	}
	from, to := stageAt(p, f.Before), stageAt(p, f.After)
	if c.Action == plan.Delete {
		to = -1
	}
	for i, s := range p.Stages {
		x.Strip = append(x.Strip, StripStage{r.Pass(s.Title), s.Semantics, i == from, i == to})
	}
	if from >= 0 && to >= 0 && isOpen(p.Stages[from]) && isOpen(p.Stages[to]) {
		x.Steps = to - from
	}
}

// isOpen tells whether records go on from a stage.
func isOpen(s plan.Stage) bool { return s.Semantics != "S" && s.Semantics != "F" }

func (r *Review) list(x *Cell, f *plan.Field) {
	before, after := entries(f.Before), entries(f.After)
	if x.Class == Emptied {
		after = nil
	}
	if change := f.List; change != nil && after != nil {
		for i, v := range before {
			if slices.Contains(change.Gone, i) {
				x.Gone = append(x.Gone, r.Show(v))
			} else {
				x.Stay = append(x.Stay, r.Show(v))
			}
		}
		for _, i := range change.Come {
			x.Come = append(x.Come, r.Show(after[i]))
		}
		return
	}
	for _, v := range before {
		x.Gone = append(x.Gone, r.Show(v))
	}
	for _, v := range after {
		x.Come = append(x.Come, r.Show(v))
	}
}

// entries are the values of a list, or the one there is.
func entries(v value.Shown) []value.Shown {
	switch {
	case v.IsEmpty():
		return nil
	case v.IsList():
		return v.Items()
	}
	return []value.Shown{v}
}

// amountOf is the first amount that a change sets, or that goes with its record; NaN for none.
func amountOf(c *plan.Change) float64 {
	for i := range c.Fields {
		f := &c.Fields[i]
		v := f.After
		if c.Action == plan.Delete {
			v = f.Before
		}
		if (currencyOf(v) != "" || f.Name == amountField) && isNumber(v.Text) {
			return value.Text(v.Text).Decimal().InexactFloat64()
		}
	}
	return math.NaN()
}
