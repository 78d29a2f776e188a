package record

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"streamscope/logsink"
	"streamscope/timeline"
)

var someText = rapid.OneOf(
	rapid.String(), rapid.SampledFrom([]string{"", "call.ring", "a\"b\\c\n\t\r", "<&>", "\u2028", "\xff", "\x1b[31m", "\u009b31m", "é", "\x7f", "😀", "\ufffd", "\b\f"}))

func someTime(t *rapid.T, name string) time.Time {
	n := rapid.Int64Range(-1e18, 4e18).Draw(t, name)
	if n%5 == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func TestFramesAreWrittenAsTheCodecWritesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := timeline.Frame{
			Dir: timeline.Direction(someText.Draw(t, "dir")), Op: someText.Draw(t, "op"), Size: rapid.Int().Draw(t, "size"),
			Type: someText.Draw(t, "type"), CID: someText.Draw(t, "cid"), Body: timeline.Body(someText.Draw(t, "body")),
			Cut: rapid.IntRange(0, 9).Draw(t, "cut"), Bad: rapid.SampledFrom([]string{"", "bad"}).Draw(t, "bad"),
			ConnectionID: someText.Draw(t, "conn"), By: someText.Draw(t, "by"),
		}
		e := timeline.Event{
			Seq: rapid.Uint64().Draw(t, "seq"), Time: someTime(t, "t"), Offset: time.Duration(rapid.Int64().Draw(t, "off")),
			Session: someText.Draw(t, "session"), Attempt: rapid.IntRange(-1, 3).Draw(t, "attempt"), Payload: f,
		}
		var want bytes.Buffer
		if err := timeline.NewLineWriter(&want).WriteEvent(e); err != nil {
			t.Fatal(err)
		}
		if got, ok := appendFrame([]byte("before\n"), &e, &f); ok && string(got) != "before\n"+want.String() || !ok && string(got) != "before\n" {
			t.Fatalf("\n got %s\nwant %s", got, &want)
		}
	})
}

func TestLogRecordsAreWrittenAsTheCodecWritesThem(t *testing.T) {
	attrs := rapid.OneOf(someText, rapid.SampledFrom([]string{
		"code=40", "a=1 b=x c=/path:1", "a=true", "a=01", "a=1.5", `a="x y"`, `a={"b":1}`, "a=", "=1", "a", "a=1  b=2", "a=1 a=2", "n=99999999999999999999"}))
	rapid.Check(t, func(t *rapid.T) {
		r := logsink.Record{
			Seq: rapid.Uint64().Draw(t, "seq"), Time: someTime(t, "t"), Level: logsink.Level(rapid.IntRange(0, 5).Draw(t, "level")),
			Scope: someText.Draw(t, "scope"), Tags: rapid.OneOf(someText, rapid.Just("1,rpc")).Draw(t, "tags"),
			Session: someText.Draw(t, "session"), Message: someText.Draw(t, "message"), Attrs: attrs.Draw(t, "attrs"),
			Event: rapid.Uint64Range(0, 3).Draw(t, "event"), Dropped: rapid.Uint64Range(0, 1).Draw(t, "dropped"),
		}
		got, ok := appendLog([]byte("before\n"), &r)
		data, err := r.MarshalJSON()
		if err != nil {
			if ok {
				t.Fatalf("only the quick way writes %+v", r)
			}
			return
		}
		var want bytes.Buffer
		if err := timeline.NewLineWriter(&want).WriteLog(data); err != nil {
			t.Fatal(err)
		}
		if ok && string(got) != "before\n"+want.String() || !ok && string(got) != "before\n" {
			t.Fatalf("\n got %s\nwant %s", got, &want)
		}
	})
}

func TestTheQuickWayTakesWhatIsCommon(t *testing.T) {
	for i := range 100 {
		e := traffic(i)
		if f, ok := e.Payload.(timeline.Frame); ok {
			if _, ok := appendFrame(nil, &e, &f); !ok {
				t.Errorf("a frame is left to the codec: %+v", f)
			}
		}
	}
	if _, ok := appendLog(nil, &logsink.Record{Message: "m", Attrs: `code=40 reason="x y"`, Tags: "1,rpc"}); !ok {
		t.Error("a log record is left to the codec")
	}
}
