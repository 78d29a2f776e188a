package ui

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"streamscope/explain"
	"streamscope/logsink"
	"streamscope/timeline"
)

// inspectLimit is how much of a body is drawn; all of it can be copied.
const inspectLimit = 256 << 10

// inspectEvent opens an event of the timeline: its JSON, the raw text, the
// bytes, and what it belongs to.
func inspectEvent(store *timeline.Store, s timeline.Session, en entry, e timeline.Event) *reader {
	row := timeline.Describe(e)
	r := &reader{title: "Event " + strconv.FormatUint(e.Seq, 10)}
	if body := bodyOf(e); len(body) > 0 {
		r.title = "Frame " + strconv.FormatUint(e.Seq, 10)
		if e.Kind() != timeline.KindFrame {
			r.title = "REST " + strconv.FormatUint(e.Seq, 10)
		}
		r.views = []view{
			{"pretty", func(w int) []line { return append(eventFacts(store, s, en, e, row, w), prettyJSON(body)...) }, func() string { return pretty(body) }},
			{"raw", func(w int) []line { return rawLines(body, w) }, func() string { return string(body) }},
			{"hex", func(int) []line { return hexLines(body) }, func() string { return hex.Dump(body) }},
		}
		return r
	}
	r.views = []view{{"event", func(w int) []line {
		out := eventFacts(store, s, en, e, row, w)
		raw, err := json.Marshal(e.Payload)
		if err == nil && len(raw) > 2 {
			out = append(out, nil)
			out = append(out, prettyJSON(raw)...)
		}
		return out
	}, nil}}
	return r
}

// eventFacts are the lines above the body: when, how large, what it answers.
func eventFacts(store *timeline.Store, s timeline.Session, en entry, e timeline.Event, row timeline.Row, w int) []line {
	out := pair("what", row.Text, styleStrong, w)
	at := clockTime(e.Time)
	if before, ok := previousFrame(store, e); ok {
		at += "  (" + millis(e.Offset-before.Offset) + " after the frame before)"
	}
	out = append(out, pair("time", at, styleText, w)...)
	if e.Attempt > 0 {
		out = append(out, pair("attempt", "#"+strconv.Itoa(e.Attempt), styleText, w)...)
	}
	if en.count > 1 {
		out = append(out, pair("folded", count(uint64(en.count))+" rows like this, events "+
			strconv.FormatUint(en.first, 10)+" to "+strconv.FormatUint(en.last, 10)+"; this is the last", styleText, w)...)
	}
	out = append(out, payloadFacts(store, s, e, w)...)
	return append(out, nil)
}

// payloadFacts are what a kind of event has of its own.
func payloadFacts(store *timeline.Store, s timeline.Session, e timeline.Event, w int) []line {
	var out []line
	lane, _ := s.Lane(e.Attempt)
	switch p := e.Payload.(type) {
	case timeline.Frame:
		out = append(out, frameFacts(p, w)...)
	case timeline.HTTPRequest:
		out = append(out, pair("request", p.Method+" "+p.Path, styleText, w)...)
		out = append(out, pair("query", p.Query, styleMuted, w)...)
		out = append(out, pair("answer", answerOf(store, e.Seq, p.ID), styleText, w)...)
	case timeline.HTTPResponse:
		out = append(out, pair("answers", p.Method+" "+p.Path, styleText, w)...)
		out = append(out, pair("status", strconv.Itoa(p.Status)+" in "+millis(p.Took)+", "+sizeText(p.Size), styleText, w)...)
		if p.Failure != nil {
			out = append(out, explained(s, lane, *p.Failure, w)...)
		}
	case timeline.Close:
		out = append(out, entryLines(explain.Close(p.Code, explain.Closing{
			ByServer:    p.Dir == timeline.In,
			Established: !lane.ConnectedAt.IsZero() && !lane.ConnectedAt.After(e.Time),
			Reconnect:   lane.Reconnect,
		}), w)...)
	case timeline.ConnectFailed:
		for i, f := range p.All {
			out = append(out, heading("Error "+strconv.Itoa(i+1)+" of "+strconv.Itoa(len(p.All)))...)
			out = append(out, explained(s, lane, f, w)...)
		}
	case timeline.StageChanged:
		if p.Failure != nil {
			out = append(out, explained(s, lane, *p.Failure, w)...)
		}
	case timeline.AttemptEnded:
		if p.Failure != nil {
			out = append(out, explained(s, lane, *p.Failure, w)...)
		}
	}
	return out
}

func frameFacts(f timeline.Frame, w int) []line {
	dir := "from the server"
	if f.Dir == timeline.Out {
		dir = "to the server"
	}
	out := pair("frame", dir+" · "+f.Op+" · "+sizeText(f.Size), styleText, w)
	out = append(out, pair("type", f.Type, styleText, w)...)
	out = append(out, pair("call", f.CID, styleText, w)...)
	if f.Cut > 0 {
		out = append(out, pair("not kept", sizeText(f.Cut)+" of the body", styleWarn, w)...)
	}
	out = append(out, pair("problem", f.Bad, styleBad, w)...)
	if f.Code != 0 {
		if e, ok := explain.Code(f.Code); ok {
			out = append(out, entryLines(e, w)...)
		}
	}
	return out
}

// explained is what a failure means, in the words of the dictionary.
func explained(s timeline.Session, lane timeline.Attempt, f timeline.Failure, w int) []line {
	e := explain.Failure(factsOf(s, lane, f))
	out := pair("said", firstNonEmpty(f.Reason, f.Text), styleText, w)
	return append(out, entryLines(e, w)...)
}

func entryLines(e explain.Entry, w int) []line {
	out := pair("code", e.Title(), styleBadStrong, w)
	out = append(out, pair("class", e.Class.Label(), styleText, w)...)
	out = append(out, pair("means", e.Means, styleText, w)...)
	out = append(out, pair("cause", e.Cause, styleText, w)...)
	out = append(out, pair("fix", e.Fix, styleStrong, w)...)
	return append(out, pair("your app sees", e.SDK, styleText, w)...)
}

// previousFrame looks back a little for the frame before an event.
func previousFrame(store *timeline.Store, e timeline.Event) (timeline.Event, bool) {
	if e.Kind() != timeline.KindFrame {
		return timeline.Event{}, false
	}
	for seq := e.Seq; seq > 1 && e.Seq-seq < 2000; {
		seq--
		b, ok := store.At(seq)
		if !ok {
			return b, false
		}
		if b.Kind() == timeline.KindFrame && b.Session == e.Session {
			return b, true
		}
	}
	return timeline.Event{}, false
}

// answerOf looks ahead for the answer to a request.
func answerOf(store *timeline.Store, seq uint64, id string) string {
	for e := range store.Range(seq+1, seq+5000) {
		if r, ok := e.Payload.(timeline.HTTPResponse); ok && r.ID == id {
			if r.Failure != nil && r.Status == 0 {
				return firstNonEmpty(r.Failure.Reason, r.Failure.Text)
			}
			return strconv.Itoa(r.Status) + " in " + millis(r.Took) + " (event " + strconv.FormatUint(e.Seq, 10) + ")"
		}
	}
	return "none yet"
}

func pretty(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return string(body)
	}
	return b.String()
}

// prettyJSON colours indented JSON: keys, texts, numbers. What is not JSON is
// shown as it is.
func prettyJSON(body []byte) []line {
	if len(body) > inspectLimit {
		body = body[:inspectLimit]
	}
	var out []line
	for row := range strings.SplitSeq(pretty(body), "\n") {
		out = append(out, jsonLine(row))
	}
	return out
}

func jsonLine(row string) line {
	text := strings.TrimLeft(row, " ")
	l := say(styleText, row[:len(row)-len(text)])
	if key, rest, ok := strings.Cut(text, `": `); ok && strings.HasPrefix(key, `"`) {
		l = l.add(styleAccent, key+`"`).add(styleMuted, ": ")
		text = rest
	}
	value := strings.TrimSuffix(text, ",")
	sty := styleText
	switch {
	case value == "true" || value == "false" || value == "null":
		sty = styleWarn
	case value != "" && (value[0] == '-' || value[0] >= '0' && value[0] <= '9'):
		sty = styleOK
	case value == "{" || value == "}" || value == "[" || value == "]" || value == "{}" || value == "[]":
		sty = styleMuted
	}
	return l.add(sty, value).add(styleMuted, text[len(value):])
}

func rawLines(body []byte, w int) []line {
	if len(body) > inspectLimit {
		body = body[:inspectLimit]
	}
	var out []line
	for row := range strings.SplitSeq(string(body), "\n") {
		out = append(out, wrapLine(say(styleText, row), w, 0)...)
	}
	return out
}

func hexLines(body []byte) []line {
	if len(body) > inspectLimit {
		body = body[:inspectLimit]
	}
	var out []line
	for row := range strings.SplitSeq(strings.TrimRight(hex.Dump(body), "\n"), "\n") {
		if len(row) < 60 {
			out = append(out, say(styleText, row))
			continue
		}
		out = append(out, line{{styleMuted, row[:8]}, {styleText, row[8:60]}, {styleAccent, row[60:]}})
	}
	return out
}

// inspectLog opens a line of the log.
func inspectLog(r logsink.Row) *reader {
	rec := r.Record()
	build := func(w int) []line {
		out := pair("message", rec.Message, styleStrong, w)
		out = append(out, pair("level", levelWord(rec.Level), levelStyle(rec.Level), w)...)
		out = append(out, pair("scope", rec.Scope, styleText, w)...)
		out = append(out, pair("tags", rec.Tags, styleText, w)...)
		out = append(out, pair("time", rec.Time.Format("2006-01-02 15:04:05.000"), styleText, w)...)
		out = append(out, pair("session", rec.Session, styleText, w)...)
		if attrs := rec.AttrsJSON(); len(attrs) > 2 {
			out = append(out, nil)
			out = append(out, prettyJSON(attrs)...)
		}
		for i, match := range explain.Text(rec.Message) {
			if i == 2 {
				break
			}
			out = append(out, heading("What this means")...)
			out = append(out, entryLines(match.Entry, w)...)
		}
		return out
	}
	return &reader{title: "Log line " + strconv.FormatUint(rec.Seq, 10), views: []view{{"line", build, func() string { return rec.String() }}}}
}
