package tap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/coder/websocket"

	"streamscope/internal/faultwire"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

const (
	closeNoCode   = 1005 // a close frame without a code
	closeAbnormal = 1006 // no close frame
)

// errTooBig is why a socket ends that could have gone on.
var errTooBig = errors.New("a message is larger than the tap holds in memory: it was not passed on")

// lostError is the end of a socket: the peer's close frame, or that there was none.
type lostError struct{ faultwire.Failure }

func (e *lostError) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return fmt.Sprintf("close %d %s", e.Close, e.Reason)
}

func (e *lostError) Unwrap() error { return e.Err }

// end is one end of a tapped socket.
type end struct {
	ws  *websocket.Conn
	raw net.Conn // below TLS; nil where another server than ours has accepted it
}

var _ faultwire.Conn = (*end)(nil)

// Read implements [faultwire.Conn].
func (e *end) Read(context.Context) (faultwire.Message, error) {
	kind, data, err := e.ws.Read(context.Background())
	if err == nil {
		return faultwire.Message{Binary: kind == websocket.MessageBinary, Data: data}, nil
	}
	lost := &lostError{faultwire.Failure{Op: "read", Close: closeAbnormal, Err: err}}
	frame, closed := errors.AsType[websocket.CloseError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case closed:
		lost.Close, lost.Reason, lost.Err = int(frame.Code), frame.Reason, nil
	case errors.Is(err, websocket.ErrMessageTooBig):
		lost.Err = errTooBig
	case isOp:
		lost.Err = op.Err
	case errors.Is(err, io.EOF):
		lost.Err = io.ErrUnexpectedEOF
	}
	return faultwire.Message{}, lost
}

// Write implements [faultwire.Conn].
func (e *end) Write(_ context.Context, m faultwire.Message) error {
	kind := websocket.MessageText
	if m.Binary {
		kind = websocket.MessageBinary
	}
	return e.ws.Write(context.Background(), kind, m.Data)
}

// Close implements [faultwire.Conn]. The reason is the other end's, as it came.
func (e *end) Close(ctx context.Context, code int, reason string) error {
	stop := context.AfterFunc(ctx, e.Abort)
	defer stop()
	return e.ws.Close(websocket.StatusCode(code), reason)
}

// Abort implements [faultwire.Conn]. What was written before still arrives.
func (e *end) Abort() {
	if e.raw == nil {
		_ = e.ws.CloseNow()
		return
	}
	_ = e.raw.Close() // may be closed already
}

// clean is an error's text, safe to show and without what it may quote of a URL.
func clean(err error) string {
	if err == nil {
		return ""
	}
	return wire.Clean(timeline.RedactText(err.Error()))
}
