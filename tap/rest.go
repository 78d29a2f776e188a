package tap

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httputil"
	"strconv"
	"sync"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/faultwire"
	"streamscope/internal/pause"
	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// exchange is one request and its answer.
type exchange struct {
	lane  *lane // nil for what nobody in particular asks
	proxy *Proxy
	key   string
	event timeline.HTTPRequest
	began time.Time
	once  sync.Once
}

type exchangeKey struct{}

func (p *Proxy) newREST() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL, r.Out.Host = p.target(r.In), ""
		},
		Transport: perConn{p}, ErrorLog: discard,
		ModifyResponse: func(resp *http.Response) error {
			exchangeOf(resp.Request).follow(resp)
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, err error) {
			exchangeOf(r).failed(r.Context(), err)
			cut()
		},
	}
}

func exchangeOf(r *http.Request) *exchange { return r.Context().Value(exchangeKey{}).(*exchange) }

// serveREST passes a request and its answer on.
func (p *Proxy) serveREST(w http.ResponseWriter, r *http.Request) {
	head, whole, err := peek(r.Body)
	if err != nil {
		cut()
	}
	r.Body = whole
	x := p.exchange(r, decompress(r.Header, head))
	x.emit(x.event)
	if x.struck(w, r) {
		return
	}
	p.rest.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
}

// exchange reads whose the request is and what it asks.
func (p *Proxy) exchange(r *http.Request, body []byte) *exchange {
	p.mu.Lock()
	p.requests++
	n := p.requests
	p.mu.Unlock()
	query := r.URL.Query()
	x := &exchange{proxy: p, key: query.Get("api_key"), began: time.Now()}
	id := cmp.Or(r.Header.Get("X-Client-Request-Id"), "tap-"+strconv.Itoa(n))
	x.event = timeline.NewRequest(id, r.Method, r.URL, body)
	raw := token.Raw(r.Header.Get("Authorization"))
	who := timeline.User{Type: timeline.Authenticated, ID: cmp.Or(query.Get("user_id"), userIn(body), tokenUser(raw))}
	switch {
	case who.ID == anonymousID:
		who.Type = timeline.Anonymous
	case x.event.Op == timeline.OpGuest:
		who.Type = timeline.Guest
	}
	if who.ID == "" {
		return x
	}
	x.lane = p.lane(x.key, who)
	p.mu.Lock()
	x.lane.client = cmp.Or(x.lane.client, r.Header.Get("X-Stream-Client"))
	p.mu.Unlock()
	if !raw.IsZero() {
		x.event.Token = x.lane.sees(raw).Number
	}
	return x
}

// anonymousID is what the official client calls a user who is nobody.
const anonymousID = "!anon"

// userIn is the user that a body is about: that of POST /guest, and of the client's
// telemetry, which is sent before there is a user (protocol.md 3.5, 10).
func userIn(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	j, _ := wire.Decode[struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		Events []struct {
			User string `json:"user_id"`
		} `json:"events"`
	}](body) // filled as far as it goes
	if len(j.Events) > 0 {
		return j.Events[0].User
	}
	return j.User.ID
}

func (x *exchange) emit(payload timeline.Payload) {
	if x.lane == nil {
		x.proxy.Timeline.Append(timeline.Event{Payload: payload})
		return
	}
	x.lane.emit(0, payload)
}

// struck lets the faults of requests act, and reports whether one has answered.
func (x *exchange) struck(w http.ResponseWriter, r *http.Request) bool {
	name := nobody
	if x.lane != nil {
		name = x.lane.name
	}
	faults := x.proxy.faults
	if _, delay := faults.Strike(name, faultwire.OfKind(fault.Slow)); delay > 0 && pause.For(r.Context(), delay) != nil {
		x.failed(r.Context(), context.Cause(r.Context()))
		cut()
	}
	hit, _ := faults.Strike(name, func(a *faultwire.Armed) bool {
		f := a.Fault()
		switch f.Kind {
		case fault.RefuseTCP, fault.WrongSignature:
			return true
		case fault.RESTHang, fault.RESTReset, fault.RESTError, fault.RESTHTML:
			return f.OnPath(r.URL.Path)
		}
		return false
	})
	if hit == nil {
		return false
	}
	switch hit.Fault().Kind {
	case fault.RESTHang:
		select {
		case <-r.Context().Done():
		case <-hit.Cleared():
		}
		fallthrough
	case fault.RefuseTCP, fault.RESTReset:
		x.failed(r.Context(), faultwire.Reset())
		cut()
	}
	status, header, body := faultwire.Refusal(hit.Fault())
	maps.Copy(w.Header(), header)
	if page := r.Header.Get("Origin"); page != "" {
		w.Header().Set("Access-Control-Allow-Origin", page) // or the page cannot read it
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the app may be gone
	x.answered(status, body)
	return true
}

// follow reads an answer as it is passed on, and publishes it when all of it is there.
func (x *exchange) follow(resp *http.Response) {
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil && x.lane != nil {
		x.lane.measure(date, "date header", true)
	}
	resp.Body = &followed{ReadCloser: resp.Body, done: func(head []byte, size int) {
		x.answered(resp.StatusCode, decompress(resp.Header, head))
	}}
}

func (x *exchange) answered(status int, body []byte) {
	x.once.Do(func() {
		answer := timeline.NewResponse(x.event, status, time.Since(x.began), body)
		if answer.User != "" && x.lane != nil {
			x.proxy.alias(x.key, answer.User, x.lane)
		}
		x.emit(answer)
	})
}

// failed publishes that there was no answer.
func (x *exchange) failed(ctx context.Context, err error) {
	x.once.Do(func() {
		answer := timeline.NewResponse(x.event, 0, time.Since(x.began), nil)
		answer.Failure = &timeline.Failure{Op: "http", Text: clean(rootCause(err))}
		if ctx.Err() != nil {
			answer.Failure.Text = "the app gave up"
		}
		x.emit(answer)
	})
}

// rootCause is the innermost error, which quotes no URL.
func rootCause(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}
