// Package review folds a plan, or what became of it, into what a person decides by: causes,
// each of them changes that are alike; what is unlike its neighbours; a few samples of each
// cause; and what to look at first. It lays nothing out: text, Markdown and HTML are made of
// one [Review], so that they name the same outliers and the same samples.
//
// Start with [Of], or with [Ended] after a run. Folding reads each change once and keeps some
// 24 bytes of it; what is drawn is read again, by its index, with [Review.Row]. Equal plans
// give equal reviews.
package review
