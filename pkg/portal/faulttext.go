package portal

import (
	"errors"
	"strings"
)

// germanTexts are the descriptions of errors on a German portal, by code.
// Those that name a field end with its title, as the English ones do.
func germanTexts() map[string]string {
	return map[string]string{
		"NOT_FOUND":                              "Element nicht gefunden",
		"OWNER_NOT_FOUND":                        "Eigentümer nicht gefunden",
		"ACCESS_DENIED":                          "Zugriff verweigert",
		"ENTITY_TYPE_NOT_SUPPORTED":              "Der Elementtyp wird nicht unterstützt",
		"ERROR_METHOD_NOT_FOUND":                 "Methode nicht gefunden!",
		"OPERATION_TIME_LIMIT":                   "Die Methode ist wegen Überschreitung der Ausführungszeit gesperrt.",
		"MAX_IMPORT_BATCH_SIZE_EXCEEDED":         "Zu viele Elemente in einem Import",
		"CRM_FIELD_ERROR_VALUE_NOT_VALID":        "Ungültiger Wert für das Feld",
		"CRM_FIELD_ERROR_VALUE_NOT_UNIQUE":       "Der Wert ist nicht eindeutig im Feld",
		"CRM_FIELD_ERROR_REQUIRED":               "Bitte füllen Sie das Feld aus:",
		"insufficient_scope":                     "Die Anfrage erfordert höhere Rechte als das Zugriffstoken gewährt",
		"CRM_FIELD_ERROR_CATEGORY_NOT_AVAILABLE": "Die Pipeline ist nicht verfügbar",
	}
}

// localize gives the error of a command its German text, if a rule wants it.
// The code stays, and a text without translation stands behind a German word.
func (f *faults) localize(name string, err error) error {
	var original *fault
	if !errors.As(err, &original) || len(f.due(onError, name)) == 0 {
		return err
	}
	local := *original
	german, ok := germanTexts()[original.code]
	if !ok {
		local.text = "Fehler: " + original.text
		return &local
	}
	if i, j := strings.IndexByte(original.text, '"'), strings.LastIndexByte(original.text, '"'); i < j && strings.HasPrefix(original.code, "CRM_FIELD_ERROR_") {
		german += " " + original.text[i:j+1]
	}
	local.text = german
	return &local
}
