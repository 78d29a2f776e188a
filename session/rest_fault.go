package session

import (
	"context"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/faultwire"
	"streamscope/internal/pause"
)

// FaultREST makes REST calls that misbehave as its Faults say.
type FaultREST struct {
	REST   RESTDoer
	Faults *Faults
}

var _ RESTDoer = FaultREST{}

// Do implements [RESTDoer].
func (r FaultREST) Do(ctx context.Context, req RESTRequest) (RESTResponse, error) {
	start := time.Now()
	if slow, delay := r.Faults.Strike("", faultwire.OfKind(fault.Slow)); slow != nil {
		if err := pause.For(ctx, delay); err != nil {
			return RESTResponse{}, &Error{Op: "http", Err: err}
		}
	}
	hit, _ := r.Faults.Strike("", func(a *faultwire.Armed) bool {
		f := a.Fault()
		switch f.Kind {
		case fault.RefuseTCP, fault.DNSFails, fault.TLSFails:
			return true
		case fault.RESTHang, fault.RESTReset, fault.RESTError, fault.RESTHTML:
			return f.OnPath(req.URL.Path)
		}
		return false
	})
	if hit == nil {
		return r.REST.Do(ctx, req)
	}
	f := hit.Fault()
	switch f.Kind {
	case fault.RefuseTCP, fault.DNSFails:
		return RESTResponse{}, &Error{Op: "http", Err: refusedBeforeTLS(f.Kind, req.URL.Hostname())}
	case fault.TLSFails:
		return RESTResponse{}, &Error{Op: "http", Err: untrustedByFault()}
	case fault.RESTReset:
		return RESTResponse{}, &Error{Op: "http", Err: faultwire.Reset()}
	case fault.RESTHang:
		select {
		case <-ctx.Done():
			return RESTResponse{}, &Error{Op: "http", Err: context.Cause(ctx)}
		case <-hit.Cleared():
			return RESTResponse{}, &Error{Op: "http", Err: faultwire.Reset()}
		}
	}
	status, header, body := faultwire.Refusal(f)
	return RESTResponse{Status: status, Header: header, Body: body, Took: time.Since(start)}, nil
}

// CloseIdleConnections closes those of the doer within.
func (r FaultREST) CloseIdleConnections() {
	if doer, ok := r.REST.(interface{ CloseIdleConnections() }); ok {
		doer.CloseIdleConnections()
	}
}
