// Package html makes one page of a plan, or of a run: a file that needs nothing but a browser, asks
// no network and can be kept, sent and printed. The summary, the causes and their samples stand in it as
// HTML; all changes stand in it packed, for a list that is drawn as far as it is seen.
//
// Start with [Write]. Equal pages are equal bytes. A policy in the page lets no script run
// but its own, by its hash, and no text become an element; the script makes elements of texts alone.
package html
