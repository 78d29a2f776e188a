package replay

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// Script is the server's side of a recording. It is immutable.
type Script struct {
	parts   []*part
	answers map[route][]answer
	cast    []*role
	base    string // path of the base URL
	cut     int    // messages that were not kept whole
}

// role is a recorded session: the user that it was for, and for a guest the id
// that the service gave.
type role struct {
	session string
	ids     []string
}

func (r *role) is(user string) bool { return slices.Contains(r.ids, user) }

// route is what tells one request from another.
type route struct{ method, path string }

// lastStatus is the highest status that HTTP knows.
const lastStatus = 599

// answer is one recorded answer. Without a status the request got none.
type answer struct {
	role   *role
	status int
	body   []byte
	wait   time.Duration
}

// NewScript takes the server's side out of a recording's events.
func NewScript(events iter.Seq[timeline.Event]) *Script {
	b := builder{
		script: &Script{answers: make(map[route][]answer), base: "/video"},
		takes:  make(map[takeKey]*take), roles: make(map[string]*role),
	}
	for e := range events {
		b.add(e)
	}
	return b.finish()
}

// Sockets returns how many sockets the recording has that reached the network.
func (s *Script) Sockets() int { return len(s.parts) }

// Answers returns how many answers to REST requests it has.
func (s *Script) Answers() int {
	n := 0
	for _, list := range s.answers {
		n += len(list)
	}
	return n
}

// Users returns the users of its sessions, in the order in which they appear.
// A guest has the id that the service gave.
func (s *Script) Users() []string {
	var users []string
	for _, r := range s.cast {
		if n := len(r.ids); n > 0 && !slices.Contains(users, r.ids[n-1]) {
			users = append(users, r.ids[n-1])
		}
	}
	return users
}

// BasePath returns the path of the recorded base URL, such as /video.
func (s *Script) BasePath() string { return s.base }

// Empty reports whether there is nothing to play.
func (s *Script) Empty() bool { return len(s.parts) == 0 && len(s.answers) == 0 }

// Problems says in sentences what cannot be played as it was; nil when all can.
func (s *Script) Problems() []string {
	if s.cut == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d messages were longer than what a recording keeps, and are sent as far as they were kept", s.cut)}
}

// knows reports whether the recording has a session of the user.
func (s *Script) knows(user string) bool {
	return slices.ContainsFunc(s.cast, func(r *role) bool { return r.is(user) })
}

// takeKey names a socket of the recording.
type takeKey struct {
	session string
	attempt int
}

// builder reads events.
type builder struct {
	script *Script
	takes  map[takeKey]*take
	order  []*take
	roles  map[string]*role
}

func (b *builder) add(e timeline.Event) {
	switch p := e.Payload.(type) {
	case timeline.SessionOpened:
		b.role(e.Session).meet(p.User.ID)
		b.setBase(p.BaseURL)
	case timeline.HTTPResponse:
		b.answer(e.Session, p)
	case timeline.Frame:
		if p.Dir == timeline.In && p.Cut > 0 {
			b.script.cut++
		}
	}
	if e.Attempt > 0 {
		b.take(e).add(e)
	}
}

// setBase keeps the path of a base URL.
func (b *builder) setBase(base string) {
	if u, err := url.Parse(base); err == nil && u.Path != "" {
		b.script.base = strings.TrimSuffix(u.Path, "/")
	}
}

func (b *builder) role(session string) *role {
	r := b.roles[session]
	if r == nil {
		r = &role{session: session}
		b.roles[session] = r
		b.script.cast = append(b.script.cast, r)
	}
	return r
}

// meet adds an id of the user; the last is the one that it has on the wire.
func (r *role) meet(user string) {
	if user != "" && !r.is(user) {
		r.ids = append(r.ids, user)
	}
}

func (b *builder) take(e timeline.Event) *take {
	key := takeKey{e.Session, e.Attempt}
	t := b.takes[key]
	if t == nil {
		t = &take{part: part{role: b.role(e.Session), number: e.Attempt}}
		b.takes[key] = t
		b.order = append(b.order, t)
	}
	return t
}

func (b *builder) answer(session string, p timeline.HTTPResponse) {
	r := b.role(session)
	if op, _ := timeline.Operation(p.Method, p.Path); op == timeline.OpGuest && p.Status < http.StatusBadRequest {
		r.meet(p.User)
	}
	if p.Size > timeline.DefaultKeep && len(p.Body) >= timeline.DefaultKeep {
		b.script.cut++
	}
	if p.Status < http.StatusOK || p.Status > lastStatus {
		p.Status = 0 // no server answers so: a request that failed, or a file that was edited
	}
	at := route{p.Method, onePath(p.Path)}
	b.script.answers[at] = append(b.script.answers[at], answer{role: r, status: p.Status, body: p.Body, wait: p.Took})
}

// finish leaves out what never reached the network and orders the parts by their
// beginnings.
func (b *builder) finish() *Script {
	for _, t := range b.order {
		if p, ok := t.finish(); ok {
			b.script.parts = append(b.script.parts, p)
		}
	}
	return b.script
}

// onePath makes one slash of several, as a base URL with a slash at its end has
// them (protocol.md 1.2).
func onePath(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// nothing is the answer to a request that the recording does not have.
func nothing(method, path string) wire.APIError {
	return wire.NewAPIError(wire.CodeDoesNotExist, wire.Clean(fmt.Sprintf("%s %s is not in the recording", method, path)))
}
