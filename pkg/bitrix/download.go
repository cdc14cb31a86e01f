package bitrix

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Download fetches the file that a link of the portal leads to: urlMachine of a
// file field. It is called with the client's own credentials, by POST as every
// method, and repeated where that is safe. The link may hold a token, so no error
// shows it. Errors are those of Call; a file above Config.MaxBody is one.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/object-fields.html
func (c *Client) Download(ctx context.Context, link string) ([]byte, error) {
	method, params, err := parseFileLink(link)
	if err != nil {
		return nil, err
	}
	j, err := newJob(method, Read, params)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		if err := c.pace.wait(ctx); err != nil {
			return nil, c.ended(j, err)
		}
		j.try = try
		content, f := c.download(ctx, j)
		switch {
		case f == nil:
			return content, nil
		case f.verdict == busy:
			c.pace.slowDown()
		case f.verdict == final:
			return nil, c.conclude(j, f)
		}
		if ctx.Err() != nil {
			return nil, c.ended(j, context.Cause(ctx))
		}
		if !c.mayRepeat(j, f, try) {
			return nil, c.conclude(j, f)
		}
		delay := c.delay(j.method, f.verdict, try)
		c.logRetry(ctx, j.method, try, delay, f)
		if err := sleep(ctx, delay); err != nil {
			return nil, c.ended(j, err)
		}
	}
}

// parseFileLink takes the reading method and its parameters out of a link. The
// host and the credential in it are not used: the client has its own.
func parseFileLink(link string) (method string, params Params, err error) {
	u, err := url.Parse(link)
	if err != nil {
		return "", nil, errors.New("the portal's link to a file is no valid URL")
	}
	path := strings.TrimSuffix(u.Path, "/")
	method = path[strings.LastIndexByte(path, '/')+1:]
	if !strings.HasPrefix(u.Path, "/rest/") || EffectOf(method) != Read {
		return "", nil, errors.New("the portal's link to a file leads to no reading method")
	}
	params = make(Params)
	for key, values := range u.Query() {
		if key != "auth" {
			params[key] = values[len(values)-1]
		}
	}
	return method, params, nil
}

// download sends a job once; its answer is a file, or an error as of any method. A
// file has a name: a log-in page or an error that comes with status 200 has none.
func (c *Client) download(ctx context.Context, j *job) ([]byte, *failure) {
	e := c.endpoint.Load()
	a, f := c.post(ctx, e, j)
	if f != nil {
		return nil, f
	}
	c.logAnswer(ctx, e, j, a, nil)
	switch {
	case a.status == http.StatusOK && a.named:
		return a.body, nil
	case a.isRedirect():
		return nil, &failure{verdict: final, err: e.refused(j.method, a.status, &refusal{description: "the portal redirects instead of giving the file"})}
	}
	if _, f = e.judge(j, a); f == nil {
		f = &failure{verdict: final, err: e.refused(j.method, a.status, &refusal{description: "the answer is no file"})}
	}
	return nil, f
}
