package explain

import (
	"strings"
	"testing"
	"unicode"
)

// Lines as people meet them, with the entry that explains them best. The exact
// texts are those of protocol.md 1 to 10 and field-notes 2.
func TestText(t *testing.T) {
	tests := []struct{ line, want string }{
		// protocol.md 3.2
		{`The "id" field on the user is missing`, "text/user-id-missing"},
		{`User token can not be empty`, "text/token-empty"},
		{`User token should either be a string or a function`, "text/token-type"},
		{`userToken does not have a user_id or is not matching with user.id`, "text/user-mismatch"},
		{`SyntaxError: Unexpected end of JSON input`, "text/payload-json"},
		{`Bad control character in string literal in JSON at position 17`, "text/payload-json"},
		{`Call to tokenProvider failed with message: Error: backend is down`, "text/provider-failed"},
		{`Use client.disconnect() before trying to connect as a different user. connectUser was called twice.`, "text/user-switch"},
		{`Consecutive calls to connectUser is detected, ideally you should only call this function once in your app.`, "text/consecutive-connect"},
		{`User token is not set. Either client.connectUser wasn't called or client.disconnect was called`, "text/token-not-set"},
		{`Please do not use connectUser server side. Use our @stream-io/node-sdk instead: https://getstream.io/video/docs/api/`, "text/server-side-connect"},
		// protocol.md 4.3, 4.4, 2.6, 2.7
		{`[client]: Failed to connect a user (2)`, "text/connect-attempt-failed"},
		{`[client]: Failed to connect Error: nothing known`, "text/connect-failed"},
		{`{"code":43,"StatusCode":401,"message":"WS failed with code: 43: AuthErrorTokenSignatureInvalid and reason: JWTAuth error: signature is not valid","isWSFailure":false}`, "code/43"},
		{`Error: {\"code\":71,\"StatusCode\":429,\"message\":\"WS failed with code: 71: ErrTooManyConnections and reason: nope\",\"isWSFailure\":false}`, "code/71"},
		{`{"code":1000,"message":"WS connection reject with error bye"}`, "close/1000-handshake"},
		{`{"code":1006,"StatusCode":0,"message":"WS failed with code: 1006: 1006 and reason: ","isWSFailure":true}`, "close/1006"},
		{`{"message":"WS handshake timed out after 15000ms","isWSFailure":true}`, "text/handshake-timeout"},
		{`{"code":"","StatusCode":"","message":"initial WS connection could not be established","isWSFailure":true}`, "text/no-initial-ws"},
		{`WS handshake aborted: disconnect() ran while connecting`, "text/handshake-aborted"},
		{`You've called connect twice, can only attempt 1 connection at the time`, "text/connect-twice"},
		{`[coordinator]: connection already in progress`, "text/already-in-progress"},
		{`Manually closed connection by calling client.disconnect()`, "close/1000-client"},
		{`Call connectUser or connectAnonymousUser before starting the connection`, "text/order"},
		// protocol.md 7.3, 7.4
		{`[client]: Leaving call with busy reject reason default:x because user is busy`, "text/busy-leaving"},
		{`[client]: Rejecting call default:x because user is busy`, "text/busy-rejecting"},
		{`[client]: Failed to init call from event call.ring`, "text/ring-init-failed"},
		{`Playing busy tone for call rejection for call cid: default:x`, "text/busy-tone-on"},
		{`Stopped busy tone for call rejection for call cid: default:x`, "text/busy-tone-off"},
		{`playBusyTone failed: Error`, "text/busy-tone-failed"},
		{`stopBusyTone failed: Error`, "text/busy-tone-failed"},
		// protocol.md 8.4
		{`[coordinator]: connection:_connect() - Connecting to wss://video.stream-io-api.com/video/connect?api_key=x`, "text/log-connecting"},
		{`[coordinator]: connection:connect() - Established ws connection with healthcheck: [object Object]`, "text/log-established"},
		{`[coordinator]: connection:_reconnect() - Finished recoverCallBack`, "text/log-recovered"},
		{`[coordinator]: connection:WS failed with code: 42: AuthErrorTokenUsedBeforeIssuedAt and reason: JWTAuth error: token used before issue at (iat)`, "code/42"},
		{`[coordinator]: connection:WS failed with code: 12: Brandnew and reason: who knows`, "code/unknown"},
		{`[coordinator]: connection:WS failed with code: 1011: 1011 and reason: `, "close/1011"},
		{`[coordinator]: connection:onclose() - onclose callback - 1001`, "text/log-onclose"},
		{`[coordinator]: connection:_reconnect() - Initiating the reconnect`, "text/log-reconnecting"},
		{`[coordinator]: connection:_reconnect() - Abort (1) since already connecting`, "text/log-abort-1"},
		{`[coordinator]: connection:_reconnect() - Abort (2) since already reconnecting`, "text/log-abort-2"},
		{`[coordinator]: connection:_reconnect() - Abort (3) since disconnect() is called`, "text/log-abort-3"},
		{`[coordinator]: connection:_reconnect() - == END ==`, "text/log-end"},
		{`[coordinator]: connection:scheduleConnectionCheck - going to reconnect`, "text/log-watchdog"},
		{`[coordinator]: client:post url: /call/default/x`, "text/log-rest-failed"},
		{`[coordinator]: client:get: url: /edges`, "text/log-rest-refresh"},
		{`[coordinator]: client:post url: /call_client_event`, "text/telemetry"},
		// protocol.md 9, 1, 5.2
		{`user.id is required for a non-anonymous user`, "text/user-id-required"},
		{`tokenProvider or token is required for a authenticated users`, "text/token-required"},
		{`[client]: A StreamVideoClient already exists for sara; Prefer using getOrCreateInstance method`, "text/already-exists"},
		{`AxiosError: timeout of 5000ms exceeded`, "text/request-timeout"},
		{`Stream error code undefined: undefined`, "text/undefined-code"},
		{`Stream error code 16: GetCall failed with error: "Can't find call with id default:nope"`, "code/16"},
		{`Stream error code 17: JoinCall failed`, "code/17"},
		{`failed to unmarshal response body: failed to parse timestamp: strconv.ParseInt: parsing "x": invalid syntax`, "text/go-timestamp"},
		{`Cannot leave call that has already been left.`, "text/already-left"},
		{`[RingStatePoller]: the call has no session`, "text/no-session-poll"},
		{`[Call]: Camera init failed`, "text/camera-init"},
		// protocol.md 3.6 and field-notes 2.1: messages of the service
		{`Connect failed with error: "api_key not valid"`, "code/2"},
		{`UpdateUsers failed with error: "api_key is invalid"`, "code/2"},
		{`JWTAuth error: token contains an invalid number of segments`, "code/5"},
		{`Stream error code 5: Connect failed with error: "Token signature is invalid"`, "code/43"},
		{`JWTAuth error: token is expired (exp)`, "code/40"},
		{`JWTAuth error: token is not valid yet (nbf)`, "code/41"},
		{`JWTAuth error: signature is not valid. Make sure the token is created using the secret for API key "x"`, "code/43"},
		{`{"type":"connection.error","connection_id":"","error":{"code":99,"message":"app suspended","StatusCode":403}}`, "code/99"},
		{`"stream-authService-type missing or invalid"`, "text/auth-type-missing"},
		{`CreateDevice failed with error: "push provider "firebase" with type "firebase" not found, available push providers are"`, "text/push-provider"},
		{`Stream error code 4: RingCall failed with error: "no users to ring"`, "text/no-users-to-ring"},
		{`{"code":4,"message":"x","unrecoverable":true}`, "text/unrecoverable"},
		// field-notes 2.2
		{`Failed to get location hint from https://hint.stream-io-video.com/`, "text/location-hint"},
		{`No call session provided. Ignoring call.rejected event.`, "text/no-call-session"},
		{`Call is not in ringing mode (calling state is joined). Ignoring call.rejected event.`, "text/not-ringing"},
		{`Leaving call because of being blocked`, "text/blocked"},
		{`Creating 2 instance of the video client will cause bugs with call.state. Before creating`, "text/android-two-instances"},
		{`The token cannot be blank for authenticated users`, "text/android-blank-token"},
		{`[waitUntilConnected] failed: TimeoutException after 0:00:05.000000`, "text/flutter-wait-connected"},
		{`[awaitIncomingToBeAccepted] failed: TimeoutException after 0:00:00.000000`, "text/flutter-await-accepted"},
		{`ChatNetworkError http status -1, stream error code 1003`, "text/chat-android-1003"},
		{`Error Domain=NSPOSIXErrorDomain Code=57 "Socket is not connected"`, "text/ios-57"},
		{`NSPOSIX Code=53 "Software caused connection abort"`, "text/ios-53"},
		// field-notes 2.4
		{`could not establish signal connection: invalid API key`, "peer/livekit-signal"},
		{`ably 40142: token expired`, "peer/ably-40142"},
		{`TwilioError 20104: Access Token expired`, "peer/twilio-20104"},
		{`App key abc not in this cluster`, "peer/pusher-4001"},
		// transport
		{`dial tcp: lookup vide0.stream-io-api.com: no such host`, "net/dns-not-found"},
		{`getaddrinfo ENOTFOUND video.stream-io-api.com`, "net/dns-not-found"},
		{`dial tcp: lookup x on 127.0.0.53:53: read udp: i/o timeout`, "net/dns-timeout"},
		{`dial tcp 127.0.0.1:8800: connect: connection refused`, "net/refused"},
		{`connect ECONNREFUSED 127.0.0.1:8800`, "net/refused"},
		{`dial tcp 10.0.0.1:443: connect: network is unreachable`, "net/unreachable"},
		{`dial tcp 10.0.0.1:443: i/o timeout`, "net/tcp-timeout"},
		{`read tcp 1.2.3.4:1->5.6.7.8:443: read: connection reset by peer`, "net/reset"},
		{`tls: failed to verify certificate: x509: certificate signed by unknown authority`, "net/tls-unknown-authority"},
		{`x509: certificate is valid for a.example, not b.example`, "net/tls-name"},
		{`x509: certificate has expired or is not yet valid: current time 2026`, "net/tls-expired"},
		{`Error: self-signed certificate in certificate chain`, "net/tls-intercepted"},
		{`tls: first record does not look like a TLS handshake`, "net/tls-plain"},
		{`failed to WebSocket dial: expected handshake response status code 101 but got 502`, "net/upgrade-server"},
		{`Unexpected server response: 503`, "net/upgrade-server"},
		{`Unexpected server response: 403`, "net/upgrade-auth"},
		{`invalid character '<' looking for beginning of value`, "net/html"},
		// codes as people write them
		{`closed with 1008 policy violation`, "close/1008"},
		{`CloseEvent {code: 1006, reason: ""}`, "close/1006"},
		{`AuthErrorTokenExpired`, "code/40"},
		{`coordinator said code 9`, "code/9"},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			got := Text(tt.line)
			if len(got) == 0 || got[0].Entry.ID != tt.want {
				t.Fatalf("the best explanation is %s, got %v", tt.want, ids(got))
			}
			if got[0].Found == "" {
				t.Error("a match says what led to it")
			}
		})
	}
}

func TestTextReason(t *testing.T) {
	for _, line := range []string{
		`[coordinator]: connection:WS failed with code: 43: AuthErrorTokenSignatureInvalid and reason: use the secret for API key "x"`,
		`{"code":43,"message":"WS failed with code: 43: AuthErrorTokenSignatureInvalid and reason: use the secret for API key \"x\"","isWSFailure":false}`,
	} {
		got := Text(line)
		if len(got) == 0 || !strings.Contains(got[0].Reason, `use the secret for API key`) {
			t.Errorf("the peer's own words are kept: %+v", got)
		}
	}
}

func TestTextMasksTokens(t *testing.T) {
	raw := payload(`{"user_id":"sara"}`)
	for _, m := range Text("WS failed with code: 5: AuthenticationError and reason: bad " + raw + "; dial tcp " + raw + ": i/o timeout") {
		if strings.Contains(m.Found+m.Reason, raw) {
			t.Errorf("%s: a token in a log line is not shown: %q %q", m.Entry.ID, m.Found, m.Reason)
		}
	}
}

func TestTextFindsNothing(t *testing.T) {
	for _, line := range []string{"", "hello", "[Call]: joined at 1720101234", "took 40 ms", "port 8800 is in use",
		"error at line 1006 of main.ts", "[Call]: no events, not ringing", "id 5300053001", `{"code":"abc"}`} {
		if got := Text(line); len(got) != 0 {
			t.Errorf("%q needs no explanation, got %v", line, ids(got))
		}
	}
}

func TestLookup(t *testing.T) {
	tests := []struct{ query, want string }{
		{"40", "code/40"}, {" 43 ", "code/43"}, {"-1", "code/-1"}, {"code 40", "code/40"}, {"code/40", "code/40"},
		{"1006", "close/1006"}, {"close 1000", "close/1000-server"}, {"4001", "close/4001"}, {"4444", "close/4xxx"},
		{"K7", "trap/K7"}, {"k27", "trap/K27"}, {"trap K1", "trap/K1"},
		{"AuthErrorTokenSignatureInvalid", "code/43"}, {"autherrortokenexpired", "code/40"},
		{"401", "code/2"}, {"HTTP 429", "code/9"}, {"502", "net/upgrade-server"}, {"426", "net/upgrade-ignored"},
		{"40142", "peer/ably-40142"}, {"connection refused", "net/refused"}, {"handshake timeout", "text/handshake-timeout"},
		{"busy tone", "text/busy-tone-on"}, {"tokenProvider failed", "text/provider-failed"},
		{"the phone does not ring", "symptom/no-ring"}, {"duplicate events", "symptom/twice"}, {"why are there no events?", "symptom/no-events"},
	}
	for _, tt := range tests {
		got := Lookup(tt.query)
		if len(got.Matches) == 0 || got.Matches[0].Entry.ID != tt.want {
			t.Errorf("explain %q answers %s, got %v", tt.query, tt.want, ids(got.Matches))
		}
		if got.Suggestions != nil {
			t.Errorf("explain %q: there are no suggestions beside an answer", tt.query)
		}
	}
}

func TestLookupSuggests(t *testing.T) {
	tests := []struct{ query, want string }{
		{"47", "code/46"}, {"12", "code/9"}, {"signatre", "code/43"},
		{"my token has expired yesterday", "code/40"}, {"phone silent when somebody calls", "symptom/no-ring"},
	}
	for _, tt := range tests {
		got := Lookup(tt.query)
		if len(got.Matches) != 0 || len(got.Suggestions) == 0 || len(got.Suggestions) > 5 {
			t.Fatalf("explain %q suggests up to five entries, got %v and %d", tt.query, ids(got.Matches), len(got.Suggestions))
		}
		found := false
		for _, e := range got.Suggestions {
			found = found || e.ID == tt.want
		}
		if !found {
			t.Errorf("explain %q suggests %s, got %v", tt.query, tt.want, entryIDs(got.Suggestions))
		}
	}
	if got := Lookup("  "); got.Matches != nil || got.Suggestions != nil {
		t.Error("an empty query has no answer")
	}
}

func entryIDs(entries []Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.ID)
	}
	return all
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "WS failed with code: 43: X and reason: y", `{"code":1000,"message":"a"}`, "close \x1b[31m1006",
		`{\"code\":40}`, "K1", "Abort (1) …", "\xff\xfe code: 9", "App key … not in this cluster"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, m := range append(Text(s), Lookup(s).Matches...) {
			if m.Entry.ID == "" || m.Entry.Means == "" {
				t.Fatalf("a match has an entry: %+v", m)
			}
			for _, r := range m.Reason + m.Entry.Text(60) {
				if unicode.IsControl(r) && r != '\n' {
					t.Fatalf("nothing from outside reaches the terminal unclean: %q", m.Reason)
				}
			}
		}
	})
}
