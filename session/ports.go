package session

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"streamscope/internal/faultwire"
	"streamscope/timeline"
)

// Dialer opens sockets to the coordinator. Dial is called from a goroutine of
// the session, one call at a time for each attempt, several attempts at once
// where the official client has several.
type Dialer interface {
	// Dial resolves, connects and upgrades. It reports each stage to trace as it
	// starts and ends, from the goroutine that called Dial. It returns when the
	// socket is upgraded, or with an [*Error] that names the stage.
	Dial(ctx context.Context, req DialRequest, trace func(timeline.StageChanged)) (Conn, error)
}

// DialRequest is what a socket is opened with.
type DialRequest struct {
	URL    *url.URL // ws or wss, with its query
	Header http.Header
}

// Conn is one open socket. Read is called by one goroutine, Write by one other;
// Close and Abort may be called by any, at any time, more than once.
type Conn interface {
	// Read returns the next message. Control frames are answered inside; a
	// received ping or pong is reported through DialRequest's trace by nobody: it
	// is not part of Stream's protocol. The error of a socket that is gone is an
	// [*Error] with Op read and the close code: the peer's, or 1006.
	Read(ctx context.Context) (Message, error)
	// Write sends one message.
	Write(ctx context.Context, m Message) error
	// Close sends a close frame (code 1005: one without a code) and waits for the
	// answer until ctx ends, at most.
	Close(ctx context.Context, code int, reason string) error
	// Abort drops the connection without a word.
	Abort()
}

// Message is one WebSocket message.
type Message = faultwire.Message

// RESTRequest is one REST call of the client; the doer adds nothing but what
// HTTP needs. Token is put into Authorization bare when it is not empty.
type RESTRequest struct {
	Method string
	URL    *url.URL // with its query
	Header http.Header
	Body   []byte
}

// RESTResponse is the answer, its body read up to a limit.
type RESTResponse struct {
	Status int
	Header http.Header
	Body   []byte
	Took   time.Duration
	// Date is the server's Date header; zero where there is none.
	Date time.Time
}

// RESTDoer makes REST calls. Do is called from goroutines of the session,
// several at once. A timeout, a refused connection and the like are an [*Error]
// with Op http; any status that came is a response.
type RESTDoer interface {
	Do(ctx context.Context, req RESTRequest) (RESTResponse, error)
}

// TokenSource gives tokens. Token is called from a goroutine of the session, one
// call at a time. Refreshable sources are asked again on code 40.
type TokenSource interface {
	// Token returns a raw token as the source gave it: the session judges it as
	// the official client does.
	Token(ctx context.Context) (string, error)
	// Kind is the source's word: static, http, exec, file, secret.
	Kind() string
	// Refreshable reports whether asking again can give another token.
	Refreshable() bool
}
