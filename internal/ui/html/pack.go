package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// All changes are packed as text: a line of JSON with columns of numbers, then a line of each
// change, its parts apart by characters that no text holds, since package inert has marked them.
const (
	betweenParts = "\x1f"
	betweenSides = "\x1e"
	lineBreak    = "\x1d"
	betweenItems = "\x1c"
	betweenRows  = "\x1b"
	goneFrom     = "\x11"
	comeFrom     = "\x12"
	until        = "\x13"
)

// longestCell is how much of a value stands in the list of changes, in characters.
const longestCell = 300

// packed is what the script reads.
type packed struct {
	Lang      string                 `json:"lang"`
	Plan      string                 `json:"plan"`
	Host      string                 `json:"host"` // with {path} in the place of a page
	Texts     map[string]string      `json:"m"`
	Kinds     map[string]string      `json:"kinds"`
	Files     []string               `json:"files"`
	Causes    []packedCause          `json:"causes"`
	Pipelines map[int][]packedStages `json:"pipelines"`
	Total     int                    `json:"total"` // in the list
	All       int                    `json:"all"`
	Run       bool                   `json:"run"`
	Money     packedMoney            `json:"money"`
	Rows      string                 `json:"rows"`
}

type packedStages [][2]string

type packedMoney struct {
	Thousands string            `json:"thousands"`
	Point     string            `json:"point"`
	Behind    bool              `json:"behind"`
	Symbols   map[string]string `json:"symbols"`
}

type packedCause struct {
	Digest string        `json:"D"`
	Kind   string        `json:"K"`
	Action string        `json:"A"`
	Status string        `json:"S"`
	Text   string        `json:"T"`
	Entity int           `json:"Et"`
	Page   string        `json:"P"` // with {id} in the place of the id
	Prefix string        `json:"X"` // of addresses
	Count  int           `json:"N"` // in the list
	All    int           `json:"All"`
	Why    string        `json:"R"`
	Hint   string        `json:"H"`
	Code   string        `json:"C"`
	Fields []packedField `json:"F"`
}

type packedField struct {
	Label    string `json:"L"`
	Code     string `json:"C"`
	Shape    string `json:"S"`
	Class    string `json:"K"`
	Unit     string `json:"U"`
	Before   string `json:"B"`
	After    string `json:"A"`
	Constant bool   `json:"Const"`
}

// columns are the numbers of the changes of one cause. Ids and lines are told by what they are more
// than those before; flags and files that are the same in all changes are one number.
type columns struct {
	N         int
	ID, Ln    []int
	Fl, Fi    any
	fl, fi    []int
	last, row int
}

// A packer packs the changes of a page.
type packer struct {
	*view
	less  omission
	files []string
	known map[string]int
	text  bytes.Buffer
}

// pack packs all changes, with so much left out.
func (v *view) pack(level int) (*packed, error) {
	p := &packer{view: v, less: omissions[level], known: make(map[string]int)}
	out := &packed{Lang: v.Page.Lang, Plan: v.Plan.Digest, Host: v.host(), Texts: v.texts(), Kinds: make(map[string]string), Pipelines: make(map[int][]packedStages), Run: v.Report != nil, All: v.Size(), Money: v.money()}
	var all []*columns
	for _, c := range v.Causes {
		cols := &columns{}
		for _, i := range v.Members(c.Cause)[:p.less.rows(c.Cause)] {
			row, err := v.Row(int(i))
			if err != nil {
				return nil, err
			}
			p.row(cols, c, row)
		}
		cols.end()
		all = append(all, cols)
		out.Kinds[c.Kind] = c.Heading
		out.Total += cols.N
		out.Causes = append(out.Causes, p.cause(c, cols.N))
	}
	for _, line := range v.Plan.Pipelines {
		var stages packedStages
		for _, s := range line.Stages {
			stages = append(stages, [2]string{v.Pass(s.Title), v.Pass(s.Semantics)})
		}
		out.Pipelines[line.EntityTypeID] = append(out.Pipelines[line.EntityTypeID], stages)
	}
	out.Files = append([]string{}, p.files...)
	var err error
	out.Rows, err = p.squeeze(all)
	return out, err
}

func (v *view) money() packedMoney {
	m := packedMoney{Symbols: make(map[string]string)}
	m.Thousands, m.Point, m.Behind, m.Symbols = v.Words.Place()
	return m
}

// squeeze compresses the columns and the lines.
func (p *packer) squeeze(all []*columns) (string, error) {
	head, err := json.Marshal(all)
	if err != nil {
		return "", err
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	for _, text := range [][]byte{head, {'\n'}, p.text.Bytes()} {
		if _, err := w.Write(text); err != nil {
			return "", err
		}
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(z.Bytes()), nil
}

// end gives columns that say one thing one number.
func (c *columns) end() {
	c.Fl, c.Fi = c.fl, c.fi
	same := func(list []int) bool {
		return len(list) > 0 && !slices.ContainsFunc(list, func(n int) bool { return n != list[0] })
	}
	if same(c.fl) {
		c.Fl = c.fl[0]
	}
	if same(c.fi) {
		c.Fi = c.fi[0]
	}
}

// id is an id as a number; 0 if it is none.
func id(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > math.MaxInt32 || strconv.Itoa(n) != text {
		return 0
	}
	return n
}

// row packs one change.
func (p *packer) row(cols *columns, c *cause, row *review.Row) {
	n := id(row.ID)
	other := ""
	if n == 0 {
		other = row.ID
	}
	file, known := p.known[row.File]
	if !known {
		file = len(p.files)
		p.files, p.known[row.File] = append(p.files, row.File), file
	}
	cols.N++
	cols.ID, cols.last = append(cols.ID, n-cols.last), n
	cols.Ln, cols.row = append(cols.Ln, row.Line-cols.row), row.Line
	cols.fl, cols.fi = append(cols.fl, int(row.Flags)), append(cols.fi, file)
	var saved review.Save
	if !p.less.writers || !isSafe(c.Cause) {
		saved = review.Save{By: row.Saved.By, At: moment(row.Saved.At)}
	}
	parts := []string{p.cut(p.Pass(row.Change.Title)), p.cut(strings.TrimPrefix(p.Pass(string(row.Change.Address)), prefixOf(c))), p.cut(saved.By), saved.At, p.cut(p.Say(row.Odd)), p.why(c, row), p.pointers(row.Change), p.cut(other)}
	for i := range row.Cells {
		parts = append(parts, p.cell(&row.Cells[i]))
	}
	p.text.WriteString(strings.ReplaceAll(strings.Join(parts, betweenParts), "\n", lineBreak)) // a line a change, whatever it holds
	p.text.WriteByte('\n')
}

// cut is a value as the list has it.
func (p *packer) cut(text string) string { return cutTo(text, min(longestCell, p.less.texts)) }

// prefixOf is what the addresses of a cause begin with.
func prefixOf(c *cause) string {
	prefix, _, _ := strings.Cut(string(c.Facts().Address), "/")
	return prefix + "/"
}

// why is what went wrong with a change, or why nothing is sent for it, if that is not what the cause says.
func (p *packer) why(c *cause, row *review.Row) string {
	why := p.Say(row.Change.Reason.Message)
	if row.Outcome != nil && !row.Outcome.Error.IsZero() {
		why = p.Say(row.Outcome.Error)
	}
	if why == c.Sentence {
		return ""
	}
	return p.cut(why)
}

func (p *packer) pointers(c *plan.Change) string {
	var all []string
	for _, x := range c.Pointers {
		name := value.Verbatim(x.Title)
		if x.Kind != "" {
			name = value.Verbatim(x.Kind)
		}
		all = append(all, p.Say(value.Say("so-many-of-kind", value.N("n", x.Count), value.M("kinds", name))))
	}
	return p.cut(strings.Join(all, ", "))
}

// cell packs what becomes of one field, but for what the cause says of it.
func (p *packer) cell(x *review.Cell) string {
	if x.Constant && x.Shape != review.Rows {
		return ""
	}
	return p.sides(x)
}

func (p *packer) sides(x *review.Cell) string {
	if x.Class == review.Absent {
		return ""
	}
	switch x.Shape {
	case review.Text:
		return p.words(x)
	case review.List:
		return p.items(x.Gone) + betweenSides + p.items(x.Come) + betweenSides + p.items(x.Stay)
	case review.Rows:
		return p.products(x)
	case review.Money:
		return p.money(x, x.Before) + betweenSides + p.money(x, x.After)
	}
	before := x.Before
	if x.Class == review.Respelt && p.less.respelt > 0 {
		before = cutTo(before, p.less.respelt)
	}
	return p.cut(before) + betweenSides + p.cut(x.After)
}

// money is an amount that the script lays out, or one of another currency than the others of its cause.
func (p *packer) money(x *review.Cell, text string) string {
	if x.Unit != x.Currency && text != "" {
		return p.cut(p.amount(text, x.Unit))
	}
	return p.cut(text)
}

func (p *packer) items(all []string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = p.cut(s)
	}
	return strings.Join(out, betweenItems)
}

// words packs a long text with what goes and comes of it.
func (p *packer) words(x *review.Cell) string {
	var b strings.Builder
	room, cut := p.less.texts, x.Cut
	for _, w := range x.Words {
		text := cutTo(w.Text, max(room, 0))
		if room <= 0 {
			cut += len([]rune(w.Text))
			continue
		}
		room -= len([]rune(text))
		cut += max(0, len([]rune(w.Text))-len([]rune(text))+1) - 1
		switch w.Is {
		case '-':
			b.WriteString(goneFrom + text + until)
		case '+':
			b.WriteString(comeFrom + text + until)
		default:
			b.WriteString(text)
		}
	}
	return b.String() + betweenSides + strconv.Itoa(max(cut, 0))
}

func (p *packer) products(x *review.Cell) string {
	if x.Rows == nil {
		return ""
	}
	lines := make([]string, len(x.Rows.Lines))
	for i, l := range x.Rows.Lines {
		lines[i] = strings.Join([]string{l.Sign, p.cut(l.Name), p.cut(l.Before.Quantity), p.cut(l.After.Quantity), p.cut(l.Before.Price), p.cut(l.After.Price), p.cut(l.Before.Discount), p.cut(l.After.Discount), l.Before.Sum, l.After.Sum}, betweenItems)
	}
	return strings.Join(lines, betweenRows) + betweenSides + x.Rows.Before + betweenSides + x.Rows.After + betweenSides + x.Rows.Currency
}

// plainPath is a path of a page, with {id} in it.
var plainPath = regexp.MustCompile(`^[a-zA-Z0-9/_.?=&-]*\{id\}[a-zA-Z0-9/_.?=&-]*$`)

func (p *packer) cause(c *cause, n int) packedCause {
	first := c.Facts()
	out := packedCause{Digest: c.Digest, Kind: c.Kind, Action: string(c.Action), Status: string(c.Status), Text: c.Sentence, Entity: first.EntityTypeID, Prefix: p.Pass(prefixOf(c)), Count: n, All: c.Count, Why: c.Sentence, Hint: c.Hint, Code: c.Code, Fields: []packedField{}}
	if path := first.Page(first.EntityTypeID, "{id}"); plainPath.MatchString(path) {
		out.Page = path
	}
	if c.Status == apply.Succeeded || c.Action != plan.Refuse && c.Status == "" {
		out.Why = ""
	}
	var sample *review.Row
	if len(c.Samples) > 0 {
		sample = c.Samples[0]
	}
	for i, x := range c.Columns {
		f := packedField{Label: p.Label(x), Code: p.Pass(x.Name), Shape: string(x.Shape), Class: string(x.Class), Unit: p.Pass(x.Currency)}
		if x.Constant && x.Shape != review.Rows && sample != nil {
			f.Constant = true
			f.Before = p.sides(&sample.Cells[i])
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}
