package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ClientUser reads user_id as the official client does: with a decoder that does
// not know the URL alphabet of base64 and yields Latin-1 (protocol.md 3.2, K20). The problem is the text of its error.
func ClientUser(raw string) (id, problem string) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return "", ""
	}
	payload := decodeLatin1(parts[1])
	var value any
	if err := json.Unmarshal([]byte(payload), &value); err != nil {
		return "", parserText(payload, err)
	}
	if value == nil {
		return "", "Cannot read properties of null (reading 'user_id')"
	}
	claims, ok := value.(map[string]any)
	if !ok {
		return "", ""
	}
	id, _ = claims["user_id"].(string)
	return id, ""
}

// Undecodable says why the official client cannot read a correct token (K20);
// nothing when it can.
func Undecodable(raw, userID string) string {
	id, problem := ClientUser(raw)
	switch {
	case problem != "" || id != userID && strings.ContainsAny(strings.Split(raw, ".")[1], "-_"):
		return "the payload needs the URL alphabet of base64, which the official client does not know"
	case id != userID:
		return "user_id is not ASCII, and the official client reads Latin-1"
	}
	return ""
}

const standardAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// decodeLatin1 is base64 as the official client reads it. A character that it
// does not know, "-" and "_" among them, empties its buffer and counts as six
// zero bits. The result has one rune for each byte.
func decodeLatin1(s string) string {
	var out strings.Builder
	var buffer uint32
	bits := 0
	runes := []rune(s)
	for i, r := range runes {
		value := strings.IndexRune(standardAlphabet, r)
		if value < 0 {
			buffer = 0
		} else {
			buffer = buffer<<6 + uint32(value)
		}
		bits += 6
		for bits >= 8 {
			bits -= 8
			b := buffer >> bits & 0xff
			if b != 0 || i < len(runes)-2 {
				out.WriteRune(rune(b))
			}
		}
	}
	return out.String()
}

// parserText is what V8's JSON parser says about a payload that is not JSON.
func parserText(payload string, err error) string {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok || payload == "" || strings.Contains(syntax.Error(), "unexpected end") {
		return "Unexpected end of JSON input"
	}
	at := max(int(syntax.Offset)-1, 0)
	at = min(at, len(payload)-1)
	r, _ := utf8.DecodeRuneInString(payload[at:])
	position := utf8.RuneCountInString(payload[:at])
	if r < 0x20 && strings.Contains(syntax.Error(), "string literal") {
		return fmt.Sprintf("Bad control character in string literal in JSON at position %d", position)
	}
	return fmt.Sprintf("Unexpected token in JSON at position %d", position)
}
