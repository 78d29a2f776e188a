package coordinator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"streamscope/coordinator"
	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

// The zero value is a coordinator with three users and a key. Any HTTP server
// can carry it.
func Example() {
	var s coordinator.Server
	defer s.Close()
	web := httptest.NewServer(s.Handler())
	defer web.Close()

	get := func(token string) {
		key, _ := s.Credentials()
		req, _ := http.NewRequest("GET", web.URL+"/video/edges?api_key="+key, nil)
		req.Header.Set("Authorization", token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		fail, _ := wire.Decode[wire.APIError](body)
		fmt.Println(res.StatusCode, fail.Code)
	}
	get(s.Token("sara", time.Hour))
	get(s.Token("sara", -time.Hour))
	// Output:
	// 200 0
	// 401 AuthErrorTokenExpired
}

// Faults are armed by value, or read from their text form.
func ExampleServer_Arm() {
	var s coordinator.Server
	defer s.Close()
	f, err := fault.Parse("close:code=1000,user=sara,for=30s")
	if err != nil {
		fmt.Println(err)
		return
	}
	id, err := s.Arm(f)
	fmt.Println(id, err)
	fmt.Println(s.Armed()[0].Fault)
	fmt.Println(f.Expect().Outcome, f.Expect().Trap)
	// Output:
	// f1 <nil>
	// close:user=sara,code=1000,for=30s
	// does not notice K1
}
