package wire

// UserDetails is the user as a client presents it: in the auth message, in a
// guest request, in an upsert. Absent members are not sent.
type UserDetails struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Image  string `json:"image,omitempty"`
	Role   string `json:"role,omitempty"`
	Type   string `json:"type,omitempty"`
	Custom Custom `json:"custom,omitzero"`
}

// User is a user as the coordinator describes it (UserResponse, protocol.md
// 5.1). The four flags belong to the server-side API and are harmless elsewhere.
type User struct {
	ID             string       `json:"id"`
	Name           string       `json:"name,omitempty"`
	Image          string       `json:"image,omitempty"`
	Role           string       `json:"role"`
	Language       string       `json:"language"`
	Teams          List[string] `json:"teams"`
	Custom         Custom       `json:"custom"`
	BlockedUserIDs List[string] `json:"blocked_user_ids"`
	Banned         bool         `json:"banned"`
	Online         bool         `json:"online"`
	Invisible      bool         `json:"invisible"`
	ShadowBanned   bool         `json:"shadow_banned"`
	CreatedAt      Time         `json:"created_at"`
	UpdatedAt      Time         `json:"updated_at"`
	LastActive     Time         `json:"last_active,omitzero"`
	RevokedBefore  Time         `json:"revoke_tokens_issued_before,omitzero"`
}

// OwnUser is the me of connection.ok (OwnUserResponse, protocol.md 2.3): the
// user and what only the user may see.
type OwnUser struct {
	User
	Devices List[Device] `json:"devices"`
}

// Device is a push device registration (protocol.md 11.3).
type Device struct {
	ID               string `json:"id"`
	PushProvider     string `json:"push_provider"`
	PushProviderName string `json:"push_provider_name,omitempty"`
	Voip             bool   `json:"voip,omitempty"`
	UserID           string `json:"user_id,omitempty"`
	CreatedAt        Time   `json:"created_at"`
}

// GuestRequest asks for a guest user (protocol.md 3.5).
type GuestRequest struct {
	User UserDetails `json:"user"`
}

// GuestResponse carries the guest that the service made and its static token.
// The id may differ from the one asked for.
type GuestResponse struct {
	Duration    string `json:"duration"`
	AccessToken Secret `json:"access_token"`
	User        User   `json:"user"`
}
