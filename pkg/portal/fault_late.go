package portal

// executeLate gives up the connection at once and executes the request when its
// time has come, as a portal does that got it whole but whose client is gone.
func executeLate(p *Portal, x exchange) {
	p.later(x.delay, func() { x.comply(newCaptured()) }) // nobody reads the answer
	hangUp(p, x)
}

// beAway answers a request during an outage.
func beAway(p *Portal, x exchange) {
	if x.rule.Status == 0 {
		hangUp(p, x)
	}
	writeHTMLError(x.w, x.rule.Status)
}
