package explain

import (
	"strings"
	"testing"
)

func TestFailure(t *testing.T) {
	tests := map[string]struct {
		facts Facts
		want  string
		class Class
	}{
		"name not found":         {Facts{Stage: "dns", Op: "dial", Text: "lookup x: no such host"}, "net/dns-not-found", Fatal},
		"dns silent":             {Facts{Stage: "dns", Op: "dial", Text: "lookup x: i/o timeout"}, "net/dns-timeout", Retry},
		"dns without a word":     {Facts{Stage: "dns", Op: "dial"}, "net/dns-not-found", Fatal},
		"refused":                {Facts{Stage: "tcp", Op: "dial", Text: "connect: connection refused"}, "net/refused", Retry},
		"tcp silent":             {Facts{Stage: "tcp", Op: "dial", Text: "WS handshake timed out after 15000ms"}, "net/tcp-timeout", Retry},
		"tcp without a word":     {Facts{Stage: "tcp", Op: "dial"}, "net/unreachable", Retry},
		"unknown authority":      {Facts{Stage: "tls", Op: "dial", Text: "x509: certificate signed by unknown authority"}, "net/tls-unknown-authority", Fatal},
		"tls silent":             {Facts{Stage: "tls", Op: "dial", Text: "context deadline exceeded"}, "net/handshake-timeout", Retry},
		"upgrade 404":            {Facts{Stage: "upgrade", Op: "dial", Status: 404, Close: 1006}, "net/upgrade-not-found", Fatal},
		"upgrade 503":            {Facts{Stage: "upgrade", Op: "dial", Status: 503}, "net/upgrade-server", Retry},
		"upgrade 418":            {Facts{Stage: "upgrade", Op: "dial", Status: 418}, "net/upgrade-refused", Fatal},
		"upgrade silent":         {Facts{Stage: "upgrade", Op: "dial", Text: "handshake timed out"}, "net/handshake-timeout", Retry},
		"no connection.ok":       {Facts{Stage: "auth", Op: "auth", Text: "WS handshake timed out after 15000ms"}, "net/no-auth-answer", Retry},
		"reset after upgrade":    {Facts{Stage: "auth", Op: "read", Close: 1006}, "close/1006", Retry},
		"above our limit":        {Facts{Stage: "connected", Op: "read", Text: "message is larger than the read limit", Established: true}, "net/read-limit", Fatal},
		"above it, as 1006":      {Facts{Op: "read", Close: 1006, Text: "read: close 1006: message is larger than the read limit"}, "net/read-limit", Fatal},
		"bad signature":          {Facts{Stage: "auth", Op: "auth", Code: 43, Reason: "JWTAuth error: signature is not valid"}, "code/43", Fatal},
		"bad signature as 5":     {Facts{Stage: "auth", Op: "auth", Code: 5, Reason: `Connect failed with error: "Token signature is invalid"`}, "code/43", Fatal},
		"unknown code":           {Facts{Stage: "auth", Op: "auth", Code: 777}, "code/unknown", Fatal},
		"clean close, handshake": {Facts{Stage: "auth", Op: "read", Close: 1000, ByServer: true}, "close/1000-handshake", Fatal},
		"clean close, reconnect": {Facts{Stage: "auth", Op: "read", Close: 1000, ByServer: true, Reconnect: true}, "close/1000-reconnect", Fatal},
		"clean close, open":      {Facts{Stage: "connected", Op: "read", Close: 1000, ByServer: true, Established: true}, "close/1000-server", Retry},
		"server error, open":     {Facts{Stage: "connected", Op: "read", Close: 1011, ByServer: true, Established: true}, "close/1011", Retry},
		"stage not filled in":    {Facts{Stage: "token", Op: "read", Close: 1006, Established: true}, "close/1006", Retry},
		"rejected, our words":    {Facts{Stage: "auth", Op: "auth", Close: 1000}, "close/1000-handshake", Fatal},
		"handshake, our words":   {Facts{Stage: "tls", Op: "dial", Text: "the handshake took too long"}, "net/handshake-timeout", Retry},
		"tls without a word":     {Facts{Stage: "tls", Op: "dial"}, "net/tls-handshake", Fatal},
		"auth, our words":        {Facts{Stage: "auth", Op: "auth", Text: "the handshake took too long"}, "net/no-auth-answer", Retry},
		"nothing in time":        {Facts{Stage: "token", Op: "dial", Text: "no socket was established in time"}, "text/no-initial-ws", Retry},
		"open, read timeout":     {Facts{Stage: "token", Op: "read", Close: 1006, Text: "read: close 1006: i/o timeout", Established: true}, "close/1006", Retry},
		"proxy that is down":     {Facts{Stage: "tcp", Op: "dial", Text: "proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused"}, "net/proxy", Fatal},
		"proxy of the dialer":    {Facts{Stage: "tcp", Op: "dial", Status: 407, Text: "proxyconnect tcp: x"}, "net/proxy", Fatal},
		"proxy says no":          {Facts{Stage: "tcp", Op: "dial", Status: 403, Text: "the proxy refused the tunnel: 403 Forbidden"}, "net/proxy", Fatal},
		"guest refused":          {Facts{Op: "guest", Code: 17, Status: 403}, "code/17", Fatal},
		"guest with a page":      {Facts{Op: "guest", Text: "the answer to POST /guest is not JSON"}, "text/undefined-code", Retry},
		"token with a minus":     {Facts{Op: "token", Source: "static", Text: "Bad control character in string literal in JSON at position 17"}, "text/payload-json", Fatal},
		"token of null":          {Facts{Op: "token", Source: "static", Text: "Cannot read properties of null (reading 'user_id')"}, "text/payload-json", Fatal},
		"token of rubbish":       {Facts{Op: "token", Source: "static", Text: "Unexpected token in JSON at position 3"}, "text/payload-json", Fatal},
		"token, unknown words":   {Facts{Op: "token", Source: "static", Text: "what is that"}, "token/unusable", Fatal},
		"command not found":      {Facts{Op: "token", Source: "exec", Text: "fork/exec /x: no such file or directory"}, "token/command", Fatal},
		"nothing known":          {Facts{}, "close/1006", Retry},
		"wrong user":             {Facts{Stage: "token", Op: "token", Source: "static", Text: "userToken does not have a user_id or is not matching with user.id"}, "text/user-mismatch", Fatal},
		"no token":               {Facts{Stage: "token", Op: "token", Source: "static"}, "token/none", Fatal},
		"endpoint 403":           {Facts{Stage: "token", Op: "token", Source: "http", Status: 403}, "token/endpoint-refused", Fatal},
		"endpoint 405":           {Facts{Stage: "token", Op: "token", Source: "http", Status: 405}, "token/endpoint-missing", Fatal},
		"endpoint 502":           {Facts{Stage: "token", Op: "token", Source: "http", Status: 502}, "token/endpoint-failed", Retry},
		"endpoint down":          {Facts{Stage: "token", Op: "token", Source: "http", Text: "connection refused"}, "token/endpoint-unreachable", Retry},
		"endpoint silent":        {Facts{Stage: "token", Op: "token", Source: "http", Text: "context deadline exceeded"}, "token/endpoint-unreachable", Retry},
		"endpoint with a page":   {Facts{Stage: "token", Op: "token", Source: "http", Text: "invalid character '<' looking for beginning of value"}, "net/html", Fatal},
		"endpoint without token": {Facts{Stage: "token", Op: "token", Source: "http", Text: "no value at /data/token"}, "token/shape", Fatal},
		"command fails":          {Facts{Stage: "token", Op: "token", Source: "exec", Text: "exit status 1"}, "token/command-status", Fatal},
		"command says a lot":     {Facts{Op: "token", Source: "exec", Text: "the command ended with exit status 3, it said: token is expired (exp), did not end within, printed nothing"}, "token/command-status", Fatal},
		"command killed":         {Facts{Op: "token", Source: "exec", Text: "the command was ended: signal: killed"}, "token/command-status", Fatal},
		"command not there":      {Facts{Op: "token", Source: "exec", Text: "the command ended with exit status 127, it said: sh: x: not found"}, "token/command", Fatal},
		"command hangs":          {Facts{Op: "token", Source: "exec", Text: "the command did not end within 10s"}, "token/command-timeout", Retry},
		"command silent":         {Facts{Op: "token", Source: "exec", Text: "the command printed nothing on standard output"}, "token/command-silent", Fatal},
		"command with a tale":    {Facts{Op: "token", Source: "exec", Text: "the command's output: neither a bare token"}, "token/command-shape", Fatal},
		"endpoint 500":           {Facts{Op: "token", Source: "http", Status: 500, Text: "the token endpoint answered 500 Internal Server Error, it said: x"}, "token/endpoint-failed", Retry},
		"endpoint 422":           {Facts{Op: "token", Source: "http", Status: 422}, "token/endpoint-rejected", Fatal},
		"endpoint 429":           {Facts{Op: "token", Source: "http", Status: 429}, "token/endpoint-failed", Retry},
		"endpoint 302":           {Facts{Op: "token", Source: "http", Status: 302}, "token/endpoint-redirects", Fatal},
		"endpoint hangs":         {Facts{Op: "token", Source: "http", Text: "the token endpoint did not answer within 10s"}, "token/endpoint-silent", Retry},
		"file missing":           {Facts{Stage: "token", Op: "token", Source: "file", Text: "open x: no such file or directory"}, "token/file", Fatal},
		"secret missing":         {Facts{Stage: "token", Op: "token", Source: "secret", Text: "token: sign: the secret is empty"}, "token/secret", Fatal},
		"provider of an app":     {Facts{Stage: "token", Op: "token", Text: "it broke"}, "text/provider-failed", App},
		"rest with a page":       {Facts{Op: "http", Status: 502}, "text/undefined-code", Retry},
		"rest timeout":           {Facts{Op: "http", Text: "timeout of 5000ms exceeded"}, "text/request-timeout", Retry},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Failure(tt.facts)
			if got.ID != tt.want || got.Class != tt.class {
				t.Errorf("got %s (%s), want %s (%s)", got.ID, got.Class, tt.want, tt.class)
			}
		})
	}
}

func TestFailureIsWordedForTheFacts(t *testing.T) {
	tests := map[string]struct {
		facts    Facts
		class    Class
		fix, sdk string // parts of the sentences
	}{
		"40, static, connect":      {Facts{Code: 40, Source: "static"}, Fatal, "cannot recover", "five attempts"},
		"40, static, reconnect":    {Facts{Code: 40, Source: "static", Reconnect: true}, Fatal, "cannot recover", "has stopped"},
		"40, provider, connect":    {Facts{Code: 40, Source: "http", Refreshable: true}, Benign, "Wait for the next token", "asks the tokenProvider"},
		"40, provider, reconnect":  {Facts{Code: 40, Source: "http", Refreshable: true, Reconnect: true}, Benign, "Wait", "old token"},
		"40, provider, open":       {Facts{Code: 40, Source: "http", Refreshable: true, Established: true}, Benign, "Wait", "drops the first"},
		"40, source not known":     {Facts{Code: 40}, Benign, "tokenProvider", "With a provider"},
		"40, file, connect":        {Facts{Code: 40, Source: "file", Refreshable: true}, Fatal, "Write a new token to the file", "hands out an expired token"},
		"40, file, reconnect":      {Facts{Code: 40, Source: "file", Refreshable: true, Reconnect: true}, Fatal, "Write a new token to the file", "hands out an expired token"},
		"40, guest":                {Facts{Code: 40, UserType: "guest", Source: "static"}, Fatal, "Create the guest again", "five attempts"},
		"40, guest, reconnect":     {Facts{Code: 40, UserType: "guest", Refreshable: true, Reconnect: true}, Fatal, "guest", "has stopped"},
		"71, connect":              {Facts{Code: 71}, Retry, "several sockets", "connectUser"},
		"71, reconnect":            {Facts{Code: 71, Reconnect: true}, Retry, "connectUser again", "has stopped"},
		"43, reconnect":            {Facts{Code: 43, Reconnect: true}, Fatal, "Sign the token", "has stopped"},
		"43, local":                {Facts{Code: 43, LocalServer: true}, Fatal, "printed at its start", "five attempts"},
		"42, signed here":          {Facts{Code: 42, Source: "secret", Refreshable: true}, Fatal, "this machine's clock", "five attempts"},
		"42, from a backend":       {Facts{Code: 42, Source: "http", Refreshable: true}, Fatal, "Date iat back", "five attempts"},
		"17, anonymous":            {Facts{Code: 17, UserType: "anonymous"}, Fatal, "call_cids", "at once"},
		"refused, local":           {Facts{Stage: "tcp", Text: "connection refused", LocalServer: true}, Retry, "streamscope serve", "1006"},
		"refused, remote":          {Facts{Stage: "tcp", Text: "connection refused"}, Retry, "adb reverse", "1006"},
		"provider fails, redial":   {Facts{Stage: "token", Op: "token", Text: "Call to tokenProvider failed with message: x", Reconnect: true}, App, "endpoint", "unhandled"},
		"provider fails, connect":  {Facts{Stage: "token", Op: "token", Text: "Call to tokenProvider failed with message: x"}, App, "endpoint", "five calls"},
		"refused, reconnect":       {Facts{Stage: "tcp", Op: "dial", Text: "connection refused", Reconnect: true}, Retry, "Start the server", "goes on trying"},
		"dropped, reconnect":       {Facts{Op: "read", Close: 1006, Reconnect: true}, Retry, "run check", "goes on trying"},
		"dropped, connect":         {Facts{Op: "read", Close: 1006}, Retry, "run check", "81 to 88 s"},
		"dropped, open":            {Facts{Op: "read", Close: 1006, Established: true, Reconnect: true}, Retry, "run check", "0.25 to 2.5 s"},
		"1000, reconnect":          {Facts{Op: "auth", Close: 1000, Reconnect: true}, Fatal, "disconnectUser", "stops"},
		"no token for a provider":  {Facts{Op: "token", Source: "http", Status: 500}, Retry, "backend", "five times"},
		"17 for a guest":           {Facts{Code: 17, Op: "guest", UserType: "guest"}, Fatal, "Grant", "asks for a guest"},
		"9 on an open socket":      {Facts{Code: 9, Established: true}, Retry, "X-Ratelimit-Reset", "drops the first"},
		"40 on a request, refresh": {Facts{Code: 40, Op: "http", Source: "http", Refreshable: true, Established: true}, Benign, "Wait", "repeats the request"},
		"40 on a request, static":  {Facts{Code: 40, Op: "http", Source: "static", Reconnect: true}, Fatal, "cannot recover", "at once"},
		"17 on a request":          {Facts{Code: 17, Op: "http", Reconnect: true}, Fatal, "Grant", "at once"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Failure(tt.facts)
			if got.Class != tt.class || !strings.Contains(got.Fix, tt.fix) || !strings.Contains(got.SDK, tt.sdk) {
				t.Errorf("got class %s\nfix %q, want %q in it\nsdk %q, want %q in it", got.Class, got.Fix, tt.fix, got.SDK, tt.sdk)
			}
			for field, s := range map[string]string{"cause": got.Cause, "fix": got.Fix, "sdk": got.SDK} {
				checkSentence(t, name+" "+field, s, 200)
			}
		})
	}
}

func TestRewordingLeavesTheDictionaryAlone(t *testing.T) {
	before, _ := Code(71)
	_ = Failure(Facts{Code: 71, Reconnect: true})
	_ = Failure(Facts{Code: 71, Established: true})
	after, _ := Code(71)
	if strings.Join(before.See, " ") != strings.Join(after.See, " ") || before.SDK != after.SDK {
		t.Errorf("a failure changes a copy, the dictionary now has %+v", after)
	}
}

// Every status and stage leads to an entry that exists.
func TestFailureAlwaysAnswers(t *testing.T) {
	for status := range 700 {
		for _, stage := range []string{"token", "dns", "tcp", "tls", "upgrade", "auth", "connected", ""} {
			for _, text := range []string{"", "timed out", "x"} {
				if e := Failure(Facts{Stage: stage, Status: status, Text: text}); e.ID == "" || e.Fix == "" {
					t.Fatalf("status %d at stage %q with %q has no answer", status, stage, text)
				}
			}
		}
	}
}
