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
	var content []byte
	j.file = &content
	_, err = c.alone(ctx, j, true)
	return content, err
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

// takeFile takes the answer if it is a file. A file has a name: a log-in page, or an
// error that comes with status 200, has none.
func (j *job) takeFile(a *answer) bool {
	if a.status != http.StatusOK || !a.named {
		return false
	}
	*j.file = a.body
	return true
}

// noFile is the failure of an answer that should have been a file and is none.
func (e *endpoint) noFile(j *job, a *answer) *failure {
	if _, f := e.judge(j, a); f != nil {
		return f
	}
	return &failure{verdict: final, err: e.refused(j.method, a.status, &refusal{description: "the answer is no file"})}
}
