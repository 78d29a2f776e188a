package wire

import (
	"net/http"
	"strconv"
)

// Code is the number by which the coordinator names a failure, in the body of
// a REST error and in connection.error. It is not an error by itself: local
// failures and the peer's are wrapped in different types.
type Code int

// The codes of protocol.md 3.6, with the names of the official client's table.
const (
	CodeInternal               Code = -1
	CodeAccessKey              Code = 2
	CodeAuthenticationFailed   Code = 3
	CodeInput                  Code = 4
	CodeAuthentication         Code = 5
	CodeDuplicateUsername      Code = 6
	CodeRateLimit              Code = 9
	CodeDoesNotExist           Code = 16
	CodeNotAllowed             Code = 17
	CodeEventNotSupported      Code = 18
	CodeFeatureNotSupported    Code = 19
	CodeMessageTooLong         Code = 20
	CodeMultipleNesting        Code = 21
	CodePayloadTooBig          Code = 22
	CodeRequestTimeout         Code = 23
	CodeHeaderTooBig           Code = 24
	CodeTokenExpired           Code = 40
	CodeTokenNotValidYet       Code = 41
	CodeTokenUsedBeforeIssued  Code = 42
	CodeTokenSignature         Code = 43
	CodeCommandEndpointMissing Code = 44
	CodeCommandEndpointCall    Code = 45
	CodeConnectionIDNotFound   Code = 46
	CodeCoolDown               Code = 60
	CodeWrongRegion            Code = 69
	CodeQueryChannelPermission Code = 70
	CodeTooManyConnections     Code = 71
	CodeModerationFailed       Code = 73
	CodeAppSuspended           Code = 99
)

type codeFacts struct {
	code   Code
	name   string
	status int
}

// codeTable is the one place where a code meets its name and HTTP status
// (protocol.md 3.6; the statuses of 46, 69 and 71 are assumptions there).
var codeTable = [...]codeFacts{
	{CodeInternal, "InternalSystemError", http.StatusInternalServerError},
	{CodeAccessKey, "AccessKeyError", http.StatusUnauthorized},
	{CodeAuthenticationFailed, "AuthenticationFailedError", http.StatusUnauthorized},
	{CodeInput, "InputError", http.StatusBadRequest},
	{CodeAuthentication, "AuthenticationError", http.StatusUnauthorized},
	{CodeDuplicateUsername, "DuplicateUsernameError", http.StatusBadRequest},
	{CodeRateLimit, "RateLimitError", http.StatusTooManyRequests},
	{CodeDoesNotExist, "DoesNotExistError", http.StatusNotFound},
	{CodeNotAllowed, "NotAllowedError", http.StatusForbidden},
	{CodeEventNotSupported, "EventNotSupportedError", http.StatusBadRequest},
	{CodeFeatureNotSupported, "ChannelFeatureNotSupportedError", http.StatusBadRequest},
	{CodeMessageTooLong, "MessageTooLongError", http.StatusBadRequest},
	{CodeMultipleNesting, "MultipleNestingLevelError", http.StatusBadRequest},
	{CodePayloadTooBig, "PayloadTooBigError", http.StatusRequestEntityTooLarge},
	{CodeRequestTimeout, "RequestTimeoutError", http.StatusRequestTimeout},
	{CodeHeaderTooBig, "MaxHeaderSizeExceededError", http.StatusRequestHeaderFieldsTooLarge},
	{CodeTokenExpired, "AuthErrorTokenExpired", http.StatusUnauthorized},
	{CodeTokenNotValidYet, "AuthErrorTokenNotValidYet", http.StatusUnauthorized},
	{CodeTokenUsedBeforeIssued, "AuthErrorTokenUsedBeforeIssuedAt", http.StatusUnauthorized},
	{CodeTokenSignature, "AuthErrorTokenSignatureInvalid", http.StatusUnauthorized},
	{CodeCommandEndpointMissing, "CustomCommandEndpointMissingError", http.StatusBadRequest},
	{CodeCommandEndpointCall, "CustomCommandEndpointCallError", http.StatusBadRequest},
	{CodeConnectionIDNotFound, "ConnectionIDNotFoundError", http.StatusBadRequest},
	{CodeCoolDown, "CoolDownError", http.StatusForbidden},
	{CodeWrongRegion, "ErrWrongRegion", http.StatusBadRequest},
	{CodeQueryChannelPermission, "ErrQueryChannelPermissions", http.StatusBadRequest},
	{CodeTooManyConnections, "ErrTooManyConnections", http.StatusTooManyRequests},
	{CodeModerationFailed, "MessageModerationFailedError", http.StatusBadRequest},
	{CodeAppSuspended, "AppSuspendedError", http.StatusForbidden},
}

func (c Code) facts() codeFacts {
	for _, f := range codeTable {
		if f.code == c {
			return f
		}
	}
	return codeFacts{code: c}
}

// Known reports whether the code is in the service's table.
func (c Code) Known() bool { return c.facts().name != "" }

// String returns the service's name for the code, or its number.
func (c Code) String() string {
	if name := c.facts().name; name != "" {
		return name
	}
	return strconv.Itoa(int(c))
}

// Status returns the HTTP status that goes with the code, 400 for a code that
// is not in the table.
func (c Code) Status() int {
	if status := c.facts().status; status != 0 {
		return status
	}
	return http.StatusBadRequest
}

// Codes returns every known code in ascending order. The slice is the caller's.
func Codes() []Code {
	all := make([]Code, len(codeTable))
	for i, f := range codeTable {
		all[i] = f.code
	}
	return all
}

// APIError is the body of every REST failure and the error member of
// connection.error (protocol.md 1.7). It is data from the peer, not a Go error.
type APIError struct {
	Code            Code        `json:"code"`
	Message         string      `json:"message"`
	StatusCode      int         `json:"StatusCode"`
	Duration        string      `json:"duration"`
	MoreInfo        string      `json:"more_info"`
	Details         List[int]   `json:"details"`
	ExceptionFields Map[string] `json:"exception_fields,omitzero"`
	// Unrecoverable tells the client not to repeat this request.
	Unrecoverable bool `json:"unrecoverable,omitempty"`
}

// NewAPIError makes the error of a code with the status that belongs to it.
func NewAPIError(code Code, message string) APIError {
	return APIError{Code: code, Message: message, StatusCode: code.Status()}
}
