package words

// russianRehearse are the sentences about a rehearsal.
var russianRehearse = sentences{
	"opening-rehearsal":              "не удалось открыть портал в памяти: {cause}",
	"planting-rehearsal":             "не удалось сделать портал в памяти таким же, как {portal}: {cause}",
	"rehearsal-and-refused":          ", отказано: {n}",
	"rehearsal-applied-not":          "применение: {status} {name}  {code}  {why}",
	"rehearsal-differs":              "не вернулось: {name}  {field}: было {was}, стало {is}",
	"rehearsal-ended":                "репетиция закончилась раньше времени: {why}",
	"rehearsal-is-gone":              "не вернулось: {name}  было на портале, а теперь этого там нет",
	"rehearsal-is-of-values":         "в {file} нет значений, и без манифестов по нему ничего не выполнить",
	"rehearsal-is-unlike":            "портал в памяти показывает это не так, как настоящий, поэтому здесь об этом ничего не сказано: {fields}",
	"rehearsal-lacks":                "этому пользователю не показано, поэтому в копии этого нет: {methods} ({code})",
	"rehearsal-new-id":               "новый ID:  {name}  был {was}, стал {is}",
	"rehearsal-not-planned-again":    "второго плана не было: здесь нет манифестов сохраненного плана",
	"rehearsal-note":                 "примечание: {note} [{code}]",
	"rehearsal-nothing":              "пусто",
	"rehearsal-second-plan":          "второй план снова изменил бы {n} {n|ресурс|ресурса|ресурсов}: {first}",
	"rehearsal-second-plan-is-empty": "второй план пуст",
	"rehearsal-summary":              "отрепетировано {n} {n|изменение|изменения|изменений}: по плану прошло и вернулось {well}{refused}",
	"rehearsal-undone-not":           "отмена: {status} {name}  {code}  {why}",
	"rehearsal-value":                "{text}",
	"rehearse-without-lean":          "репетируйте по манифестам, без файла",
	"rehearsed-on-copy":              "Репетиция в памяти, на копии {portal}: {n} {n|запись|записи|записей} и {rows} {rows|строка|строки|строк} настроек; на сам портал ничего не записано",
	"rehearsing":                     "{n} {n|изменение выполняется и отменяется|изменения выполняются и отменяются|изменений выполняется и отменяется} в памяти",
}
