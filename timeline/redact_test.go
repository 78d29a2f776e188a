package timeline_test

import (
	"bytes"
	"strings"
	"testing"

	"streamscope/timeline"
)

// plantedToken has the shape of a real token and the signature of none.
const plantedToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.c2lnbmF0dXJlLW9mLW5vYm9keS1hdC1hbGwtabcdef"

func TestRedactFindsPlantedSecrets(t *testing.T) {
	const opaque = "0123456789abcdef0123456789abcdef"
	tests := []struct{ name, in string }{
		{"token in the auth frame", `{"token":"` + plantedToken + `"}`},
		{"access_token of a guest", `{"access_token":"` + plantedToken + `","user":{}}`},
		{"an opaque access_token", `{"access_token":"` + opaque + `"}`},
		{"Authorization", `{"headers":{"Authorization":"` + opaque + `"}}`},
		{"a secret", `{"api_secret":"` + opaque + `"}`},
		{"a token in a sentence", `{"message":"cannot use ` + plantedToken + `"}`},
		{"a token in a query", `api_key=k&token=` + opaque + `&x=1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(timeline.Redact([]byte(tt.in)))
			if strings.Contains(got, plantedToken[:30]) || strings.Contains(got, opaque[:12]) {
				t.Errorf("the secret survives in %s", got)
			}
			if !strings.Contains(got, "abcdef") {
				t.Errorf("the last six characters are gone from %s", got)
			}
		})
	}
}

func TestRedactReturnsCleanBodiesAsTheyAre(t *testing.T) {
	body := wireFile(t, "server_call.ring.json")
	got := timeline.Redact(body)
	if !bytes.Equal(got, body) || &got[0] != &body[0] {
		t.Error("a body without secrets was copied or changed")
	}
}
