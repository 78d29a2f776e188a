package session

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/pause"
	"streamscope/internal/wire"
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
	if slow, delay := r.Faults.strike(ofKind(fault.Slow)); slow != nil {
		if err := pause.For(ctx, delay); err != nil {
			return RESTResponse{}, &Error{Op: "http", Err: err}
		}
	}
	hit, _ := r.Faults.strike(func(a *armedFault) bool {
		f := a.gate.Fault
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
	f := hit.gate.Fault
	switch f.Kind {
	case fault.RefuseTCP, fault.DNSFails:
		return RESTResponse{}, &Error{Op: "http", Err: refusedBeforeTLS(f.Kind, req.URL.Hostname())}
	case fault.TLSFails:
		return RESTResponse{}, &Error{Op: "http", Err: untrustedByFault()}
	case fault.RESTReset:
		return RESTResponse{}, &Error{Op: "http", Err: resetConnection()}
	case fault.RESTHang:
		select {
		case <-ctx.Done():
			return RESTResponse{}, &Error{Op: "http", Err: context.Cause(ctx)}
		case <-hit.cleared:
			return RESTResponse{}, &Error{Op: "http", Err: resetConnection()}
		}
	}
	resp := refusedRequest(f)
	resp.Took = time.Since(start)
	return resp, nil
}

// CloseIdleConnections closes those of the doer within.
func (r FaultREST) CloseIdleConnections() {
	if doer, ok := r.REST.(interface{ CloseIdleConnections() }); ok {
		doer.CloseIdleConnections()
	}
}

// refusedRequest is an answer in Stream's envelope, or the page of a load balancer.
func refusedRequest(f fault.Fault) RESTResponse {
	h := http.Header{}
	if f.Kind == fault.RESTHTML {
		h.Set("Content-Type", "text/html")
		status := cmp.Or(f.Status, http.StatusBadGateway)
		page := "<html><head><title>" + statusWords(status) + "</title></head><body></body></html>"
		return RESTResponse{Status: status, Header: h, Body: []byte(page)}
	}
	h.Set("Content-Type", "application/json")
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	body := injectedError(f)
	status := cmp.Or(f.Status, body.StatusCode, http.StatusInternalServerError)
	body.StatusCode = status
	text, err := json.Marshal(body)
	if err != nil {
		text = []byte("{}")
	}
	return RESTResponse{Status: status, Header: h, Body: text}
}

// injectedError is the service's error for a fault: code -1 unless another is given.
func injectedError(f fault.Fault) wire.APIError {
	code := wire.Code(cmp.Or(f.Code, -1))
	return wire.NewAPIError(code, cmp.Or(f.Reason, code.String()+" ("+errInjected.Error()+")"))
}
