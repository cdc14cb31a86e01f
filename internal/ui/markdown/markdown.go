// Package markdown makes the comment of a plan, or of a run, for a pull request: short enough for
// its host, with a marker by which the next one finds it. Counts, deletions and the digest of the plan are
// always in it; causes and samples as far as they fit. No value in it is markup, a link, a mention
// or a number of an issue.
//
// Start with [Write]. Equal reviews give equal bytes.
package markdown

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Longest is how long a comment may be, in units of UTF-16. GitHub takes 65,536 characters.
const Longest = 60_000

// A Comment is what a comment is made of.
type Comment struct {
	Review  *review.Review
	Expires time.Time // zero: never
	File    string    // of the saved plan; "" without one
	Masked  bool
	Error   value.Message // what the command has ended with
	Hint    value.Message

	longest int // instead of Longest, for tests
}

// A writer gathers what stands in a comment.
type writer struct {
	*review.Review
	of *Comment
}

// Write writes the comment. The error is the writer's, or that of the plan's file.
func Write(w io.Writer, c *Comment) error {
	limit := c.longest
	if limit == 0 {
		limit = Longest
	}
	b := &writer{c.Review, c}
	head, foot := b.head(), b.foot()
	must, may, err := b.firsts()
	if err != nil {
		return err
	}
	room := limit - length(head) - length(must) - length(foot) - length(b.more(len(b.Causes)))
	var out strings.Builder
	out.WriteString(head + must)
	take := func(text string) bool {
		if n := length(text); n <= room {
			room -= n
			out.WriteString(text)
			return true
		}
		return false
	}
	for _, block := range append(b.notes(), may...) {
		take(block)
	}
	if left := b.causes(take); left > 0 {
		out.WriteString(b.more(left))
	}
	for _, cause := range b.Causes {
		details, err := b.details(cause)
		if err != nil {
			return err
		}
		take(details)
	}
	out.WriteString(foot)
	_, err = io.WriteString(w, out.String())
	return err
}

// length is how long a text is for a host: in units of UTF-16, which are at least as many as characters.
func length(text string) int {
	n := 0
	for _, r := range text {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

func (b *writer) t(code string, args ...value.Arg) string {
	return b.Words.Text(value.Say(code, args...))
}

func (b *writer) n(n int) string { return b.Words.Number(strconv.Itoa(n)) }

// marker is by what the next comment of the same plan finds this one.
func (b *writer) marker() string {
	what := "plan"
	if b.Report != nil {
		what = "report"
	}
	return "<!-- b24apply:" + what + ":" + slug(b.Plan.Owner) + ":" + slug(b.Plan.Env) + " -->\n" + b.digest()
}

// digest is what a merge applies: a line of its own, at a place that no text of a manifest can take.
func (b *writer) digest() string {
	if b.Report != nil || b.Plan.Digest == "" {
		return ""
	}
	return "<!-- b24apply:digest:" + b.Plan.Digest + " -->\n"
}

func slug(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '.' {
			return r
		}
		if r == '-' || r == ' ' {
			return '_'
		}
		return -1
	}, strings.ToLower(s))
}

// head says what it is about and how much it is.
func (b *writer) head() string {
	title, portal := "page-title", value.Verbatim(b.Plan.Portal)
	if b.Report != nil {
		title = "page-run-title"
	}
	if b.Plan.Portal == plan.PortalInABox {
		portal = value.Say("page-box")
	}
	env := ""
	if b.Plan.Env != "" {
		env = " · " + b.t("page-environment", value.T("env", b.text(b.Plan.Env)))
	}
	out := b.marker() + fmt.Sprintf("## %s → %s%s\n\n", b.t(title, value.T("owner", b.text(b.Plan.Owner))), b.inert(b.Say(portal)), env)
	var heads, counts []string
	if b.Report == nil {
		out += b.planLead()
		for _, a := range []plan.Action{plan.Delete, plan.Refuse, plan.Create, plan.Adopt, plan.Update} {
			if n := b.Counts[a]; n > 0 {
				heads, counts = append(heads, b.t("page-"+string(a))), append(counts, "**"+b.n(n)+"**")
			}
		}
	} else {
		done := b.Report.Counts[apply.Succeeded] + b.Report.Counts[apply.Unchanged] + b.Report.Counts[apply.Kept]
		out += "**" + b.t("page-lead-run", value.N("done", done), value.N("n", b.Report.Items.Len())) + "** " + b.t("page-run", value.T("run", b.text(b.Report.Run))) + "\n\n"
		for _, s := range apply.Statuses {
			if n := b.Report.Counts[s]; n > 0 {
				heads, counts = append(heads, b.t("status-"+string(s))), append(counts, "**"+b.n(n)+"**")
			}
		}
	}
	if len(heads) > 0 {
		out += "| " + strings.Join(heads, " | ") + " |\n|" + strings.Repeat(" ---: |", len(heads)) + "\n| " + strings.Join(counts, " | ") + " |\n\n"
	}
	return out
}

func (b *writer) planLead() string {
	n := b.Counts[plan.Create] + b.Counts[plan.Update] + b.Counts[plan.Adopt] + b.Counts[plan.Delete]
	lead := b.t("page-lead", value.N("n", n))
	if n == 0 {
		lead = b.t("page-lead-none")
	}
	return "**" + lead + "** " + b.t("page-lead-unchanged", value.N("n", b.Counts[plan.NoOp])) + "\n\n"
}

// foot says by what the plan is known, and how it is carried out.
func (b *writer) foot() string {
	if b.Report != nil || b.Plan.Digest == "" {
		return ""
	}
	file := ""
	if b.of.File != "" {
		file = " " + strings.NewReplacer("`", "'", "\n", " ").Replace(b.of.File)
	}
	until := ""
	if !b.of.Expires.IsZero() {
		until = " (" + b.t("page-until", value.T("time", b.of.Expires.UTC().Format("2006-01-02 15:04 UTC"))) + ")"
	}
	return fmt.Sprintf("\n%s: `sha256:%s`%s. %s:\n\n```console\n$ %s%s --expect-plan %s\n```\n", b.t("page-digest"), b.Plan.Digest, until, b.t("page-apply"), "b24apply apply", file, b.Plan.Digest)
}

// mostNotes is how many notes stand in a comment, and lines below one.
const mostNotes = 10

// notes are why nothing is sent, and what concerns the plan as a whole.
func (b *writer) notes() (out []string) {
	line := func(m value.Message, code string) {
		text := "> " + b.inert(b.Say(m))
		if code != "" {
			text += " " + b.inert(b.Pass("["+code+"]"))
		}
		out = append(out, text+"\n\n")
	}
	if !b.of.Error.IsZero() {
		line(b.of.Error, "")
		if !b.of.Hint.IsZero() {
			line(b.of.Hint, "")
		}
	}
	if r := b.Plan.Refused; r != nil {
		line(r.Message, r.Code)
	}
	for i, g := range b.Plan.Guards {
		if i < mostNotes {
			line(value.Say("page-guard-exceeded", value.T("knob", g.Knob), value.N("actual", g.Actual), value.T("limit", g.Limit)), "")
		}
	}
	if len(b.Plan.Unseen) > 0 {
		line(value.Say("page-unseen", value.L("kinds", b.Plan.Unseen)), "")
	}
	for i, n := range b.Plan.Notes {
		if i < mostNotes {
			line(n.Message, n.Code)
		}
	}
	if b.of.Masked {
		line(value.Say("page-mask"), "")
	}
	return out
}

// firsts are what to look at first: deletions, which are always there, and the others.
func (b *writer) firsts() (must string, may []string, err error) {
	title := "### " + b.t("page-first") + "\n\n"
	for _, f := range b.Firsts {
		text := fmt.Sprintf("- **%s %s.**", b.n(f.N), b.Words.Text(f.Head))
		for _, m := range f.Means {
			text += " " + b.inert(b.Say(m))
		}
		text += "\n"
		for _, i := range f.Items {
			row, err := b.Row(i)
			if err != nil {
				return "", nil, err
			}
			text += "  - " + b.item(row, f.Code) + "\n"
		}
		if f.Code == "deletions" || f.Code == string(apply.Failed) {
			must += text
			continue
		}
		may = append(may, text)
	}
	if must != "" {
		return title + must, may, nil
	}
	if len(may) > 0 {
		may[0] = title + may[0]
	}
	return "", may, nil
}

// item names a change and what is odd of it.
func (b *writer) item(row *review.Row, code string) string {
	text := b.inert(row.Name) + " (" + b.inert(strings.TrimSpace(row.Cause.Kind+" "+b.Pass(row.ID))) + ")"
	var parts []string
	for i := range row.Cells {
		x := &row.Cells[i]
		telling := x.Shape == review.Money || x.Shape == review.Stage && row.Cause.Action != plan.Create || x.Shape == review.User && row.Cause.Action == plan.Update || len(row.Cells) == 1
		if x.Class != review.Absent && (code == "unusual" || code == "deletions") && telling {
			parts = append(parts, b.inert(b.Line(x)))
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if !row.Odd.IsZero() {
		text += " – **" + b.inert(b.Say(row.Odd)) + "**"
	}
	if o := row.Outcome; o != nil && !o.Error.IsZero() {
		text += ": " + b.inert(b.Say(o.Error))
		if o.Code != "" {
			text += " " + b.inert(b.Pass("["+o.Code+"]"))
		}
	}
	return text
}

// causes writes a table of as many causes as fit, and tells how many do not.
func (b *writer) causes(take func(string) bool) (left int) {
	if len(b.Causes) == 0 {
		return 0
	}
	title := "page-causes"
	if b.Report != nil {
		title = "page-done-causes"
	}
	if !take(fmt.Sprintf("\n### %s\n\n| | %s | %s | %s | %s |\n| ---: | --- | --- | --- | --- |\n", b.t(title), b.t("page-action"), b.t("page-kind"), b.t("page-change"), b.t("page-attention"))) {
		return len(b.Causes)
	}
	for i, c := range b.Causes {
		if !take(fmt.Sprintf("| %s | %s | %s | %s | %s |\n", b.n(c.Count), b.action(c), b.cell(b.Heading(c.Facts())), b.cell(b.Say(b.Sentence(c))), b.badges(c))) {
			return len(b.Causes) - i
		}
	}
	return 0
}

// action is what happens, or what became of it.
func (b *writer) action(c *review.Cause) string {
	if c.Status != "" && c.Status != apply.Succeeded {
		return b.t("status-" + string(c.Status))
	}
	return b.t("page-" + string(c.Action))
}

func (b *writer) badges(c *review.Cause) string {
	var out []string
	if c.Unusual > 0 {
		out = append(out, "**"+b.n(c.Unusual)+" "+b.t("page-flag-unusual")+"**")
	}
	for _, x := range []struct {
		flag review.Flag
		code string
	}{{review.Lasting, "page-flag-lasting"}, {review.Anew, "page-flag-anew"}, {review.May, "page-flag-may"}, {review.Alike, "page-flag-alike"}} {
		if c.Has(x.flag) {
			out = append(out, b.t(x.code))
		}
	}
	code := c.Facts().Reason.Code
	if o := c.Outcome(); o != nil {
		code = o.Code
	}
	if code != "" {
		out = append(out, b.cell(b.Pass(code)))
	}
	return strings.Join(out, ", ")
}

// more says how many causes are left out.
func (b *writer) more(left int) string {
	return "\n" + b.t("comment-more-causes", value.N("n", left)) + "\n"
}

// details are the samples of a cause, folded.
func (b *writer) details(c *review.Cause) (string, error) {
	var out strings.Builder
	fmt.Fprintf(&out, "\n<details><summary>%s · %s · %s</summary>\n\n", b.n(c.Count), inHTML(b.Heading(c.Facts())), inHTML(b.Say(b.Sentence(c))))
	for _, i := range c.Samples {
		row, err := b.Row(i)
		if err != nil {
			return "", err
		}
		var parts []string
		for k := range row.Cells {
			if x := &row.Cells[k]; x.Name != "title" && x.Class != review.Absent && (!x.Constant || c.Action != plan.Update) {
				parts = append(parts, b.inert(b.Label(x.Column)+": "+b.Line(x)))
			}
		}
		where := ""
		if row.File != "" {
			where = " (" + code(row.File+":"+strconv.Itoa(row.Line)) + ")"
		}
		fmt.Fprintf(&out, "- %s%s", b.inert(row.Name), where)
		if len(parts) > 0 {
			out.WriteString(": " + strings.Join(parts, "; "))
		}
		out.WriteString("\n")
	}
	out.WriteString("\n</details>\n")
	return out.String(), nil
}
