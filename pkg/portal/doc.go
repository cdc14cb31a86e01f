// Package portal is a Bitrix24 portal in a box: an [http.Handler] over SQLite
// that answers CRM calls the way Bitrix24 does, its oddities included. It lets
// people try b24apply with no account, and lets tests see every request.
//
// [Open] a portal and serve it, or call it in process:
//
//	box, err := portal.Open(ctx, portal.Config{Seed: "demo"})
//	if err != nil {
//		return err
//	}
//	defer box.Close()
//	server := &http.Server{Addr: "127.0.0.1:8024", Handler: box}
//
// Clients then use http://127.0.0.1:8024 followed by [Portal.WebhookPath]. It
// speaks plain HTTP and holds no other secret than that path; keep it on a
// loopback address.
//
// The package is written from the documentation and from observations of the
// product, not from a client, so that the two can disagree; it imports no other
// package of this module. Every command runs to its end once it was read, even
// if the client goes away, as on a real portal. Commands never overlap.
//
// Besides /rest/, the portal answers GET /__portal/stats with its [Stats] and
// POST /__portal/stats/reset. A [Config] may give it the cloud's [Limits], a
// [Cost] for each method and an [Application] with OAuth; all times pass on the
// standard clock, so that testing/synctest drives hours in milliseconds. What
// goes wrong is said by Config.Faults or at /__portal/faults: GET lists the
// rules, POST adds a JSON list of [FaultRule], DELETE removes all. POST
// /__portal/webhooks adds a [Webhook], which acts as its user within its scopes
// and [Rights], and answers with its path; POST /__portal/tokens/expire makes the
// access tokens run out. Below /rest/api/ there is REST 3.0, with a few methods,
// its envelopes and errors, and Idempotency-Key.
//
// All other paths are pages for people: read-only HTML of the records, under
// the paths that Bitrix24 has for them, such as /crm/type/2/details/17/. They
// ask for no credential.
package portal
