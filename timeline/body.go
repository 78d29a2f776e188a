package timeline

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Body is the redacted content of a message. In recordings it is text where it
// is text, so that a recording can be read and searched as it is, and
// {"base64": …} where it is not.
type Body []byte

type binaryBody struct {
	Base64 string `json:"base64"`
}

// MarshalJSON writes a string, or an object for what is not UTF-8.
func (b Body) MarshalJSON() ([]byte, error) {
	if !utf8.Valid(b) {
		return json.Marshal(binaryBody{base64.StdEncoding.EncodeToString(b)})
	}
	var out bytes.Buffer
	out.Grow(len(b) + len(b)/4 + 2)
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(string(b)); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (b *Body) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*b = Body(text)
		return nil
	}
	var binary binaryBody
	if err := json.Unmarshal(data, &binary); err != nil {
		return errors.New("timeline: body is neither text nor base64")
	}
	raw, err := base64.StdEncoding.DecodeString(binary.Base64)
	if err != nil {
		return errors.New("timeline: body is not base64")
	}
	*b = raw
	return nil
}
