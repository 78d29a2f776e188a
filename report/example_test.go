package report_test

import (
	"fmt"
	"os"
	"slices"

	"streamscope/report"
	"streamscope/timeline"
)

// A summary of what a recording holds.
func ExampleSummary() {
	events := story()[:3]
	err := report.Summary(os.Stdout, slices.Values(events), timeline.Fold(timeline.State{}, events), report.Options{})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2026-01-02 12:00:00 UTC to 12:00:00.020 (20ms), 3 events
	//
	// sara is dialing.
	//   0 attempts, 0 connected, 0 drops; 0 frames in, 0 out, 0 requests, 0 tokens
}
