package explain

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"streamscope/internal/wire"
)

// number is a code that stands in a text.
type number struct {
	n      int
	found  string // the text around it
	reason string // what the peer said
	sure   bool   // the text says that it is a code, known or not
}

// entries are what the number can mean. It is a close code from 1000 on.
func (n number) entries() []Entry {
	switch {
	case n.n == 1000:
		return []Entry{must("close/1000-server"), must("close/1000-handshake"),
			must("close/1000-reconnect"), must("close/1000-client")}
	case n.n > 1000 && n.n < 5000:
		return []Entry{Close(n.n, Closing{})}
	}
	if e, known := Code(n.n); known || n.sure {
		return []Entry{e}
	}
	return nil
}

// The shapes in which codes stand in texts: the client's own messages
// (protocol.md 4.3, 1.7), then what others write.
var (
	wsFailed = regexp.MustCompile(`WS failed with code: (-?\d{1,5}): .*? and reason: ([^\r\n]*)`)
	restFail = regexp.MustCompile(`Stream error code (-?\d{1,5}): ([^\r\n]*)`)
	jsonCode = regexp.MustCompile(`"code"\s*:\s*(-?\d{1,5})\b`)
	onClose  = regexp.MustCompile(`onclose callback - (\d{4})\b`)
	closing  = regexp.MustCompile(`(?i)\bclos(?:e|ed|ing)\b[^\d\r\n]{0,32}\b([1-4]\d{3})\b`)
	coded    = regexp.MustCompile(`(?i)\bcode\b["']?\s*[:=]?\s*(-?\d{1,4})\b`)
	named    = regexp.MustCompile(`\b[A-Z][A-Za-z]{7,40}\b`)
)

// numbers finds the codes in a text, the surest first.
func numbers(s string) []number {
	var all []number
	if body, message, ok := apiError(s); ok {
		all = append(all, number{n: body, found: "code " + strconv.Itoa(body), reason: message, sure: true})
	}
	for _, shape := range []*regexp.Regexp{wsFailed, restFail} {
		for _, m := range shape.FindAllStringSubmatch(s, maxMatches) {
			all = append(all, number{n: atoi(m[1]), found: upTo(m[0], m[2]), reason: inner(m[2]), sure: true})
		}
	}
	for _, shape := range []*regexp.Regexp{jsonCode, onClose, closing, coded} {
		for _, m := range shape.FindAllStringSubmatch(s, maxMatches) {
			all = append(all, number{n: atoi(m[1]), found: m[0]})
		}
	}
	for _, name := range named.FindAllString(s, 200) {
		for _, code := range wire.Codes() {
			if code.String() == name {
				all = append(all, number{n: int(code), found: name})
			}
		}
	}
	return all
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func upTo(s, tail string) string { return strings.TrimSpace(strings.TrimSuffix(s, tail)) }

// inner cuts what follows a reason inside the client's JSON text.
func inner(reason string) string {
	if i := strings.Index(reason, `","isWSFailure"`); i >= 0 {
		reason = reason[:i]
	}
	return strings.TrimSpace(reason)
}

// apiError reads the first JSON object of a text as the client's error text, an
// API error or a connection.error frame.
func apiError(s string) (code int, message string, ok bool) {
	i := strings.IndexByte(s, '{')
	if i < 0 {
		return 0, "", false
	}
	type body struct {
		Code    json.Number `json:"code"`
		Message string      `json:"message"`
	}
	var object struct {
		body
		Error *body `json:"error"`
	}
	if json.NewDecoder(strings.NewReader(s[i:])).Decode(&object) != nil {
		return 0, "", false
	}
	found := object.body
	if object.Error != nil {
		found = *object.Error
	}
	n, err := found.Code.Int64()
	if err != nil || n < -99999 || n > 99999 {
		return 0, "", false
	}
	if m := wsFailed.FindStringSubmatch(found.Message); m != nil {
		found.Message = m[2]
	}
	return int(n), strings.TrimSpace(found.Message), true
}

// unescape undoes one level of quoting: clients put their JSON text into the
// message of an error, and loggers put that into JSON again.
func unescape(s string) string {
	if !strings.Contains(s, `\"`) {
		return s
	}
	return strings.ReplaceAll(s, `\"`, `"`)
}
