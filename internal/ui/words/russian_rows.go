package words

// russianRows are the sentences about the rows of a RecordSet.
var russianRows = sentences{
	"key-in-two-rows":           "{resource} — ключ нескольких строк: это строка таблицы {row}, и он же в строке таблицы {other}, строка файла {line}",
	"keep-one-row-or-say-which": "исправьте ключ или укажите, какая строка считается: rows: {onDuplicate: first} или last",
	"mend-row-first":            "исправьте эту строку",
	"mend-rows-first":           "исправьте строки без ключа, затем удаляйте лишнее",
	"mend-rows-or-allow-more":   "исправьте строки, которые перечисляет --rejects FILE, или разрешите больше в rows.maxInvalid",
	"name-rejects":              "назовите файл, доступный для записи, с именем на .csv",
	"name-results":              "назовите папку, доступную для записи",
	"name-type-of-items":        "назовите смарт-процесс: type: equipment",
	"prune-of-nameless-rows":    "--prune удаляет по списку с пробелами: у строк набора {set} нет ключа, и неизвестно, какие это записи",
	"prune-of-partial-set":      "--prune удалит то, чего нет в наборе {set}, а в нем не сказано, что он полный",
	"ref-to-rejected":           "{field}: {resource} — отклоненная строка, {at}",
	"rejects-have-all":          "--rejects FILE пишет все такие строки в файл, который можно исправить и прочитать снова",
	"rejects-is-no-csv":         "--rejects {file}: имя не оканчивается на .csv",
	"rows-alike":                "и еще {n} {n|такая строка|такие строки|таких строк} набора {set}, последняя: {last}",
	"rows-of-set":               "{set}: {rows|#} {rows|строка|строки|строк}: принято {valid|#}, отклонено {rejected|#}, повторов {duplicate|#}, пропущено {skipped|#}",
	"say-that-set-is-complete":  "напишите manage: complete, если таблица содержит полный список, или выберите другие виды",
	"source-fault":              "source: {file}: {fault}",
	"too-many-rejected":         "строк набора {set}, которые ничего не описывают: {n|#} из {of|#}, а rows.maxInvalid разрешает {most}",
	"no-such-set":               "набора {name} нет, есть: {sets}",
}
