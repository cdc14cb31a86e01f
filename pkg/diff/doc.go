// Package diff computes what would change on a portal.
//
// [Fetch] decides what has to be known of the portal and asks an [ask.Asker] for it, in rounds:
// the portal's names (types, fields, pipelines, dictionaries, users), then the live
// records behind the declared ones. It reads nothing itself; package live does.
// [Compute] is pure: declared resources and fetched state in, a [plan.Plan] or problems out.
// Values are compared by the codecs of package value, by the type of their field, never as text.
//
// The rooms below have what can be understood by itself: what manifests mean on a portal
// (declared, meta), one record compared (compare), what is removed (remove), what looks the same
// (alike), all changes together (draft). Here are the rounds, the state that they add to, and
// which live record is behind a declared one. What carries a change out is in package wire.
package diff
