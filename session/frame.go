package session

import (
	"encoding/json"
	"log/slog"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// frame is a message of the server, decoded once.
type frame struct {
	event timeline.Frame
	call  *timeline.CallEvent
	data  []byte
	text  bool // a text frame: binary ones are a sign of life and nothing else
	json  bool

	connectionID string
	meID         string
	createdAt    time.Time
	problem      *wire.APIError // of a connection.error
}

// readFrame decodes what the machine itself needs; the rest is the fold's.
func readFrame(msg Message) frame {
	op := "text"
	if msg.Binary {
		op = "binary"
	}
	f := frame{data: msg.Data, text: !msg.Binary}
	f.event, f.call = timeline.DecodeFrame(timeline.In, op, msg.Data, maxBodyKept)
	f.json = f.event.Bad != timeline.BadJSON
	if !f.text || !f.json {
		return f
	}
	switch f.event.Type {
	case wire.TypeConnectionOK:
		var ok struct {
			ConnectionID string    `json:"connection_id"`
			CreatedAt    wire.Time `json:"created_at"`
			Me           struct {
				ID string `json:"id"`
			} `json:"me"`
		}
		if json.Unmarshal(msg.Data, &ok) == nil {
			f.connectionID, f.meID, f.createdAt = ok.ConnectionID, ok.Me.ID, ok.CreatedAt.Time
		}
	case wire.TypeConnectionError:
		var refusal struct {
			CreatedAt wire.Time      `json:"created_at"`
			Error     *wire.APIError `json:"error"`
		}
		if json.Unmarshal(msg.Data, &refusal) == nil || refusal.Error != nil {
			f.problem, f.createdAt = refusal.Error, refusal.CreatedAt.Time
		}
	}
	return f
}

// dispatch hands an event to the client's listeners: the calls it is about, and
// the client itself.
func (m *machine) dispatch(attempt int, f frame) {
	m.log(slog.LevelDebug, scopeCoordinator, "Dispatching event: "+wire.Clean(f.event.Type))
	if f.call == nil {
		return
	}
	m.emit(attempt, *f.call)
	m.callEvent(f)
}
