package replay

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
)

// serveSocket plays the next part of the recording.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	p := s.next()
	if p == nil {
		s.logger().Warn("a client connects, but the recording has no further socket", "sockets", len(s.Script.parts))
		fail := wire.NewAPIError(wire.CodeCoolDown, "every socket of the recording has been played: start the server again")
		fail.StatusCode = http.StatusServiceUnavailable
		writeError(w, fail)
		return
	}
	ctx := r.Context()
	if p.opening == stalled {
		s.logger().Info("an upgrade is not answered, as recorded", "attempt", p.number)
		s.stall(w, ctx)
		return
	}
	if !s.until(ctx, began, p.wait, nil) {
		return
	}
	switch p.opening {
	case refused:
		s.logger().Info("an upgrade is refused, as recorded", "attempt", p.number, "status", p.status)
		http.Error(w, p.reason, p.status)
		return
	case severed:
		s.logger().Info("an upgrade is cut, as recorded", "attempt", p.number)
		cut(w)
		return
	}
	// Origins were looked at before; compression changes nothing that is recorded.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		s.logger().Warn("an upgrade failed", "error", wire.Clean(err.Error()))
		return
	}
	ws.SetReadLimit(maxBody)
	defer ws.CloseNow() // it may be closed already
	if p.spoken {
		if p = s.cast(ctx, ws); p == nil {
			return
		}
	}
	s.logger().Info("a socket is played", "attempt", p.number, "session", wire.Clean(p.role.session), "frames", len(p.frames))
	s.play(ctx, ws, p)
}

// stall gives no answer until the client goes. What it sends meanwhile is read,
// or its going would not be noticed.
func (s *Server) stall(w http.ResponseWriter, ctx context.Context) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		<-ctx.Done()
		return
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	for buf := make([]byte, 512); ; {
		if _, err := conn.Read(buf); err != nil {
			return
		}
	}
}

// next returns the part that comes next, and nil after the last. A part that
// waits for the auth frame is not taken yet: the frame says whose part it is.
func (s *Server) next() *part {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range s.Script.parts {
		if s.played[i] {
			continue
		}
		if p.opening != opened || !p.spoken {
			s.played[i] = true
		}
		return p
	}
	return nil
}

// cast reads the auth frame and takes the next part of its user; somebody whom
// the recording does not know plays whoever comes next. It returns nil when there
// is none, or no frame.
func (s *Server) cast(ctx context.Context, ws *websocket.Conn) *part {
	limited, cancel := context.WithTimeout(ctx, authTimeout)
	defer cancel()
	_, data, err := ws.Read(limited)
	if err != nil {
		return nil
	}
	// What cannot be read names nobody.
	auth, _ := wire.Decode[wire.AuthMessage](data)
	user := auth.UserDetails.ID
	known := s.Script.knows(user)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range s.Script.parts {
		if !s.played[i] && p.opening == opened && p.spoken && (p.role.is(user) || !known) {
			s.played[i] = true
			return p
		}
	}
	s.logger().Warn("the recording has no further socket of this user", "user", wire.Clean(user))
	return nil
}

// play sends the frames of a part at their times, and ends as it did.
func (s *Server) play(ctx context.Context, ws *websocket.Conn, p *part) {
	began := time.Now()
	ear := listen(ws)
	defer func() {
		_ = ws.CloseNow() // ends the read; it may be closed already
		<-ear.gone
	}()
	for _, f := range p.frames {
		if !s.until(ctx, began, f.at, ear.gone) || !send(ctx, ws, f) {
			return
		}
	}
	switch p.end {
	case leftOpen:
		s.keepAlive(ctx, ws, p, ear)
	case leftSilent:
		select {
		case <-ctx.Done():
		case <-ear.gone:
		}
	case closed:
		if s.until(ctx, began, p.endAt, ear.gone) {
			_ = ws.Close(websocket.StatusCode(p.code), p.why) // a code that no frame may have is a loss
		}
	case dropped:
		s.until(ctx, began, p.endAt, ear.gone)
	}
}

// keepAlive answers a client that stays longer than the recorded one did, so that
// it is not the end of the recording that it finds to be a failure.
func (s *Server) keepAlive(ctx context.Context, ws *websocket.Conn, p *part, ear *ear) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ear.gone:
			return
		case <-ear.heard:
		}
		check := wire.HealthCheck{Type: wire.TypeHealthCheck, ConnectionID: p.connection, CreatedAt: wire.At(time.Now())}
		body, err := json.Marshal(check)
		if err != nil || !send(ctx, ws, line{body: body}) {
			return
		}
	}
}

func send(ctx context.Context, ws *websocket.Conn, f line) bool {
	kind := websocket.MessageText
	if f.binary {
		kind = websocket.MessageBinary
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return ws.Write(ctx, kind, f.body) == nil
}

// ear hears the client. Its goroutine ends with the connection.
type ear struct {
	heard chan struct{} // holds one signal when something came
	gone  chan struct{} // closed when the connection is over
}

func listen(ws *websocket.Conn) *ear {
	e := &ear{heard: make(chan struct{}, 1), gone: make(chan struct{})}
	go func() {
		defer close(e.gone)
		for {
			if _, _, err := ws.Read(context.Background()); err != nil {
				return
			}
			select {
			case e.heard <- struct{}{}:
			default:
			}
		}
	}()
	return e
}
