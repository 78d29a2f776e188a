package logsink

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"streamscope/internal/wire"
)

// Record is one log line as a flat value. Two records can be compared with ==.
type Record struct {
	// Seq numbers the lines of one store from 1; the store assigns it.
	Seq uint64
	// Time is the wall clock when the line was logged, for display; zero if that
	// is not known.
	Time time.Time
	// Level is the level of the line.
	Level Level
	// Scope names the part of the program that spoke, in Stream's words.
	Scope string
	// Tags tell instances of a scope apart, with commas between them: "1,rpc".
	Tags string
	// Session is the user session that the line came from; empty for what
	// concerns the whole program.
	Session string
	// Message is the text. It may have line breaks and control characters;
	// String and the screen show them as escapes.
	Message string
	// Attrs are the attributes as key=value text with a blank between two. A
	// value is a JSON number, true, false, null, a JSON string, object or array,
	// or, if it could not be taken for one of these and has no blanks, quotes,
	// equal signs or control characters, a string as it is. Keys are quoted by
	// the same rule; the keys of groups are joined with dots.
	Attrs string
	// Event is the sequence number of the timeline event that the line belongs
	// to; 0 if none.
	Event uint64
	// Dropped, if not zero, makes the record stand for that many lines that were
	// lost before this point. Sinks get such records; stores hold none.
	Dropped uint64
}

// dropRecord is what a reader gets in place of n lines that it was too late for.
func dropRecord(n uint64, now time.Time) Record {
	return Record{Time: now, Level: Warn, Scope: "logsink", Message: fmt.Sprintf("%d lines dropped", n), Dropped: n}
}

// String returns the record as one plain line, safe for a terminal, with scope and
// tags in the form that Stream's own logger prints them:
//
//	12:04:09.131 WARN  sara [coordinator](1): connection:WS failed code=40
func (r Record) String() string {
	var b strings.Builder
	if r.Time.IsZero() {
		b.WriteString("--:--:--.---")
	} else {
		b.WriteString(r.Time.Format("15:04:05.000"))
	}
	fmt.Fprintf(&b, " %-5s ", strings.ToUpper(r.Level.String()))
	if r.Session != "" {
		b.WriteString(wire.Clean(r.Session) + " ")
	}
	b.WriteString("[" + wire.Clean(r.Scope) + "]")
	if r.Tags != "" {
		b.WriteString("(" + wire.Clean(r.Tags) + ")")
	}
	b.WriteString(": " + wire.Clean(r.Message))
	if r.Attrs != "" {
		b.WriteString(" " + wire.Clean(r.Attrs))
	}
	return b.String()
}

// recordKind is the "kind" of a record in a recording, where events have theirs.
const recordKind = "log"

type recordJSON struct {
	Kind    string          `json:"kind"`
	Seq     uint64          `json:"seq,omitzero"`
	Time    time.Time       `json:"time,omitzero"`
	Level   Level           `json:"level"`
	Scope   string          `json:"scope,omitzero"`
	Tags    []string        `json:"tags,omitempty"`
	Session string          `json:"session,omitzero"`
	Event   uint64          `json:"event,omitzero"`
	Message string          `json:"message"`
	Attrs   json.RawMessage `json:"attrs,omitempty"`
	Dropped uint64          `json:"dropped,omitzero"`
}

// MarshalJSON writes the record as it stands in recordings and in the output of
// "watch --json":
//
//	{"kind":"log","seq":7,"time":"…","level":"warn","scope":"coordinator","tags":["1"],
//	 "session":"sara","event":12,"message":"…","attrs":{"code":40}}
//
// What is zero or empty is left out, but for level and message. Attributes that are
// not in the form of [Record] are one JSON string. Bytes that are not UTF-8, which
// JSON cannot hold, become visible escapes such as \xff.
func (r Record) MarshalJSON() ([]byte, error) {
	out := recordJSON{
		Kind: recordKind, Seq: r.Seq, Level: r.Level, Scope: validUTF8(r.Scope),
		Session: validUTF8(r.Session), Event: r.Event, Message: validUTF8(r.Message), Dropped: r.Dropped,
	}
	if !r.Time.IsZero() {
		out.Time = r.Time.UTC()
	}
	if r.Tags != "" {
		out.Tags = strings.Split(validUTF8(r.Tags), ",")
	}
	if r.Attrs != "" {
		out.Attrs = attrsToJSON(validUTF8(r.Attrs))
	}
	return marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. Fields that it does not know are
// ignored, so that later versions can add some.
func (r *Record) UnmarshalJSON(data []byte) error {
	var in recordJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("log record: %w", err)
	}
	if in.Kind != "" && in.Kind != recordKind {
		return fmt.Errorf("log record: kind is %q, want %q", in.Kind, recordKind)
	}
	attrs, err := attrsFromJSON(in.Attrs)
	if err != nil {
		return fmt.Errorf("log record: attrs: %w", err)
	}
	*r = Record{
		Seq: in.Seq, Time: in.Time, Level: in.Level, Scope: in.Scope, Tags: strings.Join(in.Tags, ","),
		Session: in.Session, Message: in.Message, Attrs: attrs, Event: in.Event, Dropped: in.Dropped,
	}
	return nil
}
