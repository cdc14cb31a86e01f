// Package resume tells what the runs of one plan have made of it, so that another one can go
// on. The first run and all that have resumed it carry out the same plan, so that their
// journals count its changes alike. The package sends nothing, and knows nothing of the portal.
package resume
