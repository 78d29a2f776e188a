package faultwire

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

// Refusal is the answer to a request that a fault refuses: in Stream's envelope, or
// the page of a load balancer.
func Refusal(f fault.Fault) (status int, header http.Header, body []byte) {
	header = http.Header{}
	if f.Kind == fault.RESTHTML {
		header.Set("Content-Type", "text/html")
		status = cmp.Or(f.Status, http.StatusBadGateway)
		title := strconv.Itoa(status) + " " + http.StatusText(status)
		return status, header, []byte("<html><head><title>" + title + "</title></head><body></body></html>")
	}
	header.Set("Content-Type", "application/json")
	if f.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	refused := injectedError(f)
	status = cmp.Or(f.Status, refused.StatusCode, http.StatusInternalServerError)
	refused.StatusCode = status
	body, err := json.Marshal(refused)
	if err != nil {
		body = []byte("{}")
	}
	return status, header, body
}

// injectedError is the service's error for a fault: code -1 unless another is given.
func injectedError(f fault.Fault) wire.APIError {
	code := wire.Code(cmp.Or(f.Code, -1))
	if f.Kind == fault.WrongSignature {
		code = wire.CodeTokenSignature
	}
	return wire.NewAPIError(code, cmp.Or(f.Reason, code.String()+" ("+ErrInjected.Error()+")"))
}
