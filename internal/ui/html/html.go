package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the parts of the page
	"encoding/base64"
	"html/template"
	"io"
	"time"

	"github.com/b24apply/b24apply/internal/ui/inert"
	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/value"
)

// Largest is the size beyond which a page leaves out what matters least, in bytes.
const Largest = 6_000_000

// A Page is what a page is made of.
type Page struct {
	Review  *review.Review
	Lang    string    // of its texts, as HTML has it
	Made    time.Time // when the plan was made, or the run has ended; zero if that is not known
	Expires time.Time // zero: never
	Commit  string
	File    string // of the saved plan; "" without one
	Masked  bool
	Error   value.Message // what the command has ended with
	Hint    value.Message

	largest int // instead of Largest, for tests
}

var (
	//go:embed page.css
	style string
	//go:embed page.js
	script string
	//go:embed page.tmpl
	markup string
)

// Write writes the page. The error is the writer's, or that of the plan's file.
func Write(w io.Writer, p *Page) error {
	limit := p.largest
	if limit == 0 {
		limit = Largest
	}
	seen := *p
	review := *p.Review
	review.Text = func(text string) string {
		if p.Review.Text != nil {
			text = p.Review.Text(text)
		}
		return inert.Marked(text)
	}
	seen.Review = &review
	for level := range omissions {
		v, err := seen.view(level)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := template.Must(template.New("page").Funcs(v.functions()).Parse(markup)).Execute(&b, v); err != nil {
			return err
		}
		if b.Len() <= limit || level == len(omissions)-1 {
			_, err := w.Write(b.Bytes())
			return err
		}
	}
	return nil
}

// hashOf is that of a script or a style, as a policy names it.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}
