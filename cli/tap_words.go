package cli

import (
	"fmt"
	"io"
	"net"
	"strings"

	"rsc.io/qr"

	"streamscope/tap"
)

// tapWords are what an app needs to come through the tap.
type tapWords struct {
	addr     string // host:port, as the app sees it
	path     string // that base URLs end in
	code     string // empty for none
	upstream string
}

// root is where the tap is, with the pairing code.
func (t tapWords) root() string {
	if t.code == "" {
		return "http://" + t.addr
	}
	return "http://" + t.addr + "/" + t.code
}

func (t tapWords) baseURL() string { return t.root() + t.path }

func (t tapWords) logURL() string { return "ws" + strings.TrimPrefix(t.root(), "http") + tap.LogPath }

// write prints the lines, and below them a QR code.
func (t tapWords) write(w io.Writer, code string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "tap on %s, passing on to %s\n\nbase URL of your app:  %s\n", t.addr, t.upstream, t.baseURL())
	for _, line := range t.clients() {
		fmt.Fprintf(&b, "\n%s\n  %s\n", line[0], line[1])
	}
	b.WriteString("\nThe app's logs, and its log levels from here:\n")
	for _, line := range t.logs() {
		b.WriteString("  " + line + "\n")
	}
	if code != "" {
		b.WriteString("\n" + code)
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

// clients are the lines of code that point each SDK at the tap (the table of
// field-notes.md 4.2).
func (t tapWords) clients() [][2]string {
	host, port, _ := net.SplitHostPort(t.addr)
	android := fmt.Sprintf(`StreamVideoBuilder(…, localCoordinatorAddress = "%s")`, t.addr)
	if host == "127.0.0.1" {
		android = fmt.Sprintf(`StreamVideoBuilder(…, localCoordinatorAddress = "10.0.2.2:%s")`, port)
	}
	if t.code != "" {
		android = "takes no path, and the pairing code is one: listen on loopback, and use adb reverse tcp:" + port + " tcp:" + port
	}
	ws := "ws" + strings.TrimPrefix(t.baseURL(), "http")
	lines := [][2]string{{"JavaScript, React, React Native", fmt.Sprintf("options: { baseURL: %q }", t.baseURL())}}
	if host == "127.0.0.1" {
		lines = append(lines, [2]string{"React Native on Android", fmt.Sprintf("the same, after: adb reverse tcp:%[1]s tcp:%[1]s", port)})
	}
	return append(lines, [][2]string{
		{"Flutter (not tried by us)", fmt.Sprintf("StreamVideoOptions(coordinatorRpcUrl: '%s', coordinatorWsUrl: '%s/connect')", t.root(), ws)},
		{"Android (not tried by us; the app must allow cleartext)", android},
		{"iOS", "has no such option: its endpoint is hard-wired"},
	}...)
}

// logs are the lines that bring the log sink into an app.
func (t tapWords) logs() []string {
	return []string{
		fmt.Sprintf("curl -o streamscope-sink.mjs %s%s", t.root(), tap.SinkPath),
		"import { streamscopeSink } from './streamscope-sink.mjs'",
		fmt.Sprintf("const sink = streamscopeSink('%s', videoLoggerSystem)", t.logURL()),
		"new StreamVideoClient({ …, options: { baseURL, logger: sink } })",
	}
}

// quiet is the white around a QR code, in modules.
const quiet = 2

// qrText draws a QR code with half blocks, two modules a character. In colours it is
// dark on light whatever the terminal's are; without, it is right on a dark one.
func qrText(text string, colours bool) string {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "" // a base URL is short; the line above says the same
	}
	begin, end := "\x1b[30;107m", "\x1b[0m\n"
	if !colours {
		begin, end = "", "\n"
	}
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		b.WriteString(begin)
		for x := -quiet; x < code.Size+quiet; x++ {
			upper, lower := code.Black(x, y) == colours, code.Black(x, y+1) == colours
			switch {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString(end)
	}
	return b.String()
}
