package wire

import "testing"

func TestEscapeC1(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"a":"plain"}`, `{"a":"plain"}`},
		{`{"a":"é ¡ ü"}`, `{"a":"é ¡ ü"}`},
		{"{\"a\":\"x\u009b2Jy\"}", `{"a":"x\u009b2Jy"}`},
		{"\u0080\u009f\u00a0", `\u0080\u009f` + "\u00a0"},
		{"cut \xc2", "cut \xc2"},
	} {
		if got := string(EscapeC1([]byte(c.in))); got != c.want {
			t.Errorf("EscapeC1(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
