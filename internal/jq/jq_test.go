package jq

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ample is more time than any expression needs that ends, on any machine.
const ample = time.Minute

// run returns the values that come out as JSON, and the error that ended it.
func run(t *testing.T, ctx context.Context, limit time.Duration, expr, input string) (out []string, err error) {
	t.Helper()
	code, err := Compile(expr)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal([]byte(input), &value); err != nil {
		t.Fatal(err)
	}
	for got, err := range code.Run(ctx, value, Limits{limit, 1000}) {
		if err != nil {
			return out, err
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out, nil
}

func TestRun(t *testing.T) {
	for expr, want := range map[string][]string{
		".a":                           {"1"},
		".b[]":                         {"2", "3"},
		`"ab" * 3`:                     {`"ababab"`},
		"(1,2) * (10,20)":              {"10", "20", "20", "40"},
		".a * 7 + .b[0] * 2":           {"11"},
		".b[] *= 5 | .b":               {"[10,15]"},
		`def f(x): x * x; f(f(.b[0]))`: {"16"},
		`{a: {x: 1}} * {a: {y: 2}}`:    {`{"a":{"x":1,"y":2}}`},
		`"\(.a * 2)!"`:                 {`"2!"`},
		"[.b[] | if . * 2 > 4 then . else empty end]":    {"[3]"},
		"reduce .b[] as $x (1; . * $x)":                  {"6"},
		"[limit(3; repeat(1))]":                          {"[1,1,1]"},
		". as {a: $x} | [range(3)] | map(. * $x) | add":  {"3"},
		"try error(\"x\" * 2) catch (. * 2)":             {`"xxxx"`},
		"[.b[] as $x | $x * -1]":                         {"[-2,-3]"},
		"label $out | foreach .b[] as $x (1; . * $x; .)": {"2", "6"},
		".b[0:1] | .[0] * 2":                             {"4"},
		"empty":                                          nil,
	} {
		got, err := run(t, t.Context(), ample, expr, `{"a":1,"b":[2,3]}`)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", expr, err, d)
		}
	}
}

func TestRunIsBounded(t *testing.T) {
	tests := []struct {
		name, expr string
		limit      time.Duration
		want       string // empty where any of several bounds may be the one
	}{
		{"an expression that never ends", "def f: f; f", 200 * time.Millisecond, "stopped after 200ms"},
		{"values without end", "repeat(1)", ample, "more than 1000 values"},
		{"a string times a number", `"x" * 2000000000`, ample, "longer than 16 MiB"},
		{"the same, worked out", `("x" * 1000) as $x | $x * 1000000`, ample, "longer than 16 MiB"},
		{"the same as an update", `{t: "x"} | .t *= 2000000000`, ample, "longer than 16 MiB"},
		{"a number times a string", `2e9 * "x"`, ample, "longer than 16 MiB"},
		{"doubling", `reduce range(60) as $i ("xxxxxxxx"; . + .)`, ample, ""},
		{"doubling in a text", `reduce range(60) as $i ("xxxxxxxx"; "\(.)\(.)")`, ample, ""},
		{"doubling an array", `reduce range(60) as $i ([1,2]; . + .)`, ample, ""},
		{"an array with a far end", ".[60000000] = 1", ample, ""},
		{"a large value", `[range(20) | "x" * 1000000]`, ample, "larger than 16 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
			metrics.Read(sample)
			before, begun := sample[0].Value.Uint64(), time.Now()
			_, err := run(t, t.Context(), tt.limit, tt.expr, "null")
			if !Bounded(err) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want a bound with %q, got %v", tt.want, err)
			}
			metrics.Read(sample)
			if after := sample[0].Value.Uint64(); after > before+4*maxHeap && !strings.Contains(tt.expr, "= 1") {
				t.Errorf("the process has grown by %d MiB in %v", (after-before)>>20, time.Since(begun))
			}
		})
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := run(t, stopped, ample, "1", "null"); !errors.Is(err, context.Canceled) || Bounded(err) {
		t.Errorf("want the error of the context, got %v", err)
	}
}

func TestCompileSaysWhatIsWrong(t *testing.T) {
	for _, expr := range []string{".call | ", "nonsense", "$x", "input"} {
		if _, err := Compile(expr); err == nil {
			t.Errorf("%q is refused", expr)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	code, err := Compile(".call.members[].user_id")
	if err != nil {
		b.Fatal(err)
	}
	var value any
	if err := json.Unmarshal([]byte(`{"call":{"members":[{"user_id":"jack"},{"user_id":"sara"}]}}`), &value); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for range code.Run(b.Context(), value, Limits{time.Second, 1000}) {
		}
	}
}
