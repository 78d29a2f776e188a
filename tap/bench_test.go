package tap

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"streamscope/logsink"
	"streamscope/timeline"
)

// echo is an upstream on a real port. It sends what it is sent, or as many messages
// as the first message asks for with its length.
func echo(b *testing.B, flood int) *url.URL {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	event := []byte(`{"type":"custom","created_at":"2026-01-02T03:04:05Z","call_cid":"default:c1","custom":{"padding":"` + strings.Repeat("x", 100) + `"}}`)
	srv := &http.Server{ErrorLog: discard, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		for {
			kind, data, err := ws.Read(context.Background())
			if err != nil {
				return
			}
			if flood == 0 {
				_ = ws.Write(context.Background(), kind, data)
				continue
			}
			for range flood {
				if ws.Write(context.Background(), websocket.MessageText, event) != nil {
					return
				}
			}
		}
	})}
	go srv.Serve(ln)
	b.Cleanup(func() { srv.Close() })
	return &url.URL{Scheme: "http", Host: ln.Addr().String(), Path: "/video"}
}

// tapBefore puts a tap before an upstream and returns its address.
func tapBefore(b *testing.B, upstream *url.URL) string {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	p := &Proxy{
		Upstream: upstream, Timeline: timeline.NewStore(timeline.Options{}),
		Logs: logsink.NewStore(logsink.StoreConfig{}), Levels: logsink.NewLevels(logsink.Info),
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- p.Serve(ctx, ln) }()
	b.Cleanup(func() { stop(); <-served })
	return ln.Addr().String()
}

func dialBench(b *testing.B, addr string) *websocket.Conn {
	b.Helper()
	ws, _, err := websocket.Dial(context.Background(), "ws://"+addr+"/video/connect?api_key=k", nil)
	if err != nil {
		b.Fatal(err)
	}
	ws.SetReadLimit(-1)
	b.Cleanup(func() { ws.CloseNow() })
	return ws
}

// BenchmarkRoundTrip is a message there and back, with and without the tap: half of
// the difference is what the tap adds to a frame.
func BenchmarkRoundTrip(b *testing.B) {
	for _, name := range []string{"direct", "tap"} {
		b.Run(name, func(b *testing.B) {
			up := echo(b, 0)
			addr := up.Host
			if name == "tap" {
				addr = tapBefore(b, up)
			}
			ws := dialBench(b, addr)
			message := []byte(`[{"type":"health.check","client_id":"sara--6f1f9c2e"}]`)
			var took []time.Duration
			b.ResetTimer()
			for range b.N {
				began := time.Now()
				if err := ws.Write(context.Background(), websocket.MessageText, message); err != nil {
					b.Fatal(err)
				}
				if _, _, err := ws.Read(context.Background()); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkFrames is events of 200 bytes from upstream, read by an app that does
// nothing else.
func BenchmarkFrames(b *testing.B) {
	for _, name := range []string{"direct", "tap"} {
		b.Run(name, func(b *testing.B) {
			up := echo(b, b.N)
			addr := up.Host
			if name == "tap" {
				addr = tapBefore(b, up)
			}
			ws := dialBench(b, addr)
			b.ResetTimer()
			if err := ws.Write(context.Background(), websocket.MessageText, []byte("go")); err != nil {
				b.Fatal(err)
			}
			for range b.N {
				if _, _, err := ws.Read(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
		})
	}
}
