package doctor_test

import (
	"context"
	"fmt"

	"streamscope/doctor"
)

// A base URL that cannot be used ends the examination before it begins.
func Example() {
	r := doctor.Run(context.Background(), doctor.Options{BaseURL: "video.example.com"})
	fmt.Println(r.Failed(), r.Verdict)
	// Output: true The base URL cannot be used: "video.example.com" has no http or https in front, or no host.
}
