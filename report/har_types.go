package report

import (
	"net/url"
	"strings"
	"time"
)

// The types of HAR 1.2, with the members that DevTools add (they begin with _).
// Times are RFC 3339, durations milliseconds, and -1 is what does not apply.

type harHead struct {
	Version string     `json:"version"`
	Creator harCreator `json:"creator"`
	Comment string     `json:"comment"`
	Pages   []harPage  `json:"pages"`
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harPage struct {
	Started string         `json:"startedDateTime"`
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Timings harPageTimings `json:"pageTimings"`
}

type harPageTimings struct {
	OnContentLoad float64 `json:"onContentLoad"`
	OnLoad        float64 `json:"onLoad"`
}

type harEntry struct {
	PageRef  string      `json:"pageref"`
	Started  string      `json:"startedDateTime"`
	Time     float64     `json:"time"`
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`
	Resource string      `json:"_resourceType"`
	// Messages is nil for an entry that is no socket.
	Messages []harMessage `json:"_webSocketMessages,omitzero"`
	Comment  string       `json:"comment,omitempty"`

	started time.Time
}

type harRequest struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	Version     string    `json:"httpVersion"`
	Headers     []harPair `json:"headers"`
	Query       []harPair `json:"queryString"`
	Cookies     []harPair `json:"cookies"`
	HeadersSize int       `json:"headersSize"`
	BodySize    int       `json:"bodySize"`
	PostData    *harPost  `json:"postData,omitempty"`
}

type harPost struct {
	MIME string `json:"mimeType"`
	Text string `json:"text"`
}

type harResponse struct {
	Status       int        `json:"status"`
	StatusText   string     `json:"statusText"`
	Version      string     `json:"httpVersion"`
	Headers      []harPair  `json:"headers"`
	Cookies      []harPair  `json:"cookies"`
	Content      harContent `json:"content"`
	RedirectURL  string     `json:"redirectURL"`
	HeadersSize  int        `json:"headersSize"`
	BodySize     int        `json:"bodySize"`
	TransferSize int        `json:"_transferSize"`
	Error        string     `json:"_error,omitempty"`
}

type harContent struct {
	Size int    `json:"size"`
	MIME string `json:"mimeType"`
	Text string `json:"text,omitempty"`
}

type harTimings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
	SSL     float64 `json:"ssl"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harMessage struct {
	Type    string  `json:"type"` // send, receive
	Time    float64 `json:"time"` // seconds since 1970
	Opcode  int     `json:"opcode"`
	Data    string  `json:"data"`
	Comment string  `json:"_comment,omitempty"`
}

func noTimings() harTimings { return harTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1} }

// noResponse is the answer that did not come, as DevTools have it.
func noResponse(why string) harResponse {
	return harResponse{
		Headers: []harPair{}, Cookies: []harPair{}, Content: harContent{MIME: "x-unknown"},
		HeadersSize: -1, BodySize: -1, Error: why,
	}
}

func harTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func harMillis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// queryPairs takes a redacted query apart; what cannot be decoded stays as it is.
func queryPairs(query string) []harPair {
	pairs := []harPair{}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, harPair{unescaped(name), unescaped(value)})
	}
	return pairs
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
