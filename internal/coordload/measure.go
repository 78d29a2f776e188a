//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/token"
	"streamscope/internal/wire"
)

// measure takes both measurements, each of a server that is fresh.
func (o options) measure(ctx context.Context) (m measured, err error) {
	if err := o.withServer(ctx, func(s *server) error { return o.measureIdle(ctx, s, &m) }); err != nil {
		return m, err
	}
	return m, o.withServer(ctx, func(s *server) error { return o.measureFanOut(ctx, s, &m) })
}

func (o options) withServer(ctx context.Context, do func(*server) error) error {
	s, err := start(ctx, o.bin)
	if err != nil {
		return err
	}
	defer s.stop()
	return do(s)
}

// measureIdle connects users who then do nothing.
func (o options) measureIdle(ctx context.Context, s *server, m *measured) (err error) {
	if m.rest, err = s.memory(); err != nil {
		return err
	}
	users := make([]user, o.conns)
	for i := range users {
		if users[i], err = s.user(i); err != nil {
			return err
		}
	}
	began := time.Now()
	sockets, err := o.connectAll(ctx, s, users)
	defer closeAll(sockets)
	if err != nil {
		return err
	}
	m.connects = float64(o.conns) / time.Since(began).Seconds()
	pause := time.NewTimer(o.pause)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	m.idle, err = s.memory()
	return err
}

// measureFanOut sends events to one user with many sockets, each when the one
// before has reached all of them.
func (o options) measureFanOut(ctx context.Context, s *server, m *measured) error {
	one, err := s.user(0)
	if err != nil {
		return err
	}
	sockets, err := o.connectAll(ctx, s, slices.Repeat([]user{one}, o.fanOut))
	defer closeAll(sockets)
	if err != nil {
		return err
	}
	if err := s.post(ctx, "/call/default/load", one, ""); err != nil {
		return err
	}
	arrived := make(chan time.Time, o.fanOut)
	failed := make(chan error, o.fanOut)
	for _, ws := range sockets {
		go func() {
			for {
				_, data, err := ws.Read(ctx)
				if err != nil {
					failed <- err
					return
				}
				if wire.SniffType(data) == wire.TypeCustom {
					arrived <- time.Now()
				}
			}
		}()
	}
	var took []time.Duration
	for range o.events {
		sent := time.Now()
		if err := s.post(ctx, "/call/default/load/event", one, `{"custom":{"n":1}}`); err != nil {
			return err
		}
		for range o.fanOut {
			select {
			case at := <-arrived:
				took = append(took, at.Sub(sent))
			case err := <-failed:
				return err
			}
		}
	}
	slices.Sort(took)
	m.p50, m.p99 = ms(took[len(took)/2]), ms(took[len(took)*99/100])
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// user is who connects.
type user struct{ id, token string }

func (s *server) user(i int) (user, error) {
	id := fmt.Sprintf("user-%d", i)
	signed, err := token.Sign(s.Secret, token.Options{UserID: id, TTL: time.Hour})
	return user{id, signed}, err
}

// connectAll opens a socket for each user, several at a time. It returns those
// that are open also when it fails.
func (o options) connectAll(ctx context.Context, s *server, users []user) ([]*websocket.Conn, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var (
		workers sync.WaitGroup
		mu      sync.Mutex
		sockets []*websocket.Conn
	)
	work := make(chan user)
	for range o.workers {
		workers.Go(func() {
			for u := range work {
				ws, err := s.connect(ctx, u)
				if err != nil {
					stop(err)
					continue
				}
				mu.Lock()
				sockets = append(sockets, ws)
				mu.Unlock()
			}
		})
	}
	for _, u := range users {
		work <- u
	}
	close(work)
	workers.Wait()
	return sockets, context.Cause(ctx)
}

// connect opens a socket and waits for connection.ok.
func (s *server) connect(ctx context.Context, u user) (*websocket.Conn, error) {
	url := "ws" + strings.TrimPrefix(s.BaseURL, "http") + "/connect?api_key=" + s.APIKey + "&stream-auth-type=jwt&X-Stream-Client=coordload"
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	auth, err := json.Marshal(wire.AuthMessage{Token: wire.Secret(u.token), UserDetails: wire.UserDetails{ID: u.id}})
	if err == nil {
		err = ws.Write(ctx, websocket.MessageText, auth)
	}
	if err == nil {
		var data []byte
		if _, data, err = ws.Read(ctx); err == nil && wire.SniffType(data) != wire.TypeConnectionOK {
			err = fmt.Errorf("connect: got %s", wire.Clean(string(data)))
		}
	}
	if err != nil {
		ws.CloseNow()
		return nil, err
	}
	return ws, nil
}

func closeAll(sockets []*websocket.Conn) {
	for _, ws := range sockets {
		ws.CloseNow()
	}
}

func (s *server) post(ctx context.Context, path string, by user, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.BaseURL+path+"?api_key="+s.APIKey, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", by.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("POST %s: %s", path, res.Status)
	}
	return nil
}
