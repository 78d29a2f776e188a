package explain

import (
	"slices"
	"strings"
)

// Facts are what is known about a failure of a session of ours. Everything may
// be zero; the more is known, the better the answer.
type Facts struct {
	// Stage is where in an attempt it happened: token, dns, tcp, tls, upgrade,
	// auth or connected. It counts only if Op is dial or empty.
	Stage string
	// Op is what was being done: token, dial, auth, read, write, http or guest.
	Op string
	// Code is the coordinator's error code, 0 if none.
	Code int
	// Status is the HTTP status, 0 if none.
	Status int
	// Close is the WebSocket close code, 0 if none.
	Close int
	// Reason is what the peer said, and Text what our error says.
	Reason, Text string
	// ByServer is true when the server sent the close frame.
	ByServer bool
	// Established is true when connection.ok had been received on the socket.
	Established bool
	// Reconnect is true when the attempt was not part of connectUser.
	Reconnect bool
	// Source is the kind of the token source: static, http, exec, file, secret.
	// Empty means that it is not known.
	Source string
	// Refreshable is true when the source can give another token.
	Refreshable bool
	// UserType is authenticated, guest or anonymous; empty means authenticated.
	UserType string
	// LocalServer is true when the other end is the embedded coordinator.
	LocalServer bool
}

// overLimit is how a socket that reads no further says why.
const overLimit = "message is larger than the read limit"

// Failure explains a failure of ours: it picks the entry that says most, and
// words class, fix and the app's view for the facts. It always finds one.
func Failure(f Facts) Entry {
	f = f.settled()
	e := pick(f)
	for _, r := range rewordings {
		if r.when(e, f) {
			r.then(&e, f)
		}
	}
	return e
}

// settled makes Stage follow from Op where Op says more, and takes a close code
// that was read from the socket for the server's: one that we sent is no failure.
func (f Facts) settled() Facts {
	switch f.Op {
	case "token", "auth":
		f.Stage = f.Op
	case "read", "write":
		f.Stage = "auth"
		if f.Established {
			f.Stage = "connected"
		}
	case "http", "guest":
		f.Stage = ""
	case "":
		if f.Stage == "token" && f.Close != 0 {
			f.Stage = ""
		}
	}
	if f.Close != 0 && (f.Op == "read" || f.Op == "auth") {
		f.ByServer = true
	}
	return f
}

// pick asks the surest fact first: Stream's code with its text, the token
// source, the stage with what the system said, the close code.
func pick(f Facts) Entry {
	said := strings.TrimSpace(f.Reason + "\n" + f.Text)
	switch {
	case f.Code != 0:
		return pickCode(f)
	case f.Stage == "token" && f.Op != "dial":
		return pickToken(f, said)
	case f.Stage == "upgrade" && f.Status != 0 && f.Status != 101:
		return must(upgradeEntry(f.Status))
	case f.Stage == "tcp" && f.Status != 0:
		return must("net/proxy") // only a proxy answers with a status so early
	case f.Stage == "tcp" && strings.Contains(said, "proxyconnect"):
		return must("net/proxy") // whatever happened on the way to it
	case isTimeout(said) && timeoutEntry(f.Stage) != "":
		return must(timeoutEntry(f.Stage))
	case f.Op == "read" && strings.Contains(f.Text, overLimit):
		return must("net/read-limit")
	}
	if f.Close != 0 && (f.Established || f.ByServer || f.Stage == "auth" || f.Stage == "connected") {
		return Close(f.Close, Closing{ByServer: f.ByServer, Established: f.Established, Reconnect: f.Reconnect})
	}
	if found := Text(said); len(found) > 0 {
		return found[0].Entry
	}
	return pickByStage(f)
}

// pickCode lets a specific text win over the code: Stream sends the same cause
// under several codes (field-notes 2).
func pickCode(f Facts) Entry {
	for _, m := range textMatches(unescape(f.Reason)) {
		if m.weight >= specific && (m.Entry.Kind == KindCode || m.Entry.Kind == KindText) && rank(m) > 0 {
			return m.Entry
		}
	}
	e, _ := Code(f.Code)
	return e
}

// pickToken explains why a token source gave no token that could be used.
func pickToken(f Facts, said string) Entry {
	if id := endpointEntry(f.Status); id != "" {
		return must(id)
	}
	if id := sourceEntry(f); id != "" {
		return must(id)
	}
	var network bool
	for _, m := range Text(said) {
		switch m.Entry.Kind {
		case KindText, KindCode, KindToken:
			if m.Entry.ID != "token/file" || f.Source == "file" {
				return m.Entry
			}
		case KindTransport:
			if m.Entry.ID == "net/html" {
				return m.Entry
			}
			network = true
		}
	}
	switch {
	case said == "" && f.Source == "static":
		return must("token/none")
	case f.Source == "http" && (network || isTimeout(said)):
		return must("token/endpoint-unreachable")
	}
	if id, ok := map[string]string{"http": "token/shape", "exec": "token/command", "file": "token/file",
		"secret": "token/secret", "static": "token/unusable"}[f.Source]; ok {
		return must(id)
	}
	return must("text/provider-failed")
}

// sourceEntry knows the words of our own sources, before those that a command or
// an endpoint may have said.
func sourceEntry(f Facts) string {
	ours, _, _ := strings.Cut(f.Text, ", it said:")
	for _, known := range []struct{ source, words, id string }{
		{"http", "did not answer within", "token/endpoint-silent"},
		{"exec", "did not end within", "token/command-timeout"},
		{"exec", "exit status 126", "token/command"}, // of a shell that may not run it
		{"exec", "exit status 127", "token/command"}, // of a shell that does not find it
		{"exec", "exit status", "token/command-status"},
		{"exec", "the command was ended", "token/command-status"},
		{"exec", "printed nothing", "token/command-silent"},
		{"exec", "the command's output:", "token/command-shape"},
	} {
		if f.Source == known.source && strings.Contains(ours, known.words) {
			return known.id
		}
	}
	return ""
}

func endpointEntry(status int) string {
	switch {
	case status == 401 || status == 403:
		return "token/endpoint-refused"
	case status == 404 || status == 405:
		return "token/endpoint-missing"
	case status >= 400 && status < 500 && status != 408 && status != 429:
		return "token/endpoint-rejected"
	case status >= 400:
		return "token/endpoint-failed"
	case status >= 300:
		return "token/endpoint-redirects"
	}
	return ""
}

// upgradeEntry names the entry of an HTTP status that came instead of 101.
func upgradeEntry(status int) string {
	switch {
	case status == 401 || status == 403:
		return "net/upgrade-auth"
	case status == 407:
		return "net/proxy"
	case status == 404:
		return "net/upgrade-not-found"
	case status == 429:
		return "net/upgrade-rate"
	case status >= 500 && status < 600:
		return "net/upgrade-server"
	case status >= 300 && status < 400:
		return "net/upgrade-redirect"
	case status == 200 || status == 400 || status == 426:
		return "net/upgrade-ignored"
	}
	return "net/upgrade-refused"
}

func isTimeout(said string) bool {
	said = strings.ToLower(said)
	return slices.ContainsFunc([]string{"timeout", "timed out", "deadline exceeded", "took too long"},
		func(word string) bool { return strings.Contains(said, word) })
}

func timeoutEntry(stage string) string {
	switch stage {
	case "dns":
		return "net/dns-timeout"
	case "tcp":
		return "net/tcp-timeout"
	case "tls", "upgrade":
		return "net/handshake-timeout"
	case "auth":
		return "net/no-auth-answer"
	}
	return ""
}

// pickByStage is for failures without a word that the dictionary knows.
func pickByStage(f Facts) Entry {
	switch {
	case f.Close != 0:
		return Close(f.Close, Closing{ByServer: f.ByServer, Established: f.Established, Reconnect: f.Reconnect})
	case f.Op == "http" || f.Op == "guest":
		return must("text/undefined-code")
	}
	switch f.Stage {
	case "dns":
		return must("net/dns-not-found")
	case "tcp":
		return must("net/unreachable")
	case "tls":
		return must("net/tls-handshake")
	case "upgrade":
		return must("net/upgrade-refused")
	case "auth":
		return must("net/no-auth-answer")
	}
	return must("close/1006")
}
