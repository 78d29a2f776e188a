package coordinator

import (
	"strings"
	"testing"
	"time"

	"streamscope/internal/wire"
)

func TestRESTFaults(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		token := w.srv.Token("sara", 0)
		get := func(path string) (answer, error) { return w.do("GET", path, token, "") }
		w.arm("rest-error:code=40,count=2")
		for range 2 {
			if a, err := get("/video/edges"); err != nil || a.status != 401 || a.apiError(t).Code != 40 {
				t.Errorf("40, as often as said, got %v %v", a.status, err)
			}
		}
		if a, err := get("/video/edges"); err != nil || a.status != 200 {
			t.Errorf("and no more, got %v %v", a.status, err)
		}
		w.arm("rest-error:code=9,retry_after=1500ms,count=1")
		if a, err := get("/video/edges"); err != nil || a.status != 429 || a.header.Get("Retry-After") != "2" || a.header.Get("X-Ratelimit-Reset") == "" {
			t.Errorf("a limit says when to come back, got %v %v %v", a.status, a.header, err)
		}
		w.arm("rest-html:count=1")
		if a, err := get("/video/edges"); err != nil || a.status != 502 || !strings.Contains(string(a.body), "<html>") {
			t.Errorf("HTML instead of JSON, got %v %v", a.status, err)
		}
		w.arm("rest-error:count=1,path=/edges")
		if a, err := get("/video/devices"); err != nil || a.status != 200 {
			t.Errorf("a path spares the others, got %v %v", a.status, err)
		}
		if a, err := get("/video/edges"); err != nil || a.status != 500 || a.apiError(t).Code != wire.CodeInternal {
			t.Errorf("and an error without a code is -1, got %v %v", a.status, err)
		}
		w.arm("slow:latency=3s,count=1")
		start := time.Now()
		if _, err := get("/video/devices"); err != nil || time.Since(start) != 3*time.Second {
			t.Errorf("a slow answer takes its time, got %v %v", time.Since(start), err)
		}
	})
}

func TestRESTHangAndReset(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("rest-reset:path=/call")
		if a, err := w.do("POST", "/video/call/default/c1", w.srv.Token("sara", 0), ""); err == nil {
			t.Errorf("a reset is no answer, got %v", a.status)
		}
		w.srv.ClearFaults()
		w.arm("rest-hang:path=/call")
		w.http.Timeout = 5 * time.Second
		start := time.Now()
		if a, err := w.do("POST", "/video/call/default/c1", w.srv.Token("sara", 0), ""); err == nil || time.Since(start) != 5*time.Second {
			t.Errorf("a request that hangs ends with the client's patience, got %v after %v", a.status, time.Since(start))
		}
	})
}

func TestTelemetryIsSpared(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("rest-error:count=1")
		report := func() int {
			a, err := w.do("POST", "/video/call_client_event", "", `{"events":[{"stage":"CoordinatorWS","user_id":"sara"}]}`)
			if err != nil {
				t.Fatal(err)
			}
			return a.status
		}
		if got := report(); got != 201 {
			t.Errorf("telemetry does not use up the stroke, got %d", got)
		}
		w.srv.ClearFaults()
		w.arm("rest-error:path=call_client_event,status=403,code=17")
		if got := report(); got != 403 {
			t.Errorf("unless it is named, got %d", got)
		}
		if got := w.noted(Telemetry); len(got) != 1 || got[0] != "telemetry sara" {
			t.Errorf("what it says is passed on, got %q", got)
		}
	})
}

func TestSlowAnswers(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("slow:rate=100,count=1")
		start := time.Now()
		a := w.as("sara", "GET", "/video/edges", "", 200)
		if took, want := time.Since(start), time.Duration(len(a.body))*10*time.Millisecond; took != want {
			t.Errorf("a rate holds an answer up by its size, got %v, want %v", took, want)
		}
		w.arm("slow:latency=2s,count=1")
		start = time.Now()
		w.dial("", "").close()
		if took := time.Since(start); took < 2*time.Second {
			t.Errorf("the upgrade is an answer too, got %v", took)
		}
	})
}
