package redact

import (
	"fmt"
	"strings"
	"testing"
)

const (
	header  = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
	payload = "eyJ1c2VyX2lkIjoic2FyYSIsImV4cCI6MTc2NzIyNTYwMH0"
	sig     = "k3hQm7TzXvRwB1nYpLsD8fGjA0cUeKiO5tW2qZrNabc"
	jwt     = header + "." + payload + "." + sig
)

func TestText(t *testing.T) {
	m := "eyJ….….…" + sig[len(sig)-6:]
	opaque := "0123456789abcdef0123456789abcdef"
	mo := "…abcdef"
	tests := []struct{ name, in, want string }{
		{"nothing to hide", "connection:_connect() - waiting for token", "connection:_connect() - waiting for token"},
		{"a token in prose", "got " + jwt + " back", "got " + m + " back"},
		{"a token before a full stop", "got " + jwt + ".", "got " + m + "."},
		{"a token as a path of a URL", "/x/" + jwt + "/y", "/x/" + m + "/y"},
		{"a token with encoded dots", "a=" + strings.ReplaceAll(jwt, ".", "%2E") + "&b=1", "a=eyJ…" + sig[len(sig)-6:] + "&b=1"},
		{"a cut token", "got " + header + "." + payload[:9], "got eyJ….…" + payload[3:9]},
		{"the auth message", `{"token":"` + jwt + `","products":["video"]}`, `{"token":"` + m + `","products":["video"]}`},
		{"JSON in JSON", `{"body":"{\"token\":\"` + opaque + `\",\"a\":1}"}`, `{"body":"{\"token\":\"` + mo + `\",\"a\":1}"}`},
		{"an opaque token in JSON", `{"access_token": "` + opaque + `"}`, `{"access_token": "` + mo + `"}`},
		{"a short secret keeps nothing", `api_secret=hunter2 x=1`, `api_secret=… x=1`},
		{"a URL query", "wss://h/connect?api_key=k1&token=" + opaque + "&x=y", "wss://h/connect?api_key=k1&token=" + mo + "&x=y"},
		{"an encoded query", "r=token%3D" + opaque + "%26x%3Dy", "r=token%3D" + mo + "%26x%3Dy"},
		{"encoded JSON", "p=%22token%22%3A%22" + opaque + "%22%7D", "p=%22token%22%3A%22" + mo + "%22%7D"},
		{"a header line", "Authorization: Custom " + opaque + "\r\nHost: x", "Authorization: " + mo + "\r\nHost: x"},
		{"a bearer header", "authorization: Bearer " + jwt, "authorization: Bearer " + m},
		{"bearer without a key", "sent Bearer " + opaque, "sent Bearer " + mo},
		{"bearer in prose", "the bearer of bad news", "the bearer of bad news"},
		{"a map of headers", "map[Authorization:[" + opaque + "] Host:[x]]", "map[Authorization:[" + mo + "] Host:[x]]"},
		{"console.log of an object", "{ Authorization: '" + opaque + "', n: 1 }", "{ Authorization: '" + mo + "', n: 1 }"},
		{"console.log of an object with a long text", "{\n  secret:\n   '" + opaque + "',\n  n: 1 }", "{\n  secret:\n   '" + mo + "',\n  n: 1 }"},
		{"no value before a quoted line", "token:\nnext 'line'", "token:\nnext 'line'"},
		{"camel case", "userToken: " + opaque, "userToken: " + mo},
		{"upper case", "STREAM_API_SECRET=" + opaque, "STREAM_API_SECRET=" + mo},
		{"a password with blanks and an escaped quote", `password="a b\"c d" e=1`, `password="…" e=1`},
		{"a quoted value that is cut", `"secret":"` + opaque, `"secret":"` + mo},
		{"a number in JSON stays JSON", `{"secret":123456,"a":1}`, `{"secret":"…","a":1}`},
		{"no value", `"token":null,"password":"",token=undefined`, `"token":null,"password":"",token=undefined`},
		{"keys that only contain the word", "token_type=jwt tokens=3 secretary=bob", "token_type=jwt tokens=3 secretary=bob"},
		{"the name of a fault is no key", "fault armed expire-token:user=sara,after=3s", "fault armed expire-token:user=sara,after=3s"},
		{"an empty value hides nothing behind it", "token=&user=sara", "token=&user=sara"},
		{"the scheme stays, its value does not", "token=Bearer " + opaque + " x=1", "token=Bearer " + mo + " x=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Text(tt.in)
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if again := Text(got); again != got {
				t.Errorf("a second time gives %s", again)
			}
		})
	}
}

func TestTextLeavesCleanTextAlone(t *testing.T) {
	line := "connection:onopen() - onopen callback for default:standup, call key 42, back at work: clean zebra"
	if n := testing.AllocsPerRun(100, func() { Text(line) }); n != 0 {
		t.Errorf("redacting a clean line allocates %v times, want 0", n)
	}
}

// windows are parts of the planted token that must not be found afterwards.
func leaked(planted, out string) string {
	const window = 12
	for i := 0; i+window <= len(planted); i++ {
		if strings.Contains(out, planted[i:i+window]) {
			return planted[i : i+window]
		}
	}
	return ""
}

func FuzzRedactToken(f *testing.F) {
	for _, s := range [][2]string{
		{"", ""}, {"token=", "&x"}, {`{"token":"`, `"}`}, {`\"token\":\"`, `\"`}, {"eyJ", "abc"}, {"ey", "."},
		{"…", "…"}, {"Authorization: Bearer ", "\r\n"}, {"token=…", ""}, {"%22token%22%3A%22", "%22"}, {"password=\"a\\", "\""},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if leaked(jwt, before) != "" || leaked(jwt, after) != "" {
			t.Skip("parts of the token stand beside it")
		}
		out := Text(before + jwt + after)
		if part := leaked(jwt, out); part != "" {
			t.Errorf("%q survives in %q", part, out)
		}
		if again := Text(out); leaked(jwt, again) != "" {
			t.Errorf("redacting twice gives %q", again)
		}
	})
}

func FuzzRedactKeyedSecret(f *testing.F) {
	const secret = "zq7w5xk2vb9n4mh8jr3t"
	formats := []string{`%stoken=%s%s`, `%s"api_secret":"%s"%s`, `%s{\"password\":\"%s\"}%s`, `%sAuthorization: %s%s`, `%s&access_token=%s&%s`}
	for i := range formats {
		f.Add(i, "", "")
		f.Add(i, "GET /x?a=b ", " 200")
	}
	f.Fuzz(func(t *testing.T, i int, before, after string) {
		format := formats[uint(i)%uint(len(formats))]
		if leaked(secret, before+after) != "" {
			t.Skip("parts of the secret stand beside it")
		}
		if strings.ContainsAny(before, "\\\"'`%") {
			t.Skip("an open quotation mark or escape changes what the key is")
		}
		out := Text(fmt.Sprintf(format, before, secret, after))
		if part := leaked(secret, out); part != "" {
			t.Errorf("%q survives in %q", part, out)
		}
	})
}
