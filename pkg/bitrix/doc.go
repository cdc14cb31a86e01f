// Package bitrix talks to the REST interface of one Bitrix24 portal.
//
// Start with New and a webhook URL, or with the tokens of an OAuth 2 login in a
// TokenFile, then use Call for one method, Batch for up to fifty at once, Scan to
// read a whole list, LookUp to find records by their
// keys, and Lists or ListEach to read many short lists.
//
// What it promises:
//
//   - What did not happen is sent again: a refusal for pace, a refused
//     connection. What may have happened is sent again only if repeating it is
//     harmless (see Effect); otherwise the caller gets an *UnknownOutcome and
//     has to look before it sends again.
//   - Requests keep under the portal's own limit, so that a client on its own
//     provokes no QUERY_LIMIT_EXCEEDED.
//   - Lists are read whole and in order: ids that do not rise, or a row that does
//     not fit the filter, are an error and no data.
//   - An access token is renewed when the portal says that it has expired, once
//     for all goroutines and processes, and is on the disk before it is used.
//   - The credential is in no error and no log.
//   - Nothing is unbounded: tries, waiting, the size of an answer.
//
// A Client is safe for concurrent use. The limits come from
// https://apidocs.bitrix24.com/limits.html, the envelopes from
// https://apidocs.bitrix24.com/settings/how-to-call-rest-api/general-principles.html.
package bitrix
