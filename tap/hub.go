package tap

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
	"streamscope/logsink"
	"streamscope/tap/snippet"
	"streamscope/timeline"
)

const (
	ownPrefix = "/__streamscope/"
	// LogPath is where the app's log lines are sent.
	LogPath = ownPrefix + "logs"
	// SinkPath is where the sink snippet is.
	SinkPath = ownPrefix + "sink.mjs"
)

// maxLine is the longest message of the sink: a line, or a batch of lines.
const maxLine = 4 << 20

// serveOwn answers what is ours: the sink's code, and the socket that it sends to.
func (p *Proxy) serveOwn(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case SinkPath:
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		if page := r.Header.Get("Origin"); page != "" {
			w.Header().Set("Access-Control-Allow-Origin", page)
		}
		_, _ = w.Write(snippet.Sink) // who asked may be gone
	case LogPath:
		p.serveLogs(w, r)
	default:
		http.NotFound(w, r)
	}
}

// serveLogs takes the log lines of an app and tells it the levels.
func (p *Proxy) serveLogs(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // the guard has looked at the origin
	if err != nil {
		return // it has answered
	}
	defer ws.CloseNow()
	ws.SetReadLimit(maxLine)
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	user := r.URL.Query().Get("user")
	p.Timeline.Append(timeline.Event{Payload: timeline.Note{Text: "the logs of an app come in from " + r.RemoteAddr}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.tellLevels(ctx, ws)
	}()
	handler := logsink.NewHandler(p.Logs, logsink.HandlerOptions{Session: user})
	for {
		_, message, err := ws.Read(ctx)
		if err != nil {
			break
		}
		for _, line := range linesOf(message) {
			line.log(ctx, handler)
		}
	}
	cancel()
	<-done
	p.Timeline.Append(timeline.Event{Payload: timeline.Note{Text: "the logs of the app at " + r.RemoteAddr + " have ended"}})
}

// tellLevels sends the levels, and each change of them, as the argument of a
// configureLoggers call.
func (p *Proxy) tellLevels(ctx context.Context, ws *websocket.Conn) {
	told := map[string]logsink.Change{}
	for {
		changed := p.Levels.Changed()
		if news := difference(told, p.Levels.Changes()); len(news) > 0 {
			message, err := json.Marshal(map[string]any{"configure": news})
			if err != nil || ws.Write(ctx, websocket.MessageText, message) != nil {
				return
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// difference is what has to be configured for levels to become others, which are
// remembered as told. Sinks are the app's own.
func difference(told, want map[string]logsink.Change) map[string]logsink.Change {
	news := map[string]logsink.Change{}
	for scope := range told {
		if _, stays := want[scope].Level.Value(); !stays {
			news[scope] = logsink.Change{Level: logsink.Reset[logsink.Level]()}
			delete(told, scope)
		}
	}
	for scope, c := range want {
		level, set := c.Level.Value()
		if before, ok := told[scope].Level.Value(); set && (!ok || before != level) {
			news[scope] = logsink.Change{Level: c.Level}
			told[scope] = news[scope]
		}
	}
	return news
}

// line is what the sink is called with.
type line struct {
	Level   string            `json:"level"`
	Message string            `json:"message"`
	Args    []json.RawMessage `json:"args"`
	// At is when it was, in milliseconds since 1970; the sink waits for its socket.
	At int64 `json:"at"`
}

// linesOf reads a message: a line or a list of them. What is neither is a line that
// says so.
func linesOf(message []byte) []line {
	if wire.IsArray(message) {
		var all []line
		if json.Unmarshal(message, &all) == nil {
			return all
		}
	}
	var one line
	if json.Unmarshal(message, &one) == nil && one.Message != "" {
		return []line{one}
	}
	text := string(bytes.ToValidUTF8(message[:min(len(message), 1000)], nil))
	return []line{{Level: "warn", Message: "[streamscope]: the sink sent what is no log line: " + text}}
}

// stamped is the form in which Stream's logger hands a line to a sink. React Native
// puts the level before it.
var stamped = regexp.MustCompile(`^(?:(?:WARN|ERROR): )?\[([^\]]*)\](?:\(([^)]*)\))?: ?`)

// log puts the line into the store, under its scope.
func (l line) log(ctx context.Context, h slog.Handler) {
	level, err := logsink.ParseLevel(l.Level)
	if err != nil {
		level = logsink.Info
	}
	at := time.Now()
	if sent := time.UnixMilli(l.At); l.At > 0 && sent.Before(at) && at.Sub(sent) < time.Hour {
		at = sent
	}
	text := l.Message
	var attrs []slog.Attr
	if m := stamped.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		attrs = append(attrs, logsink.Scope(m[1]), logsink.Tags(strings.Split(m[2], ",")...))
	}
	args := slices.DeleteFunc(l.Args, func(a json.RawMessage) bool { return len(a) <= len("{}") || string(a) == "null" })
	switch len(args) {
	case 0:
	case 1:
		attrs = append(attrs, slog.Any("arg", args[0]))
	default:
		attrs = append(attrs, slog.Any("args", args))
	}
	record := slog.NewRecord(at, level.Slog(), text, 0)
	record.AddAttrs(attrs...)
	_ = h.Handle(ctx, record) // it returns no error
}
