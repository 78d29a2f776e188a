package config_test

import (
	"fmt"

	"streamscope/config"
)

// A flag is stronger than the environment, and every value knows its origin.
func ExampleLoad() {
	cfg, origins, err := config.Load(config.Sources{
		Env:   []string{"STREAMSCOPE_USER_ID=sara", "STREAM_API_KEY=abc"},
		Flags: map[string][]string{"user-id": {"jack"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cfg.Connection.User.ID, "from", origins.Of("connection.user.id"))
	fmt.Println(cfg.Connection.APIKey, "from", origins.Of("connection.api_key"))
	fmt.Println(cfg.Connection.ConnectTimeout, "from", origins.Of("connection.connect_timeout"))
	// Output:
	// jack from --user-id
	// abc from environment STREAM_API_KEY
	// 15s from default
}

// All mistakes are reported together, each with its cure.
func ExampleError() {
	_, _, err := config.Load(config.Sources{
		Env:   []string{"STREAMSCOPE_USER_TYPE=gest"},
		Flags: map[string][]string{"connect-timeout": {"15"}},
	})
	fmt.Println(err)
	// Output:
	// environment STREAMSCOPE_USER_TYPE: connection.user.type: "gest" is none of authenticated, guest, anonymous; did you mean "guest"?
	// --connect-timeout: connection.connect_timeout: "15" is not a duration; write 500ms, 15s or 2m
}
