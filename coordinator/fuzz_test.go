package coordinator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"streamscope/internal/wire"
)

// FuzzRequest throws bodies at every route. Whatever comes, the answer is JSON
// and never an internal error.
func FuzzRequest(f *testing.F) {
	var seed Server
	routes := append(seed.video(), seed.userRoutes()...)
	for i := range routes {
		f.Add(i, true, []byte(`{"ring":true,"location":"AMS","data":{"members":[{"user_id":"jack"}],"custom":{"a":[1]}},"filter_conditions":{"$or":[{"id":{"$in":["c1"]}}]}}`), "payload=%7B%7D&id=x")
		f.Add(i, false, []byte(`{"users":{"a":{"id":"a"}},"user":{"id":"g"},"update_members":[{}],"sort":[{"field":"custom.a","direction":-1}]}`), "connection_id=x")
	}
	f.Fuzz(func(t *testing.T, which int, server bool, body []byte, query string) {
		s := &Server{}
		defer s.Close()
		rt := routes[(which%len(routes)+len(routes))%len(routes)]
		path := strings.NewReplacer("{type}", "default", "{id}", "c1").Replace(rt.path)
		prefix, token := "/video", s.Token("sara", 0)
		if server || rt.serverOnly {
			prefix, token = "/api/v2/video", s.ServerToken()
		}
		if rt.serverOnly {
			prefix = "/api/v2"
		}
		send := func(method, path, body string) *httptest.ResponseRecorder {
			req, err := http.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
			if err != nil {
				t.Skip("not a request")
			}
			req.URL.RawQuery = query + "&api_key=" + DefaultAPIKey
			req.Header.Set("Authorization", token)
			rec := httptest.NewRecorder()
			s.Handler().ServeHTTP(rec, req)
			return rec
		}
		if _, fail := s.getOrCreate(principal{userID: "sara"}, "default", "c1", "", wire.CallRequest{Ring: true}); fail != nil {
			t.Fatal(fail.Message)
		}
		rec := send(rt.method, prefix+path, string(body))
		if rec.Code >= 500 || !json.Valid(rec.Body.Bytes()) {
			t.Errorf("%s %s %q: got %d %s", rt.method, path, body, rec.Code, rec.Body)
		}
	})
}
