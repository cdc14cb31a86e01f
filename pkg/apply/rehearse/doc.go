// Package rehearse reads what a plan touches, so that it can be tried elsewhere, and tells what
// would not come back if the plan were carried out and undone.
//
// Settings reads what a portal is set to: types, pipelines, stages, custom fields, users,
// currencies, templates of requisites and the catalogue. Scope says which records a plan is about
// or refers to, and Records reads them whole, with what belongs to them. Both give Tables: rows as
// the reading methods show them, which a portal in a box can be planted with. Compare tells how
// two readings of the same records differ.
//
// The package only calls reading methods, and holds no credential: rows are what the portal says
// of records. What it refuses to show is named, and left out.
package rehearse
