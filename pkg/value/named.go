package value

import (
	"slices"
	"strconv"
	"strings"
)

// statusCodec: an entry of a dictionary, declared by STATUS_ID or exact name.
type statusCodec struct{ base }

func (c statusCodec) Parse(n Names, d Node) (Value, error) {
	t, err := c.filled(d)
	if err != nil || n == nil || t == "" {
		return textOrNothing(t), err
	}
	return resolve("value", n.Known(c.Type), t)
}

func (c statusCodec) Show(n Names, v Value) Shown { return c.named(n, v) }

func (c statusCodec) Declare(n Names, v Value) Node { return declared(c.Type, n, v) }

func (statusCodec) Traits() Traits {
	return Traits{OneLine: true, Set: true, Findable: true, Listed: true, Plain: true}
}

// named shows a thing by its name alone.
func (b base) named(n Names, v Value) Shown {
	if n != nil && !v.IsEmpty() {
		if s, ok := n.Known(b.Type).show(v.Text, Name.aside); ok {
			return s
		}
	}
	return Shown{Text: v.Text}
}

// declared writes a thing by its name where that names nothing else, and by its id else:
// a name is the same on every portal.
func declared(t Type, n Names, v Value) Node {
	d := scalar(v)
	if n == nil || v.IsEmpty() {
		return d
	}
	k := n.Known(t)
	if name, ok := k.byID(v.Text); ok && name.Name != "" && len(k.named(name.Name)) == 1 && !name.Gone {
		d.Text = name.Name
	}
	return d
}

// categoryCodec: a pipeline, declared by id, code or exact title. The deals'
// default pipeline has the id 0, so 0 is a value.
type categoryCodec struct{ base }

func (c categoryCodec) Parse(n Names, d Node) (Value, error) {
	t, err := c.filled(d)
	if err != nil || n == nil {
		return textOrNothing(t), err
	}
	k := n.Known(c.Type)
	if k.New != "" {
		return Value{}, Bad("category", "no-pipelines-yet", "leave-category-out").onPortal()
	}
	return resolve("pipeline", k, t)
}

func (categoryCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if t == "" {
		return Value{}, nil
	}
	n, err := strconv.Atoi(t)
	if err != nil {
		return Value{}, unread("live-is-no-pipeline", t)
	}
	return Text(strconv.Itoa(n)), nil
}

func (c categoryCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return nil
	}
	return number(want)
}

func (c categoryCodec) Show(n Names, v Value) Shown { return c.named(n, v) }

func (c categoryCodec) Declare(n Names, v Value) Node { return declared(c.Type, n, v) }

func (categoryCodec) Traits() Traits {
	return Traits{OneLine: true, Findable: true, Listed: true, Plain: true}
}

// stageCodec: a stage of the record's pipeline, declared by STATUS_ID, short code or
// exact title. A stage of a type that is created first is an empty text with its code and
// its type: the full id holds the pipeline's, which is known after apply.
type stageCodec struct{ base }

func (c stageCodec) Parse(n Names, d Node) (Value, error) {
	t, err := c.filled(d)
	if err != nil || n == nil {
		return textOrNothing(t), err
	}
	k := n.Known(c.Type)
	if k.New == "" {
		return resolve("stage", k, t)
	}
	if !slices.ContainsFunc(k.Names, func(n Name) bool { return n.ID == t }) {
		return Value{}, Bad("stage", "no-first-stage", "first-stages", written(t), L("stages", k.labels())).onPortal()
	}
	return Text("", Part{"stage", Text(t)}, Part{"type", Text(string(k.New))}), nil
}

// NewStage gives the type and the code of a stage of a type that is created first.
func (v Value) NewStage() (typ Address, code string, ok bool) {
	code = v.Get("stage").Text
	return Address(v.Get("type").Text), code, code != "" && v.Text == ""
}

func (c stageCodec) Same(want, live Value) bool {
	return c.base.Same(want, live) && len(want.Parts) == 0
}

func (c stageCodec) Show(n Names, v Value) Shown {
	if _, code, ok := v.NewStage(); ok {
		return Shown{Text: code}
	}
	return c.named(n, v)
}

func (c stageCodec) Declare(n Names, v Value) Node {
	if _, code, ok := v.NewStage(); ok {
		return scalar(Text(code))
	}
	return declared(c.Type, n, v)
}

func (stageCodec) Traits() Traits {
	return Traits{OneLine: true, Set: true, Findable: true, Listed: true, Plain: true}
}

// userCodec: a user, declared by id, e-mail or exact full name.
type userCodec struct{ base }

func (c userCodec) Parse(n Names, d Node) (Value, error) {
	t, err := c.filled(d)
	if err != nil || t == "" {
		return Value{}, err
	}
	if id, err := strconv.Atoi(t); err == nil {
		if id < 1 {
			return Value{}, Bad("user", "no-user", "name-a-user", T("value", strconv.Itoa(id)))
		}
		return Text(strconv.Itoa(id)), nil // user.get does not show bots and integrators, so an id is taken as it is
	}
	if n == nil {
		return Text(t), nil
	}
	return findUser(n.Known(c.Type), t)
}

// findUser finds the one active user who has an e-mail or a name. The codes of users are
// their e-mails.
func findUser(k *Known, t string) (Value, error) {
	byEmail := strings.Contains(t, "@")
	how, shown := M("how", Say("by-full-name")), !byEmail
	if byEmail {
		how = M("how", Say("by-email"))
	}
	var ids []string
	for _, u := range k.Names {
		shown = shown || len(u.Codes) > 0
		if means(u, t) && !u.Gone {
			ids = append(ids, u.ID)
		}
	}
	switch {
	case len(ids) == 1:
		return Text(ids[0]), nil
	case len(ids) > 1:
		return Value{}, Bad("user", "several-users", "write-id", written(t), how, N("n", len(ids)), L("ids", ids)).ambiguous()
	case !shown:
		return Value{}, Bad("user", "no-emails", "name-a-user", written(t)).onPortal()
	}
	if i := slices.IndexFunc(k.Names, func(u Name) bool { return u.Gone && means(u, t) }); i >= 0 {
		return Value{}, Bad("user", "user-has-left", "name-a-user", written(t), T("id", k.Names[i].ID)).onPortal()
	}
	f := Bad("user", "no-active-user", "name-a-user", written(t), how).onPortal()
	if near := nearUser(k, t); near != "" {
		f.Hint = Say("did-you-mean-else", T("near", strconv.Quote(near)), M("rest", f.Hint))
	}
	return Value{}, f
}

// means tells whether a text is the e-mail or the name of a user.
func means(u Name, text string) bool {
	if strings.Contains(text, "@") {
		return slices.ContainsFunc(u.Codes, func(e string) bool { return strings.EqualFold(e, text) })
	}
	return u.Name == text
}

// nearUser suggests the active user who may be meant by a name in another order or
// case, by an e-mail with blanks around it, or by a name with a slip; "" if there is none.
func nearUser(k *Known, text string) string {
	var names []string
	for _, u := range k.Names {
		if u.Gone {
			continue
		}
		if nameWords(u.Name) != "" && nameWords(u.Name) == nameWords(text) {
			return u.Name
		}
		for _, email := range u.Codes {
			if strings.EqualFold(email, strings.TrimSpace(text)) {
				return email
			}
		}
		if u.Name != "" && !strings.Contains(text, "@") { // e-mails that look alike are often those of different people
			names = append(names, u.Name)
		}
	}
	near, _ := Suggest(strings.TrimSpace(text), names)
	return near
}

func (userCodec) Read(raw []byte) (Value, error) { return readID(raw) }

func (c userCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return c.none
	}
	return number(want)
}

func (c userCodec) Show(n Names, v Value) Shown {
	if n != nil && !v.IsEmpty() {
		if s, ok := n.Known(c.Type).show(v.Text, userShown); ok {
			return s
		}
	}
	return Shown{Text: v.Text}
}

// userShown shows a user by name and id, and by the id alone where that is all we know.
func userShown(u Name) Shown {
	if u.Name == "" {
		return Shown{Text: u.ID}
	}
	return InParts(u.Name, Bracketed, u.parts()...)
}

// Declare names a user by an e-mail, which is the same on every portal, else by name or id.
func (c userCodec) Declare(n Names, v Value) Node {
	if n != nil && !v.IsEmpty() {
		k := n.Known(c.Type)
		u, _ := k.byID(v.Text)
		for _, t := range append(slices.Clone(u.Codes), u.Name) {
			if same, err := findUser(k, t); t != "" && err == nil && same.Text == v.Text {
				return scalar(Text(t))
			}
		}
	}
	return scalar(v)
}

func (c userCodec) Traits() Traits {
	return Traits{OneLine: true, Set: true, Findable: true, Listed: true, Keyed: true, Plain: true, Users: true}
}

// enumCodec: an option, declared by its label, else by its code, else by its id.
// The portal takes any number for an option, so that each is looked up.
type enumCodec struct{ base }

func (c enumCodec) Parse(n Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil || n == nil || t == "" {
		return textOrNothing(t), err
	}
	k := n.Known(c.Type)
	var byLabel, byCode, byID []Name
	for _, i := range k.named(t) {
		switch o := k.Names[i]; {
		case o.Name == t:
			byLabel = append(byLabel, o)
		case slices.Contains(o.Codes, t):
			byCode = append(byCode, o)
		default:
			byID = append(byID, o)
		}
	}
	for _, hits := range [][]Name{byLabel, byCode, byID} {
		if len(hits) == 1 {
			return Text(hits[0].ID), nil
		}
		if len(hits) > 1 {
			names := make([]string, len(hits))
			for i, o := range hits {
				names[i] = strings.TrimSpace(strings.Join(o.Codes, " ") + " (id " + o.ID + ")")
			}
			return Value{}, Bad("option", "several-options", "write-code-or-id", written(t), N("n", len(hits)), L("ids", names)).ambiguous()
		}
	}
	return Value{}, noOption(k, t)
}

func noOption(k *Known, t string) *Fault {
	f := Bad("option", "no-option", "", written(t)).onPortal()
	f.Hint = nearHint("options-are", t, k.labels())
	if len(k.Names) == 0 {
		f.Hint = Say("no-options")
	}
	if k.Unread != "" {
		f.Hint = Say("codes-unread", M("rest", f.Hint), T("why", k.Unread))
	}
	return f
}

func (enumCodec) Read(raw []byte) (Value, error) { return readID(raw) }

func (c enumCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return c.none
	}
	return number(want)
}

func (c enumCodec) Show(n Names, v Value) Shown {
	if n == nil || v.IsEmpty() {
		return Shown{Text: v.Text}
	}
	k := n.Known(c.Type)
	s, ok := k.show(v.Text, k.optionShown)
	if !ok {
		return InParts("option", Spaced, P(PartID, v.Text))
	}
	return s
}

// optionShown shows an option by its label, with its id where others have that label too.
func (k *Known) optionShown(o Name) Shown {
	if slices.ContainsFunc(k.named(o.Name), func(i int) bool { return k.Names[i].ID != o.ID && k.Names[i].Name == o.Name }) {
		return InParts(o.Name, Bracketed, append([]ShownPart{P(PartOption, "option "+o.ID)}, o.parts()...)...)
	}
	return InParts(o.Name, Alone, o.parts()...)
}

// Declare writes an option by its label where Parse finds it by that.
func (c enumCodec) Declare(n Names, v Value) Node {
	if n != nil && !v.IsEmpty() {
		o, _ := n.Known(c.Type).byID(v.Text)
		for _, t := range append([]string{o.Name}, o.Codes...) {
			if same, err := c.Parse(n, scalar(Text(t))); t != "" && err == nil && same.Text == v.Text {
				return scalar(Text(t))
			}
		}
	}
	return scalar(v)
}

func (enumCodec) Traits() Traits {
	return Traits{Set: true, Findable: true, Listed: true, Keyed: true, Plain: true}
}

// namedCodec: an entry of a directory, or an option of a property, declared by a name or
// a code that is the same on every portal and sent by its id.
type namedCodec struct {
	base
	what string
}

func (c namedCodec) Parse(n Names, d Node) (Value, error) {
	t, err := c.filled(d)
	if err != nil || n == nil || t == "" {
		return textOrNothing(t), err
	}
	k := n.Known(c.Type)
	if len(k.named(t)) == 0 {
		t = c.spelling(t)
	}
	return resolve(c.what, k, t)
}

// spelling gives a declared text in the form in which the portal's keys are written: for
// rates "20", "20.0" and "20 %" are the same.
func (c namedCodec) spelling(t string) string {
	switch c.what {
	case "option":
		return t
	case "VAT":
		return Percentage(t)
	}
	return strings.TrimSpace(t)
}

// Percentage writes a rate in one form: "20", "20.0" and "20 %" are the same.
func Percentage(t string) string {
	if d, err := ReadDecimal(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(t), "%"))); err == nil {
		return d.String()
	}
	return t
}

func (namedCodec) Read(raw []byte) (Value, error) { return readID(raw) }

func (c namedCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return c.none
	}
	return number(want)
}

func (c namedCodec) Show(n Names, v Value) Shown { return c.named(n, v) }

func (c namedCodec) Declare(n Names, v Value) Node { return declared(c.Type, n, v) }

func (c namedCodec) Traits() Traits {
	return Traits{OneLine: c.what != "option", Findable: c.what != "option", Listed: true, Keyed: c.what == "option", Plain: true}
}
