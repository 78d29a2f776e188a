package tap

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// discard is where the server's own complaints go: who came and was cut is on the
// timeline.
var discard = log.New(io.Discard, "", 0)

// admit turns strangers away and takes the pairing code off the path.
func (p *Proxy) admit(w http.ResponseWriter, r *http.Request) bool {
	why := p.Guard.Refuse(r)
	if why == "" && p.Code != "" && !p.paired(r) {
		why = "the pairing code is missing or wrong: use the base URL that streamscope tap printed, whole"
	}
	if why == "" {
		return true
	}
	if text, ok := p.strange.tell(time.Now(), fmt.Sprintf("%s %s from %s: %s", wire.Clean(r.Method), p.shownPath(r), r.RemoteAddr, why)); ok {
		p.Timeline.Append(timeline.Event{Payload: timeline.Warning{ID: WarnRefused, Text: text}})
	}
	refusal := wire.NewAPIError(wire.CodeNotAllowed, wire.Clean(why))
	body, err := json.Marshal(refusal)
	if err != nil {
		cut()
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(refusal.StatusCode)
	_, _ = w.Write(body) // the stranger may be gone
	return false
}

// WarnRefused is the ID of the warnings about strangers who were turned away.
const WarnRefused = "refused"

// shownPath is a path that can be shown. Where a code is asked for the first element
// may be one, or nearly.
func (p *Proxy) shownPath(r *http.Request) string {
	path := r.URL.Path
	if p.Code != "" {
		_, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		path = "/…/" + rest
	}
	path = wire.Clean(timeline.RedactText(path)) // whole: of a secret that is cut something may stay
	return strings.ToValidUTF8(path[:min(len(path), 100)], "")
}

// paired reports whether the path begins with the code, and takes it off.
func (p *Proxy) paired(r *http.Request) bool {
	code, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if subtle.ConstantTimeCompare([]byte(code), []byte(p.Code)) != 1 {
		return false
	}
	prefix := "/" + p.Code
	r.URL.Path, r.URL.RawPath = "/"+rest, strings.TrimPrefix(r.URL.RawPath, prefix)
	return true
}

// refusals keeps a stranger who tries a thousand times from filling the timeline.
type refusals struct {
	mu    sync.Mutex
	last  time.Time
	quiet int
}

// tell returns what to say of a refusal, and whether to say it now: one a second,
// with the number of those before it that were not told.
func (s *refusals) tell(now time.Time, text string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.last) < time.Second {
		s.quiet++
		return "", false
	}
	if s.quiet > 0 {
		text = fmt.Sprintf("%s (and %d more before it)", text, s.quiet)
	}
	s.last, s.quiet = now, 0
	return text, true
}
