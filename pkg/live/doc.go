// Package live reads a portal: what it says about itself, records and their parts, and
// the contents of files. It is the only reader that planning has.
//
// Start with [New] and a client. A question is data of package kind: which names
// ([kind.Wanted]), which rows ([kind.Search]), which phones ([kind.ContactSearch]), which
// parts ([kind.PartSearch]). How it is asked stands here: the methods and their
// parameters, 49 keys a list and 50 lists a request, a few requests at once, and what
// has to be asked again because an answer was not whole.
//
// What it promises:
//
//   - It only calls reading methods, and knows nothing of manifests.
//   - Rows come whole or with an error, never a part of them in silence.
//   - What the portal refuses to tell is a [kind.Refusal] with its scope. A refusal of
//     the credential ends the reading, as a lost connection does.
//   - Errors are the client's, with the method in front where the client does not say it.
package live
