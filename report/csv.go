package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"streamscope/timeline"
)

// csvColumns are the columns of [CSV]; their names are a contract.
var csvColumns = []string{
	"session", "attempt", "cycle", "reconnect", "why", "started", "url",
	"token_ms", "dns_ms", "tcp_ms", "tls_ms", "upgrade_ms", "auth_ms", "connected_ms",
	"result", "stage", "connected_for_s", "ended", "ended_by",
	"code", "name", "status", "close", "reason", "connection_id", "token",
	"frames_in", "frames_out", "bytes_in", "bytes_out",
}

// CSV writes a table with one row an attempt. Times are RFC 3339 in the zone of
// the options. What is not known is empty.
func CSV(w io.Writer, events iter.Seq[timeline.Event], s timeline.State, o Options) error {
	o = o.withDefaults(s)
	f := gather(events, o)
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for _, l := range f.lanes {
		if err := out.Write(csvRow(l, o)); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func csvRow(l *lane, o Options) []string {
	row := []string{l.session, strconv.Itoa(l.n), number(l.Cycle), strconv.FormatBool(l.Reconnect), l.Why, stamp(l.started, o), l.URL}
	for stage := range timeline.StageCount {
		row = append(row, stageMillis(l.stages[stage]))
	}
	row = append(row, l.result(), l.reached(), connectedFor(l), stamp(l.ended, o), string(l.end.By))
	failure := timeline.Failure{Code: l.code, Close: l.end.Close, Reason: l.end.Reason}
	if p := l.failure(); p != nil {
		failure = *p
	}
	reason := failure.Reason
	if reason == "" {
		reason = failure.Text
	}
	row = append(row, number(failure.Code), failure.Name, number(failure.Status), number(failure.Close), reason,
		l.connectionID, l.token.Mask,
		strconv.Itoa(l.in), strconv.Itoa(l.out), strconv.FormatInt(l.bytesIn, 10), strconv.FormatInt(l.bytesOut, 10))
	for i := range row {
		row[i] = cell(row[i])
	}
	return row
}

// cell is a text without secrets and control characters, and not a formula to a
// spreadsheet.
func cell(s string) string {
	s = clean(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// number leaves out what is zero.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func stamp(t time.Time, o Options) string {
	if t.IsZero() {
		return ""
	}
	return t.In(o.Local).Format("2006-01-02T15:04:05.000Z07:00")
}

func stageMillis(s timeline.StageChanged) string {
	if s.Progress != timeline.Passed && s.Progress != timeline.Failed {
		return ""
	}
	return strconv.FormatFloat(float64(s.Took.Microseconds())/1000, 'f', 1, 64)
}

func connectedFor(l *lane) string {
	if l.connected.IsZero() || l.ended.IsZero() {
		return ""
	}
	return strconv.FormatFloat(l.ended.Sub(l.connected).Seconds(), 'f', 1, 64)
}
