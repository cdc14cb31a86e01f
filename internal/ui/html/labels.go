package html

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// labels are the sentences of the template and the script that have no arguments.
var labels = []string{
	"page-action", "page-adopt", "page-after", "page-all", "page-any", "page-apply", "page-attention", "page-becomes", "page-before-run", "page-broken", "page-cause", "page-causes", "page-causes-means", "page-change", "page-changed",
	"page-clear", "page-close", "page-come", "page-control", "page-create", "page-date", "page-delete", "page-digest", "page-done-causes", "page-empty", "page-error", "page-export", "page-exported", "page-fields", "page-file", "page-filter", "page-first",
	"page-flag-alike", "page-flag-anew", "page-flag-held", "page-flag-lasting", "page-flag-may", "page-flag-unusual", "page-gone", "page-guards", "page-guards-none", "page-held-back", "page-help", "page-hint", "page-kept", "page-kind", "page-kinds",
	"page-loading", "page-look", "page-mask", "page-more", "page-next", "page-none", "page-notes", "page-now", "page-odd", "page-omitted", "page-open", "page-plain", "page-plain-off", "page-plain-too-many", "page-pointers", "page-previous", "page-product",
	"page-product-discount", "page-product-price", "page-product-quantity", "page-product-sum", "page-product-total", "page-record", "page-refuse", "page-reviewed", "page-reviewer", "page-row-change", "page-search", "page-sign", "page-skip", "page-status",
	"page-status-planned", "page-stays", "page-undo", "page-undo-anew", "page-undo-lasting", "page-undo-whole", "page-update", "page-was", "page-why-held", "page-writers",
}

// withArguments are the sentences with arguments that the template says; those of the script are in [view.texts].
var withArguments = []string{"page-title", "page-run-title", "page-environment", "page-commit", "page-made", "page-until", "page-ended", "page-run", "page-requests", "page-samples", "page-samples-all", "page-saved", "page-show-all", "page-step-forward",
	"page-step-back", "page-cut", "page-kept-field", "page-guard-exceeded", "page-no-script", "page-unseen"}

// texts are the labels as the script gets them. In those with arguments stands %1 and %2.
func (v *view) texts() map[string]string {
	out := make(map[string]string)
	for _, code := range labels {
		out[code] = v.T(code)
	}
	for _, m := range []value.Message{
		value.Say("page-of-all", value.T("n", "%1"), value.T("all", "%2")),
		value.Say("page-reviewed-of", value.T("n", "%1"), value.T("all", "%2")),
		value.Say("page-cut", value.T("n", "%1")),
		value.Say("page-saved", value.T("who", "%1"), value.T("time", "%2")),
	} {
		out[m.Code] = v.Words.Text(m)
	}
	for _, s := range statuses {
		out["status-"+string(s)] = v.status(s)
	}
	return out
}

// says tells whether the template may say a sentence.
func says(code string) bool { return slices.Contains(withArguments, code) }
