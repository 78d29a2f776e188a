package record

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"streamscope/logsink"
)

func TestAttributesAreThoseOfTheLogStore(t *testing.T) {
	value := rapid.SampledFrom([]string{
		"1", "-1", "1.5", "1e3", "true", "false", "null", `"true"`, `"1"`, `"x"`, `""`, `"a b"`, `"é"`, `"a\"b"`, "[1,2]", `{"b":[{}]}`,
		"9223372036854775808", `"/a:b.c"`, `"null"`, `"-"`, `"\u0041"`})
	key := rapid.SampledFrom([]string{`"a"`, `"b.c"`, `"a b"`, `""`, `"é"`, `"\n"`})
	rapid.Check(t, func(t *rapid.T) {
		var object strings.Builder
		object.WriteString("{")
		for i := range rapid.IntRange(1, 4).Draw(t, "n") {
			if i > 0 {
				object.WriteString(",")
			}
			object.WriteString(key.Draw(t, "key") + ":" + value.Draw(t, "value"))
		}
		object.WriteString("}")
		var want, got logsink.Record
		if err := want.SetAttrs([]byte(object.String())); err != nil {
			t.Fatal(err)
		}
		var f foreign
		if !f.members.read(object.String()) || !f.attrs(&got) || got.Attrs != want.Attrs {
			t.Fatalf("%s\n got %s\nwant %s", object.String(), got.Attrs, want.Attrs)
		}
	})
}

func TestQuickTimesAreThoseOfTheLibrary(t *testing.T) {
	number := func(t *rapid.T, n, most int, name string) string {
		return fmt.Sprintf("%0*d", n, rapid.IntRange(0, most).Draw(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		stamp := number(t, 4, 9999, "year") + "-" + number(t, 2, 13, "month") + "-" + number(t, 2, 32, "day") +
			rapid.SampledFrom([]string{"T", " "}).Draw(t, "between") +
			number(t, 2, 25, "hour") + ":" + number(t, 2, 61, "minute") + ":" + number(t, 2, 61, "second") +
			rapid.StringMatching(`([.,][0-9]{0,10})?(Z|\+02:00|x)?`).Draw(t, "rest")
		var quick, slow stamps
		got, ok := quick.quick(stamp)
		if !ok {
			return
		}
		slow.form = rapid.IntRange(0, len(stampForms)-1).Draw(t, "form")
		want, known := slow.parse(stamp)
		if !known || !want.Equal(got) {
			t.Fatalf("%s is %v, and for the library %v (%v)", stamp, got, want, known)
		}
	})
}

func TestSecretsThatNoLineShowsAloneAreMasked(t *testing.T) {
	const secret = "0123456789abcdefghij"
	for name, log := range map[string]string{
		"in escapes":             `{"level":"info","msg":"m","\u0074oken":"` + secret + `"}`,
		"in an escaped message":  `{"level":"info","msg":"\u0070assword=` + secret + `"}`,
		"in attributes":          `2026-01-02 12:00:00 INFO a b {"\u0073ecret":"` + secret + `"}`,
		"on the line of a value": "[client]: sent { token:\n    '" + secret + "'",
	} {
		t.Run(name, func(t *testing.T) {
			into := stores()
			s, err := OpenReader(name, strings.NewReader(log+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Load(t.Context(), into, nil); err != nil {
				t.Fatal(err)
			}
			row, ok := into.Logs.Row(1)
			if !ok || strings.Contains(row.Text(), secret) {
				t.Errorf("the line is %q", row.Text())
			}
		})
	}
}
