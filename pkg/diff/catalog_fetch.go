package diff

import (
	"github.com/b24apply/b24apply/pkg/kind"
)

// wantCatalog asks for what the declared products and sections need to know of the
// catalogue. Where only product rows name products, their ids may stay unknown.
func (f *fetcher) wantCatalog(w *kind.Wanted) {
	if namesProducts(&f.View) {
		w.Catalogs = kind.Hint
	}
	for _, r := range f.Subjects() {
		if r.Kind.Class != kind.ClassCatalog {
			continue
		}
		w.Catalogs = kind.Required
		for _, name := range r.Outline().Fields {
			rule, known := r.Kind.Field(name)
			w.PriceTypes = w.PriceTypes || rule.Type == kind.TypePrice
			w.Measures = w.Measures || rule.Type == kind.TypeMeasure
			w.VATs = w.VATs || rule.Type == kind.TypeVAT
			w.Properties = w.Properties || !known
		}
	}
}
