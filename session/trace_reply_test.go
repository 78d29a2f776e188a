package session

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"

	"streamscope/internal/wire"
)

// reply finds the answer to a REST call: an override, or success.
func (s *traceServer) reply(r *http.Request, body []byte) (int, []byte, bool) {
	for i, route := range s.trace.Inputs.Server.HTTP {
		if route.Method != "" && route.Method != r.Method || !regexp.MustCompile(route.Path).MatchString(r.URL.Path) {
			continue
		}
		s.mu.Lock()
		use := min(s.replies[i], len(route.Replies)-1)
		s.replies[i]++
		s.mu.Unlock()
		var reply struct {
			Status int
			Stall  bool
			Body   json.RawMessage
		}
		if json.Unmarshal(route.Replies[use], &reply) != nil {
			break // "default"
		}
		if reply.Stall {
			return 0, nil, true
		}
		return max(reply.Status, 200), s.errorBody(reply.Body), false
	}
	return s.defaultReply(r, body)
}

// errorBody turns {error_code, with} into an API error.
func (s *traceServer) errorBody(body json.RawMessage) []byte {
	var short struct {
		Code *int           `json:"error_code"`
		With map[string]any `json:"with"`
	}
	if json.Unmarshal(body, &short) != nil || short.Code == nil {
		return body
	}
	return mustJSON(apiError(*short.Code, short.With))
}

// apiError is the error of a code, with the words that the recordings use.
func apiError(code int, with map[string]any) map[string]any {
	messages := map[int]string{
		-1: "internal error", 2: "api_key not valid", 5: "authentication failed",
		40: "JWTAuth error: token is expired (exp)", 43: "JWTAuth error: signature is not valid",
	}
	e := map[string]any{
		"code": code, "message": messages[code], "StatusCode": wire.Code(code).Status(),
		"duration": "0.00ms", "more_info": "", "details": []any{},
	}
	maps.Copy(e, with)
	return e
}

// defaultReply answers as the recording did, or makes something up.
func (s *traceServer) defaultReply(r *http.Request, _ []byte) (int, []byte, bool) {
	if status, reply := s.recordedReply(r.Method, r.URL.Path); status != 0 {
		return status, reply, false
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		status = http.StatusCreated
	}
	body := map[string]any{"duration": "0.00ms", "edges": []any{}, "calls": []any{}}
	var kind, id string
	if n, _ := fmt.Sscanf(r.URL.Path, "/video/call/%s", &kind); n == 1 {
		kind, id, _ = wire.SplitCID(regexp.MustCompile(`^/video/call/([^/]+)/([^/]+).*`).ReplaceAllString(r.URL.Path, "$1:$2"))
		body["call"], body["members"] = callObject(kind, id, "bob", nil, nil), []any{}
		body["own_capabilities"] = []any{}
	}
	return status, mustJSON(body), false
}

// unlabel puts the tokens back where the recording has their names.
func (s *traceServer) unlabel(v any) any {
	switch v := v.(type) {
	case string:
		if token, ok := s.trace.Inputs.Tokens[v]; ok {
			return token.Value
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = s.unlabel(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = s.unlabel(value)
		}
		return out
	}
	return v
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
