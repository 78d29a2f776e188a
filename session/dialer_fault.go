package session

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"streamscope/internal/fault"
	"streamscope/internal/faultwire"
	"streamscope/internal/pause"
	"streamscope/timeline"
)

// FaultDialer opens sockets that misbehave as its Faults say.
type FaultDialer struct {
	Dialer Dialer
	Faults *Faults
}

var _ Dialer = FaultDialer{}

// Dial implements [Dialer].
func (d FaultDialer) Dial(ctx context.Context, req DialRequest, trace func(timeline.StageChanged)) (Conn, error) {
	if trace == nil {
		trace = func(timeline.StageChanged) {}
	}
	hit, _ := d.Faults.Strike("", faultwire.OfKind(fault.RefuseTCP, fault.DNSFails, fault.TLSFails, fault.StallUpgrade, fault.RefuseUpgrade))
	if hit != nil {
		return nil, d.fail(ctx, hit, req, trace)
	}
	if slow, delay := d.Faults.Strike("", faultwire.OfKind(fault.Slow)); slow != nil {
		if err := pause.For(ctx, delay); err != nil {
			return nil, &Error{Op: "dial", Stage: timeline.StageDNS, Err: err}
		}
	}
	conn, err := d.Dialer.Dial(ctx, req, trace)
	if err != nil {
		return nil, err
	}
	return d.Faults.Wrap(conn, nil), nil
}

// fail plays a handshake that goes wrong, without touching the network.
func (d FaultDialer) fail(ctx context.Context, hit *faultwire.Armed, req DialRequest, trace func(timeline.StageChanged)) error {
	kind := hit.Fault().Kind
	l := newDialLane(req.URL.Scheme == "wss" || kind == fault.TLSFails)
	e := &Error{Op: "dial", Stage: timeline.StageTCP}
	if kind == fault.DNSFails {
		e.Stage = timeline.StageDNS
	} else {
		l.start(timeline.StageTCP, req.URL.Host)
	}
	switch kind {
	case fault.RefuseTCP, fault.DNSFails:
		e.Err = refusedBeforeTLS(kind, req.URL.Hostname())
	case fault.TLSFails:
		e.Stage, e.Err = timeline.StageTLS, untrustedByFault()
		e.Reason = tlsProblem(e.Err)
	default:
		l.ready()
		deliver(trace, l.take())
		e.Stage = timeline.StageUpgrade
		e.fill(ctx, hit)
	}
	l.fail(e)
	deliver(trace, l.close())
	return e
}

// refusedBeforeTLS is what the network says when it ends a dial early.
func refusedBeforeTLS(kind fault.Kind, host string) error {
	if kind == fault.DNSFails {
		return &net.DNSError{Err: "no such host (by a fault)", Name: host, IsNotFound: true}
	}
	return refusedConnection()
}

// untrustedByFault is a chain that ends in nobody's roots.
func untrustedByFault() error {
	return &tls.CertificateVerificationError{Err: fmt.Errorf("%w (by a fault)", x509.UnknownAuthorityError{})}
}

// fill completes the error of an upgrade that is refused or never answered.
func (e *Error) fill(ctx context.Context, hit *faultwire.Armed) {
	if hit.Fault().Kind == fault.RefuseUpgrade {
		e.Status = cmp.Or(hit.Fault().Status, http.StatusServiceUnavailable)
		e.Err = errors.New("upgrade refused by a fault")
		return
	}
	select {
	case <-ctx.Done():
		e.Err = context.Cause(ctx)
	case <-hit.Cleared():
		e.Err = faultwire.Reset()
	}
}

func refusedConnection() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%w (by a fault)", syscall.ECONNREFUSED)}
}
