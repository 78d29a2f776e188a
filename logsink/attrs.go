package logsink

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendKey appends what stands before a value: a blank if there is anything
// already, the key, and the equal sign.
func appendKey(dst []byte, prefix, key string) []byte {
	if len(dst) > 0 {
		dst = append(dst, ' ')
	}
	if prefix == "" || bare(key) && bare(prefix) {
		dst = append(dst, prefix...)
		dst = appendWord(dst, key)
	} else {
		dst = appendWord(dst, prefix+key)
	}
	return append(dst, '=')
}

// appendValue appends a value in the form that [Record] describes. Values of kind
// group are the business of the caller.
func appendValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendString(dst, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(dst, v.Uint64(), 10)
	case slog.KindFloat64:
		return appendFloat(dst, v.Float64())
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case slog.KindDuration:
		return appendString(dst, v.Duration().String())
	case slog.KindTime:
		return v.Time().AppendFormat(dst, time.RFC3339Nano)
	default:
		return appendAny(dst, v.Any())
	}
}

func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendString(dst, strconv.FormatFloat(f, 'g', -1, 64))
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

// appendAny appends a value of a type that slog does not know. A panic in the
// value's own methods becomes its text, as in slog's handlers: a log call must not
// end the program.
func appendAny(dst []byte, v any) (out []byte) {
	defer func() {
		if r := recover(); r != nil {
			out = appendString(dst, fmt.Sprintf("!PANIC: %v", r))
		}
	}()
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case error:
		return appendString(dst, v.Error())
	case []byte:
		return appendString(dst, string(v))
	case json.Marshaler:
		return appendJSON(dst, v)
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		if err != nil {
			return appendString(dst, "!ERROR: "+err.Error())
		}
		return appendString(dst, string(text))
	case fmt.Stringer:
		return appendString(dst, v.String())
	}
	return appendJSON(dst, v)
}

func appendJSON(dst []byte, v any) []byte {
	text, err := marshal(v)
	if err != nil {
		return appendString(dst, fmt.Sprintf("%+v", v))
	}
	if text[0] == '"' {
		var s string
		if json.Unmarshal(text, &s) == nil {
			return appendString(dst, s)
		}
	}
	return append(dst, text...)
}

// appendString appends a string value: as it is if it cannot be taken for anything
// else, and as a JSON string otherwise.
func appendString(dst []byte, s string) []byte {
	if bare(s) && !looksTyped(s) {
		return append(dst, s...)
	}
	return appendQuoted(dst, s)
}

// appendWord appends a key.
func appendWord(dst []byte, s string) []byte {
	if bare(s) {
		return append(dst, s...)
	}
	return appendQuoted(dst, s)
}

// bare reports whether a text can stand without quotes.
func bare(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s)
}

// looksTyped reports whether a text would be read as something that is no string.
func looksTyped(s string) bool {
	switch c := s[0]; {
	case c == '{' || c == '[':
		return true
	case c == '-' || '0' <= c && c <= '9' || s == "true" || s == "false" || s == "null":
		return json.Valid([]byte(s))
	default:
		return false
	}
}

// appendQuoted appends a JSON string. Bytes that are not UTF-8 become the visible
// text \xff, because JSON has no way to hold them.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, '\\', '\\', 'x', hex[c>>4], hex[c&15])
			} else {
				dst = append(dst, s[i:i+n]...)
			}
			i += n
			continue
		}
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < ' ' || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
		i++
	}
	return append(dst, '"')
}

// validUTF8 returns a text with every byte that is not UTF-8 replaced by a visible
// escape.
func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			out = fmt.Appendf(out, `\x%02x`, s[i])
		} else {
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	return string(out)
}
