package timeline

import (
	"net/http"
	"strconv"
	"strings"

	"streamscope/internal/wire"
)

func rowFrame(p *Frame) Row {
	r := Row{Dir: p.Dir, Severity: Normal}
	switch {
	case p.ByHand:
		r.Severity, r.Text = Notable, line("by hand:", p.Type, size(p.Size))
		return r
	case p.Type == wire.TypeHealthCheck && p.Bad == "":
		r.Severity, r.Text, r.Fold = Quiet, wire.TypeHealthCheck, wire.TypeHealthCheck
		return r
	case p.Op == "ping" || p.Op == "pong":
		r.Severity, r.Text, r.Fold = Quiet, p.Op+" (control frame)", "control"
		return r
	case p.Bad != "":
		r.Severity = Warn
		r.Text = line(p.Type, size(p.Size), p.Bad)
		return r
	case p.Type == wire.TypeConnectionOK:
		r.Severity = Notable
		r.Text = line(p.Type, with("as", p.By), inBrackets(p.ConnectionID))
		return r
	case p.Type == wire.TypeConnectionError:
		r.Severity = Bad
		r.Text = line(p.Type, codeText(p.Code), quoted(p.Message))
		return r
	case p.Type == "" && p.Dir == Out:
		r.Text = "auth " + size(p.Size)
		if p.Op == "binary" {
			r.Text += " binary"
		}
		return r
	}
	if p.Type == wire.TypeCallRing {
		r.Severity = Notable
	}
	r.Text = line(p.Type, pad(p.CID), byWhom(p.Type, p.By))
	return r
}

// pad sets a call id off from the word before it.
func pad(cid string) string {
	if cid == "" {
		return ""
	}
	return " " + cid
}

func byWhom(eventType, user string) string {
	if eventType == wire.TypeCallRing || eventType == wire.TypeCallNotification {
		return with("from", user)
	}
	return with("by", user)
}

func size(n int) string { return count(n, "byte", "bytes") }

func rowClose(p Close) Row {
	r := Row{Dir: p.Dir, Severity: Warn, Text: line("close", strconv.Itoa(p.Code), quoted(p.Reason))}
	if p.Dir == Out {
		r.Severity = Normal
	}
	return r
}

func rowRequest(p *HTTPRequest) Row {
	path := shortPath(p.Path)
	cid := p.CID
	if callType, id, _ := wire.SplitCID(cid); strings.HasSuffix(path, callType+"/"+id) {
		cid = "" // the path says it
	}
	r := Row{Dir: Out, Severity: Normal, Text: line(p.Method, path, pad(cid), inBrackets(p.Reason))}
	if p.Ring {
		r.Text = line(r.Text, "ring")
	}
	if p.Op == OpClientEvent || p.Op == "" && strings.HasSuffix(p.Path, "/call_client_event") {
		r.Severity, r.Fold = Quiet, OpClientEvent
	}
	return r
}

// shortPath keeps the last segment of a path about a call, and the whole of a
// short one.
func shortPath(path string) string {
	at := strings.LastIndex(path, "/call/")
	if at < 0 {
		if i := strings.LastIndexByte(path, '/'); i > 0 {
			return "…" + path[i:]
		}
		return path
	}
	if parts := strings.SplitN(path[at+len("/call/"):], "/", 3); len(parts) == 3 {
		return "…/" + parts[2]
	}
	return "…" + path[at:]
}

func rowResponse(p *HTTPResponse) Row {
	r := Row{Dir: In, Severity: Normal}
	took := "in " + lasting(p.Took)
	switch {
	case p.Status == 0:
		r.Severity = Bad
		r.Text = line(p.Method, shortPath(p.Path), "failed", took, failureText(p.Failure))
		return r
	case p.Status >= http.StatusInternalServerError:
		r.Severity = Bad
	case p.Status >= http.StatusBadRequest:
		r.Severity = Warn
	}
	r.Text = line(strconv.Itoa(p.Status), took, "·", p.Method, shortPath(p.Path))
	if p.Status >= http.StatusBadRequest {
		r.Text = line(r.Text, failureText(p.Failure))
	} else if strings.HasSuffix(p.Path, "/call_client_event") {
		r.Severity, r.Fold = Quiet, OpClientEvent
	}
	return r
}

func rowCallEvent(p *CallEvent) Row {
	r := Row{Dir: In, Severity: Normal, Echo: true}
	r.Text = line(p.Type, pad(p.CID), byWhom(p.Type, p.By), inBrackets(p.Reason))
	if p.Type == wire.TypeCallRing {
		r.Severity = Notable
	}
	return r
}

func rowCallChanged(p CallChanged) Row {
	flag := ""
	if p.Ringing {
		flag = "ring call"
	}
	return Row{Severity: Normal, Text: line("call", p.CID, string(p.From), "→", string(p.To), inBrackets(firstOf(p.Why, flag)))}
}

func rowDecision(p RingDecision) Row {
	if !p.Busy {
		return Row{Severity: Normal, Text: line("decided ring", p.CID, with("from", p.Caller), inBrackets(p.Rule))}
	}
	why := p.Rule
	if len(p.Counted) > 0 {
		why = strings.Join(p.Counted, ", ") + " counts as busy"
	}
	return Row{Severity: Notable, Text: line("decided reject busy", p.CID, with("from", p.Caller), inBrackets(why))}
}

func rowTone(p BusyTone) Row {
	if !p.On {
		return Row{Severity: Quiet, Text: line("busy tone ends", pad(p.CID))}
	}
	return Row{Severity: Notable, Text: line("busy tone", pad(p.CID), with("because of", p.By))}
}
