package portal

import (
	"context"
	"database/sql"
	"slices"
)

// Kinds of labels, as userfieldconfig names them.
const (
	labelEdit   = "editFormLabel"
	labelColumn = "listColumnLabel"
	labelFilter = "listFilterLabel"
	labelError  = "errorMessage"
	labelHelp   = "helpMessage"
)

// labelKinds pairs the kinds of labels with their names in the older methods.
var labelKinds = []struct{ name, upper, title string }{
	{labelEdit, "EDIT_FORM_LABEL", "Label in edit form"},
	{labelColumn, "LIST_COLUMN_LABEL", "Header in list"},
	{labelFilter, "LIST_FILTER_LABEL", "Filter label in list"},
	{labelError, "ERROR_MESSAGE", "Error message"},
	{labelHelp, "HELP_MESSAGE", "Help"},
}

// portalLanguages are those that a label without a language is kept in.
// Source: https://apidocs.bitrix24.com/api-reference/crm/deals/user-defined-fields/crm-deal-userfield-get.html.
var portalLanguages = []string{
	"ar", "br", "de", "en", "fr", "hi", "id", "in", "it", "ja", "kz", "la", "ms", "pl", "ru", "sc", "tc", "th", "tr", "ua", "vn",
}

// labels are the texts of a custom field.
type labels struct {
	langs []string                     // in the order in which they came
	texts map[string]map[string]string // by kind and language
}

func newLabels() labels { return labels{texts: make(map[string]map[string]string)} }

func (l *labels) set(kind, lang, text string) {
	if !slices.Contains(l.langs, lang) {
		l.langs = append(l.langs, lang)
	}
	if l.texts[kind] == nil {
		l.texts[kind] = make(map[string]string)
	}
	l.texts[kind][lang] = text
}

// get returns a label, nil if there is none.
func (l *labels) get(kind, lang string) any {
	if text, ok := l.texts[kind][lang]; ok {
		return text
	}
	return nil
}

// byLanguage renders one kind of labels: a key for every language that the
// field has a label of any kind in.
func (l *labels) byLanguage(kind string) *Map {
	m := new(Map)
	for _, lang := range l.langs {
		m.Set(lang, l.get(kind, lang))
	}
	return m
}

// languages renders the languages that the field has labels in.
func (l *labels) languages() *Map {
	m := new(Map)
	for _, lang := range l.langs {
		m.Set(lang, lang)
	}
	return m
}

// labelsOf returns the labels of some custom fields by id.
func (s *store) labelsOf(ctx context.Context, list []*userField) (map[int64]labels, error) {
	all := make(map[int64]labels, len(list))
	for _, u := range list {
		all[u.id] = newLabels()
	}
	_, ids := byUserField(list)
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var id int64
		var kind, lang, text string
		if err := rows.Scan(&id, &kind, &lang, &text); err != nil {
			return err
		}
		l := all[id]
		l.set(kind, lang, text)
		all[id] = l
		return nil
	}, `SELECT field, kind, lang, text FROM crm_userfield_label WHERE field IN (`+placeholders(len(ids))+`) ORDER BY rowid`, ids...)
	return all, err
}

// replaceLabels stores the labels of a custom field instead of all it has.
func (s *store) replaceLabels(ctx context.Context, id int64, l labels) error {
	if err := s.exec(ctx, `DELETE FROM crm_userfield_label WHERE field = ?`, id); err != nil {
		return err
	}
	for _, lang := range l.langs {
		for _, kind := range labelKinds {
			text, ok := l.texts[kind.name][lang]
			if !ok {
				continue
			}
			err := s.exec(ctx, `INSERT INTO crm_userfield_label (field, kind, lang, text) VALUES (?, ?, ?, ?)`, id, kind.name, lang, text)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readLabels reads the labels that userfieldconfig accepts, which are maps by
// language; a plain text and all other kinds of labels are ignored. It reports
// whether there was a map.
func readLabels(fields *Map) (l labels, sent bool) {
	l = newLabels()
	for _, kind := range []string{labelEdit, labelHelp} {
		v, _ := fields.Get(kind)
		texts, ok := asMap(v)
		if !ok {
			continue
		}
		sent = true
		for _, lang := range texts.Keys() {
			text, _ := texts.Get(lang)
			if len(lang) == 2 {
				l.set(kind, lang, settingText(text).(string))
			}
		}
	}
	return l, sent
}

// readLegacyLabels changes the labels by what an older method was sent: a text
// for every language, or texts by language and the fallback for the rest.
// Kinds that were not sent get the fallback for all languages, if there is one.
func readLegacyLabels(l *labels, fields *Map, fallback any) (sent bool) {
	for _, kind := range labelKinds {
		v, ok := foldGet(fields, kind.upper)
		if !ok {
			v = fallback
		}
		if v == nil {
			continue
		}
		sent = true
		texts, byLanguage := asMap(v)
		for _, lang := range portalLanguages {
			text := settingText(v)
			if byLanguage {
				text = settingText(fallback)
				if given, ok := texts.Get(lang); ok {
					text = settingText(given)
				}
			}
			l.set(kind.name, lang, text.(string))
		}
	}
	return sent
}
