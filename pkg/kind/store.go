package kind

// A Store is where records of one kind are kept and listed: an entity type, or one of the
// portal's product catalogues.
type Store struct {
	Kind         *Kind
	EntityTypeID int // 0 for what a catalogue holds
	Iblock       int // the catalogue; 0 for other records, and while all of them are meant
}

// StoreNumber tells apart where records of different kinds are kept, whose ids may be
// the same: the entityTypeId, and less than 0 for what has none. It is 0 for the items
// of a type that does not exist yet.
func (k *Kind) StoreNumber(entityTypeID int) int {
	if entityTypeID == 0 && k.Methods.Placed {
		return -k.Rank
	}
	return entityTypeID
}

// Number is the StoreNumber of the store.
func (s Store) Number() int { return s.Kind.StoreNumber(s.EntityTypeID) }

// Record names one record of the store.
func (s Store) Record(id int) RecordID { return RecordID{EntityTypeID: s.Number(), ID: id} }

// Inner lists the stores of what lies in the records of this one, and would be deleted
// with them.
func (s Store) Inner() []Store {
	var out []Store
	for _, name := range s.Kind.Holds {
		out = append(out, Store{Kind: BuiltIn().ByName(name), Iblock: s.Iblock})
	}
	return out
}
