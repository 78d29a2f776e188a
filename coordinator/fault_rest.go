package coordinator

import (
	"cmp"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

// telemetryPath is left alone by faults of requests unless they name it: a
// client reports its own steps there, and would use up the strokes.
const telemetryPath = "/call_client_event"

const htmlPage = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>\n"

// restFault is the stage before a request is handled. It returns the status of
// the answer if a fault has given one, else 0. The user is the one that the
// request names.
func (s *Server) restFault(w http.ResponseWriter, r *request, userID string) (status int) {
	if !s.faults.any() {
		return 0
	}
	defer s.flush()
	onPath := func(a *armed) bool { return pathMatches(a.gate.Fault.Path, r.URL.Path) }
	if h := s.strikeIf(fault.Slow, userID, onPath); h != nil {
		r.slow = *h
		s.hold(r.Request, h.delay)
	}
	if s.strikeIf(fault.RESTHang, userID, onPath) != nil {
		s.flush()
		s.stall(r.Request)
	}
	if s.strikeIf(fault.RESTReset, userID, onPath) != nil {
		if raw := rawOf(r.Request); raw != nil {
			raw.reset()
		}
		panic(http.ErrAbortHandler)
	}
	if h := s.strikeIf(fault.RESTHTML, userID, onPath); h != nil {
		status = cmp.Or(h.fault.Status, http.StatusBadGateway)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		io.WriteString(w, htmlPage)
		return status
	}
	if h := s.strikeIf(fault.RESTError, userID, onPath); h != nil {
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

func pathMatches(want, path string) bool {
	if want == "" {
		return !strings.HasSuffix(path, telemetryPath)
	}
	return strings.Contains(path, want)
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
