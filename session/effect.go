package session

import (
	"log/slog"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// effect is what the loop does for the machine. The set is closed.
type effect interface{ effect() }

type (
	// dialEffect opens the socket of an attempt. The result is dialed or
	// dialFailed, and stageSeen on the way.
	dialEffect struct {
		attempt int
		request DialRequest
	}
	// sendEffect writes one text message, in the order of the effects.
	sendEffect struct {
		attempt int
		data    []byte
	}
	// closeEffect closes an open socket with a close frame. The result is closed
	// when the socket is gone.
	closeEffect struct {
		attempt int
		code    int
		reason  string
	}
	// abortEffect drops a socket without a word, or gives a dial up.
	abortEffect struct{ attempt int }
	// loadEffect asks the token source. The result is loaded.
	loadEffect struct {
		load   int
		source TokenSource
	}
	// requestEffect makes a REST call. The result is responded.
	requestEffect struct {
		request int
		rest    RESTRequest
		timeout time.Duration
	}
	// replyEffect tells a waiting command its outcome.
	replyEffect struct{ reply func() }
	// reportEffect is onConnectUserError.
	reportEffect struct {
		last error
		all  []error
	}
	// logEffect is one log record, in the official client's words.
	logEffect struct {
		level slog.Level
		scope string
		text  string
		attrs []slog.Attr
	}
	// wireEffect is a token going on the wire, for those who may see it.
	wireEffect struct{ token token.Raw }
	// goneEffect says that the user has been disconnected: the instance of that
	// user leaves the registry.
	goneEffect struct{ userID string }
	// stopEffect ends the loop.
	stopEffect struct{}
)

func (dialEffect) effect()    {}
func (sendEffect) effect()    {}
func (closeEffect) effect()   {}
func (abortEffect) effect()   {}
func (loadEffect) effect()    {}
func (requestEffect) effect() {}
func (replyEffect) effect()   {}
func (reportEffect) effect()  {}
func (logEffect) effect()     {}
func (wireEffect) effect()    {}
func (goneEffect) effect()    {}
func (stopEffect) effect()    {}

// levelTrace is slog's number for Stream's lowest level, as logsink counts it.
const levelTrace = slog.Level(-8)

// output is what one step produced, in the order in which it came about.
type output struct {
	events  []timeline.Event
	effects []effect
}
