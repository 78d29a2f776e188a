package ui_test

import (
	"fmt"
	"strings"

	"streamscope/ui"
)

// The table of keys is what the help, the footer, the palette and the manual
// are made of. Actions can be given other keys by their IDs; two actions that
// want the same key are refused.
func ExampleKeyTable() {
	rows, err := ui.KeyTable(map[string][]string{"reconnect": {"f5"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range rows[:3] {
		fmt.Printf("%-10s %-3s %s\n", r.ID, strings.Join(r.Keys, " "), r.Help)
	}
	fmt.Println(ui.CheckKeys(map[string][]string{"reconnect": {"c"}}))
	// Output:
	// connect    c   Connect the user.
	// disconnect d   Disconnect the user with close code 1000; asks first.
	// reconnect  f5  Dial now: cut a backoff short, or drop a socket that is up (asks first).
	// keys: reconnect: "c" is the key of connect already; give one of them another key
}
