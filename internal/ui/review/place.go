package review

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
)

// PageOf is the address of a page of a portal, by the path of the page; "" of one that nobody can
// open.
func PageOf(portal, path string) string {
	host, _, _ := strings.Cut(portal, ":")
	switch {
	case portal == plan.PortalInABox || path == "":
		return ""
	case host == "localhost" || host == "127.0.0.1" || host == "[":
		return "http://" + portal + "/" + path
	}
	return "https://" + portal + "/" + path
}
