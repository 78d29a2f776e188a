package replay

import (
	"fmt"
	"strings"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// names gives users, calls and sessions of a lane numbers in the order in which
// it meets them. Its zero value is ready.
type names struct{ known map[string]int }

// of is the number of a name, as text; nothing for no name.
func (n *names) of(what, name string) string {
	if name == "" {
		return ""
	}
	key := what + "\x00" + name
	if n.known == nil {
		n.known = make(map[string]int)
	}
	if n.known[key] == 0 {
		n.known[key] = len(n.known) + 1
	}
	return fmt.Sprint(what, n.known[key])
}

func (n *names) user(id string) string { return n.of("user", id) }

// call keeps the type of a call, which is configured, and replaces its id.
func (n *names) call(cid string) string {
	kind, _, _ := wire.SplitCID(cid)
	return n.of(kind+"#", cid)
}

// key is what matters of a payload. Two events with the same key are the same
// step; an empty key is a step that does not count.
func (n *names) key(p timeline.Payload) string {
	kind := string(p.Kind())
	if said, ok := n.wire(p); ok {
		return said
	}
	switch p := p.(type) {
	case timeline.SessionOpened:
		return text(kind, p.User.Type, p.Policy, p.RejectWhenBusy)
	case timeline.StateChanged:
		return text(kind, p.From, p.To)
	case timeline.Switched:
		return text(kind, p.Name, p.Value)
	case timeline.UserAction:
		return text(kind, p.Action)
	case timeline.Network:
		return text(kind, p.Online, p.By)
	case timeline.Warning:
		return text(kind, p.ID)
	case timeline.AttemptStarted:
		return text(kind, p.Reconnect, p.Cycle)
	case timeline.StageChanged:
		return text(kind, p.Stage, p.Progress, p.Status, failure(p.Failure))
	case timeline.AttemptEnded:
		return text(kind, p.By, p.Close, failure(p.Failure))
	case timeline.Backoff:
		return text(kind, p.Layer, p.Failures, p.Refresh)
	case timeline.ConnectFailed:
		return text(kind, failure(&p.Last), len(p.All))
	case timeline.AppEvent:
		return text(kind, p.Type, p.Online)
	case timeline.TokenLoaded:
		return text(kind, p.Token.Number, p.Same, p.Token.Malformed, p.Token.Undecodable)
	case timeline.TokenFailed:
		return text(kind, failure(&p.Failure))
	case timeline.TokenSent:
		return text(kind, p.Token.Number)
	}
	return n.story(p, kind)
}

// story is the key of what happens to calls, and of faults.
func (n *names) story(p timeline.Payload, kind string) string {
	switch p := p.(type) {
	case timeline.CallChanged:
		return text(kind, n.call(p.CID), p.From, p.To, p.Ringing)
	case timeline.RingDecision:
		return text(kind, n.call(p.CID), n.user(p.Caller), p.Busy, p.Rule)
	case timeline.BusyTone:
		return text(kind, n.call(p.CID), p.On)
	case timeline.FaultArmed:
		return text(kind, p.Fault.Kind)
	case timeline.FaultHit:
		return text(kind, p.Fault)
	case timeline.FaultScored:
		return text(kind, p.Fault, p.Score)
	}
	return kind
}

// wire is the key of what went over the wire; false for anything else.
func (n *names) wire(p timeline.Payload) (string, bool) {
	switch p := p.(type) {
	case timeline.Frame:
		return text("frame", p.Dir, p.Op, p.Type, p.Bad, p.Code, n.call(p.CID), n.user(p.By)), true
	case timeline.Close:
		return text("close", p.Dir, p.Code), true
	case timeline.HTTPRequest:
		asked := n.request(p.Method, p.Path)
		if asked == "" {
			return "", true
		}
		return text("request", asked, p.Ring, p.Video, p.Watch, p.Reason), true
	case timeline.HTTPResponse:
		asked := n.request(p.Method, p.Path)
		if asked == "" {
			return "", true
		}
		return text("answer", asked, p.Status, p.Code), true
	}
	return "", false
}

// request is what is asked for: the operation and the call, or the method and
// the end of the path. Telemetry is nothing.
func (n *names) request(method, path string) string {
	op, cid := timeline.Operation(method, path)
	switch {
	case op == timeline.OpClientEvent:
		return ""
	case cid == "":
		return text(method, op, path[strings.LastIndexByte(path, '/')+1:])
	}
	// What is done to the call stands behind its type and id.
	_, id, _ := wire.SplitCID(cid)
	_, verb, _ := strings.Cut(path, "/"+id+"/")
	return text(method, op, verb, n.call(cid))
}

// failure is what matters of a failure: the words are not compared, they hold
// addresses and times.
func failure(f *timeline.Failure) string {
	if f == nil {
		return ""
	}
	return text("at", f.Stage, f.Op, f.Code, f.Status, f.Close, f.Transient)
}

func text(parts ...any) string { return fmt.Sprintln(parts...) }

// keepAlive reports whether a frame is one: how many there are depends on how
// long a recording is.
func keepAlive(f timeline.Frame) bool {
	return f.Type == wire.TypeHealthCheck || f.Op == "ping" || f.Op == "pong"
}

// tells reports whether a stage says something of the connection. That a name
// was resolved or TLS spoken says only where the server is.
func tells(p timeline.StageChanged) bool {
	switch p.Progress {
	case timeline.Failed:
		return true
	case timeline.Passed:
		return p.Stage >= timeline.StageUpgrade
	}
	return false
}
