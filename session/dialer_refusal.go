package session

import (
	"io"
	"net/http"
	"strings"

	"streamscope/internal/wire"
)

const refusalShown = 512 // bytes of a refused upgrade's body that are kept

// quietHeader copies headers so that net/http does not add its own name to them.
func quietHeader(h http.Header) http.Header {
	h = h.Clone()
	if h == nil {
		h = http.Header{}
	}
	if _, given := h["User-Agent"]; !given {
		h["User-Agent"] = []string{""}
	}
	return h
}

// upgradeRefusal is what a server said instead of upgrading.
func upgradeRefusal(resp *http.Response) string {
	var said []string
	if to := resp.Header.Get("Location"); to != "" {
		said = append(said, "redirects to "+to)
	}
	if resp.Body != nil {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, refusalShown)) // in memory already
		if text := strings.TrimSpace(string(body)); text != "" {
			said = append(said, text)
		}
	}
	return wire.Clean(strings.Join(said, ": "))
}

// tunnelError is a proxy that does not let us through.
type tunnelError struct {
	status int
	text   string
}

func (e *tunnelError) Error() string {
	return "the proxy refused the tunnel: " + wire.Clean(e.text)
}

// cleanedError shows the text of an error without control characters: what the
// peer sent may be quoted in it.
type cleanedError struct{ err error }

func cleanError(err error) error { return &cleanedError{err} }

func (e *cleanedError) Error() string { return wire.Clean(e.err.Error()) }
func (e *cleanedError) Unwrap() error { return e.err }
