package explain

// symptom makes the entry of a complaint that comes without an error (the ranked
// problems of field-notes 1), so that it can be found by its words.
func symptom(id, name string, class Class, texts []string, means, cause, fix, sdk, source string, see ...string) Entry {
	return Entry{ID: "symptom/" + id, Name: name, Class: class, Texts: texts,
		Means: means, Cause: cause, Fix: fix, SDK: sdk, See: see, Sources: []string{source}}
}

func symptomEntries() []Entry {
	return append(ringSymptoms(), connectionSymptoms()...)
}

func ringSymptoms() []Entry {
	return []Entry{
		symptom("no-ring", "the phone does not ring", App,
			[]string{"does not ring", "doesn't ring", "not ringing", "no ring", "never rings"},
			"A call was made, and the callee's device stayed silent.",
			"The callee never connected, is no member, is the caller, has no push device, or the call id was used before.",
			"Ring from here with a fresh id while the callee is connected here too. If call.ring arrives here, the fault is in the app.",
			"Nothing on either side: no error and no log line.",
			"field-notes row 5", "symptom/second-ring", "text/no-users-to-ring", "text/push-provider"),
		symptom("rings-on", "the caller rings on after an answer", Retry,
			[]string{"keeps ringing", "rings on", "still ringing", "caller rings"},
			"The callee accepted or rejected, and the caller's screen does not change.",
			"The answer travels over the WebSocket only, and a dead socket is noticed after 35 s or not at all.",
			"Compare the age of the caller's last frame with the ring. Poll the ring state, as JS clients from 1.60 do after 15 s.",
			"The caller rings until auto_cancel_timeout_ms and then posts a reject with reason timeout.",
			"field-notes row 4", "trap/K2"),
		symptom("second-ring", "a second ring does nothing", App,
			[]string{"second ring", "ring again", "rings only once", "ring once"},
			"A call id that rang before does not ring again.",
			"Ringing works once for each id: the session keeps who accepted, rejected or missed.",
			"Use a new id, such as a UUID, for every ring.",
			"The request succeeds, and no phone rings.",
			"field-notes row 16", "symptom/no-ring"),
		symptom("busy-rings", "a busy user rings all the same", App,
			[]string{"busy user still rings", "rings while busy", "busy user rings", "not rejected as busy"},
			"A user in a call is rung although reject-when-busy is on.",
			"The JS client counts only calls of the ringing kind: a call that was joined without ring does not make the user busy.",
			"Start the first call with ring, or reject by yourself on call.ring. On React Native, set shouldRejectCallWhenBusy for push too.",
			"The second call rings as usual. On Android a plain call does count as busy.",
			"field-notes row 10, protocol 7.3", "text/busy-rejecting"),
		symptom("all-rejected", "every ring is rejected as busy", App,
			[]string{"every call is rejected", "always busy", "every call is automatically rejected"},
			"Every ring is rejected as busy, although the user is in no call.",
			"An old ring call was never left: it still counts as ringing or joined.",
			"Look at the calls that count, in the busy panel. Call leave on each call that is over.",
			"The callee sees nothing. Callers get call.rejected with reason busy.",
			"field-notes row 10", "text/busy-rejecting", "text/busy-leaving"),
		symptom("rings-elsewhere", "other devices ring on", Retry,
			[]string{"rings on my other devices", "other devices ring", "answered elsewhere"},
			"The user answered on one device, and another goes on ringing.",
			"The other device did not get call.accepted: its socket is dead or the app is closed.",
			"Look whether each socket of the user got the event. A closed app needs a push that ends the ring.",
			"A connected device stops by itself, because it sees its own user in call.accepted.",
			"field-notes row 20", "trap/K2"),
	}
}

func connectionSymptoms() []Entry {
	return []Entry{
		symptom("no-events", "online, but no events", Retry,
			[]string{"no events", "events stop", "not getting events", "not receiving events"},
			"The app shows online, and events do not arrive.",
			"The socket is dead without a close, was closed with 1000, or the calls were not watched again after a reconnect.",
			"Look at the age of the last frame. If it is over 35 s, reconnect; if frames arrive, watch the calls again.",
			"Nothing: the client believes it is online.",
			"field-notes rows 7, 23", "trap/K1", "trap/K2", "trap/K25"),
		symptom("twice", "every event arrives twice", App,
			[]string{"events twice", "duplicate events", "event twice", "two sockets", "connected twice"},
			"Each event arrives twice, or the user has two sockets.",
			"Two clients exist for the user, or an old socket was left behind.",
			"Use getOrCreateInstance, and disconnect the client that you replace. Use tap to see the sockets of each user.",
			"At most one warning in the log.",
			"field-notes row 17", "text/already-exists", "trap/K8"),
		symptom("endpoint-hammered", "the token endpoint is hammered", Fatal,
			[]string{"token endpoint hammered", "too many token requests", "tokenprovider called again and again", "token provider loop"},
			"The token endpoint is called over and over.",
			"It returns tokens that are refused each time: expired, cached, or signed with another secret.",
			"Put one of its tokens on the bench. Then call the endpoint twice and compare the two tokens.",
			"At connect, 24 calls in 85 s were counted before the app heard of an error; on a request it never ends.",
			"field-notes row 3, 0 I, 0 J", "trap/K18", "code/40"),
		symptom("background", "no connection after the background", Retry,
			[]string{"back from background", "after background", "app in background", "returns from background"},
			"The app comes back from the background and has no connection.",
			"The system closed the socket and stopped the timers, and the token may have expired meanwhile.",
			"Use a tokenProvider. On return, call disconnectUser and connectUser if no event comes within some seconds.",
			"On React Native a stopped connection does not start again by itself.",
			"field-notes row 19", "trap/K23", "trap/K5"),
		symptom("levels", "the log level has no effect", App,
			[]string{"log level", "level has no effect", "configureLoggers"},
			"A log level was set, and the output stays the same.",
			"The scope's name is wrong, a new client has reset the default scope, or React Native prints all through console.info.",
			"Take scope names from the lines themselves, letter by letter. Set levels after the client was made.",
			"Nothing: a scope that nobody uses is accepted without a warning, and an unknown level silences a scope.",
			"field-notes row 13, protocol 8.1, 8.2", "text/dead-scope"),
		symptom("not-caught", "the failure cannot be caught", App,
			[]string{"cannot catch", "can't catch", "no error in the app", "failure cannot be caught"},
			"The connection fails, and no code of the app gets to know.",
			"A client that is made with a user connects by itself, so there is no promise.",
			"Pass onConnectUserError, or make the client without a user and await connectUser.",
			"One error line in the log, after all attempts.",
			"field-notes row 25", "text/connect-failed"),
	}
}
