package explain

import "strconv"

// What the official client does when the socket closes (protocol.md 2.6, 4.4;
// traces close_1001_after_ok, abrupt_close_after_ok).
const sdkReconnects = "The client reconnects, first after 0.25 to 2.5 s. The app gets connection.changed online=false only if that takes more than 5 s."

// Closing is what is known about the end of a socket besides its code.
type Closing struct {
	// ByServer is true when the close frame came from the server.
	ByServer bool
	// Established is true when connection.ok had been received.
	Established bool
	// Reconnect is true when the attempt was not part of connectUser.
	Reconnect bool
}

// Close explains the end of a socket. The code 1000 means four things,
// depending on who sent it and when. Codes without an entry of their own get
// that of their range, with the number filled in.
func Close(code int, c Closing) Entry {
	if code == 1000 {
		return must(normalClosure(c))
	}
	if e, ok := ByID("close/" + strconv.Itoa(code)); ok {
		return e
	}
	id := "close/other"
	switch {
	case code >= 3000 && code < 4000:
		id = "close/3xxx"
	case code >= 4000 && code < 5000:
		id = "close/4xxx"
	}
	e := must(id)
	e.Code = code
	return e
}

func normalClosure(c Closing) string {
	switch {
	case !c.ByServer:
		return "close/1000-client"
	case c.Established:
		return "close/1000-server"
	case c.Reconnect:
		return "close/1000-reconnect"
	}
	return "close/1000-handshake"
}

var closeEntries = []Entry{
	{ID: "close/1000-client", Code: 1000, Name: "normal closure, by the client", Class: Benign,
		Means:   "The client closed the connection on purpose.",
		Cause:   "The app called disconnectUser, or it is quitting.",
		Fix:     "Nothing is wrong. If it was not wanted, look for a component that disconnects when it unmounts.",
		SDK:     "The app's disconnectUser resolves when the server confirms the close, after 1 s at most. No connection.changed follows.",
		Texts:   []string{"Manually closed connection by calling client.disconnect()"},
		Sources: []string{"protocol 2.6", "trace happy_connect_disconnect"}},
	{ID: "close/1000-server", Code: 1000, Name: "normal closure, by the server", Class: Retry,
		Means:   "The server closed a working connection, and the official client ignores that.",
		Cause:   "The server or a proxy ended the connection in an orderly way, for example for maintenance.",
		Fix:     "Reconnect now; do not wait for the client. If a proxy of yours did it, let it pass the real close code on.",
		SDK:     "The app believes it is online and gets no events. Most clients never notice; the lucky ones reconnect after 35.6 s.",
		See:     []string{"trap/K1", "trap/K2"},
		Sources: []string{"protocol 2.6, K1", "field-notes 0 B", "trace close_1000_after_ok"}},
	{ID: "close/1000-handshake", Code: 1000, Name: "normal closure before connection.ok", Class: Fatal,
		Means:   "The server refused the connection in the middle of the handshake.",
		Cause:   "In most cases the token or key was refused, and the connection.error before the close says why.",
		Fix:     "Read the connection.error frame before the close, and fix what its code names.",
		SDK:     "Every attempt fails with \"WS connection reject with error …\". connectUser makes five of them in 6.5 to 12.5 s.",
		Texts:   []string{"WS connection reject with error"},
		See:     []string{"trap/K3"},
		Sources: []string{"protocol 2.6, 4.3", "trace close_1000_before_ok"}},
	{ID: "close/1000-reconnect", Code: 1000, Name: "normal closure during a reconnect", Class: Fatal,
		Means:   "The server refused the reconnect, and the official client stops trying.",
		Cause:   "The server or a proxy answered the handshake with a clean close, which the client takes as final.",
		Fix:     "Call disconnectUser and connectUser again, and look in the frame before the close for the reason.",
		SDK:     "Retrying stops without an error. The app gets connection.changed online=false 5 s after the drop, and later requests fail after 15 s.",
		See:     []string{"trap/K3", "trap/K17"},
		Sources: []string{"protocol 2.6, K3"}},
	{ID: "close/1001", Code: 1001, Name: "going away", Class: Retry,
		Means:   "One side is going away.",
		Cause:   "The server restarts or is replaced, or the browser leaves the page.",
		Fix:     "Nothing to do: a reconnect repairs it. If it repeats at a fixed interval, look for an idle limit in a proxy.",
		SDK:     sdkReconnects,
		Sources: []string{"protocol 2.6", "field-notes 2.3", "trace close_1001_after_ok"}},
	{ID: "close/1002", Code: 1002, Name: "protocol error", Class: Fatal,
		Means:   "One side broke the rules of WebSocket.",
		Cause:   "A proxy between the two changes frames, or the server is not a WebSocket server of Stream's kind.",
		Fix:     "Connect without the proxy or VPN. If that works, exempt the host from inspection.",
		SDK:     sdkReconnects,
		Sources: []string{"RFC 6455 7.4.1"}},
	{ID: "close/1003", Code: 1003, Name: "unsupported data", Class: Fatal,
		Means:   "One side got a kind of message that it does not accept.",
		Cause:   "The other end expects text frames and got a binary one, or the reverse.",
		Fix:     "Check that the address is Stream's /video/connect and not another WebSocket server.",
		SDK:     sdkReconnects,
		Sources: []string{"RFC 6455 7.4.1", "protocol 2.1"}},
	{ID: "close/1005", Code: 1005, Name: "no status in the close frame", Class: Benign,
		Means:   "A close frame came without a code.",
		Cause:   "The official client closes like this before it opens a new socket; a server does it when it has no reason to give.",
		Fix:     "If the client sent it, look at what came before: a timeout or a reconnect. If the server sent it, a reconnect repairs it.",
		SDK:     "The client ignores the close of a socket that it gave up itself. From the server it is a drop like any other, and it reconnects.",
		Sources: []string{"protocol 2.6", "field-notes 2.3"}},
	{ID: "close/1006", Code: 1006, Name: "abnormal closure", Class: Retry,
		Means:   "The connection broke without a close frame.",
		Cause:   "The network changed or failed, a device slept, a process was killed, or the upgrade was refused.",
		Fix:     "A reconnect repairs it. If it happens on every attempt, run check: it shows which stage fails and hides no status.",
		SDK:     sdkReconnects,
		Sources: []string{"protocol 2.6", "field-notes 0 C", "trace abrupt_close_after_ok"}},
	{ID: "close/1007", Code: 1007, Name: "invalid payload", Class: Fatal,
		Means:   "A text message was not valid UTF-8.",
		Cause:   "A proxy damaged the data, or custom data with broken characters was sent.",
		Fix:     "Look at the last frames before the close, and check the custom data of the user and call.",
		SDK:     sdkReconnects,
		Sources: []string{"RFC 6455 7.4.1"}},
	{ID: "close/1008", Code: 1008, Name: "policy violation", Class: Fatal,
		Means:   "The server closed the connection because a rule was broken.",
		Cause:   "Often the client sent no auth message in time; the reason text of the close names the rule.",
		Fix:     "Read the reason text. If it is about authentication, look at whether the auth message went out.",
		SDK:     sdkReconnects,
		See:     []string{"trap/K27"},
		Sources: []string{"protocol 2.6, 11.2", "field-notes 2.3"}},
	{ID: "close/1009", Code: 1009, Name: "message too big", Class: Fatal,
		Means:   "A message was larger than the other side accepts.",
		Cause:   "Large custom data on a user, member or call, or a proxy with a small limit.",
		Fix:     "Keep custom data small. If a proxy is in between, raise its limit for messages.",
		SDK:     sdkReconnects,
		Sources: []string{"RFC 6455 7.4.1"}},
	{ID: "close/1010", Code: 1010, Name: "extension missing", Class: Fatal,
		Means:   "The client wanted a WebSocket extension that the server did not offer.",
		Cause:   "The WebSocket library of the app insists on an extension; the coordinator needs none.",
		Fix:     "Use the client's default WebSocket, and do not make compression mandatory.",
		SDK:     sdkReconnects,
		Sources: []string{"RFC 6455 7.4.1"}},
	{ID: "close/1011", Code: 1011, Name: "server error", Class: Retry,
		Means:   "The server met an error and closed the connection.",
		Cause:   "A fault inside the service, or a proxy that lost its upstream.",
		Fix:     "Let it reconnect. If it repeats, keep the reason text and the time for support.",
		SDK:     sdkReconnects,
		Sources: []string{"protocol 2.6", "field-notes 2.3"}},
	{ID: "close/1012", Code: 1012, Name: "service restart", Class: Retry,
		Means:   "The server restarts.",
		Cause:   "A new version is rolled out, or the server moves.",
		Fix:     "Let it reconnect. If many clients are affected, their retries should be spread out.",
		SDK:     sdkReconnects,
		Sources: []string{"field-notes 2.3"}},
	{ID: "close/1013", Code: 1013, Name: "try again later", Class: Retry,
		Means:   "The server has no capacity for this connection now.",
		Cause:   "The service or a proxy is overloaded.",
		Fix:     "Wait and retry with growing pauses. Check that no loop of yours opens sockets.",
		SDK:     sdkReconnects,
		Sources: []string{"field-notes 2.3"}},
	{ID: "close/1014", Code: 1014, Name: "bad gateway", Class: Retry,
		Means:   "A proxy got an invalid answer from the server behind it.",
		Cause:   "The server behind the proxy is down or speaks another protocol.",
		Fix:     "Check the proxy's upstream address, or connect without the proxy.",
		SDK:     sdkReconnects,
		Sources: []string{"IANA WebSocket close codes"}},
	{ID: "close/1015", Code: 1015, Name: "TLS handshake failed", Class: Fatal,
		Means:   "The connection ended because TLS could not be set up.",
		Cause:   "The certificate was not accepted, or something between the two inspects TLS.",
		Fix:     "Run check: its tls stage names the certificate and the reason.",
		SDK:     sdkReconnects,
		See:     []string{"net/tls-unknown-authority", "net/tls-name"},
		Sources: []string{"RFC 6455 7.4.1"}},
	{ID: "close/3xxx", Code: 3000, Name: "code of a library", Class: Retry,
		Means:   "A library or proxy closed the connection with a code of its own.",
		Cause:   "Codes from 3000 to 3999 belong to libraries; Stream's coordinator does not use them.",
		Fix:     "Read the reason text, and find out what stands between the app and Stream.",
		SDK:     sdkReconnects,
		Sources: []string{"RFC 6455 7.4.2", "protocol 2.6"}},
	{ID: "close/4xxx", Code: 4000, Name: "code of the application", Class: Retry,
		Means:   "The server closed the connection with a code of its own.",
		Cause:   "Codes from 4000 to 4999 are private; a connection.error before the close usually tells why.",
		Fix:     "Read the connection.error frame and the reason text before the close.",
		SDK:     sdkReconnects,
		Sources: []string{"RFC 6455 7.4.2", "field-notes 0 A"}},
	{ID: "close/4001", Code: 4001, Name: "SFU connection unhealthy", Class: Retry,
		Means:   "On a media (SFU) socket: the client gave the connection up because no answer to its pings came.",
		Cause:   "The network of the device stalled while it was in a call.",
		Fix:     "The call reconnects by itself. If this is the coordinator's socket, the code is private: read its reason text.",
		SDK:     "The call goes to reconnecting and comes back. The coordinator's socket is another one and is not affected.",
		Sources: []string{"field-notes 2.3", "stream-video-swift#1201"}},
	{ID: "close/4002", Code: 4002, Name: "SFU connection replaced", Class: Benign,
		Means:   "On a media (SFU) socket: the client replaced the connection by a newer one.",
		Cause:   "The call rejoined, or its media session was refreshed.",
		Fix:     "Nothing is wrong. If this is the coordinator's socket, the code is private: read its reason text.",
		SDK:     "The call goes on over the new socket. The coordinator's socket is another one and is not affected.",
		Sources: []string{"field-notes 2.3", "stream-video-swift#1202"}},
	{ID: "close/other", Name: "unassigned code", Class: Retry,
		Means:   "The connection was closed with a code that nobody has assigned.",
		Cause:   "The other side, or something in between, does not keep to the registered codes.",
		Fix:     "Read the reason text, and find out what stands between the app and Stream.",
		SDK:     sdkReconnects,
		Sources: []string{"RFC 6455 7.4"}},
}
