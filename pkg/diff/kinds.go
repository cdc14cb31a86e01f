package diff

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/kind"
)

// Names that stand in pkg/kind.
type (
	Row           = kind.Row
	RecordID      = kind.RecordID
	LiveType      = kind.LiveType
	LiveField     = kind.LiveField
	LiveFields    = kind.LiveFields
	Category      = kind.Category
	StatusEntry   = kind.StatusEntry
	User          = kind.User
	Option        = kind.Option
	RequisiteMeta = kind.RequisiteMeta
	Preset        = kind.Preset
	AddressType   = kind.AddressType
	Catalog       = kind.Catalog
	Iblock        = kind.Iblock
	Named         = kind.Named
	Property      = kind.Property
	FileContent   = kind.FileContent
)

func text(raw json.RawMessage) string { return kind.Text(raw) }

func decodeRow(raw json.RawMessage) (Row, error) { return kind.DecodeRow(raw) }

func decodeRows(raw json.RawMessage) ([]Row, error) { return kind.DecodeRows(raw) }

func member(result json.RawMessage, key string) (Row, error) { return kind.Member(result, key) }

func isUserField(name string) bool { return kind.IsUserField(name) }

func userFieldCode(upperName string) string { return kind.UserFieldCode(upperName) }
