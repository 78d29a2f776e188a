package record

import (
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
