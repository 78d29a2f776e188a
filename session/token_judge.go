package session

import "streamscope/internal/token"

// validateToken is the official client's check of a token before it uses it
// (protocol.md 3.2): it returns the text of the error, or nothing. Neither the
// signature nor the times are looked at. An anonymous user's token need not
// name the user, and may be empty.
func validateToken(raw, userID string, anonymous bool) string {
	if raw == "" {
		if anonymous {
			return ""
		}
		return "User token can not be empty"
	}
	id, problem := token.ClientUser(raw)
	switch {
	case problem != "":
		return problem
	case id == "" || !anonymous && id != userID:
		return "userToken does not have a user_id or is not matching with user.id"
	}
	return ""
}
