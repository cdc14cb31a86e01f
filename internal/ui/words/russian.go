package words

// russian is the catalogue of Russian. Its nouns of CRM are those of Bitrix24's own Russian
// pages; facts are impersonal, hints are imperatives, and ё is not used, as there. What people
// copy (flags, keys, codes, YAML) stays as it is in every language. Sentences avoid verbs that
// would have to agree with a number, and put addresses behind a noun or a colon, since neither
// can be inflected.
var russian = &Catalogue{Sentences: joined(russianFiles), Hints: russianHints, Kinds: russianKinds, Plurals: russianPlurals, Thousands: " ", Point: ",", SignBehind: true, Form: russianForm}

// russianFiles are the Russian sentences by the package that says them.
var russianFiles = []sentences{russianKind, russianSpec, russianTable, russianRows, russianValue, russianPlan, russianDiff, russianWire, russianApply, russianUndo, russianRehearse, russianClient, russianUI, russianReview, russianPage, russianCmd, russianCommand}

// russianForm is 0 for 1, 21, 101; 1 for 2 to 4, 22; 2 for all others.
func russianForm(n int) int {
	switch n = max(n, -n); {
	case n%10 == 1 && n%100 != 11:
		return 0
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return 1
	}
	return 2
}

var russianKinds = map[string][]string{
	"Absent":         {"отсутствие", "отсутствия", "отсутствий"},
	"Company":        {"компания", "компании", "компаний"},
	"Contact":        {"контакт", "контакта", "контактов"},
	"Deal":           {"сделка", "сделки", "сделок"},
	"Fields":         {"пользовательское поле", "пользовательских поля", "пользовательских полей"},
	"Invoice":        {"счет", "счета", "счетов"},
	"Lead":           {"лид", "лида", "лидов"},
	"Merged":         {"объединение", "объединения", "объединений"},
	"Moved":          {"переименование", "переименования", "переименований"},
	"Product":        {"товар", "товара", "товаров"},
	"ProductSection": {"раздел", "раздела", "разделов"},
	"Project":        {"проект", "проекта", "проектов"},
	"Quote":          {"предложение", "предложения", "предложений"},
	"SPA":            {"смарт-процесс", "смарт-процесса", "смарт-процессов"},
	"RecordSet":      {"набор записей", "набора записей", "наборов записей"},
	"SPAItem":        {"элемент смарт-процесса", "элемента смарт-процесса", "элементов смарт-процесса"},
}

var russianPlurals = map[string]string{
	"Absent":         "отсутствия",
	"Company":        "компании",
	"Contact":        "контакты",
	"Deal":           "сделки",
	"Fields":         "пользовательские поля",
	"Invoice":        "счета",
	"Lead":           "лиды",
	"Merged":         "объединения",
	"Moved":          "переименования",
	"Product":        "товары",
	"ProductSection": "разделы каталога",
	"Project":        "проекты",
	"Quote":          "предложения",
	"SPA":            "смарт-процессы",
	"RecordSet":      "наборы записей",
	"SPAItem":        "элементы смарт-процессов",
}
