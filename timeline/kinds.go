package timeline

import "encoding/json"

// Unknown is an event of a kind that this version does not know, or cannot read,
// as it stood in a recording. It is kept so that writing the recording again
// loses nothing.
type Unknown struct {
	Name Kind
	Data json.RawMessage
}

// Kind implements [Payload] with the name that the recording has.
func (u Unknown) Kind() Kind { return u.Name }

func (Unknown) payload() {}

// kindTable has one row for each kind: its name and how it is read back.
var kindTable = [...]struct {
	kind Kind
	read func([]byte) (Payload, error)
}{
	{KindSessionOpened, readAs[SessionOpened]},
	{KindSessionClosed, readAs[SessionClosed]},
	{KindStateChanged, readAs[StateChanged]},
	{KindSwitched, readAs[Switched]},
	{KindUserAction, readAs[UserAction]},
	{KindNetwork, readAs[Network]},
	{KindWarning, readAs[Warning]},
	{KindNote, readAs[Note]},
	{KindMark, readAs[Mark]},
	{KindDropped, readAs[Dropped]},
	{KindAttemptStarted, readAs[AttemptStarted]},
	{KindStage, readAs[StageChanged]},
	{KindAttemptEnded, readAs[AttemptEnded]},
	{KindBackoff, readAs[Backoff]},
	{KindConnectFailed, readAs[ConnectFailed]},
	{KindAppEvent, readAs[AppEvent]},
	{KindTokenLoading, readAs[TokenLoading]},
	{KindTokenLoaded, readAs[TokenLoaded]},
	{KindTokenFailed, readAs[TokenFailed]},
	{KindTokenSent, readAs[TokenSent]},
	{KindClock, readAs[Clock]},
	{KindFrame, readAs[Frame]},
	{KindClose, readAs[Close]},
	{KindHTTPRequest, readAs[HTTPRequest]},
	{KindHTTPResponse, readAs[HTTPResponse]},
	{KindCallEvent, readAs[CallEvent]},
	{KindCallChanged, readAs[CallChanged]},
	{KindRingDecision, readAs[RingDecision]},
	{KindBusyTone, readAs[BusyTone]},
	{KindFaultArmed, readAs[FaultArmed]},
	{KindFaultHit, readAs[FaultHit]},
	{KindFaultCleared, readAs[FaultCleared]},
	{KindFaultScored, readAs[FaultScored]},
}

// Kinds returns every kind, in the order in which a session meets them. The
// slice is the caller's.
func Kinds() []Kind {
	kinds := make([]Kind, len(kindTable))
	for i := range kindTable {
		kinds[i] = kindTable[i].kind
	}
	return kinds
}

func readAs[P Payload](data []byte) (Payload, error) {
	var p P
	err := json.Unmarshal(data, &p)
	return p, err
}

// ReadPayload reads the data of an event. What cannot be read is kept as
// [Unknown], and the second result is false.
func ReadPayload(kind Kind, data json.RawMessage) (Payload, bool) {
	for i := range kindTable {
		if kindTable[i].kind != kind {
			continue
		}
		if p, err := kindTable[i].read(data); err == nil {
			return p, true
		}
		break
	}
	return Unknown{Name: kind, Data: data}, false
}
