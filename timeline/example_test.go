package timeline_test

import (
	"fmt"
	"strings"
	"time"

	"streamscope/timeline"
)

// A recording is read line by line and folded into the state that the panes show.
func Example_replay() {
	const recording = `{"streamscope_recording":1,"tool":"1.0","start":"2026-01-02T12:00:00Z","redacted":["tokens"]}
{"seq":1,"t":"2026-01-02T12:00:00Z","off_ns":0,"session":"sara","kind":"session.opened","data":{"source":"direct","user":{"id":"sara","type":"authenticated"},"base_url":"https://video.stream-io-api.com/video","policy":"sdk"}}
{"seq":2,"t":"2026-01-02T12:00:01Z","off_ns":1000000000,"session":"sara","attempt":1,"kind":"frame","data":{"dir":"in","op":"text","size":90,"type":"connection.ok","connection_id":"c-1"}}
{"seq":3,"t":"2026-01-02T12:00:01Z","off_ns":1000000000,"session":"sara","attempt":1,"kind":"state","data":{"from":"authenticating","to":"connected"}}
{"seq":4,"t":"2026-01-02T12:00:11Z","off_ns":11000000000,"session":"sara","attempt":1,"kind":"close","data":{"dir":"in","code":1000,"reason":"bye"}}
`
	r, err := timeline.NewReader(strings.NewReader(recording))
	if err != nil {
		fmt.Println(err)
		return
	}
	var state timeline.State
	for entry, err := r.Next(); err == nil; entry, err = r.Next() {
		fmt.Println(entry.Event.Offset, timeline.Describe(entry.Event))
		state = timeline.Apply(state, entry.Event)
	}
	sara, _ := state.Session("sara")
	now := state.Time.Add(3 * time.Second)
	for _, trap := range sara.OpenTraps(now) {
		left, _ := trap.Left(now)
		fmt.Println(trap.ID, trap.Detail, left)
	}
	// Output:
	// 0s session for sara (authenticated) at https://video.stream-io-api.com/video
	// 1s ← connection.ok (c-1)
	// 1s connected
	// 11s ← close 1000 “bye”
	// K1 bye 22s
}
