package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"streamscope/internal/token"
	"streamscope/internal/wire"
)

// tokenIn finds the token in an answer: where the pointer leads, or in one of
// the documented shapes. Its errors speak of members and types, never of values.
func tokenIn(answer []byte, pointer string) (string, error) {
	answer = bytes.TrimSpace(answer)
	if pointer == "" {
		return autoToken(answer)
	}
	var root any
	if json.Unmarshal(answer, &root) != nil {
		return "", errors.New("not JSON, so that the pointer " + pointer + " leads nowhere")
	}
	found, err := followPointer(root, pointer)
	if err != nil {
		return "", err
	}
	text, ok := found.(string)
	if !ok {
		return "", fmt.Errorf("at %s is %s, not a string", pointer, jsonKind(found))
	}
	return text, nil
}

func autoToken(answer []byte) (string, error) {
	var root any
	if json.Unmarshal(answer, &root) != nil {
		return bareToken(answer)
	}
	switch v := root.(type) {
	case string:
		return v, nil
	case map[string]any:
		text, ok := v["token"].(string)
		switch {
		case ok:
			return text, nil
		case v["token"] != nil:
			return "", fmt.Errorf(`"token" is %s, not a string`, jsonKind(v["token"]))
		}
		return "", fmt.Errorf(`a JSON object with %s but no "token": set a JSON pointer to the member that holds it`, memberNames(v))
	}
	return "", fmt.Errorf("%s, not a token", jsonKind(root))
}

// bareToken accepts one word. What a token is worth is judged by the session,
// but a sentence is no token.
func bareToken(answer []byte) (string, error) {
	if len(answer) >= maxTokenText {
		return "", errors.New("too long for a token")
	}
	if len(bytes.Fields(answer)) != 1 || answer[0] == '<' || answer[0] == '{' {
		return "", errors.New(`neither a bare token, nor a JSON string, nor {"token": …}`)
	}
	return string(answer), nil
}

// followPointer walks a JSON pointer (RFC 6901).
func followPointer(root any, pointer string) (any, error) {
	if !strings.HasPrefix(pointer, "/") {
		return nil, fmt.Errorf("the pointer %q does not begin with a slash", pointer)
	}
	at, passed := root, ""
	for step := range strings.SplitSeq(pointer[1:], "/") {
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		next, ok := descend(at, name)
		if !ok {
			return nil, fmt.Errorf("%s has no %q on the way to %s", whereIs(passed, at), name, pointer)
		}
		at, passed = next, passed+"/"+step
	}
	return at, nil
}

func descend(at any, name string) (any, bool) {
	switch v := at.(type) {
	case map[string]any:
		next, ok := v[name]
		return next, ok
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(v) || len(name) > 1 && name[0] == '0' {
			return nil, false
		}
		return v[i], true
	}
	return nil, false
}

func whereIs(path string, at any) string {
	where := "the answer"
	if path != "" {
		where = path
	}
	if v, ok := at.(map[string]any); ok {
		return where + ", an object with " + memberNames(v) + ","
	}
	return where + ", " + jsonKind(at) + ","
}

func memberNames(v map[string]any) string {
	const shown = 8
	if len(v) == 0 {
		return "no members"
	}
	names := slices.Sorted(maps.Keys(v))
	more := ""
	if len(names) > shown {
		names, more = names[:shown], ", …"
	}
	for i, name := range names {
		names[i] = strconv.Quote(wire.Clean(maskTokens(cutText(name, foreignShown))))
	}
	return strings.Join(names, ", ") + more
}

func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	}
	return "an object"
}

// tokenShape matches what has the form of a signed token.
var tokenShape = regexp.MustCompile(`[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{8,}`)

// maskTokens hides tokens in text that may end in an error.
func maskTokens(text string) string { return tokenShape.ReplaceAllStringFunc(text, token.Mask) }

// hiddenError shows the text of an error without tokens and control characters.
type hiddenError struct{ err error }

func hideTokens(err error) error { return &hiddenError{err} }

func (e *hiddenError) Error() string { return wire.Clean(maskTokens(e.err.Error())) }
func (e *hiddenError) Unwrap() error { return e.err }
