package coordinator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"streamscope/internal/wire"
)

// request is a REST request with its caller known.
type request struct {
	*http.Request
	srv    *Server
	who    principal
	connID string
	start  time.Time
	body   []byte
	slow   hit // of a line with a limited rate
}

func (r *request) cid() string { return r.PathValue("type") + ":" + r.PathValue("id") }

// took is the duration member of a response.
func (r *request) took() string { return time.Since(r.start).String() }

// decode reads the body, which may be empty, into a value. A body that is not
// JSON or has a member of the wrong type is code 4.
func decode[T any](r *request, op string) (T, *wire.APIError) {
	if len(r.body) == 0 {
		var zero T
		return zero, nil
	}
	v, err := wire.Decode[T](r.body)
	if err != nil {
		return v, inputError(op, "invalid JSON: "+err.Error())
	}
	return v, nil
}

// handle makes an HTTP handler of a route for one API surface.
func (s *Server) handle(rt route, nanos bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		req := &request{Request: r, srv: s, start: time.Now(), connID: r.URL.Query().Get("connection_id")}
		var fail *wire.APIError
		if req.body, fail = readBody(w, r); fail == nil {
			user := claimedUser(r)
			if status := s.restFault(w, req, user); status != 0 {
				s.requested(req, user, status)
				return
			}
			req.who, fail = s.admit(rt, r, user)
		}
		s.hold(r, s.Latency)
		var answer any
		if fail == nil {
			answer, fail = rt.serve(req)
		}
		status := http.StatusOK
		switch {
		case fail != nil:
			status, answer = fail.StatusCode, withDuration(*fail, req)
		case rt.method == http.MethodPost:
			status = http.StatusCreated
		}
		status, data := s.encodeAnswer(status, answer, nanos && fail == nil)
		s.hold(r, req.slow.transfer(len(data)))
		s.write(w, status, data)
		s.requested(req, req.who.userID, status)
	}
}

func withDuration(fail wire.APIError, r *request) wire.APIError {
	fail.Duration = r.took()
	return fail
}

func (s *Server) requested(r *request, userID string, status int) {
	s.note(Event{Kind: Requested, UserID: userID, Method: r.Method, Path: r.URL.Path, Status: status, ConnectionID: r.connID, Took: time.Since(r.start)})
	s.flush()
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *wire.APIError) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
		return nil, apiError(wire.CodePayloadTooBig, fmt.Sprintf("the body is larger than %d bytes", maxBody))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, apiError(wire.CodeRequestTimeout, "the body took longer than "+bodyTimeout.String())
	}
	if err != nil {
		return nil, apiError(wire.CodeInput, "the body could not be read")
	}
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	return body, nil
}

// admit finds out who calls, in the order of protocol.md 11.2.
func (s *Server) admit(rt route, r *http.Request, user string) (principal, *wire.APIError) {
	query := r.URL.Query()
	if query.Get("api_key") != s.key {
		return principal{}, apiError(wire.CodeAccessKey, rt.op+" failed with error: \"api_key not valid\"")
	}
	token := r.Header.Get("Authorization")
	if r.Header.Get("stream-auth-type") == "anonymous" {
		return s.admitAnonymous(rt, token, user)
	}
	if rt.public && token == "" {
		return principal{userID: user}, nil
	}
	p, fail := s.verify(token, user)
	switch {
	case fail != nil:
		return p, fail
	case p.server || p.userID != "":
		return p, s.checkCaller(rt, p)
	}
	return p, jwtError(wire.CodeAuthentication, "token does not have a user_id")
}

// checkCaller keeps users off what only servers may do, and makes sure that
// the user of a token exists.
func (s *Server) checkCaller(rt route, p principal) *wire.APIError {
	if p.server {
		return nil
	}
	if rt.serverOnly {
		return notAllowed(rt.op, p, "user", rt.op, "app")
	}
	if fail := checkID(rt.op, "user id", p.userID); fail != nil {
		return fail
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[p.userID] == nil && s.upsertLocked(wire.UserDetails{ID: p.userID}) == nil {
		return s.fullError(rt.op)
	}
	return nil
}

// admitAnonymous lets callers without a name do what is public, and read the
// calls that their token lists.
func (s *Server) admitAnonymous(rt route, token, user string) (principal, *wire.APIError) {
	p := principal{userID: user, anonymous: true}
	if rt.public {
		return p, nil
	}
	if token != "" {
		var fail *wire.APIError
		if p, fail = s.verify(token, user); fail != nil {
			return p, fail
		}
		p.anonymous = true
	}
	if !rt.anonymous {
		return p, notAllowed(rt.op, p, "anonymous", rt.op, "app")
	}
	return p, nil
}

// claimedUser is the user that a request names, checked or not, for faults that
// are limited to one.
func claimedUser(r *http.Request) string {
	if id := r.URL.Query().Get("user_id"); id != "" {
		return id
	}
	var c claims
	if _, _, err := jwt.NewParser().ParseUnverified(r.Header.Get("Authorization"), &c); err != nil {
		return ""
	}
	return c.UserID
}

// encodeAnswer writes an answer in the dialect of the surface.
func (s *Server) encodeAnswer(status int, answer any, nanos bool) (int, []byte) {
	data, err := json.Marshal(answer)
	if err == nil && nanos {
		data, err = wire.Nanos(data)
	}
	if err != nil {
		s.logger().Error("could not encode an answer", "err", err)
		return http.StatusInternalServerError, []byte(`{"code":-1,"message":"internal error","StatusCode":500,"duration":"","more_info":"","details":[]}`)
	}
	return status, data
}

// refuse answers a request that reached no route.
func (s *Server) refuse(w http.ResponseWriter, fail *wire.APIError) {
	status, data := s.encodeAnswer(fail.StatusCode, fail, false)
	s.write(w, status, data)
}

// write sends an answer. Its date is that of the coordinator's clock.
func (s *Server) write(w http.ResponseWriter, status int, data []byte) {
	if s.faults.any() {
		w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	}
	write(w, status, data)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	// Our own shapes always encode.
	data, _ := json.Marshal(v)
	write(w, status, data)
}

func write(w http.ResponseWriter, status int, data []byte) {
	// A client that does not take its answer is not waited for for ever.
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(headerTimeout))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that is gone is no concern of the handler's.
	w.Write(data)
}

// setDeadlines gives a body its time, wherever it is read: net/http reads the
// rest of those that a handler leaves. The deadline of the answer before, on the
// same connection, is over. Handlers of other servers may know no deadlines.
func setDeadlines(w http.ResponseWriter, r *http.Request) {
	deadline := http.NewResponseController(w)
	deadline.SetWriteDeadline(time.Time{})
	if r.Body != http.NoBody {
		deadline.SetReadDeadline(time.Now().Add(bodyTimeout))
	}
}

// Handler returns the coordinator as an HTTP handler, for a server of your
// choice; give [ConnContext] to it. Faults of TCP itself need [Server.Serve].
func (s *Server) Handler() http.Handler {
	s.init()
	mux := s.routes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.begin() {
			panic(http.ErrAbortHandler)
		}
		defer s.wg.Done()
		setDeadlines(w, r)
		if !tidy(r.URL) {
			s.unknownRoute(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, controlPrefix) {
			s.control(w, r)
			return
		}
		if why := s.stranger(r); why != "" {
			s.turnAway(w, r, why)
			return
		}
		allowOrigin(w, r)
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
