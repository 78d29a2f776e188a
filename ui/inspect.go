package ui

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"streamscope/explain"
	"streamscope/logsink"
	"streamscope/timeline"
)

// inspectLimit is how much of a body is drawn; all of it can be copied.
const inspectLimit = 256 << 10

// inspectEvent opens an event of the timeline: its JSON as a tree, the raw text,
// the bytes, what differs from the one before, and what it belongs to.
func inspectEvent(store *timeline.Store, s timeline.Session, en entry, e timeline.Event, g *glyphs) *reader {
	r := &reader{title: eventTitle(e), g: g, event: &e}
	body := bodyOf(e)
	facts := func(w int) []line { return eventFacts(store, s, en, e, w) }
	if len(body) == 0 {
		return r.withPayload(facts, e).withOther(store, e)
	}
	t, isJSON := parseTree(body)
	picked := func() (from, to int) { return 0, 0 }
	if isJSON {
		picked = func() (from, to int) { return t.nodes[t.sel].from, t.nodes[t.sel].to }
		r.views = append(r.views, view{name: "tree", tree: t, build: facts, text: func() string { return pretty(body) }})
		facts = func(int) []line { return nil }
	}
	r.views = append(r.views, rawView(body, facts, picked), hexView(body, picked))
	if past, ok := previousAlike(store, e); ok && isJSON {
		r.addDiff(len(r.views), "diff", past, func(before *tree, w int) []line {
			return diffLines(before, t, "event "+strconv.FormatUint(past.Seq, 10)+", "+millis(e.Offset-past.Offset)+" before", g, w)
		})
	}
	return r.withOther(store, e)
}

func eventTitle(e timeline.Event) string {
	word := "Event "
	switch e.Payload.(type) {
	case timeline.Frame:
		word = "Frame "
	case timeline.HTTPRequest, timeline.HTTPResponse:
		word = "REST "
	}
	return word + strconv.FormatUint(e.Seq, 10)
}

// withPayload shows an event that has no body of its own.
func (r *reader) withPayload(facts func(w int) []line, e timeline.Event) *reader {
	v := view{name: "event", build: facts}
	if raw, err := json.Marshal(e.Payload); err == nil && len(raw) > 2 {
		v.tree, _ = parseTree(raw)
	}
	r.views = []view{v}
	return r
}

// withOther adds the other half of an exchange.
func (r *reader) withOther(store *timeline.Store, e timeline.Event) *reader {
	o, ok := counterpart(store, e)
	if !ok || len(bodyOf(o)) == 0 {
		return r
	}
	name := either(o.Seq > e.Seq, "answer", "request")
	body := bodyOf(o)
	t, isJSON := parseTree(body)
	r.views = append(r.views, view{
		name: name, tree: t, text: func() string { return pretty(body) },
		build: func(w int) []line {
			out := pair(name, timeline.Describe(o).Text, styleStrong, w)
			out = append(out, pair("time", clockTime(o.Time)+" (event "+strconv.FormatUint(o.Seq, 10)+")", styleText, w)...)
			out = append(out, nil)
			if !isJSON {
				out = append(out, rawLines(body, 0, 0, w)...)
			}
			return out
		},
	})
	return r
}

// eventFacts are the lines above the body: when, how large, what it answers.
func eventFacts(store *timeline.Store, s timeline.Session, en entry, e timeline.Event, w int) []line {
	row := timeline.Describe(e)
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
	out = append(out, payloadFacts(s, e, w)...)
	out = append(out, exchangeFacts(store, e, w)...)
	return append(out, nil)
}

// payloadFacts are what a kind of event has of its own.
func payloadFacts(s timeline.Session, e timeline.Event, w int) []line {
	var out []line
	lane, _ := s.Lane(e.Attempt)
	switch p := e.Payload.(type) {
	case timeline.Frame:
		out = append(out, frameFacts(p, w)...)
	case timeline.HTTPRequest:
		out = append(out, pair("request", p.Method+" "+p.Path, styleText, w)...)
		out = append(out, pair("query", p.Query, styleMuted, w)...)
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
		dir = either(f.ByHand, "to the server, by hand", "to the server")
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

// inspectLog opens a line of the log.
func inspectLog(r logsink.Row) *reader {
	rec := r.Record()
	build := func(w int) []line {
		out := pair("message", rec.Message, styleStrong, w)
		out = append(out, pair("level", levelWord(rec.Level), levelStyle(rec.Level), w)...)
		out = append(out, pair("scope", rec.Scope, styleText, w)...)
		out = append(out, pair("tags", rec.Tags, styleText, w)...)
		out = append(out, pair("time", fullTime(rec.Time), styleText, w)...)
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
	return &reader{title: "Log line " + strconv.FormatUint(rec.Seq, 10), views: []view{{name: "line", build: build, text: func() string { return rec.String() }}}}
}
