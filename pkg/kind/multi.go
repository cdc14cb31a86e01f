package kind

// ValueTypes lists the value types that a multi-field typeId takes: PHONE,
// EMAIL, WEB or IM. It is empty for any other.
// Source: api-reference/crm/data-types.md#crm_multifield.
func ValueTypes(typeID string) []string {
	switch typeID {
	case "PHONE":
		return []string{"WORK", "MOBILE", "FAX", "HOME", "PAGER", "MAILING", "OTHER"}
	case "EMAIL":
		return []string{"WORK", "HOME", "MAILING", "OTHER"}
	case "WEB":
		return []string{"WORK", "HOME", "FACEBOOK", "VK", "LIVEJOURNAL", "TWITTER", "OTHER"}
	case "IM":
		return []string{"FACEBOOK", "TELEGRAM", "VK", "SKYPE", "VIBER", "INSTAGRAM", "BITRIX24", "OPENLINE", "IMOL", "ICQ", "MSN", "JABBER", "OTHER"}
	}
	return nil
}
