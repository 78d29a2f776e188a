package logsink

import (
	"log/slog"
	"strings"
)

// Keys of the attributes that a [Handler] lifts out of a log call: they become
// fields of the [Record] and do not appear among its attributes.
const (
	ScopeKey   = "scope"
	TagsKey    = "tags"
	SessionKey = "session"
	EventKey   = "event"
)

// Scope names the part of the program that logs, in Stream's words where Stream has
// one ("coordinator", "client"), dotted below. Set it once, with Logger.With.
func Scope(name string) slog.Attr { return slog.String(ScopeKey, name) }

// Tags tells instances of a scope apart, as the tags of Stream's loggers do; empty
// ones are left out.
func Tags(tags ...string) slog.Attr { return slog.String(TagsKey, joinTags(tags)) }

// Session names the user session that logs.
func Session(name string) slog.Attr { return slog.String(SessionKey, name) }

// Event ties a line to the timeline event with a sequence number.
func Event(seq uint64) slog.Attr { return slog.Uint64(EventKey, seq) }

func joinTags(tags []string) string {
	var b strings.Builder
	for _, tag := range tags {
		if tag == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(tag)
	}
	return b.String()
}
