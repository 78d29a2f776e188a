package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The reasons for which a text is not a token. [Parse] returns them inside a
// [ParseError].
var (
	// ErrEmpty means that there is no text.
	ErrEmpty = errors.New("token is empty")
	// ErrSegments means that the text does not have three dot-separated parts.
	ErrSegments = errors.New("token does not have three parts")
	// ErrBase64 means that a part is not base64.
	ErrBase64 = errors.New("not base64")
	// ErrJSON means that a part decodes to something other than a JSON object.
	ErrJSON = errors.New("not a JSON object")
	// ErrHeader means that the header is an object without a usable "alg".
	ErrHeader = errors.New("names no algorithm")
)

// ParseError says which part of a token could not be read, and why.
type ParseError struct {
	// Part is "token", "header", "payload" or "signature".
	Part string
	// Segments is the number of dot-separated parts that were found.
	Segments int
	// Kind is one of the Err values of this package.
	Kind error
}

// Error names the part and the reason; it quotes nothing from the token.
func (e *ParseError) Error() string {
	switch {
	case errors.Is(e.Kind, ErrSegments):
		return fmt.Sprintf("token: %v: found %d", e.Kind, e.Segments)
	case e.Part == "token":
		return fmt.Sprintf("token: %v", e.Kind)
	}
	return fmt.Sprintf("token: %s: %v", e.Part, e.Kind)
}

// Unwrap returns Kind.
func (e *ParseError) Unwrap() error { return e.Kind }

// Parse reads a token without checking its signature or its times. A failure is
// a [*ParseError], and the claims then hold what was read before it. Nothing is
// trimmed: use [Unwrap] first where quotes, a scheme or blanks may be around
// the token.
func Parse(raw string) (Claims, error) {
	var c Claims
	if raw == "" {
		return c, &ParseError{Part: "token", Kind: ErrEmpty}
	}
	count := strings.Count(raw, ".") + 1
	if count != 3 {
		return c, &ParseError{Part: "token", Segments: count, Kind: ErrSegments}
	}
	head, rest, _ := strings.Cut(raw, ".")
	body, signature, _ := strings.Cut(rest, ".")
	if err := c.readHeader(head); err != nil {
		return c, &ParseError{Part: "header", Segments: count, Kind: err}
	}
	if err := c.readPayload(body); err != nil {
		return c, &ParseError{Part: "payload", Segments: count, Kind: err}
	}
	if _, err := c.decode(signature); err != nil {
		return c, &ParseError{Part: "signature", Segments: count, Kind: err}
	}
	return c, nil
}

func (c *Claims) readHeader(segment string) error {
	text, err := c.decode(segment)
	if err != nil {
		return err
	}
	if !isObject(text) {
		return ErrJSON
	}
	var header struct {
		Alg any `json:"alg"`
		Typ any `json:"typ"`
		Kid any `json:"kid"`
	}
	if json.Unmarshal(text, &header) != nil {
		return ErrJSON
	}
	c.Alg, _ = header.Alg.(string)
	c.Type, _ = header.Typ.(string)
	c.KeyID, _ = header.Kid.(string)
	if c.Alg == "" {
		return ErrHeader
	}
	return nil
}

func (c *Claims) readPayload(segment string) error {
	text, err := c.decode(segment)
	if err != nil {
		return err
	}
	if c.Alphabet == PlainAlphabet && strings.ContainsAny(segment, "-_") {
		c.Alphabet = URLAlphabet
	}
	if !isObject(text) {
		return ErrJSON
	}
	members := json.NewDecoder(bytes.NewReader(text))
	if _, err := members.Token(); err != nil {
		return ErrJSON
	}
	for members.More() {
		key, err := members.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || members.Decode(&value) != nil {
			return ErrJSON
		}
		c.All = append(c.All, Claim{Name: name, Value: compact(value)})
		c.fill(name, value)
	}
	return nil
}

// isObject reports whether text is one whole JSON object: the member loop of
// readPayload does not look behind the closing brace.
func isObject(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) && json.Valid(text)
}

func compact(value json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return string(value)
	}
	return b.String()
}

// decode reads one segment in either alphabet, because a token in the wrong one
// is worth looking into, and remembers that it saw the wrong one.
func (c *Claims) decode(segment string) ([]byte, error) {
	if strings.ContainsAny(segment, "+/=") {
		c.Alphabet = StandardAlphabet
		segment = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(segment, "="))
	}
	if strings.ContainsAny(segment, "\r\n") {
		return nil, ErrBase64 // the decoder would skip them
	}
	text, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		return nil, ErrBase64
	}
	return text, nil
}
