package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"streamscope/internal/memnet"
	"streamscope/session"
	"streamscope/timeline"
)

// edge is a server in memory and what a dial to it reported.
type edge struct {
	t      *testing.T
	ln     *memnet.Listener
	srv    *http.Server
	dialer session.WebSocketDialer
	stages []timeline.StageChanged
}

// inBubble runs a test against a server whose handler is given.
func inBubble(t *testing.T, handler http.HandlerFunc, test func(*testing.T, *edge)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := &edge{t: t, ln: memnet.Listen("127.0.0.1:8800"), srv: &http.Server{Handler: handler}}
		go e.srv.Serve(e.ln)
		e.dialer.DialContext = e.ln.Dial
		test(t, e)
		e.srv.Close()
	})
}

func (e *edge) dial(ctx context.Context, address string) (session.Conn, error) {
	e.t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		e.t.Fatal(err)
	}
	return e.dialer.Dial(ctx, session.DialRequest{URL: target, Header: http.Header{"X-Test": {"1"}}},
		func(s timeline.StageChanged) { e.stages = append(e.stages, s) })
}

func (e *edge) mustDial() session.Conn {
	e.t.Helper()
	conn, err := e.dial(e.t.Context(), "ws://127.0.0.1:8800/video/connect?api_key=k")
	if err != nil {
		e.t.Fatalf("the dial succeeds, got %v", err)
	}
	return conn
}

func (e *edge) wantStages(expectation string, want ...string) {
	e.t.Helper()
	var got []string
	for _, s := range e.stages {
		got = append(got, fmt.Sprintf("%s %s", s.Stage, s.Progress))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		e.t.Errorf("%s (-want +got):\n%s", expectation, diff)
	}
}

func wantError(t *testing.T, expectation string, err error, want session.Error) {
	t.Helper()
	got, ok := errors.AsType[*session.Error](err)
	if !ok {
		t.Fatalf("%s: want a session error, got %v", expectation, err)
	}
	bare := *got
	bare.Err = nil
	if diff := cmp.Diff(want, bare); diff != "" {
		t.Errorf("%s: %v (-want +got):\n%s", expectation, err, diff)
	}
}

// accept upgrades and hands the socket to the peer of a test.
func accept(peer func(ctx context.Context, c *websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			return
		}
		defer c.CloseNow()
		peer(r.Context(), c)
	}
}

// echo sends back what it reads until the socket ends.
func echo(ctx context.Context, c *websocket.Conn) {
	c.SetReadLimit(-1)
	for {
		kind, data, err := c.Read(ctx)
		if err != nil || c.Write(ctx, kind, data) != nil {
			return
		}
	}
}

func TestDialReportsEachStageAndCarriesMessages(t *testing.T) {
	var got http.Header
	inBubble(t, func(w http.ResponseWriter, r *http.Request) { got = r.Header; accept(echo)(w, r) }, func(t *testing.T, e *edge) {
		conn := e.mustDial()
		defer conn.Abort()
		e.wantStages("a plain target has no name to resolve and no TLS",
			"dns skipped", "tcp started", "tcp passed", "tls skipped", "upgrade started", "upgrade passed")
		if up := e.stages[5]; up.Status != 101 || up.Detail != "101 Switching Protocols, permessage-deflate" {
			t.Errorf("the upgrade tells its status and the extension, got %+v", up)
		}
		if got.Get("X-Test") != "1" || got.Get("User-Agent") != "" || got.Get("Accept-Encoding") != "" {
			t.Errorf("only the given headers are sent, got %v", got)
		}
		for _, m := range []session.Message{
			{Data: []byte(`{"type":"health.check"}`)},
			{Binary: true, Data: []byte{0, 1, 2}},
			{Data: bytes.Repeat([]byte("long "), 1<<16)},
		} {
			if err := conn.Write(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			back, err := conn.Read(t.Context())
			if err != nil || back.Binary != m.Binary || !bytes.Equal(back.Data, m.Data) {
				t.Errorf("a message of %d bytes comes back as it was, got %d bytes, %v", len(m.Data), len(back.Data), err)
			}
		}
	})
}

func TestCloseCodesOfThePeer(t *testing.T) {
	for name, tc := range map[string]struct {
		peer func(context.Context, *websocket.Conn)
		want session.Error
	}{
		"a code and a reason": {
			func(_ context.Context, c *websocket.Conn) { c.Close(4001, "bye\x1b[2J") },
			session.Error{Op: "read", Close: 4001, Reason: `bye\x1b[2J`}},
		"a clean close": {
			func(_ context.Context, c *websocket.Conn) { c.Close(1000, "") },
			session.Error{Op: "read", Close: 1000}},
		"a close frame without a code": {
			func(_ context.Context, c *websocket.Conn) { c.Close(1005, "") },
			session.Error{Op: "read", Close: 1005}},
		"no close frame": {
			func(_ context.Context, c *websocket.Conn) { c.CloseNow() },
			session.Error{Op: "read", Close: 1006}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, accept(tc.peer), func(t *testing.T, e *edge) {
				conn := e.mustDial()
				_, err := conn.Read(t.Context())
				wantError(t, "the read ends with the peer's code", err, tc.want)
				if err := conn.Write(t.Context(), session.Message{Data: []byte("x")}); err == nil {
					t.Error("a socket that is gone takes no message")
				}
				conn.Abort()
			})
		})
	}
}

func TestReadLimitSaysSo(t *testing.T) {
	inBubble(t, accept(func(ctx context.Context, c *websocket.Conn) {
		c.Write(ctx, websocket.MessageText, bytes.Repeat([]byte("x"), 101))
		c.Read(ctx)
	}), func(t *testing.T, e *edge) {
		e.dialer.ReadLimit = 100
		conn := e.mustDial()
		_, err := conn.Read(t.Context())
		wantError(t, "a message over the limit is a loss", err, session.Error{Op: "read", Close: 1006})
		if !errors.Is(err, session.ErrTooBig) {
			t.Errorf("the error says that the message was too big, got %v", err)
		}
	})
}

func TestReadAndWriteEndWithTheirContext(t *testing.T) {
	silent := accept(func(ctx context.Context, c *websocket.Conn) { <-ctx.Done() })
	inBubble(t, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
		defer cancel()
		silent(w, r.WithContext(ctx))
	}, func(t *testing.T, e *edge) {
		conn := e.mustDial()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, err := conn.Read(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("a read ends when its context does, got %v after %v", err, time.Since(start))
		}
		conn = e.mustDial()
		ctx, cancel = context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start = time.Now()
		err = conn.Write(ctx, session.Message{Data: bytes.Repeat([]byte("x"), 1<<20)})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("a write that nobody takes ends when its context does, got %v after %v", err, time.Since(start))
		}
		time.Sleep(time.Minute)
	})
}

func TestCloseWaitsForTheAnswerAndNoLongerThanItsContext(t *testing.T) {
	seen := make(chan websocket.CloseError, 1)
	inBubble(t, accept(func(ctx context.Context, c *websocket.Conn) {
		_, _, err := c.Read(ctx)
		frame, _ := errors.AsType[websocket.CloseError](err)
		seen <- frame
	}), func(t *testing.T, e *edge) {
		conn := e.mustDial()
		if err := conn.Close(t.Context(), 1005, "ignored"); err != nil {
			t.Errorf("an answered close succeeds, got %v", err)
		}
		if got := <-seen; got.Code != 1005 || got.Reason != "" {
			t.Errorf("code 1005 is a close frame without a payload, got %v", got)
		}
		if err := conn.Close(t.Context(), 1000, ""); err != nil {
			t.Errorf("closing again is nothing, got %v", err)
		}
		conn.Abort()

		conn = e.mustDial()
		if err := conn.Close(t.Context(), 1000, strings.Repeat("é", 100)); err != nil {
			t.Errorf("a long reason does not stop a close, got %v", err)
		}
		if got := <-seen; got.Code != 1000 || got.Reason != strings.Repeat("é", 61) {
			t.Errorf("a long reason is cut between characters, got %v", got)
		}
	})

	inBubble(t, accept(func(context.Context, *websocket.Conn) { time.Sleep(time.Minute) }), func(t *testing.T, e *edge) {
		conn := e.mustDial()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := conn.Close(ctx, 1000, "bye")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("a close that nobody answers ends with its context, got %v after %v", err, time.Since(start))
		}
		time.Sleep(time.Minute)
	})
}

func TestARefusedUpgradeTellsStatusAndBody(t *testing.T) {
	inBubble(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://login.example.test")
		w.WriteHeader(http.StatusFound)
		w.Write([]byte("go\x07 there"))
	}, func(t *testing.T, e *edge) {
		_, err := e.dial(t.Context(), "ws://127.0.0.1:8800/")
		wantError(t, "redirects are not followed and the body is cleaned", err, session.Error{Op: "dial", Stage: timeline.StageUpgrade,
			Status: 302, Reason: `redirects to https://login.example.test: go\x07 there`})
		e.wantStages("the lane stops at the upgrade",
			"dns skipped", "tcp started", "tcp passed", "tls skipped", "upgrade started", "upgrade failed")
		if f := e.stages[5].Failure; f == nil || f.Status != 302 || f.Text != "upgrade refused" {
			t.Errorf("the stage carries the failure, got %+v", f)
		}
	})
}

func TestADialEndsWithItsContextInEveryStage(t *testing.T) {
	for name, tc := range map[string]struct {
		address string
		dial    func(*edge) func(context.Context, string, string) (net.Conn, error)
		want    timeline.Stage
	}{
		"connecting": {"ws://127.0.0.1:8800/", func(*edge) func(context.Context, string, string) (net.Conn, error) {
			return func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
		}, timeline.StageTCP},
		"shaking hands": {"wss://127.0.0.1:8800/", silentServer, timeline.StageTLS},
		"upgrading":     {"ws://127.0.0.1:8800/", silentServer, timeline.StageUpgrade},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, e *edge) {
				e.dialer.DialContext = tc.dial(e)
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				start := time.Now()
				_, err := e.dial(ctx, tc.address)
				wantError(t, "the stage that hung is named", err, session.Error{Op: "dial", Stage: tc.want})
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 15*time.Second {
					t.Errorf("the dial ends with its context, got %v after %v", err, time.Since(start))
				}
				last := e.stages[len(e.stages)-1]
				if last.Stage != tc.want || last.Progress != timeline.Failed || last.Took != 15*time.Second {
					t.Errorf("the lane stops there, got %+v", last)
				}
			})
		})
	}
}

// silentServer takes connections and says nothing.
func silentServer(e *edge) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			for buf := make([]byte, 1024); ; {
				if _, err := far.Read(buf); err != nil {
					return
				}
			}
		}()
		return addressed{near}, nil
	}
}

// addressed is a pipe with an address.
type addressed struct{ net.Conn }

func (addressed) RemoteAddr() net.Addr { return memnet.Addr("127.0.0.1:8800") }

func TestARefusedConnectionAndAnUnknownNameNameTheirStage(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	ln.Close()
	var stages []string
	trace := func(s timeline.StageChanged) { stages = append(stages, s.Stage.String()+" "+string(s.Progress)) }
	_, err = new(session.WebSocketDialer).Dial(t.Context(), session.DialRequest{URL: &url.URL{Scheme: "ws", Host: address}}, trace)
	wantError(t, "a refused connection is of the stage tcp", err, session.Error{Op: "dial", Stage: timeline.StageTCP})
	want := []string{"dns skipped", "tcp started", "tcp failed"}
	if diff := cmp.Diff(want, stages); diff != "" {
		t.Errorf("an address needs no name service:\n%s", diff)
	}
	if !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("the cause is kept, got %v", err)
	}

	refusing := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "nowhere.test", IsNotFound: true}}
	}
	_, err = (&session.WebSocketDialer{DialContext: refusing}).Dial(t.Context(),
		session.DialRequest{URL: &url.URL{Scheme: "wss", Host: "nowhere.test"}}, nil)
	wantError(t, "an unknown name is of the stage dns, whoever looked", err, session.Error{Op: "dial", Stage: timeline.StageDNS})
}
