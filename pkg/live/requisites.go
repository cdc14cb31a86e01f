package live

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
)

// requisiteQuestions ask for what is wanted of requisites and addresses.
func requisiteQuestions(w kind.Wanted, meta *kind.RequisiteMeta) []question {
	var out []question
	if w.Requisites {
		all := kind.Topic{What: kind.TellRequisites}
		out = append(out,
			question{topic: all, method: "crm.requisite.fields", object: into(&meta.Fields)},
			question{topic: all, method: "crm.requisite.bankdetail.fields", object: into(&meta.BankFields)},
			question{topic: all, method: "crm.requisite.preset.list", params: bitrix.Params{"order": map[string]any{"ID": "ASC"}}, list: true, row: func(row kind.Row) {
				meta.Presets = append(meta.Presets, kind.Preset{ID: row.Int("ID"), Name: row.Text("NAME"), XMLID: row.Text("XML_ID"), Country: row.Int("COUNTRY_ID")})
			}})
	}
	if w.AddressTypes {
		out = append(out, question{topic: kind.Topic{What: kind.TellAddressTypes}, method: "crm.enum.addresstype", list: true, row: func(row kind.Row) {
			meta.AddressTypes = append(meta.AddressTypes, kind.AddressType{ID: row.Int("ID"), Name: row.Text("NAME")})
		}})
	}
	return out
}

func into(fields *kind.LiveFields) func(json.RawMessage) error {
	return func(result json.RawMessage) (err error) {
		*fields, err = legacyFields(result)
		return err
	}
}
