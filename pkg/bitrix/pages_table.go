package bitrix

import (
	"path"
	"strings"
)

// A paging is how a list method gives more than one page. The zero value is read as
// most lists are; see pager.
type paging struct {
	v3      bool
	methods []string // names, or patterns as of path.Match, in lower case
	// rows is the member of the result that holds the rows; "" is the result itself.
	rows string
	// id is the name of the rows' number by which the list can be filtered and
	// sorted; "" if it cannot.
	id string
	// tail is the parameter that takes the last id in place of a filter.
	tail string
	// cursor is the member of the result that pagination.afterCursor takes.
	cursor string
	// single methods give everything at once.
	single bool
	// own says by which parameters a method pages in a way that is not known here.
	own string
}

// pagings lists the methods that page in another way than by start and next, or by
// pagination.offset in REST 3.0. The first row that fits holds. Sources: the pages
// of the methods, and
// https://apidocs.bitrix24.com/settings/performance/huge-data.html for ids.
var pagings = []paging{
	{methods: []string{"crm.item.list"}, rows: "items", id: "id"},
	{methods: []string{"catalog.product.list"}, rows: "products", id: "id"},
	{methods: []string{"crm.lead.list", "crm.deal.list", "crm.contact.list", "crm.company.list", "crm.quote.list"}, id: "ID"},
	{methods: []string{"*.fields", "*.getfields", "scope", "methods"}, single: true},
	{methods: []string{"im.dialog.messages.get"}, own: "LAST_ID or FIRST_ID"},
	{methods: []string{"im.dialog.messages.search"}, own: "LAST_ID"},
	{methods: []string{"im.notify.get", "im.notify.history.search"}, own: "LAST_ID and LAST_TYPE"},
	{methods: []string{"im.recent.list", "im.search.*.list", "im.dialog.users.list", "im.department.colleagues.list"}, own: "OFFSET and LIMIT"},
	{methods: []string{"im.recent.get"}, own: "LAST_MESSAGE_UPDATE"},
	{methods: []string{"imbot.v2.event.get", "im.v2.event.get", "imbot.v2.*.list"}, own: "offset and limit"},
	{methods: []string{"imopenlines.config.list.get"}, own: "options.offset and options.limit"},
	{methods: []string{"sign.b2e.*.tail", "humanresources.hcmlink.*.list"}, own: "offset and limit"},
	{methods: []string{"task.item.list", "task.items.getlist", "task.elapseditem.getlist"}, own: "PARAMS.NAV_PARAMS.iNumPage and nPageSize"},

	{v3: true, methods: []string{"tasks.task.list", "main.eventlog.list"}, rows: "items", id: "id"},
	{v3: true, methods: []string{"main.eventlog.tail"}, rows: "items", id: "id", tail: "cursor"},
	{v3: true, methods: []string{"call.followup.list"}, rows: "items", cursor: "afterCursor"},
	{v3: true, methods: []string{"note.collection.list"}, rows: "items", cursor: "nextCursor"},
	{v3: true, methods: []string{
		"*.field.list", "rest.scope.list", "documentation", "rest.documentation.openapi", "mail.message.thread",
		"humanresources.node.children", "humanresources.employee.*", "note.document.search.list", "note.document.tree.list",
	}, rows: "items", single: true},
}

// pagingOf is the row of a method; the zero paging where none fits.
func pagingOf(method string, v3 bool) paging {
	method = lowerMethod(method)
	for _, p := range pagings {
		if p.v3 != v3 {
			continue
		}
		for _, pattern := range p.methods {
			// The patterns are constants of a fixed form, so that none is malformed.
			if ok, _ := path.Match(pattern, method); ok {
				return p
			}
		}
	}
	if v3 {
		return paging{v3: true, rows: "items"}
	}
	return paging{}
}

// isListing reports whether a method's name says that it returns rows.
func isListing(method string) bool {
	method = lowerMethod(method)
	switch method[strings.LastIndexByte(method, '.')+1:] {
	case "list", "getlist", "search":
		return true
	}
	return false
}
