package timeline

// trapRules has one row for each trap of protocol 4.6, in their order. K2, K19
// and K27 are given away by time: timedRules says when.
var trapRules = [...]trapRule{
	{id: "K1", on: []Kind{KindClose}, see: seeIgnoredClose, over: overNewSocket},
	{id: "K2", see: seeNothing, over: overHeard},
	{id: "K3", on: []Kind{KindClose}, see: seeCloseInReconnect, over: overNewSocket},
	{id: "K4", on: []Kind{KindFrame}, see: seeErrorInReconnect, over: overNewSocket},
	{id: "K5", on: []Kind{KindFrame}, see: seeStaticExpired, over: overNewSocket},
	{id: "K6", on: []Kind{KindTokenFailed}, see: seeFailedRefresh, over: overNewSocket},
	{id: "K7", on: []Kind{KindHTTPResponse}, see: seePoisonedREST, over: overTokenLoaded},
	{id: "K8", on: []Kind{KindFrame}, see: seeSecondSocket, over: overOneSocket, always: true},
	{id: "K9", on: []Kind{KindFrame}, see: seeSwallowedError, over: overNewSocket},
	{id: "K10", on: []Kind{KindAttemptStarted}, see: seeUnhandledRejection, over: overConnectEnded},
	{id: "K11", on: []Kind{KindWarning}, see: seeCachedRejection, over: overConnectEnded},
	{id: "K12", on: []Kind{KindConnectFailed}, see: seeMaskedCause, over: overConnectBegan},
	{id: "K13", on: []Kind{}, see: seeNothing, over: overSessionClosed, always: true},
	{id: "K14", on: []Kind{KindWarning}, see: seePendingLogout, over: overConnectEnded},
	{id: "K15", on: []Kind{KindUserAction, KindClose, KindStateChanged}, see: seeAbandonedRing, over: overRingDone, always: true},
	{id: "K16", on: []Kind{KindSessionOpened}, see: seeRewrittenPort, over: overSessionClosed, always: true},
	{id: "K17", on: []Kind{KindHTTPResponse}, see: seeStalledREST, over: overStalledREST},
	{id: "K18", on: []Kind{KindHTTPResponse}, see: seeRefusalLoop, over: overRefusalLoop},
	{id: "K19", see: seeNothing, over: overPong},
	{id: "K20", on: []Kind{KindTokenLoaded, KindTokenFailed, KindTokenSent}, see: seeUndecodable, over: overTokenSent, always: true},
	{id: "K21", on: []Kind{KindBackoff}, see: seeManyChains, over: overChains},
	{id: "K22", on: []Kind{KindAttemptStarted}, see: seeOverlap, over: overOverlap},
	{id: "K23", on: []Kind{KindAppEvent}, see: seeUnheardNetwork, over: overRevived},
	{id: "K24", on: []Kind{KindFrame}, see: seeAliveOffline, over: overOnline},
	{id: "K25", on: []Kind{KindHTTPResponse}, see: seeUnwatched, over: overWatched},
	{id: "K26", on: []Kind{KindFrame}, see: seeEarlyHealthCheck, over: overEstablished, always: true},
	{id: "K27", see: seeNothing, over: overSpoken, always: true},
}

func seeNothing(*sighting) (TrapSeen, bool) { return TrapSeen{}, false }
