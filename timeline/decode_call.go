package timeline

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"streamscope/internal/wire"
)

type idJSON struct {
	ID string `json:"id"`
}

// callJSON is the part of call events, and of answers that hold a call, that
// the fold needs (protocol 6). Everything may be missing.
type callJSON struct {
	Type        string       `json:"type"`
	CallCID     string       `json:"call_cid"`
	SessionID   string       `json:"session_id"`
	Reason      string       `json:"reason"`
	Video       bool         `json:"video"`
	User        idJSON       `json:"user"`
	Members     []memberJSON `json:"members"`
	Participant struct {
		User idJSON `json:"user"`
	} `json:"participant"`
	Call struct {
		CID            string          `json:"cid"`
		CreatedBy      idJSON          `json:"created_by"`
		EndedAt        json.RawMessage `json:"ended_at"`
		CurrentSession string          `json:"current_session_id"`
		Session        struct {
			ID       string                     `json:"id"`
			Accepted map[string]json.RawMessage `json:"accepted_by"`
			Rejected map[string]json.RawMessage `json:"rejected_by"`
			Missed   map[string]json.RawMessage `json:"missed_by"`
		} `json:"session"`
		Settings struct {
			Ring ringJSON `json:"ring"`
		} `json:"settings"`
	} `json:"call"`
}

type ringJSON struct {
	AutoCancel int64 `json:"auto_cancel_timeout_ms"`
	Incoming   int64 `json:"incoming_call_timeout_ms"`
	Missed     int64 `json:"missed_call_timeout_ms"`
}

// memberJSON is a member object, or a bare id as call.member_removed has them.
type memberJSON struct{ id string }

// UnmarshalJSON never fails: what is no member has no id.
func (m *memberJSON) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		m.id = decode[string](b)
		return nil
	}
	o := decode[struct {
		UserID string `json:"user_id"`
		User   idJSON `json:"user"`
	}](b)
	m.id = o.UserID
	if m.id == "" {
		m.id = o.User.ID
	}
	return nil
}

func (j *callJSON) event() CallEvent {
	e := CallEvent{
		Type:       short(j.Type, maxWord),
		CID:        short(firstOf(j.CallCID, j.Call.CID), maxWord),
		SessionID:  short(firstOf(j.SessionID, j.Call.Session.ID, j.Call.CurrentSession), maxWord),
		By:         short(firstOf(j.User.ID, j.Participant.User.ID), maxWord),
		Creator:    short(j.Call.CreatedBy.ID, maxWord),
		Reason:     peerText(j.Reason),
		Accepted:   marked(j.Call.Session.Accepted),
		Rejected:   marked(j.Call.Session.Rejected),
		Missed:     marked(j.Call.Session.Missed),
		Video:      j.Video,
		Ended:      isSet(j.Call.EndedAt) || j.Type == wire.TypeCallEnded || j.Type == wire.TypeCallDeleted,
		AutoCancel: millis(j.Call.Settings.Ring.AutoCancel),
		Incoming:   millis(j.Call.Settings.Ring.Incoming),
		MissedIn:   millis(j.Call.Settings.Ring.Missed),
	}
	for _, m := range j.Members[:min(len(j.Members), maxList)] {
		if m.id != "" {
			e.Members = append(e.Members, short(m.id, maxWord))
		}
	}
	return e
}

// marked returns the users of a session mark in a stable order.
func marked(by map[string]json.RawMessage) []string {
	if len(by) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(by))
	ids = ids[:min(len(ids), maxList)]
	for i := range ids {
		ids[i] = short(ids[i], maxWord)
	}
	return ids
}

// isSet reports whether a timestamp is there, in either of the two forms.
func isSet(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", `""`, "0":
		return false
	}
	return true
}

// millis is a duration of the wire; absurd ones are as good as none.
func millis(n int64) time.Duration {
	if n <= 0 || n > int64(24*time.Hour/time.Millisecond) {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
