package spec

// patterns are the fields of a kind that go by a pattern: user fields, parents and
// properties of products.
func patterns(k *Kind) object {
	switch {
	case k.Properties:
		return object{userField.String(), object{"title", "A property by its code", "$ref", ref("userField")}}
	case k.Class == ClassCatalog:
		return nil
	}
	return object{
		userField.String(), object{"$ref", ref("userField")},
		parentField.String(), object{"title", "Parent item of the type with this entityTypeId", "$ref", ref("linkOrNull")},
	}
}

// metadataOf names the definition of a kind's metadata: ids are for records, which other
// things than their mark can find.
func metadataOf(k *Kind) string {
	if k.HasFields() {
		return "recordMetadata"
	}
	return "metadata"
}

func requiredFields(k *Kind) []string {
	var names []string
	for _, r := range k.Fields {
		if r.Required {
			names = append(names, r.Name)
		}
	}
	return names
}

// catalogSchema is the schema of a field whose type only the catalogue has, or nil.
func catalogSchema(r Rule) object {
	switch r.Type {
	case TypeChoice:
		return object{"title", r.Doc, "enum", r.Choices}
	case TypePrice:
		return object{
			"title", r.Doc,
			"type", []string{"object", "string", "null"},
			"properties", object{
				"amount", object{"title", "Amount", "$ref", ref("number")},
				"currency", object{"title", "Currency, an ISO 4217 code", "$ref", ref("filledText")},
			},
			"required", []string{"amount", "currency"},
			"additionalProperties", false,
			"examples", []any{object{"amount", "12.50", "currency", "EUR"}, "12.50|EUR"},
			"x-expected", "{amount, currency}",
		}
	}
	return nil
}
