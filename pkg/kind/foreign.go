package kind

// order are the orders of an online shop, which may be bound in user fields and are no kind of
// manifests.
// Source: api-reference/crm/data-types.md#object_type.
var order = &Kind{EntityTypeID: 14, Codes: Codes{Short: "O", Binding: "ORDER"}}
