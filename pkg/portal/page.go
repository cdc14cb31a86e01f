package portal

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"sync"
)

//go:embed page
var pageFiles embed.FS

// pageTemplates holds one template per page, each with the layout around it.
var pageTemplates = sync.OnceValue(func() map[string]*template.Template {
	templates := make(map[string]*template.Template)
	for _, name := range []string{"types", "list", "item", "error"} {
		templates[name] = template.Must(template.ParseFS(pageFiles, "page/layout.html", "page/"+name+".html"))
	}
	return templates
})

const stylePath = "/__portal/style.css"

// pagePolicy lets a page load its stylesheet and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// A page is what the layout shows.
type page struct {
	Title  string
	Crumbs []anchor // the way from the first page to this one, without itself
	Zone   string
	Body   any

	name   string // of the template
	status int    // HTTP status; 0 means 200
}

// An anchor is a text that may lead somewhere.
type anchor struct{ Text, URL string }

// A viewFunc reads what one page shows.
type viewFunc func(context.Context, *viewer, *http.Request) (page, error)

// classicTypes are the words that stand for entity types in the older paths.
var classicTypes = map[string]int{"lead": 1, "deal": 2, "contact": 3, "company": 4, "quote": 7}

// pageHandler answers all paths that are not for programs.
func (p *Portal) pageHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", p.view(func(context.Context, *viewer, *http.Request) (page, error) {
		return page{}, notFound("Page")
	}))
	mux.HandleFunc("GET "+stylePath, serveStyle)
	mux.HandleFunc("GET /{$}", p.view(viewTypes))
	mux.HandleFunc("GET /crm/type/{$}", p.view(viewSmartTypes))
	mux.HandleFunc("GET /crm/type/{etid}/{$}", p.view(viewList))
	mux.HandleFunc("GET /crm/type/{etid}/details/{id}/{$}", p.view(viewItem))
	mux.HandleFunc("GET /crm/type/{etid}/{shape}/category/{category}/{$}", func(w http.ResponseWriter, r *http.Request) {
		moveTo(w, r, r.PathValue("etid"))
	})
	for word, etid := range classicTypes {
		move := func(w http.ResponseWriter, r *http.Request) { moveTo(w, r, strconv.Itoa(etid)) }
		for _, path := range []string{"", "list/", "kanban/", "category/{category}/", "kanban/category/{category}/", "details/{id}/", "show/{id}/"} {
			mux.HandleFunc("GET /crm/"+word+"/"+path+"{$}", move)
		}
	}
	return p.guard(mux)
}

// moveTo leads from another path of a record or a list to the one used here.
func moveTo(w http.ResponseWriter, r *http.Request, etid string) {
	n, err := strconv.Atoi(etid)
	if err != nil {
		n = 0 // of no type: the list says so
	}
	target := listPath(n)
	if id, err := strconv.ParseInt(r.PathValue("id"), 10, 64); err == nil {
		target = itemPath(n, id)
	}
	if category, err := strconv.ParseInt(r.PathValue("category"), 10, 64); err == nil {
		target += "?pipeline=" + strconv.FormatInt(category, 10)
	}
	http.Redirect(w, r, target, http.StatusMovedPermanently)
}

func listPath(etid int) string { return fmt.Sprintf("/crm/type/%d/", etid) }

func itemPath(etid int, id int64) string { return fmt.Sprintf("/crm/type/%d/details/%d/", etid, id) }

// guard sets the headers of every page. Pages need no credential, so that a
// request under a foreign name is refused: it comes from a site that made its
// own name point at this machine.
func (p *Portal) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if !p.ownHost(r) {
			http.Error(w, "open this page by the address of the portal", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeFileFS(w, r, pageFiles, "page/style.css")
}

// view makes a handler of a page: it reads inside of one transaction, and shows
// what it can not find or read as a page too.
func (p *Portal) view(read viewFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var shown page
		err := p.tx(r.Context(), func(tx *sql.Tx) error {
			var err error
			shown, err = read(r.Context(), newViewer(newStore(tx, 1, p.now())), r)
			return err
		})
		if err != nil {
			shown = errorPage(err)
		}
		shown.Zone = p.now().Format("UTC-07:00")
		var out bytes.Buffer
		if err := pageTemplates()[shown.name].ExecuteTemplate(&out, "layout", shown); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(cmp.Or(shown.status, http.StatusOK))
		w.Write(out.Bytes()) // a failure to send is the reader's loss alone
	}
}

// errorPage shows why there is nothing to show.
func errorPage(err error) page {
	var f *fault
	if errors.As(err, &f) {
		return page{name: "error", status: http.StatusNotFound, Title: "Not found", Body: f.text + "."}
	}
	return page{name: "error", status: http.StatusInternalServerError, Title: "The portal failed", Body: err.Error()}
}

// pathNumber reads a number of the path; other texts name nothing.
func pathNumber(r *http.Request, name, what string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil {
		return 0, notFound(what)
	}
	return n, nil
}
