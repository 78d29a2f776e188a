package main

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

// recordingFile writes a recording of a million events as a busy session gives
// them.
func recordingFile() (string, error) {
	f, err := os.CreateTemp("", "ptybench*.ndjson")
	if err != nil {
		return "", err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	at := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	fmt.Fprintf(w, `{"streamscope_recording":1,"tool":"ptybench","start":%q,"user":"sara","redacted":[]}`+"\n", at.Format(time.RFC3339Nano))
	fmt.Fprintf(w, `{"seq":1,"t":%q,"off_ns":0,"session":"sara","kind":"session.opened","data":{"source":"local","user":{"id":"sara","type":"authenticated"},"api_key":"k","base_url":"http://127.0.0.1/video","policy":"sdk"}}`+"\n", at.Format(time.RFC3339Nano))
	for i := 2; i <= million; i++ {
		off := time.Duration(i) * 7 * time.Millisecond
		body := fmt.Sprintf(`{\"type\":\"call.session_participant_joined\",\"call_cid\":\"default:c%d\",\"created_at\":\"%s\",\"participant\":{\"user\":{\"id\":\"user%d\",\"role\":\"user\"},\"user_session_id\":\"%016x\"}}`,
			i/50, at.Add(off).Format(time.RFC3339Nano), i%97, uint64(i)*2654435761)
		fmt.Fprintf(w, `{"seq":%d,"t":%q,"off_ns":%d,"session":"sara","attempt":1,"kind":"frame","data":{"dir":"in","op":"text","size":%d,"type":"call.session_participant_joined","cid":"default:c%d","by":"user%d","body":"%s"}}`+"\n",
			i, at.Add(off).Format(time.RFC3339Nano), int64(off), len(body), i/50, i%97, body)
	}
	return f.Name(), w.Flush()
}

// recording measures how a large recording is opened.
func (b *bench) recording() ([]row, error) {
	first := row{what: "recording of 1,000,000 events: first rows on screen", unit: "ms", judged: 0.5, budget: 300}
	whole := row{what: "recording of 1,000,000 events: read and listed", unit: "ms", judged: 0.5, budget: 3000}
	file, err := recordingFile()
	if err != nil {
		return []row{first, whole}, err
	}
	defer os.Remove(file)
	for range b.runs {
		if err = b.opening(file, &first, &whole); err != nil {
			break
		}
	}
	return []row{first, whole}, err
}

func (b *bench) opening(file string, first, whole *row) error {
	p, err := start(b.w, b.h, nil, b.bin, "replay", file)
	if err != nil {
		return err
	}
	defer p.close()
	at, err := p.await("rows and the progress bar", func(s *screen) bool { return s.has("participant_joined") && s.has("reading ") }, nil)
	if err != nil {
		return err
	}
	first.values = append(first.values, ms(at))
	if _, err := p.await("the end of it", hasNot("reading "), nil); err != nil {
		return err
	}
	whole.values = append(whole.values, ms(time.Since(p.started)))
	return nil
}
