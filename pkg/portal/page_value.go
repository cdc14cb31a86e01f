package portal

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A piece is one value as people read it. A field shows as a list of them.
type piece struct {
	Text, URL string
	Class     string // of the style; "" for none
}

// A cell is one value of one field to be shown; the item tells its pipeline and
// its currency.
type cell struct {
	e     *entity
	rec   *record
	field *field
	value any // as the API answers it, one value of a list
}

// A renderer turns a value into what people read. It may answer with a piece
// without text for "no value".
type renderer func(context.Context, *viewer, cell) (piece, error)

// renderers says how the types of fields show; all others show as texts.
var renderers = map[fieldType]renderer{
	typeUser:     showUser,
	typeStatus:   showStatus,
	typeCategory: showPipeline,
	typeCompany:  showLink,
	typeContact:  showLink,
	typeLead:     showLink,
	typeDeal:     showLink,
	typeQuote:    showLink,
	typeEntity:   showLink,
	typeDouble:   showAmount,
	typeBoolean:  showFlag,
	typeDate:     showDay,
	typeDatetime: showInstant,
	typeFile:     showFile,
	typeText:     showText,

	// Of custom fields.
	"money":    showMoney,
	"url":      showURL,
	"employee": showUser,
}

// show returns the values of a field, nil for none.
func (v *viewer) show(ctx context.Context, e *entity, rec *record, f *field, value any) ([]piece, error) {
	render := renderers[f.typ]
	if render == nil {
		render = showText
	}
	var pieces []piece
	for _, one := range elements(value) {
		p, err := render(ctx, v, cell{e, rec, f, one})
		if err != nil {
			return nil, err
		}
		if p.Text != "" {
			pieces = append(pieces, p)
		}
	}
	return pieces, nil
}

// elements returns the values of a list, or a value alone; none for "no value".
func elements(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	case []int64:
		list := make([]any, len(v))
		for i, n := range v {
			list[i] = n
		}
		return list
	}
	return []any{v}
}

// bbKept are the tags of the markup that texts are stored with.
var bbKept = regexp.MustCompile(`(?i)\[(?:/?(?:b|i|u|s|p|img|url|list)(?:=[^\]]*)?|\*)\]`)

func showText(_ context.Context, _ *viewer, c cell) (piece, error) {
	text := plainText(c.value)
	if c.field.markup {
		text = html.UnescapeString(bbKept.ReplaceAllString(text, ""))
	}
	return piece{Text: strings.TrimSpace(text)}, nil
}

// plainText writes any value of an answer as text.
func plainText(v any) string {
	switch v := v.(type) {
	case float64:
		return floatText(v)
	case time.Time:
		return v.Format(time.DateTime)
	case *Map:
		parts := make([]string, 0, v.Len())
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			parts = append(parts, key+": "+plainText(item))
		}
		return strings.Join(parts, ", ")
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// asID reads a value as the id of something; 0 is none.
func (c cell) asID() int64 {
	text := plainText(c.value)
	id, _ := strconv.ParseInt(text, 10, 64)
	return id
}

func showUser(ctx context.Context, v *viewer, c cell) (piece, error) {
	id := c.asID()
	if id == 0 {
		return piece{}, nil
	}
	name, err := v.person(ctx, id)
	return piece{Text: name}, err
}

// showStatus shows the name of a stage or of an entry of a dictionary.
func showStatus(ctx context.Context, v *viewer, c cell) (piece, error) {
	directory := c.field.dict
	id := plainText(c.value)
	if directory != "" {
		st, err := v.statusOf(ctx, directory, id)
		return piece{Text: st.name}, err
	}
	for _, category := range []int64{c.rec.int("categoryId"), stageCategory(c.e.id, id)} {
		st, err := v.statusOf(ctx, stageDirectory(c.e.id, category), id)
		if err != nil || st.id != 0 {
			return piece{Text: st.name, Class: stageClass(st.semantics)}, err
		}
	}
	return piece{Text: id}, nil
}

// stageCategory returns the pipeline that the id of a stage names, so that a
// stage of a former pipeline has its name too.
func stageCategory(etid int, stage string) int64 {
	prefix, _, _ := strings.Cut(stage, ":")
	digits := strings.TrimPrefix(strings.TrimPrefix(prefix, fmt.Sprintf("DT%d_", etid)), "C")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// stageClass is the style of a stage by its group.
func stageClass(semantics string) string {
	switch semantics {
	case "S":
		return "stage won"
	case "F":
		return "stage lost"
	}
	return "stage"
}

func showPipeline(ctx context.Context, v *viewer, c cell) (piece, error) {
	if !c.e.piped() {
		return piece{}, nil // contacts and companies have a technical one
	}
	names, ok := v.pipes[c.e.id]
	if !ok {
		list, err := v.categories(ctx, c.e.id)
		if err != nil {
			return piece{}, err
		}
		names = make(map[int64]string, len(list))
		for _, cat := range list {
			names[cat.id] = cat.name
		}
		v.pipes[c.e.id] = names
	}
	id := c.asID()
	name := names[id]
	if name == "" {
		name = fmt.Sprintf("Pipeline %d", id)
	}
	return piece{Text: name, URL: fmt.Sprintf("%s?pipeline=%d", listPath(c.e.id), id)}, nil
}

// linkedTypes gives the entity type behind a link field.
var linkedTypes = map[fieldType]int{typeLead: 1, typeDeal: 2, typeContact: 3, typeCompany: 4, typeQuote: 7}

func showLink(ctx context.Context, v *viewer, c cell) (piece, error) {
	etid, id := linkedTypes[c.field.typ], c.asID()
	if c.field.parent != 0 {
		etid = c.field.parent
	}
	if etid == 0 || id == 0 {
		return piece{}, nil
	}
	return v.linked(ctx, etid, id)
}

// showAmount shows amounts of money in the item's currency.
func showAmount(ctx context.Context, v *viewer, c cell) (piece, error) {
	amount, ok := c.value.(float64)
	if !ok {
		n, isInt := c.value.(int64)
		if !isInt {
			return showText(ctx, v, c)
		}
		amount = float64(n)
	}
	currency := c.rec.text("currencyId")
	if !moneyFields[c.field.name] || currency == "" {
		return piece{Text: floatText(amount)}, nil
	}
	return piece{Text: grouped(amount) + " " + currency, Class: "money"}, nil
}

// showMoney shows an amount with its own currency, which is stored as "5.50|EUR".
func showMoney(_ context.Context, _ *viewer, c cell) (piece, error) {
	amount, currency, _ := strings.Cut(plainText(c.value), "|")
	x, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		return piece{Text: plainText(c.value)}, nil
	}
	return piece{Text: strings.TrimSpace(grouped(x) + " " + currency), Class: "money"}, nil
}

// absoluteURL matches the addresses that become links.
var absoluteURL = regexp.MustCompile(`^https?://`)

func showURL(_ context.Context, _ *viewer, c cell) (piece, error) {
	p := piece{Text: plainText(c.value)}
	if absoluteURL.MatchString(p.Text) {
		p.URL = p.Text
	}
	return p, nil
}

// moneyFields are in the currency that their item names.
var moneyFields = map[string]bool{"opportunity": true, "taxValue": true, "revenue": true}

// grouped writes a number with two decimals and commas between thousands.
func grouped(x float64) string {
	text := strconv.FormatFloat(x, 'f', 2, 64)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, cents, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + "." + cents
}

func showFlag(_ context.Context, _ *viewer, c cell) (piece, error) {
	if truthy(c.value) && c.value != "N" {
		return piece{Text: "Yes"}, nil
	}
	return piece{Text: "No"}, nil
}

// showDay shows the day that a UTC midnight stands for.
func showDay(_ context.Context, _ *viewer, c cell) (piece, error) {
	t, ok := c.value.(time.Time)
	if !ok {
		return piece{Text: plainText(c.value)}, nil
	}
	return piece{Text: t.UTC().Format("2 Jan 2006")}, nil
}

func showInstant(_ context.Context, v *viewer, c cell) (piece, error) {
	t, ok := c.value.(time.Time)
	if !ok {
		return piece{Text: plainText(c.value)}, nil
	}
	return piece{Text: v.moment(t)}, nil
}

// moment writes an instant in the portal's zone, which the foot of the page
// names.
func (v *viewer) moment(t time.Time) string {
	return t.In(v.now.Location()).Format("2 Jan 2006, 15:04:05")
}

func showFile(_ context.Context, _ *viewer, c cell) (piece, error) {
	if m, ok := c.value.(*Map); ok {
		c.value, _ = m.Get("id")
	}
	return piece{Text: "File " + plainText(c.value)}, nil
}
