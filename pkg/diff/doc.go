// Package diff computes what would change on a portal.
//
// [Fetch] decides what has to be known of the portal and asks an [ask.Asker] for it, in rounds:
// the portal's names (types, fields, pipelines, dictionaries, users), then the live
// records behind the declared ones. It reads nothing itself; package live does.
// [Compute] is pure: declared resources and fetched state in, a [plan.Plan] or problems out.
// Values are compared by the codecs of package value, by the type of their field, never as text.
//
// What carries a change out is in package wire.
package diff
