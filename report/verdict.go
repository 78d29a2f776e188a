package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"streamscope/explain"
	"streamscope/timeline"
)

// failureText is a failure as facts: code and name, status, close code, and the
// words of the peer or ours.
func failureText(f timeline.Failure) string {
	var parts []string
	if f.Code != 0 {
		parts = append(parts, strings.TrimSpace("code "+strconv.Itoa(f.Code)+" "+f.Name))
	}
	if f.Status != 0 {
		parts = append(parts, "HTTP "+strconv.Itoa(f.Status))
	}
	if f.Close != 0 {
		parts = append(parts, "close "+strconv.Itoa(f.Close))
	}
	if words := cmp.Or(f.Reason, f.Text); words != "" {
		parts = append(parts, words)
	}
	if len(parts) == 0 {
		return cmp.Or(f.Op, "failed")
	}
	return strings.Join(parts, ", ")
}

// entryOf explains a failure of a session.
func entryOf(s timeline.Session, f timeline.Failure, l *lane) explain.Entry {
	facts := explain.Facts{
		Stage: f.Stage.String(), Op: f.Op, Code: f.Code, Status: f.Status, Close: f.Close,
		Reason: f.Reason, Text: f.Text, Source: s.Opened.TokenSource, Refreshable: s.Opened.Refreshable,
		UserType: string(s.Opened.User.Type), LocalServer: s.Opened.Source == timeline.SourceLocal,
	}
	if l != nil {
		facts.Reconnect = l.Reconnect
		facts.Established = !l.connected.IsZero()
		facts.ByServer = l.end.By == timeline.ByServer
	}
	return explain.Failure(facts)
}

// sessions are those that the report is about.
func (o Options) sessions(s timeline.State) []timeline.Session {
	if o.Session == "" {
		return s.Sessions
	}
	return slices.DeleteFunc(slices.Clone(s.Sessions), func(x timeline.Session) bool { return x.Name != o.Session })
}

// verdict says in one sentence how a session stands.
func verdict(s timeline.Session, now time.Time) string {
	who := cmp.Or(s.UserID(), s.Opened.User.ID, s.Name, "the user")
	switch {
	case s.Conn == timeline.StateConnected:
		return connectedVerdict(s, who, now)
	case s.Conn == timeline.StateNoSocket:
		return who + " is anonymous and has no socket, by design."
	case s.Conn == timeline.StateDisconnected && s.LastLoss.N == 0:
		return who + " connected and disconnected as wanted; nothing was lost."
	case s.Conn == timeline.StateDisconnected && !s.Attempt.ConnectedAt.IsZero() && !s.Attempt.Lost():
		return who + " was connected and then disconnected as wanted" + losses(s)
	}
	if f := s.LastLoss.Failure(); f != nil {
		return fmt.Sprintf("%s is not connected (%s): %s", who, s.Conn, entryOf(s, *f, nil).Means)
	}
	if n := len(s.ConnectErrors); n > 0 {
		return fmt.Sprintf("%s is not connected (%s): %s", who, s.Conn, entryOf(s, s.ConnectErrors[n-1], nil).Means)
	}
	return fmt.Sprintf("%s is %s.", who, cmp.Or(string(s.Conn), string(timeline.StateIdle)))
}

func connectedVerdict(s timeline.Session, who string, now time.Time) string {
	if s.Deaf(now) {
		return who + " counts as connected, but nothing has been heard for longer than the client waits: the connection is dead."
	}
	text := fmt.Sprintf("%s is connected since %s", who, s.TimeInState(now).Round(time.Second))
	text = strings.Replace(text, " since ", " for ", 1)
	return text + losses(s)
}

// losses ends the sentence on a session that was well at last.
func losses(s timeline.Session) string {
	text := "; no connection was lost"
	if s.Drops > 0 {
		text = fmt.Sprintf("; %s lost before", times(s.Drops, "connection was", "connections were"))
	}
	if f := s.LastLoss.Failure(); f != nil {
		text += ", the last failure was: " + failureText(*f)
	}
	return text + "."
}

func times(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// advice is what to do about one thing that went wrong.
type advice struct {
	entry explain.Entry
	n     int
}

// advise lists what the dictionary says about everything that went wrong in a
// session, most frequent first, traps after failures.
func (f *facts) advise(s timeline.Session) []advice {
	var list []advice
	add := func(e explain.Entry, n int) {
		if i := slices.IndexFunc(list, func(a advice) bool { return a.entry.ID == e.ID }); i >= 0 {
			list[i].n += n
			return
		}
		list = append(list, advice{e, n})
	}
	for _, t := range f.troubles {
		switch {
		case t.session != s.Name:
		case t.failure != nil:
			add(entryOf(s, *t.failure, t.lane), t.n)
		case t.close != nil:
			add(explain.Close(t.close.Code, explain.Closing{
				ByServer: true, Established: t.lane != nil && !t.lane.connected.IsZero(), Reconnect: t.lane != nil && t.lane.Reconnect,
			}), t.n)
		}
	}
	slices.SortStableFunc(list, func(a, b advice) int { return b.n - a.n })
	for _, trap := range s.Traps {
		if e, ok := explain.Trap(trap.ID); ok {
			add(e, 1)
		}
	}
	return list
}
