package timeline

// Kind implements [Payload].
func (SessionOpened) Kind() Kind { return KindSessionOpened }

// Kind implements [Payload].
func (SessionClosed) Kind() Kind { return KindSessionClosed }

// Kind implements [Payload].
func (StateChanged) Kind() Kind { return KindStateChanged }

// Kind implements [Payload].
func (Switched) Kind() Kind { return KindSwitched }

// Kind implements [Payload].
func (UserAction) Kind() Kind { return KindUserAction }

// Kind implements [Payload].
func (Network) Kind() Kind { return KindNetwork }

// Kind implements [Payload].
func (Warning) Kind() Kind { return KindWarning }

// Kind implements [Payload].
func (Note) Kind() Kind { return KindNote }

// Kind implements [Payload].
func (Mark) Kind() Kind { return KindMark }

// Kind implements [Payload].
func (Dropped) Kind() Kind { return KindDropped }

// Kind implements [Payload].
func (AttemptStarted) Kind() Kind { return KindAttemptStarted }

// Kind implements [Payload].
func (StageChanged) Kind() Kind { return KindStage }

// Kind implements [Payload].
func (AttemptEnded) Kind() Kind { return KindAttemptEnded }

// Kind implements [Payload].
func (Backoff) Kind() Kind { return KindBackoff }

// Kind implements [Payload].
func (ConnectFailed) Kind() Kind { return KindConnectFailed }

// Kind implements [Payload].
func (AppEvent) Kind() Kind { return KindAppEvent }

// Kind implements [Payload].
func (TokenLoading) Kind() Kind { return KindTokenLoading }

// Kind implements [Payload].
func (TokenLoaded) Kind() Kind { return KindTokenLoaded }

// Kind implements [Payload].
func (TokenFailed) Kind() Kind { return KindTokenFailed }

// Kind implements [Payload].
func (TokenSent) Kind() Kind { return KindTokenSent }

// Kind implements [Payload].
func (Clock) Kind() Kind { return KindClock }

// Kind implements [Payload].
func (Frame) Kind() Kind { return KindFrame }

// Kind implements [Payload].
func (Close) Kind() Kind { return KindClose }

// Kind implements [Payload].
func (HTTPRequest) Kind() Kind { return KindHTTPRequest }

// Kind implements [Payload].
func (HTTPResponse) Kind() Kind { return KindHTTPResponse }

// Kind implements [Payload].
func (CallEvent) Kind() Kind { return KindCallEvent }

// Kind implements [Payload].
func (CallChanged) Kind() Kind { return KindCallChanged }

// Kind implements [Payload].
func (RingDecision) Kind() Kind { return KindRingDecision }

// Kind implements [Payload].
func (BusyTone) Kind() Kind { return KindBusyTone }

// Kind implements [Payload].
func (FaultArmed) Kind() Kind { return KindFaultArmed }

// Kind implements [Payload].
func (FaultHit) Kind() Kind { return KindFaultHit }

// Kind implements [Payload].
func (FaultCleared) Kind() Kind { return KindFaultCleared }

// Kind implements [Payload].
func (FaultScored) Kind() Kind { return KindFaultScored }

func (SessionOpened) payload()  {}
func (SessionClosed) payload()  {}
func (StateChanged) payload()   {}
func (Switched) payload()       {}
func (UserAction) payload()     {}
func (Network) payload()        {}
func (Warning) payload()        {}
func (Note) payload()           {}
func (Mark) payload()           {}
func (Dropped) payload()        {}
func (AttemptStarted) payload() {}
func (StageChanged) payload()   {}
func (AttemptEnded) payload()   {}
func (Backoff) payload()        {}
func (ConnectFailed) payload()  {}
func (AppEvent) payload()       {}
func (TokenLoading) payload()   {}
func (TokenLoaded) payload()    {}
func (TokenFailed) payload()    {}
func (TokenSent) payload()      {}
func (Clock) payload()          {}
func (Frame) payload()          {}
func (Close) payload()          {}
func (HTTPRequest) payload()    {}
func (HTTPResponse) payload()   {}
func (CallEvent) payload()      {}
func (CallChanged) payload()    {}
func (RingDecision) payload()   {}
func (BusyTone) payload()       {}
func (FaultArmed) payload()     {}
func (FaultHit) payload()       {}
func (FaultCleared) payload()   {}
func (FaultScored) payload()    {}
