package replay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/memnet"
	"streamscope/record"
	"streamscope/timeline"
)

var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// tape writes a recording line by line, as a session does, and reads it back.
type tape struct {
	t       *testing.T
	out     bytes.Buffer
	w       *timeline.Writer
	seq     uint64
	session string
}

func newTape(t *testing.T) *tape {
	t.Helper()
	p := &tape{t: t, session: "sara"}
	w, err := timeline.NewWriter(&p.out, timeline.Header{Tool: "test", Start: start, User: "sara"})
	if err != nil {
		t.Fatal(err)
	}
	p.w = w
	return p
}

// at writes payloads of an attempt, at milliseconds from the start.
func (p *tape) at(ms, attempt int, payloads ...timeline.Payload) {
	p.t.Helper()
	for _, each := range payloads {
		p.seq++
		offset := time.Duration(ms) * time.Millisecond
		e := timeline.Event{Seq: p.seq, Time: start.Add(offset), Offset: offset, Session: p.session, Attempt: attempt, Payload: each}
		if err := p.w.WriteEvent(e); err != nil {
			p.t.Fatal(err)
		}
	}
}

// opened writes a session of a user.
func (p *tape) opened(user string) {
	p.session = user
	p.at(0, 0, timeline.SessionOpened{
		Source: timeline.SourceDirect, BaseURL: "https://video.example/video", Policy: timeline.PolicySDK,
		User: timeline.User{ID: user, Type: timeline.Authenticated},
	})
}

// upgraded writes a socket up to its auth frame, 10 ms after its beginning.
func (p *tape) upgraded(ms, attempt int) {
	p.at(ms, attempt,
		timeline.AttemptStarted{URL: "wss://video.example/video/connect"},
		timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Started})
	p.at(ms+10, attempt,
		timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Passed, Status: 101, Took: 10 * time.Millisecond},
		said(timeline.Out, `{"token":"eyJ….….…abcdef","user_details":{"id":"`+p.session+`"}}`))
}

// events reads the recording with the reader that the program has.
func (p *tape) events() []timeline.Event {
	p.t.Helper()
	src, err := record.OpenReader("tape", bytes.NewReader(p.out.Bytes()))
	if err != nil {
		p.t.Fatal(err)
	}
	store := timeline.NewStore(timeline.Options{Start: start})
	if _, err := src.Load(context.Background(), record.Stores{Timeline: store}, nil); err != nil {
		p.t.Fatal(err)
	}
	return slices.Collect(store.All())
}

func said(dir timeline.Direction, body string) timeline.Frame {
	f, _ := timeline.DecodeFrame(dir, "text", []byte(body), 0)
	return f
}

// stage is a server that plays a tape, in a bubble.
type stage struct {
	t      *testing.T
	ln     *memnet.Listener
	client *http.Client
	srv    *Server
}

// playing runs a test against a server of the tape, and waits for the end of all
// that was started.
func playing(t *testing.T, speed float64, write func(*tape), test func(*testing.T, *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		tape := newTape(t)
		write(tape)
		s := &stage{t: t, ln: memnet.Listen("127.0.0.1:8800")}
		s.srv = &Server{Script: NewScript(slices.Values(tape.events())), Speed: speed}
		transport := &http.Transport{DialContext: s.ln.Dial}
		s.client = &http.Client{Transport: transport}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.srv.Serve(ctx, s.ln) }()
		test(t, s)
		transport.CloseIdleConnections()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("a server that was stopped has not failed: %v", err)
		}
	})
}

// dial opens a socket; the status is that of the answer, 0 for none.
func (s *stage) dial() (*websocket.Conn, int) {
	s.t.Helper()
	ws, resp, err := websocket.Dial(s.t.Context(), "ws://127.0.0.1:8800/video/connect?api_key=k", &websocket.DialOptions{HTTPClient: s.client})
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	if err != nil {
		return nil, status
	}
	return ws, status
}

// connect opens a socket and says who it is.
func (s *stage) connect(user string) *websocket.Conn {
	s.t.Helper()
	ws, status := s.dial()
	if ws == nil {
		s.t.Fatalf("the upgrade of %s is refused with %d", user, status)
	}
	auth := `{"token":"x","user_details":{"id":"` + user + `"}}`
	if err := ws.Write(s.t.Context(), websocket.MessageText, []byte(auth)); err != nil {
		s.t.Fatal(err)
	}
	return ws
}

// heard is a message and when it came.
type heard struct {
	After time.Duration
	Body  string
}

// listen reads until the end and returns the messages, and the close code with
// its reason; 1006 for a loss.
func (s *stage) listen(ws *websocket.Conn) (all []heard, end heard, code int) {
	began := time.Now()
	for {
		_, body, err := ws.Read(s.t.Context())
		after := time.Since(began)
		if err == nil {
			all = append(all, heard{after, string(body)})
			continue
		}
		ws.CloseNow()
		if frame, ok := errors.AsType[websocket.CloseError](err); ok {
			return all, heard{after, frame.Reason}, int(frame.Code)
		}
		return all, heard{after, ""}, abnormal
	}
}

// ask makes a request; the status is 0 when there is no answer.
func (s *stage) ask(method, path, token string) (status int, body string, took time.Duration) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, "http://127.0.0.1:8800"+path, strings.NewReader("{}"))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", token)
	began := time.Now()
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, "", time.Since(began)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(text), time.Since(began)
}
