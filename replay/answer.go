package replay

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// serveAnswer gives the recorded answer to a request.
func (s *Server) serveAnswer(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	at := route{r.Method, onePath(r.URL.Path)}
	a, ok := s.answerTo(asker(r), at)
	if op, _ := timeline.Operation(at.method, at.path); !ok && op == timeline.OpClientEvent {
		// The client's account of itself: it would log a refusal as an error
		// (protocol.md 10), which is not in the recording either.
		a, ok = answer{status: http.StatusCreated, body: []byte(`{"duration":"0ms"}`)}, true
	}
	if !ok {
		s.logger().Warn("a request is not in the recording", "method", wire.Clean(r.Method), "path", wire.Clean(r.URL.Path))
		writeError(w, nothing(r.Method, r.URL.Path))
		return
	}
	if !s.until(r.Context(), began, a.wait, nil) {
		return
	}
	s.logger().Debug("a request is answered, as recorded", "method", at.method, "path", wire.Clean(at.path), "status", a.status)
	if a.status == 0 {
		cut(w)
		return
	}
	body := s.withToken(a)
	w.Header().Set("Content-Type", contentType(body))
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // the client may have gone
}

// asker is the user that a request comes from, as far as it says so.
func asker(r *http.Request) string {
	// The token need not be valid; one that cannot be read names nobody.
	if claims, err := token.Parse(r.Header.Get("Authorization")); err == nil && claims.UserID != "" {
		return claims.UserID
	}
	return r.URL.Query().Get("user_id")
}

// answerTo returns the next answer under a method and path, the last one again
// when all were given. With answers of several users those of the asker count.
func (s *Server) answerTo(user string, at route) (answer, bool) {
	list := s.Script.answers[at]
	var own []answer
	for _, a := range list {
		if a.role.is(user) {
			own = append(own, a)
		}
	}
	if own == nil {
		own, user = list, ""
	}
	if len(own) == 0 {
		return answer{}, false
	}
	key := user + "\x00" + at.method + " " + at.path
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(s.asked[key], len(own)-1)
	s.asked[key]++
	return own[n], true
}

// withToken is the body of an answer, with a token of our own where it gives a
// guest one: the recorded one is masked (protocol.md 3.5).
func (s *Server) withToken(a answer) []byte {
	var fields map[string]json.RawMessage
	if a.status >= http.StatusMultipleChoices || json.Unmarshal(a.body, &fields) != nil || fields["access_token"] == nil {
		return a.body
	}
	guest, _ := wire.Decode[wire.GuestResponse](a.body)
	if guest.User.ID == "" {
		return a.body // whose it would be is not known
	}
	minted, err := s.Token(guest.User.ID)
	if err != nil {
		return a.body
	}
	if fields["access_token"], err = json.Marshal(minted); err != nil {
		return a.body
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return a.body
	}
	return body
}

// contentType is that of a body whose headers were not recorded.
func contentType(body []byte) string {
	switch text := strings.TrimSpace(string(body[:min(len(body), 64)])); {
	case strings.HasPrefix(text, "<"):
		return "text/html; charset=utf-8"
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

// writeError answers in Stream's envelope (protocol.md 1.7).
func writeError(w http.ResponseWriter, fail wire.APIError) {
	fail.Duration = "0.00ms"
	body, err := json.Marshal(fail)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(fail.StatusCode)
	_, _ = w.Write(body) // the client may have gone
}
