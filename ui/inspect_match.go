package ui

import (
	"net/url"
	"strconv"
	"strings"

	"streamscope/timeline"
)

// counterpart is the other half of an exchange: the answer to a request, the
// request of an answer, the other health check. It looks no further than a few
// thousand events.
func counterpart(store *timeline.Store, e timeline.Event) (timeline.Event, bool) {
	switch p := e.Payload.(type) {
	case timeline.HTTPRequest:
		for o := range store.Range(e.Seq+1, e.Seq+lookBack) {
			if r, ok := o.Payload.(timeline.HTTPResponse); ok && r.ID == p.ID {
				return o, true
			}
		}
	case timeline.HTTPResponse:
		return backTo(store, e, func(o timeline.Event) bool {
			r, ok := o.Payload.(timeline.HTTPRequest)
			return ok && r.ID == p.ID
		})
	case timeline.Frame:
		if p.Type != "health.check" {
			break
		}
		if p.Dir == timeline.In {
			return backTo(store, e, func(o timeline.Event) bool { return isCheck(o, e, timeline.Out) })
		}
		for o := range store.Range(e.Seq+1, e.Seq+lookBack) {
			if isCheck(o, e, timeline.In) {
				return o, true
			}
		}
	}
	return timeline.Event{}, false
}

func isCheck(o, e timeline.Event, dir timeline.Direction) bool {
	f, ok := o.Payload.(timeline.Frame)
	return ok && f.Type == "health.check" && f.Dir == dir && o.Session == e.Session && o.Attempt == e.Attempt
}

// backTo looks for an event before e.
func backTo(store *timeline.Store, e timeline.Event, wanted func(timeline.Event) bool) (timeline.Event, bool) {
	for seq := e.Seq - 1; seq > 0 && e.Seq-seq < lookBack; seq-- {
		o, ok := store.At(seq)
		if !ok {
			break
		}
		if wanted(o) {
			return o, true
		}
	}
	return timeline.Event{}, false
}

// exchangeFacts say what an event answers or is answered by, how long that took
// and how large both are.
func exchangeFacts(store *timeline.Store, e timeline.Event, w int) []line {
	o, ok := counterpart(store, e)
	if !ok {
		if _, request := e.Payload.(timeline.HTTPRequest); request {
			return pair("answer", "none yet", styleWarn, w)
		}
		return nil
	}
	label, trip := "answered by", o.Offset-e.Offset
	if o.Seq < e.Seq {
		label, trip = "answers", -trip
	}
	return pair(label, timeline.Describe(o).Text+" (event "+strconv.FormatUint(o.Seq, 10)+") · round trip "+millis(trip)+
		" · "+sizeText(sizeOf(e))+" and "+sizeText(sizeOf(o)), styleText, w)
}

// sizeOf is how much went over the wire for an event.
func sizeOf(e timeline.Event) int {
	switch p := e.Payload.(type) {
	case timeline.Frame:
		return p.Size
	case timeline.HTTPRequest:
		return len(p.Body)
	case timeline.HTTPResponse:
		return p.Size
	}
	return 0
}

// curl is the command that would make a request again. The token is not in the
// record: the shell puts in the user's own.
func curl(s timeline.Session, r timeline.HTTPRequest) string {
	base := s.Opened.BaseURL
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		base = u.Scheme + "://" + u.Host
	}
	target := base + r.Path
	if r.Query != "" {
		target += "?" + r.Query
	}
	parts := []string{"curl -X " + shellWord(r.Method) + " " + shellWord(target)}
	if r.Token > 0 {
		parts = append(parts, `-H "Authorization: $STREAM_TOKEN"`, "-H 'stream-auth-type: jwt'")
	}
	if len(r.Body) > 0 {
		parts = append(parts, "-H 'Content-Type: application/json'", "--data "+shellWord(string(r.Body)))
	}
	return strings.Join(parts, " \\\n  ")
}

// shellWord quotes a text for a POSIX shell.
func shellWord(s string) string {
	s = clean(s)
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
