package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"streamscope/timeline"
)

func TestExitFor(t *testing.T) {
	for name, c := range map[string]struct {
		failure timeline.Failure
		want    int
	}{
		"name not found":           {timeline.Failure{Op: "dial", Stage: timeline.StageDNS}, exitUnreachable},
		"port refused":             {timeline.Failure{Op: "dial", Stage: timeline.StageTCP}, exitUnreachable},
		"certificate":              {timeline.Failure{Op: "dial", Stage: timeline.StageTLS}, exitUnreachable},
		"upgrade refused":          {timeline.Failure{Op: "dial", Stage: timeline.StageUpgrade, Status: 503}, exitUnreachable},
		"token source":             {timeline.Failure{Op: "token"}, exitToken},
		"API key":                  {timeline.Failure{Op: "auth", Code: 2, Status: 401}, exitToken},
		"token expired":            {timeline.Failure{Op: "auth", Code: 40, Status: 401}, exitToken},
		"signature":                {timeline.Failure{Op: "auth", Code: 43, Status: 401}, exitToken},
		"too many connections":     {timeline.Failure{Op: "auth", Code: 71, Status: 429}, exitFailed},
		"refused with close 1000":  {timeline.Failure{Op: "auth", Close: 1000}, exitFailed},
		"accepted, never answered": {timeline.Failure{Op: "auth", Stage: timeline.StageAuth}, exitTimeout},
		"lost before it was up":    {timeline.Failure{Op: "read", Close: 1006}, exitFailed},
		"guest, no answer":         {timeline.Failure{Op: "guest"}, exitUnreachable},
		"guest, refused":           {timeline.Failure{Op: "guest", Status: 500, Code: -1}, exitFailed},
		"guest, wrong API key":     {timeline.Failure{Op: "guest", Status: 401, Code: 2}, exitToken},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exitFor(c.failure); got != c.want {
				t.Errorf("exit code %d, got %d", c.want, got)
			}
		})
	}
}

func TestSettled(t *testing.T) {
	refused := &timeline.Failure{Op: "auth", Code: codeTokenExpired}
	dropped := &timeline.Failure{Op: "dial", Stage: timeline.StageTCP}
	attempt := func(n int, f *timeline.Failure) timeline.Attempt {
		return timeline.Attempt{N: n, Ended: time.Unix(1, 0), End: timeline.AttemptEnded{Failure: f}}
	}
	provider := timeline.SessionOpened{Refreshable: true}
	for name, c := range map[string]struct {
		session timeline.Session
		once    bool
		want    bool
	}{
		"connected":                             {timeline.Session{Conn: timeline.StateConnected}, true, true},
		"anonymous":                             {timeline.Session{Conn: timeline.StateNoSocket}, true, true},
		"stopped silently":                      {timeline.Session{Conn: timeline.StateStalled}, false, true},
		"dialing":                               {timeline.Session{Conn: timeline.StateDialing}, true, false},
		"a socket failed":                       {timeline.Session{Conn: timeline.StateBackoff, Attempt: attempt(1, dropped)}, true, true},
		"a socket failed, more were asked for":  {timeline.Session{Conn: timeline.StateBackoff, Attempt: attempt(1, dropped)}, false, false},
		"expired, the provider is asked again":  {timeline.Session{Opened: provider, Attempt: attempt(1, refused)}, true, false},
		"expired, static":                       {timeline.Session{Attempt: attempt(1, refused)}, true, true},
		"expired, and the provider's new token": {timeline.Session{Opened: provider, Attempt: attempt(2, refused)}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := settled(c.session, c.once); got != c.want {
				t.Errorf("the outcome is known: %v, got %v", c.want, got)
			}
		})
	}
}

func TestRenewStep(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	session := func(conn timeline.ConnState, left time.Duration, latest int) timeline.Session {
		return timeline.Session{Conn: conn, Token: timeline.TokenState{
			Wire:   timeline.TokenInfo{Number: 1, ExpiresAt: now.Add(left)},
			Latest: timeline.TokenInfo{Number: latest},
		}}
	}
	loading := session(timeline.StateConnected, time.Second, 1)
	loading.Token.Loading = true
	eternal := session(timeline.StateConnected, time.Hour, 1)
	eternal.Token.Wire.ExpiresAt = time.Time{}
	inCall := session(timeline.StateConnected, time.Second, 1)
	inCall.Calls = []timeline.Call{{State: timeline.CallingJoined}}
	deaf := session(timeline.StateConnected, time.Second, 1)
	deaf.Traps = []timeline.TrapSeen{{ID: "K1", At: now.Add(-time.Second)}}
	for name, c := range map[string]struct {
		session timeline.Session
		faults  int
		want    renewal
		again   time.Time
	}{
		"time enough":            {session(timeline.StateConnected, time.Minute, 1), 0, renewNothing, now.Add(50 * time.Second)},
		"soon":                   {session(timeline.StateConnected, renewMargin, 1), 0, renewLoad, time.Time{}},
		"being loaded":           {loading, 0, renewNothing, time.Time{}},
		"loaded, not on wire":    {session(timeline.StateConnected, 5*time.Second, 2), 0, renewReconnect, time.Time{}},
		"loaded early by hand":   {session(timeline.StateConnected, time.Minute, 2), 0, renewNothing, now.Add(50 * time.Second)},
		"not connected":          {session(timeline.StateBackoff, time.Second, 1), 0, renewNothing, time.Time{}},
		"broken on purpose":      {session(timeline.StateConnected, time.Second, 1), 1, renewNothing, time.Time{}},
		"deaf, in a trap":        {deaf, 0, renewNothing, time.Time{}},
		"in a call":              {inCall, 0, renewNothing, time.Time{}},
		"a token without expiry": {eternal, 0, renewNothing, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, again := renewStep(c.session, c.faults, now)
			if got != c.want || !again.Equal(c.again) {
				t.Errorf("the step is %v, again at %v; got %v, %v", c.want, c.again, got, again)
			}
		})
	}
}

func TestASCIILocale(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"no locale says nothing": {nil, false},
		"UTF-8":                  {map[string]string{"LANG": "en_US.UTF-8"}, false},
		"utf8":                   {map[string]string{"LC_CTYPE": "C.utf8"}, false},
		"C":                      {map[string]string{"LANG": "C"}, true},
		"LC_ALL wins":            {map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := asciiLocale(func(k string) string { return c.env[k] }); got != c.want {
				t.Errorf("ASCII only: %v, got %v", c.want, got)
			}
		})
	}
}

// TestReportForATerminal has bars and colours, and the words that it has without.
func TestReportForATerminal(t *testing.T) {
	yes, no := true, false
	r := checkReport{
		User: checkUser{ID: "sara", Type: timeline.Authenticated}, source: timeline.SourceDirect, baseURL: "https://video.example/video", apiKey: "k",
		Attempts: []checkAttempt{{N: 1, Stages: []checkStage{
			{Name: "token", MS: new(0.1), OK: &yes}, {Name: "dns", MS: new(10.0), OK: &yes}, {Name: "tcp", MS: new(30.0), OK: &no}, {Name: "tls"}}}},
		SLO:     []sloLimit{{Name: "connected", limit: 100 * time.Millisecond, MS: new(40.0), OK: true}},
		Verdict: "sara is not connected",
	}
	text := func(p paint) string {
		var b strings.Builder
		if err := r.writeText(&b, 80, p); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	bare := text(paint{})
	want := `sara (authenticated) · direct · https://video.example/video · key k

attempt 1
  token        0.10 ms  ok
  dns         10.00 ms  ok
  tcp         30.00 ms  FAILED
  tls                   ·

limits
  connected   40.00 ms  ok      at most 100ms

FAILED:   sara is not connected
`
	if diff := cmp.Diff(want, bare); diff != "" {
		t.Errorf("without a terminal (-want +got):\n%s", diff)
	}
	drawn := text(paint{colour: true, bar: "#"})
	for _, piece := range []string{"\x1b[32m#                     ", "\x1b[32m#####                 ", "\x1b[1;31m     ###############  ", "\x1b[1;31mFAILED:\x1b[0m"} {
		if !strings.Contains(drawn, piece) {
			t.Errorf("%q is in the report for a terminal:\n%q", piece, drawn)
		}
	}
	if got := strings.ReplaceAll(ansi.Strip(drawn), "#", " "); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(bare), " ") {
		t.Errorf("the words are the same:\n%s", got)
	}
}

func TestALostConnectionWasOne(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	for want, a := range map[string]timeline.Attempt{
		"is not connected": {Started: at, Ended: at.Add(time.Second)},
		"was connected and lost the connection after 1.5s": {Started: at, ConnectedAt: at, Ended: at.Add(1500 * time.Millisecond)},
		"was connected and lost the connection":            {Started: at, ConnectedAt: at},
	} {
		if got := badState(a); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
