package session

import (
	"net/http"

	"streamscope/internal/wire"
)

// closeNormal is the close code with a meaning of its own (protocol.md 2.6);
// the dialer names the two that are not on the wire.
const closeNormal = 1000

// disconnectReason is the text of the close frame of a wanted end
// (protocol.md 2.6).
const disconnectReason = "Manually closed connection by calling client.disconnect()"

// Disposition is what to do about a failure.
type Disposition int

// The dispositions.
const (
	// GiveUp means that trying again cannot help: the input is wrong.
	GiveUp Disposition = iota
	// Retry means that the cause may go away by itself.
	Retry
	// Refresh means that a new token may help.
	Refresh
)

// String returns the disposition as a person would say it.
func (d Disposition) String() string {
	switch d {
	case Retry:
		return "retry"
	case Refresh:
		return "refresh, then retry"
	}
	return "give up"
}

// dispositions is what policy steady does about a code. The official client
// knows only one rule: 40 is refreshed, everything else is final
// (protocol.md 3.6). Codes that are not here are final too.
var dispositions = [...]struct {
	code wire.Code
	do   Disposition
}{
	{wire.CodeInternal, Retry},
	{wire.CodeRateLimit, Retry},
	{wire.CodeRequestTimeout, Retry},
	{wire.CodeCoolDown, Retry},
	{wire.CodeTooManyConnections, Retry},
	{wire.CodeTokenExpired, Refresh},
	{wire.CodeTokenNotValidYet, Refresh},
	{wire.CodeTokenUsedBeforeIssued, Refresh},
	{wire.CodeConnectionIDNotFound, Retry},
}

// DispositionOf returns what policy steady does about a coordinator's code.
func DispositionOf(code wire.Code) Disposition {
	for _, d := range dispositions {
		if d.code == code {
			return d.do
		}
	}
	return GiveUp
}

// Disposition returns what to do about the error: by the coordinator's code
// where there is one, else by where it happened. What went wrong on the network
// may go away by itself; what was refused does not.
func (e *Error) Disposition() Disposition {
	switch {
	case e.Code != 0:
		return DispositionOf(wire.Code(e.Code))
	case e.Op == "token", e.Close == closeNormal:
		return GiveUp
	case e.Status >= http.StatusBadRequest && e.Status < http.StatusInternalServerError:
		if e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout {
			return Retry
		}
		return GiveUp
	}
	return Retry
}
