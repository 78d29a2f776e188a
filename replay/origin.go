package replay

import (
	"net/http"

	"streamscope/internal/origin"
	"streamscope/internal/wire"
)

// stranger says why a request is not answered, or nothing: a recording is private.
func (s *Server) stranger(r *http.Request) string {
	return origin.Guard{Hosts: s.AllowHosts, Origins: s.AllowOrigins}.Refuse(r)
}

func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, why string) {
	s.logger().Warn("a client is turned away", "path", wire.Clean(r.URL.Path), "reason", wire.Clean(why))
	writeError(w, wire.NewAPIError(wire.CodeNotAllowed, wire.Clean(why)))
}

// allowOrigin lets pages read the answers (protocol.md 1.6).
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	page := r.Header.Get("Origin")
	if page == "" {
		return
	}
	h := w.Header()
	h.Set("Vary", "Origin")
	h.Set("Access-Control-Allow-Origin", page)
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "authorization, content-type, stream-auth-type, x-stream-client, x-client-request-id")
	h.Set("Access-Control-Expose-Headers", "date, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset")
	h.Set("Access-Control-Max-Age", "600")
}
