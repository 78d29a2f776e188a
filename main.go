// Streamscope shows why a Stream Video user is not connected, not ringing, or
// not seeing events. See README.md.
package main

import (
	"os"

	"streamscope/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
