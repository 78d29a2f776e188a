package memnet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/memnet"
)

func TestHTTPInsideABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := memnet.Listen("127.0.0.1:8800")
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(3 * time.Second)
			io.WriteString(w, "late")
		})}
		go srv.Serve(ln)
		client := &http.Client{Transport: &http.Transport{DialContext: ln.Dial}}
		start := time.Now()
		res, err := client.Get("http://127.0.0.1:8800/")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || string(body) != "late" {
			t.Errorf("the body arrives, got %q, %v", body, err)
		}
		if got := time.Since(start); got != 3*time.Second {
			t.Errorf("the server's delay is exact in virtual time, got %v", got)
		}
		res.Body.Close()
		client.CloseIdleConnections()
		srv.Close()
	})
}

func TestDialEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := memnet.Listen("mem:1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := ln.Dial(ctx, "", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a dial that nobody accepts ends with its context, got %v", err)
		}
	})
}

func TestClosedListenerRefuses(t *testing.T) {
	ln := memnet.Listen("mem:1")
	ln.Close()
	ln.Close()
	if _, err := ln.Dial(t.Context(), "", ""); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a dial to a closed listener is refused, got %v", err)
	}
	if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept on a closed listener ends, got %v", err)
	}
	if got := ln.Addr().String(); got != "mem:1" {
		t.Errorf("the address is the one given, got %s", got)
	}
}
