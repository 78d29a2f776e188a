package coordinator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
)

// rig is a coordinator on a loopback port.
type rig struct {
	srv  *Server
	url  string
	addr string
}

func newRig(b *testing.B) *rig {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	r := &rig{srv: &Server{}, addr: ln.Addr().String()}
	r.url = "ws://" + r.addr + "/video/connect?api_key=" + DefaultAPIKey
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.srv.Serve(ctx, ln) }()
	b.Cleanup(func() {
		r.srv.Close()
		cancel()
		if err := <-served; err != nil {
			b.Error(err)
		}
	})
	return r
}

func (r *rig) connect(b *testing.B, user, token string) *websocket.Conn {
	ws, _, err := websocket.Dial(context.Background(), r.url, nil)
	if err != nil {
		b.Fatal(err)
	}
	ws.SetReadLimit(-1)
	auth := `{"token":"` + token + `","user_details":{"id":"` + user + `"}}`
	if err := ws.Write(context.Background(), websocket.MessageText, []byte(auth)); err != nil {
		b.Fatal(err)
	}
	if _, data, err := ws.Read(context.Background()); err != nil || wire.SniffType(data) != wire.TypeConnectionOK {
		b.Fatalf("connect: %s, %v", data, err)
	}
	return ws
}

// BenchmarkConnect is a whole connect with the client's half of the work:
// dial, upgrade, token, connection.ok, and the end. Budget: 1 ms (1,000 a
// second) on two shared cores.
func BenchmarkConnect(b *testing.B) {
	r := newRig(b)
	token := r.srv.Token("sara", 0)
	b.ReportAllocs()
	for b.Loop() {
		r.connect(b, "sara", token).CloseNow()
	}
}

// BenchmarkPing is a health check there and back over loopback. Budget: 100 µs.
func BenchmarkPing(b *testing.B) {
	r := newRig(b)
	ws := r.connect(b, "sara", r.srv.Token("sara", 0))
	defer ws.CloseNow()
	ping := []byte(`[{"type":"health.check","client_id":"sara--1"}]`)
	b.ReportAllocs()
	for b.Loop() {
		if err := ws.Write(context.Background(), websocket.MessageText, ping); err != nil {
			b.Fatal(err)
		}
		if _, _, err := ws.Read(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFanOut is one call event to every watcher, until the last has it.
// Budget: 20 µs a watcher.
func BenchmarkFanOut(b *testing.B) {
	for _, watchers := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("watchers=%d", watchers), func(b *testing.B) {
			r := newRig(b)
			token := r.srv.Token("sara", 0)
			arrived := make(chan struct{}, watchers)
			for range watchers {
				ws := r.connect(b, "sara", token)
				b.Cleanup(func() { ws.CloseNow() })
				go func() {
					for {
						if _, _, err := ws.Read(context.Background()); err != nil {
							return
						}
						arrived <- struct{}{}
					}
				}()
			}
			if _, err := r.srv.Ring("sara", []string{"jack"}, RingOptions{ID: "c1"}); err != nil {
				b.Fatal(err)
			}
			for range watchers {
				<-arrived // call.created; its maker is not rung
			}
			p := principal{userID: "sara"}
			b.ReportAllocs()
			for b.Loop() {
				if fail := r.srv.customEvent(p, "default:c1", wire.Custom{"n": 1}); fail != nil {
					b.Fatal(fail.Message)
				}
				for range watchers {
					<-arrived
				}
			}
		})
	}
}

// BenchmarkIdle reports the memory of a connection that does nothing, its
// client's half in the same process included. Budget: 40 kB for the server's
// half (10,000 in 400 MB).
func BenchmarkIdle(b *testing.B) {
	r := newRig(b)
	token := r.srv.Token("sara", 0)
	before := inUse()
	var conns []*websocket.Conn
	for b.Loop() {
		conns = append(conns, r.connect(b, "sara", token))
	}
	b.ReportMetric(float64(inUse()-before)/float64(len(conns)), "B/conn")
	for _, ws := range conns {
		ws.CloseNow()
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// BenchmarkRequest is a get-or-create over loopback. Budget: 600 µs.
func BenchmarkRequest(b *testing.B) {
	r := newRig(b)
	token := r.srv.Token("sara", time.Hour)
	client := &http.Client{}
	defer client.CloseIdleConnections()
	b.ReportAllocs()
	for b.Loop() {
		req, err := http.NewRequest(http.MethodPost, "http://"+r.addr+"/video/call/default/c1?api_key="+DefaultAPIKey, nil)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		res, err := client.Do(req)
		if err != nil || res.StatusCode != http.StatusCreated {
			b.Fatal(res, err)
		}
		res.Body.Close()
	}
}
