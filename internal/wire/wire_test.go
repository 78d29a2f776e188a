package wire

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recorded reads a frame that an official client sent or accepted.
func recorded(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "wire", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// keeps says that our struct writes every member of the recording with the
// same value; it may write more.
func keeps[T any](t *testing.T, name string) {
	t.Helper()
	in := recorded(t, name)
	v, err := Decode[T](in)
	if err != nil {
		t.Fatalf("%s: a recorded message decodes: %v", name, err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if json.Unmarshal(in, &want) != nil || json.Unmarshal(out, &got) != nil {
		t.Fatalf("%s: not JSON", name)
	}
	for _, lost := range missing("", want, got) {
		t.Errorf("%s: lost %s", name, lost)
	}
}

func missing(path string, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{path}
		}
		var lost []string
		for key, member := range w {
			lost = append(lost, missing(path+"."+key, member, g[key])...)
		}
		return lost
	case string:
		g, _ := got.(string)
		if g == w {
			return nil
		}
		wt, err1 := time.Parse(time.RFC3339Nano, w)
		gt, err2 := time.Parse(time.RFC3339Nano, g)
		if err1 == nil && err2 == nil && wt.Equal(gt) {
			return nil
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{path}
		}
		var lost []string
		for i := range w {
			lost = append(lost, missing(path+"[]", w[i], g[i])...)
		}
		return lost
	}
	if !cmp.Equal(want, got) {
		return []string{path}
	}
	return nil
}

func TestRecordedMessagesKeepTheirMembers(t *testing.T) {
	keeps[AuthMessage](t, "client_auth")
	keeps[AuthMessage](t, "client_auth_details")
	keeps[[]Ping](t, "client_ping")
	keeps[ConnectedEvent](t, "server_connection.ok")
	keeps[ConnectionError](t, "server_connection.error")
	keeps[HealthCheck](t, "server_health.check")
	keeps[CallEvent](t, "server_call.created")
	keeps[CallEvent](t, "server_call.ring")
	keeps[CallEvent](t, "server_call.accepted")
	keeps[CallEvent](t, "server_call.rejected")
	keeps[CallEvent](t, "server_call.ended")
	keeps[APIError](t, "response_error")
	keeps[GuestResponse](t, "response_guest")
	keeps[CallStateResponse](t, "response_call")
	keeps[QueryCallsResponse](t, "response_calls")
	keeps[GuestRequest](t, "request_guest")
	keeps[RejectRequest](t, "request_reject")
	keeps[QueryCallsRequest](t, "request_calls")
	keeps[ClientEvents](t, "request_call_client_event_initiated")
	keeps[ClientEvents](t, "request_call_client_event_completed")
}

func TestWrongShapesLeaveTheRest(t *testing.T) {
	in := `{"type":7,"created_at":{"a":1},"me":"nobody","connection_id":"c-1","novel":[1]}`
	got, err := Decode[ConnectedEvent]([]byte(in))
	if err == nil {
		t.Error("a member of the wrong type is reported")
	}
	if got.ConnectionID != "c-1" {
		t.Errorf("the member after the wrong ones is read, got %q", got.ConnectionID)
	}
	if !got.CreatedAt.IsZero() {
		t.Errorf("an instant that is an object is zero, got %v", got.CreatedAt)
	}
}

func TestTimeReadsBothFormats(t *testing.T) {
	want := time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)
	for name, c := range map[string]struct {
		in   string
		want time.Time
	}{
		"RFC 3339 with nanoseconds": {`"2026-01-02T03:04:05.678901234Z"`, want},
		"another zone":              {`"2026-01-02T04:04:05.678901234+01:00"`, want},
		"Unix nanoseconds":          {`1767323045678901234`, want},
		"null":                      {`null`, time.Time{}},
		"not a time":                {`"yesterday"`, time.Time{}},
		"an object":                 {`{}`, time.Time{}},
		"true":                      {`true`, time.Time{}},
	} {
		var got Time
		if err := json.Unmarshal([]byte(c.in), &got); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, c.want)
		}
	}
}

func TestNanosTouchesInstantsOnly(t *testing.T) {
	in := `{"call":{"created_at":"2026-01-02T03:04:05.678901234Z","custom":{"due_at":"2026-01-02T03:04:05Z"},"ended_at":null,
	"session":{"accepted_by":{"bob":"2026-01-02T03:04:05Z"}},"id":"2026-01-02T03:04:05Z","n":12345678901234567}}`
	want := `{"call":{"created_at":1767323045678901234,"custom":{"due_at":"2026-01-02T03:04:05Z"},"ended_at":null,` +
		`"id":"2026-01-02T03:04:05Z","n":12345678901234567,"session":{"accepted_by":{"bob":1767323045000000000}}}}`
	got, err := Nanos([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestSniffType(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"first member":              {`{"type":"call.ring","x":1}`, "call.ring"},
		"last member":               {"{ \"a\" : {\"type\":\"inner\"} , \"b\":[1,{\"type\":2}],\n \"type\" : \"health.check\" }", "health.check"},
		"escaped quotes before it":  {`{"a":"\"type\":\"x\"","type":"y"}`, "y"},
		"an escape in the type":     {`{"type":"a\u0062"}`, "ab"},
		"after scalars":             {`{"a":-1.5e3,"b":true,"c":null,"type":"t"}`, "t"},
		"a number for a type":       {`{"type":7}`, ""},
		"no type":                   {`{"a":1}`, ""},
		"only an inner type":        {`{"a":{"type":"inner"}}`, ""},
		"an array":                  {`[{"type":"health.check"}]`, ""},
		"truncated inside the type": {`{"type":"hea`, ""},
		"truncated escape":          {`{"type":"\`, ""},
		"truncated in a member":     {`{"a":[[[`, ""},
		"empty":                     {``, ""},
		"not JSON":                  {`hello`, ""},
	} {
		if got := SniffType([]byte(c.in)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func FuzzSniffType(f *testing.F) {
	f.Add([]byte(`{"type":"call.ring","a":[{}]}`))
	f.Add([]byte(`{"a":"\"","type":"x"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		got := SniffType(in)
		var keys map[string]json.RawMessage
		if !json.Valid(in) || json.Unmarshal(in, &keys) != nil || strings.Count(string(in), "type") != 1 {
			return
		}
		var want string
		if json.Unmarshal(keys["type"], &want) != nil {
			want = ""
		}
		if got != want {
			t.Errorf("sniffing a valid object agrees with decoding it: got %q, want %q", got, want)
		}
	})
}

func TestClean(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":              {"Sara é 你好 👩‍💻 \\x1b", "Sara é 你好 👩‍💻 \\x1b"},
		"escape sequence":    {"\x1b[2Jhi", `\x1b[2Jhi`},
		"C1 as a rune":       {"a\u009bb", `a\x9bb`},
		"C1 as a byte":       {"a\x9bb", `a\x9bb`},
		"DEL, NUL and lines": {"\x7f\x00\r\n\t", `\x7f\x00\r\n\t`},
		"bidi override":      {"abc\u202edef\u2066", `abc\u202edef\u2066`},
		"marks and tags":     {"\u200e\ufeff\u2028\U000e0041", `\u200e\ufeff\u2028\U000e0041`},
		"invalid UTF-8":      {"a\xff\xc3(", `a\xff\xc3(`},
		"a real U+FFFD":      {"\ufffd", "\ufffd"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { Clean("call.ring default:lunch from jack") }); n != 0 {
		t.Errorf("clean text is returned without allocating, got %v allocations", n)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff")
	f.Fuzz(func(t *testing.T, in string) {
		got := Clean(in)
		if firstUnsafe(got) >= 0 {
			t.Errorf("nothing unsafe is left in %q", got)
		}
		if Clean(got) != got {
			t.Errorf("cleaning twice changes nothing, got %q from %q", Clean(got), got)
		}
	})
}

func TestCodes(t *testing.T) {
	codes := Codes()
	if len(codes) != 29 {
		t.Errorf("the table has every code of the service, got %d", len(codes))
	}
	for i, c := range codes {
		if i > 0 && codes[i-1] >= c {
			t.Errorf("codes ascend: %d before %d", codes[i-1], c)
		}
		if !c.Known() || c.String() == "" || c.Status() < 400 {
			t.Errorf("code %d has a name and a status, got %v %d", c, c, c.Status())
		}
	}
	if got := Code(40).String(); got != "AuthErrorTokenExpired" {
		t.Errorf("40 has the service's name, got %s", got)
	}
	if c := Code(12345); c.Known() || c.String() != "12345" || c.Status() != 400 {
		t.Errorf("an unknown code shows its number, got %v %d", c, c.Status())
	}
}

func TestSecretDoesNotPrint(t *testing.T) {
	auth := AuthMessage{Token: "header.claims.signature"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, auth); strings.Contains(text, "claims") || strings.Contains(text, "636c61696d73") {
			t.Errorf("%s shows the token: %s", verb, text)
		}
	}
	b, err := json.Marshal(auth)
	if err != nil || !strings.Contains(string(b), "header.claims.signature") {
		t.Errorf("on the wire the token is whole, got %s, %v", b, err)
	}
}
