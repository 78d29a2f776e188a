package timeline

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"streamscope/internal/wire"
)

// NewRequest makes the payload of a REST request: redacted, cut at
// [DefaultKeep], and with what the fold needs read from its body and query. The
// id ties it to its response. The payload may keep body.
func NewRequest(id, method string, u *url.URL, body []byte) HTTPRequest {
	r := HTTPRequest{ID: short(id, maxWord), Method: method}
	r.Body, _ = keepBody(body, 0)
	if u != nil {
		r.Path, r.Query = short(RedactText(u.Path), maxText), RedactText(u.RawQuery)
	}
	r.Op, r.CID = Operation(r.Method, r.Path)
	j := requestJSON{}
	if len(body) > 0 {
		j = decode[requestJSON](body)
	}
	switch r.Op {
	case OpGet:
		r.Ring, r.Video = queryTrue(u, "ring"), queryTrue(u, "video")
	case OpGetOrCreate, OpJoin:
		r.Ring, r.Video = j.Ring, j.Video
		r.Members = memberIDs(j.Data.Members)
	case OpRing:
		r.Ring, r.Video = true, j.Video
		r.Members = shortAll(j.MembersIDs)
	case OpReject:
		r.Reason = peerText(j.Reason)
	case OpQueryCalls:
		r.Watch = j.Watch
	case OpClientEvent:
		r.Reason = j.telemetry()
	}
	return r
}

// telemetry names the first step that the client tells about (protocol 10):
// "CoordinatorWS initiated".
func (j *requestJSON) telemetry() string {
	if len(j.Events) == 0 {
		return ""
	}
	return peerText(j.Events[0].Stage + " " + j.Events[0].Type)
}

type requestJSON struct {
	Ring       bool     `json:"ring"`
	Video      bool     `json:"video"`
	Watch      bool     `json:"watch"`
	Reason     string   `json:"reason"`
	MembersIDs []string `json:"members_ids"`
	Events     []struct {
		Stage string `json:"stage"`
		Type  string `json:"event_type"`
	} `json:"events"`
	Data struct {
		Members []memberJSON `json:"members"`
	} `json:"data"`
}

func queryTrue(u *url.URL, key string) bool { return u != nil && u.Query().Get(key) == "true" }

func memberIDs(members []memberJSON) []string {
	var ids []string
	for _, m := range members[:min(len(members), maxList)] {
		if m.id != "" {
			ids = append(ids, short(m.id, maxWord))
		}
	}
	return ids
}

func shortAll(ids []string) []string {
	var kept []string
	for _, id := range ids[:min(len(ids), maxList)] {
		kept = append(kept, short(id, maxWord))
	}
	return kept
}

// NewResponse makes the payload of the answer to a request. A status of 400 and
// more gives it a [Failure] with the error that the body holds (protocol 1.7);
// for a request that got no answer build an [HTTPResponse] with your own.
func NewResponse(req HTTPRequest, status int, took time.Duration, body []byte) HTTPResponse {
	r := HTTPResponse{
		ID: req.ID, Method: req.Method, Path: req.Path, CID: req.CID,
		Status: status, Took: took, Size: len(body),
	}
	r.Body, _ = keepBody(body, 0)
	if status >= http.StatusBadRequest {
		r.readError(body)
		return r
	}
	switch req.Op {
	case OpGetOrCreate, OpGet, OpJoin, OpUpdate:
		j := decode[callJSON](body)
		if j.Call.CID != "" {
			e := j.event()
			r.Call = &e
		}
	case OpRingState:
		r.Call = ringState(req.CID, body)
	case OpGuest:
		r.User = short(decode[struct {
			User struct {
				ID string `json:"id"`
			} `json:"user"`
		}](body).User.ID, maxWord)
	}
	return r
}

// ringState reads what the caller polls while a ring is pending (protocol 5.1).
func ringState(cid string, body []byte) *CallEvent {
	j := decode[struct {
		Creator   string                     `json:"created_by_user_id"`
		SessionID string                     `json:"session_id"`
		Accepted  map[string]json.RawMessage `json:"accepted_by"`
		Rejected  map[string]json.RawMessage `json:"rejected_by"`
		Missed    map[string]json.RawMessage `json:"missed_by"`
		EndedAt   json.RawMessage            `json:"call_ended_at"`
	}](body)
	return &CallEvent{
		CID: cid, SessionID: short(j.SessionID, maxWord), Creator: short(j.Creator, maxWord),
		Accepted: marked(j.Accepted), Rejected: marked(j.Rejected), Missed: marked(j.Missed), Ended: isSet(j.EndedAt),
	}
}

func (r *HTTPResponse) readError(body []byte) {
	j := decode[struct {
		Code          *int   `json:"code"`
		Message       string `json:"message"`
		Unrecoverable bool   `json:"unrecoverable"`
	}](body)
	r.Unrecoverable = j.Unrecoverable
	failure := &Failure{Op: "http", Status: r.Status, Reason: peerText(j.Message)}
	if j.Code == nil {
		failure.SDKText = "Stream error code undefined: undefined"
	} else {
		r.Code, failure.Code = *j.Code, *j.Code
		if c := wire.Code(*j.Code); c.Known() {
			failure.Name = c.String()
		}
		failure.SDKText = "Stream error code " + strconv.Itoa(*j.Code) + ": " + failure.Reason
	}
	r.Failure = failure
}
