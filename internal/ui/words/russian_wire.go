package words

// russianWire are the sentences about what the portal answers, to who reads it and to who
// writes to it.
var russianWire = sentences{
	"address-was-not-asked-for":    "портал вернул адрес типа {type} и ID {id}, о котором не спрашивали",
	"answer-has-no-id":             "в ответе нет ID",
	"answer-has-no-price":          "в ответе нет цены",
	"answer-shows-no-row":          "в ответе нет строки, а спрашивали одну",
	"answer-shows-several-rows":    "в ответе строк: {n}, а спрашивали одну",
	"fields-do-not-name":           "crm.item.fields не называет {field}",
	"is-no-part-of-a-record":       "{part} — не часть записи",
	"name-of-field-was-not-read":   "имя поля {field} прочитать не удалось: {cause}",
	"nothing-reads-files":          "файлы здесь никто не читает",
	"of-product-row":               "товарная позиция {n}: {cause}",
	"of-the-requisite":             "реквизит: {cause}",
	"outcomes-do-not-match":        "в ответе результаты {outcomes} записей, а отправлено {n}",
	"pipeline-was-not-read":        "воронку {type} прочитать не удалось: {cause}",
	"portal-gives-rows-again":      "{method}: {cause}: на запрос следующих портал снова возвращает те же первые {n} {n|строку|строки|строк}",
	"read-of-field":                "поле {field}: {cause}",
	"reading-file":                 "чтение файла {id}: {cause}",
	"reading-options-of":           "значения {field}: {cause}",
	"referred-record-is-missing":   "записи, на которую она ссылается, нет",
	"type-has-no-default-pipeline": "у нового типа нет воронки по умолчанию",
}
