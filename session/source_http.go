package session

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"text/template"
	"time"

	"streamscope/internal/wire"
)

// HTTPSource asks the developer's own token endpoint for each load.
type HTTPSource struct {
	// URL and Body are templates (text/template) over [TokenRequest], with a
	// function json that quotes: {"user_id":{{json .UserID}}}. Function query
	// escapes for a URL.
	URL, Body string
	// Method is the request's. Empty means GET, or POST when there is a body.
	Method string
	// Header is sent as it is. A body without Content-Type is called JSON.
	Header http.Header
	// Pointer leads to the token in a JSON answer (RFC 6901). Empty means that
	// the answer is {"token": …}, a JSON string or the bare token.
	Pointer string
	// Request fills the templates.
	Request TokenRequest
	// Timeout bounds a load. Zero means [DefaultTokenTimeout].
	Timeout time.Duration
	// REST makes the call. Nil means an [HTTPDoer] of its own for each load.
	REST RESTDoer
}

// TokenRequest is what a token endpoint may want to know.
type TokenRequest struct {
	UserID, UserName, APIKey string
}

var _ TokenSource = HTTPSource{}

// Token implements [TokenSource].
func (s HTTPSource) Token(ctx context.Context) (string, error) {
	limit := cmp.Or(s.Timeout, DefaultTokenTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the token endpoint did not answer within %v", limit))
	defer cancel()
	req, err := s.request()
	if err != nil {
		return "", &Error{Op: "token", Err: err}
	}
	rest := s.REST
	if rest == nil {
		own := new(HTTPDoer)
		defer own.CloseIdleConnections()
		rest = own
	}
	resp, err := rest.Do(ctx, req)
	if err != nil {
		return "", tokenError(err)
	}
	if resp.Status < 200 || resp.Status > 299 {
		return "", &Error{Op: "token", Status: resp.Status, Reason: refusalOf(resp),
			Err: fmt.Errorf("the token endpoint answered %s", statusWords(resp.Status))}
	}
	raw, err := s.extract(resp)
	if err != nil {
		return "", &Error{Op: "token", Status: resp.Status, Err: err}
	}
	return raw, nil
}

// extract never quotes a value of the answer, only its shape.
func (s HTTPSource) extract(resp RESTResponse) (string, error) {
	body := bytes.TrimSpace(resp.Body)
	if len(body) == 0 {
		return "", errors.New("the token endpoint answered with an empty body")
	}
	if isHTML(resp.Header.Get("Content-Type"), body) && body[0] == '<' {
		return "", fmt.Errorf("the token endpoint answered with %s: is the address right, and is a login in front of it?", foreignAnswer(resp))
	}
	raw, err := tokenIn(body, s.Pointer)
	if err != nil {
		return "", fmt.Errorf("the token endpoint's answer: %w", err)
	}
	return raw, nil
}

func (s HTTPSource) request() (RESTRequest, error) {
	address, err := s.fill("url", s.URL)
	if err != nil {
		return RESTRequest{}, err
	}
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return RESTRequest{}, errors.New("the token endpoint's URL is not an http or https URL")
	}
	body, err := s.fill("body", s.Body)
	if err != nil {
		return RESTRequest{}, err
	}
	method := http.MethodGet
	header := s.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Accept") == "" {
		header.Set("Accept", "application/json, text/plain")
	}
	if body != "" {
		method = http.MethodPost
		if header.Get("Content-Type") == "" {
			header.Set("Content-Type", "application/json")
		}
	}
	return RESTRequest{Method: cmp.Or(s.Method, method), URL: target, Header: header, Body: []byte(body)}, nil
}

func (s HTTPSource) fill(name, text string) (string, error) {
	t, err := template.New(name).Funcs(template.FuncMap{"json": quoteJSON, "query": url.QueryEscape}).Parse(text)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s.Request); err != nil {
		return "", err
	}
	return b.String(), nil
}

func quoteJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// Kind implements [TokenSource].
func (HTTPSource) Kind() string { return "http" }

// Refreshable implements [TokenSource].
func (HTTPSource) Refreshable() bool { return true }

// tokenError says that a failed call was about the token.
func tokenError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return &Error{Op: "token", Status: e.Status, Reason: e.Reason, Err: e.Err}
	}
	return &Error{Op: "token", Err: hideTokens(err)}
}

func statusWords(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprint(status)
}

// refusalOf is what an endpoint said with an error status.
func refusalOf(resp RESTResponse) string {
	if resp.Status >= 300 && resp.Status < 400 {
		return wire.Clean("redirects to " + resp.Header.Get("Location"))
	}
	body := bytes.TrimSpace(resp.Body)
	if len(body) == 0 {
		return ""
	}
	if isHTML(resp.Header.Get("Content-Type"), body) {
		return foreignAnswer(resp)
	}
	return wire.Clean(maskTokens(cutText(string(body), refusalShown)))
}
