package denial

import (
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// RecordsNamed names records by their ids and what people call them.
func RecordsNamed(name string, k *kind.Kind, rows []kind.Row) value.Arg {
	const most = 5
	var out []value.Message
	for i, row := range rows {
		id := value.N("id", row.Int("id"))
		title := k.TitleOf(row)
		switch {
		case i == most:
			return value.Ms(name, append(out, value.Say("and-more", value.N("n", len(rows)-most))))
		case title == "":
			out = append(out, value.Say("record-of-id", id))
		default:
			out = append(out, value.Say("record-of-title", id, value.Q("title", title)))
		}
	}
	return value.Ms(name, out)
}
