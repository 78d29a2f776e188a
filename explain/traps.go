package explain

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// trap makes the entry of one trap of protocol.md 4.6.
func trap(id, name string, class Class, means, cause, fix, sdk string, see ...string) Entry {
	return Entry{ID: "trap/" + id, Name: name, Class: class,
		Means: means, Cause: cause, Fix: fix, SDK: sdk, See: see,
		Sources: []string{"protocol 4.6 " + id}}
}

// trapEntries are the ways in which the official JS client (1.60) surprises the
// apps that use it. The fold in package timeline recognises them; here are the
// words, in the order of their numbers.
func trapEntries() []Entry {
	all := append(socketTraps(), lifecycleTraps()...)
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(trapNumber(a), trapNumber(b)) })
	return all
}

func trapNumber(e Entry) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(e.ID, "trap/K"))
	return n
}

// socketTraps happen to the socket and its reconnects.
func socketTraps() []Entry {
	return []Entry{
		trap("K1", "clean close ignored", Retry,
			"The server closed the socket with 1000, and the official client still believes it is online.",
			"On a working connection the client takes code 1000 for its own goodbye and does nothing.",
			"Have the app reconnect when no event has come for 40 s. If a proxy of yours sent the 1000, let it pass the real code on.",
			"No event and no error: the app looks online, rings do not arrive, and only the silence check after 35 s can notice.",
			"close/1000-server", "trap/K2"),
		trap("K2", "silence check misses", Retry,
			"The official client's check for a dead socket usually does not fire.",
			"A timer of exactly 35 s asks whether more than 35 s have passed, mostly finds that they have not, and is not set again.",
			"Have the app watch for silence itself, and call disconnectUser and connectUser after 40 s without an event.",
			"About eight of ten clients stay \"online\" on a dead socket for ever; the lucky ones reconnect after 35.5 s. No event either way.",
			"trap/K1", "trap/K19"),
		trap("K3", "clean close ends reconnecting", Fatal,
			"The server answered a reconnect with close 1000, and the official client stopped for good.",
			"The client takes a clean close before connection.ok for a refusal, and a refused reconnect is not repeated.",
			"Call disconnectUser and connectUser again. A server or proxy that is only busy should close with another code.",
			"The app gets connection.changed online=false 5 s after the drop and nothing more. Its requests fail after 15 s each.",
			"close/1000-reconnect", "trap/K17"),
		trap("K4", "one error ends reconnecting", Fatal,
			"A connection.error during a reconnect made the official client stop for good, although the cause may pass.",
			"Only code 40 with a tokenProvider is retried; rate limits, timeouts and internal errors end it like a bad key.",
			"Watch for an offline state of more than 10 s in the app, then call disconnectUser and connectUser again.",
			"The app gets connection.changed online=false 5 s after the drop and no error. onConnectUserError is not called.",
			"code/9", "code/71", "code/-1", "code/23", "trap/K17"),
		trap("K5", "static token expired unnoticed", Fatal,
			"The static token expired while the connection was up, so the next drop ends the session.",
			"Nothing happens at the moment of expiry; the old token is sent again on the next reconnect and refused with 40.",
			"Give the client a tokenProvider instead of a token. Until then, connect the user again before the token expires.",
			"All looks well until the network blinks. Then the app gets connection.changed online=false after 5 s and no error.",
			"code/40"),
		trap("K6", "provider failed during a reconnect", Fatal,
			"The tokenProvider failed while the client refreshed the token for a reconnect, and the client stopped.",
			"The client calls the provider there without catching its error.",
			"Let the tokenProvider retry by itself and reject only when the user is really signed out.",
			"An unhandled promise rejection, which ends a Node process. A browser or phone app just stays offline.",
			"trap/K7", "text/provider-failed"),
		trap("K7", "one failed refresh blocks requests", Fatal,
			"After one failed token refresh every request fails at once, and the tokenProvider is not asked again.",
			"The client keeps the rejected promise of the refresh and hands it to all later requests.",
			"Call disconnectUser and connectUser again. Make the tokenProvider retry by itself so that it does not fail in the first place.",
			"Requests fail in 0 ms with \"Call to tokenProvider failed\", although your endpoint has been well again for long.",
			"trap/K6", "text/provider-failed"),
		trap("K8", "second, hidden socket", App,
			"The user has two live sockets, and the app can close only one of them.",
			"After reconnecting had stopped, the app opened a new connection while the old object's timer was still set.",
			"Call disconnectUser before connecting again, and do not call openConnection yourself. Restart the app to get rid of the hidden one.",
			"Every event arrives twice. After disconnectUser the hidden socket stays and reconnects for ever.",
			"text/already-exists"),
		trap("K9", "error on an open socket dropped", Retry,
			"The server sent connection.error on a working connection, and the official client dropped it.",
			"The client takes the first error on a socket for a part of the handshake, and reads only a second one.",
			"Do not wait for the client to refresh its token. Reconnect from the app when the token's exp has passed.",
			"Nothing: no connection.error event, no token refresh, and the client still counts as healthy.",
			"code/40"),
		trap("K10", "unhandled rejection while connecting", App,
			"The official client raised an unhandled promise rejection during its connect retries.",
			"From the second attempt on, the error of the attempt before is left without a handler.",
			"In Node, install an unhandledRejection handler. Elsewhere ignore it and look at the error of connectUser.",
			"A line \"Uncaught (in promise)\" next to a normal retry. A Node process of version 15 or later exits with code 1."),
		trap("K17", "requests wait 15 s, then fail", Fatal,
			"Requests wait exactly 15 s and then fail with the error of the WebSocket.",
			"Reconnecting has stopped, and every request first waits for a healthy socket.",
			"Bring the socket back with disconnectUser and connectUser. The request itself is not at fault.",
			"Each request takes 15.0 s and rejects with a JSON text about the WebSocket, not with an answer of its own.",
			"trap/K3", "trap/K4"),
		trap("K19", "unanswered ping ends pinging", Retry,
			"One health.check was not answered, so the official client sends no more of them on this socket.",
			"The timer of the next ping is set only when an answer arrives.",
			"Answer every health.check if the server or proxy is yours. In the app, watch for silence as in K2.",
			"Nothing by itself. A proxy with an idle limit may now cut the socket, because the client is silent.",
			"trap/K2"),
		trap("K21", "one failure counts three times", Benign,
			"One refused socket counted as three failures, so several waits run side by side.",
			"The client counts the error, the close and the failed attempt each, and each starts a reconnect.",
			"Nothing to fix in the app. Do not read the failure count as a number of attempts.",
			"The pause grows to 5 s after two failures, and sockets open at uneven intervals."),
		trap("K22", "two attempts at once", Retry,
			"Two connection attempts run at the same time.",
			"After 15 s of waiting the client lets a new attempt start while the old one is still open.",
			"Raise defaultWsTimeout if connecting is really that slow. Otherwise find out why the handshake hangs.",
			"Mostly nothing. The server sees two handshakes of one client.",
			"text/handshake-timeout"),
		trap("K23", "network back, React Native not told", App,
			"The network is back, but on React Native the stopped connection does not start again.",
			"The connection listens to browser events that React Native does not have.",
			"Listen to NetInfo in the app, and call disconnectUser and connectUser when the network returns.",
			"The app gets network.changed online=true and stays disconnected.",
			"trap/K3", "trap/K4"),
		trap("K24", "offline without online", Retry,
			"The browser reported offline and never online again, so the client counts as unhealthy while events still arrive.",
			"The client leaves the socket open on offline and waits for an online event to repair its state.",
			"Trust the events that arrive. Call disconnectUser and connectUser if requests hang.",
			"connection.changed online=false comes at once. Events go on, and requests wait 15 s and fail.",
			"trap/K17"),
		trap("K26", "early health.check does not count", Benign,
			"A health.check came before connection.ok, and the client does not count as connected.",
			"Only connection.ok completes the handshake.",
			"If the server is yours, send connection.ok first. Stream's own service does.",
			"The client goes on waiting and gives up after 15 s.",
			"text/handshake-timeout"),
		trap("K27", "abandoned socket stays open", App,
			"A socket was opened, no auth message came, and nobody will close it.",
			"The app closed the connection while the socket was still connecting; the client forgets such a socket.",
			"Wait for connectUser to end before disconnecting. A server should close sockets that do not authenticate within 10 s.",
			"closeConnection returns at once, but the connectUser that it cut short ends only after 30 s.",
			"close/1008", "text/handshake-aborted"),
	}
}

// lifecycleTraps happen around connectUser, disconnectUser, tokens and REST.
func lifecycleTraps() []Entry {
	return []Entry{
		trap("K11", "old error returned again", App,
			"connectUser gave back the error of the failed call before it, without trying anything.",
			"After a total failure the client keeps the user and the rejected promise, and the next call spends its first attempt on it.",
			"Call disconnectUser after connectUser has failed, then connect again.",
			"The warning \"Consecutive calls to connectUser is detected\", and the same old error right behind it.",
			"text/consecutive-connect"),
		trap("K12", "last error hides the first", App,
			"The error that connectUser reports is not the cause: the first attempt failed for another reason.",
			"With persistUserOnConnectionFailure false, attempts after a token failure trip over the user that is still set.",
			"Read the first of the errors that onConnectUserError gets, not the last.",
			"\"Use client.disconnect() before trying to connect as a different user\", although nobody switched users.",
			"text/user-switch"),
		trap("K13", "dead client handed out again", App,
			"getOrCreateInstance gives back a client that is dead, or the options you passed were dropped.",
			"The client stays in the list of instances after some failures and for guests, and new tokens and options are ignored.",
			"Call disconnectUser on the old client before you ask for a new one. After a token failure, use the constructor.",
			"No error: the app holds a client that never connects, or one with the old token and settings.",
			"text/already-exists"),
		trap("K14", "disconnect waits for connect", App,
			"disconnectUser waits until the failing connectUser has ended.",
			"The client runs connect and disconnect one after the other in one queue.",
			"Do not block the sign-out on the promise of disconnectUser, and lower maxConnectUserRetries.",
			"Signing out hangs for seconds, or up to some minutes when the handshake gets no answer."),
		trap("K15", "callee rings on", App,
			"The caller disconnected during a ring, and the callee's phone goes on ringing.",
			"disconnectUser leaves the outgoing call locally and sends no reject.",
			"Call call.leave on the ringing call, and wait for it, before disconnectUser.",
			"The caller sees nothing. The callee rings until its own timeout."),
		trap("K16", "port starts with 3030", Fatal,
			"The base URL has a port that starts with 3030, which the official client rewrites.",
			"The client replaces the text :3030 by :8800 when it makes the WebSocket address.",
			"Use a port that does not start with 3030.",
			"Requests go to one port and the socket to another: 3030 becomes 8800, and 30300 becomes the impossible 88000."),
		trap("K18", "endless refresh", Fatal,
			"A request is refused with code 40 and repeated without end, with a token that is expired each time.",
			"The tokenProvider returns an expired token, and the client retries this without a limit.",
			"Make the token endpoint sign a new token for each call instead of handing out a cached one.",
			"The promise of the request never settles: 14 requests in 60 s were counted, and the token endpoint gets as many calls.",
			"code/40"),
		trap("K20", "client cannot decode the token", Fatal,
			"The official client refuses this valid token, because its decoder does not know all characters.",
			"The decoder knows neither - nor _ of base64url, and reads the text as Latin-1 instead of UTF-8.",
			"Use ids and claims of plain ASCII letters and digits; UUIDs are safe. Other characters may pass or fail.",
			"connectUser fails without any traffic, with a JSON error such as \"Bad control character in string literal\" or a user_id mismatch.",
			"text/user-mismatch", "text/payload-json"),
		trap("K25", "calls not watched again", Retry,
			"After the reconnect the calls were not watched again, so they get no more events.",
			"The client asks for its calls at most three times, and then gives up.",
			"Call get on each open call after connection.changed online=true, or query them with watch true.",
			"One error line in the log. The calls look connected but do not change any more.",
			"code/46"),
	}
}
