package coordinator

import (
	"cmp"
	"io"
	"net/http"
	"strconv"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

const htmlPage = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>\n"

// restFault is the stage before a request is handled. It returns the status of
// the answer if a fault has given one, else 0. The user is the one that the
// request names.
func (s *Server) restFault(w http.ResponseWriter, r *request, userID string) (status int) {
	if !s.faults.any() {
		return 0
	}
	strike := func(kind fault.Kind) *hit {
		h := s.strikeIf(kind, userID, func(a *armed) bool { return a.gate.Fault.OnPath(r.URL.Path) })
		s.flush() // who listens hears of the stroke before the client does
		return h
	}
	if h := strike(fault.Slow); h != nil {
		r.slow = *h
		s.hold(r.Request, h.delay)
	}
	if strike(fault.RESTHang) != nil {
		s.stall(r.Request)
	}
	if strike(fault.RESTReset) != nil {
		if raw := rawOf(r.Request); raw != nil {
			raw.reset()
		}
		panic(http.ErrAbortHandler)
	}
	if h := strike(fault.RESTHTML); h != nil {
		status = cmp.Or(h.fault.Status, http.StatusBadGateway)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		io.WriteString(w, htmlPage)
		return status
	}
	if h := strike(fault.RESTError); h != nil {
		return s.failRequest(w, h.fault)
	}
	return 0
}

func (s *Server) failRequest(w http.ResponseWriter, f fault.Fault) (status int) {
	fail := s.injected(f)
	if f.RetryAfter > 0 {
		seconds := int((f.RetryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	if fail.Code == wire.CodeRateLimit {
		w.Header().Set("X-Ratelimit-Limit", "60")
		w.Header().Set("X-Ratelimit-Remaining", "0")
		w.Header().Set("X-Ratelimit-Reset", strconv.FormatInt(s.now().Add(time.Minute).Unix(), 10))
	}
	writeJSON(w, fail.StatusCode, fail)
	return fail.StatusCode
}

// hold waits, but not once the client is gone or the server is to end.
func (s *Server) hold(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.done:
	}
}
