package faultwire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Message is one WebSocket message.
type Message struct {
	Binary bool
	Data   []byte
}

// Conn is one open socket. Read is called by one goroutine, Write by one other;
// Close and Abort may be called by any, at any time, more than once.
type Conn interface {
	Read(ctx context.Context) (Message, error)
	Write(ctx context.Context, m Message) error
	Close(ctx context.Context, code int, reason string) error
	Abort()
}

// Failure is what a struck socket fails with. Each end has errors of its own, and
// makes one of it.
type Failure struct {
	Op     string // read or write
	Close  int    // the close code, 1006 for none
	Reason string
	Err    error
}

// ErrInjected marks what the network has nothing to do with.
var ErrInjected = errors.New("by a fault")

// Reset is what the network says when a connection is cut.
func Reset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: fmt.Errorf("%w (%w)", syscall.ECONNRESET, ErrInjected)}
}
