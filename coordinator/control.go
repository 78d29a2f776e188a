package coordinator

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"streamscope/internal/fault"
	"streamscope/internal/origin"
)

// controlPrefix is where programs beside the coordinator cause faults: tests of
// official clients, scripts.
const controlPrefix = "/_streamscope/"

// control serves the faults: POST arms one (a JSON object, or the text form in a
// JSON string) and answers with its id, GET lists them, DELETE disarms the one
// named by ?id=, or all. It answers nobody but programs on this machine: no
// page in a browser, however it got a name for this address.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	switch {
	case !local(r):
		writeJSON(w, http.StatusForbidden, map[string]string{"error": "only for programs on this machine"})
	case r.URL.Path != controlPrefix+"faults":
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "there is only " + controlPrefix + "faults"})
	case r.Method == http.MethodGet:
		s.listFaults(w)
	case r.Method == http.MethodPost:
		s.armFault(w, r)
	case r.Method == http.MethodDelete:
		s.disarmFaults(w, r)
	default:
		writeJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "use GET, POST or DELETE"})
	}
}

// local reports whether a request comes from a program on this machine. A
// listener in memory has no addresses and counts as local.
func local(r *http.Request) bool {
	if r.Header.Get("Origin") != "" {
		return false
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return !strings.Contains(r.RemoteAddr, ".")
	}
	ip, err := netip.ParseAddr(host)
	// A name that was made to point here is not one of ours.
	return err == nil && ip.IsLoopback() && origin.Local(origin.Hostname(r.Host))
}

func (s *Server) listFaults(w http.ResponseWriter) {
	type row struct {
		ID      string      `json:"id"`
		Fault   fault.Fault `json:"fault"`
		Text    string      `json:"text"`
		Strikes int         `json:"strikes"`
	}
	rows := []row{}
	for _, a := range s.Armed() {
		rows = append(rows, row{a.ID, a.Fault, a.Fault.String(), a.Strikes})
	}
	writeJSON(w, http.StatusOK, map[string]any{"faults": rows})
}

func (s *Server) armFault(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var f fault.Fault
	if err == nil {
		err = json.Unmarshal(body, &f)
	}
	if err == nil && closesPort(f) && f.For == 0 {
		err = errors.New("refuse-tcp needs for: it closes this port, and nobody could take it back")
	}
	var id string
	if err == nil {
		id, err = s.Arm(f)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusCreated, map[string]string{"id": id})
}

func (s *Server) disarmFaults(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	if id == "" {
		s.ClearFaults()
	} else if !s.Disarm(id) {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "no fault with that id"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{})
}
