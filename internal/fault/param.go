package fault

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// param is a member of a fault by its written name. The list of params is the
// one place where names, readers and writers meet.
type param struct {
	name string
	help string
	get  func(*Fault) string // empty for the zero value
	set  func(*Fault, string) error
}

// always names the params that every kind takes.
var always = [...]string{"user", "after", "for", "count", "p", "seed"}

func params() []param {
	return []param{
		text("user", "only this user", func(f *Fault) *string { return &f.User }),
		text("type", "only events of this type", func(f *Fault) *string { return &f.Type }),
		text("path", "only requests whose path contains this", func(f *Fault) *string { return &f.Path }),
		enum("phase", "connect or session", func(f *Fault) *Phase { return &f.Phase }, PhaseConnect, PhaseSession),
		enum("dir", "in (from the server), out or both", func(f *Fault) *Direction { return &f.Direction }, In, Out, Both),
		number("code", "close code or error code", func(f *Fault) *int { return &f.Code }, -1, 4999),
		number("status", "HTTP status", func(f *Fault) *int { return &f.Status }, 100, 599),
		text("reason", "the text that goes with it", func(f *Fault) *string { return &f.Reason }),
		span("retry_after", "Retry-After of the refusal", func(f *Fault) *time.Duration { return &f.RetryAfter }, false),
		span("latency", "delay of each", func(f *Fault) *time.Duration { return &f.Latency }, false),
		span("jitter", "random addition to the delay", func(f *Fault) *time.Duration { return &f.Jitter }, false),
		number("rate", "bytes a second", func(f *Fault) *int { return &f.Rate }, 1, 1<<30),
		number("size", "length in bytes", func(f *Fault) *int { return &f.Size }, 1, 64<<20),
		span("skew", "added to the clock, may be negative", func(f *Fault) *time.Duration { return &f.Skew }, true),
		span("after", "pause before it starts", func(f *Fault) *time.Duration { return &f.After }, false),
		span("for", "how long it lasts", func(f *Fault) *time.Duration { return &f.For }, false),
		number("count", "how often it strikes", func(f *Fault) *int { return &f.Count }, 1, 1<<30),
		probability(),
		seed(),
	}
}

func text(name, help string, at func(*Fault) *string) param {
	return param{
		name, help,
		func(f *Fault) string { return *at(f) },
		func(f *Fault, s string) error { *at(f) = s; return nil },
	}
}

func enum[T ~string](name, help string, at func(*Fault) *T, allowed ...T) param {
	return param{
		name, help,
		func(f *Fault) string { return string(*at(f)) },
		func(f *Fault, s string) error {
			for _, a := range allowed {
				if string(a) == s {
					*at(f) = a
					return nil
				}
			}
			return fmt.Errorf("%q is not %s", s, help)
		},
	}
}

func number(name, help string, at func(*Fault) *int, low, high int) param {
	return param{
		name, help,
		func(f *Fault) string {
			if *at(f) == 0 {
				return ""
			}
			return strconv.Itoa(*at(f))
		},
		func(f *Fault, s string) error {
			n, err := strconv.Atoi(s)
			if err != nil || n < low || n > high {
				return fmt.Errorf("%q is not a whole number from %d to %d", s, low, high)
			}
			*at(f) = n
			return nil
		},
	}
}

func span(name, help string, at func(*Fault) *time.Duration, signed bool) param {
	return param{
		name, help,
		func(f *Fault) string {
			if *at(f) == 0 {
				return ""
			}
			return at(f).String()
		},
		func(f *Fault, s string) error {
			d, err := time.ParseDuration(s)
			switch {
			case err != nil:
				return fmt.Errorf("%q is not a duration; write 500ms, 40s or 2m", s)
			case d < 0 && !signed:
				return fmt.Errorf("%q is negative", s)
			}
			*at(f) = d
			return nil
		},
	}
}

func probability() param {
	return param{
		"p", "probability of each stroke",
		func(f *Fault) string {
			if f.Probability == 0 {
				return ""
			}
			return strconv.FormatFloat(f.Probability, 'g', -1, 64)
		},
		func(f *Fault, s string) error {
			number, percent := strings.CutSuffix(s, "%")
			p, err := strconv.ParseFloat(number, 64)
			if percent {
				p /= 100
			}
			if err != nil || !(p > 0 && p <= 1) {
				return fmt.Errorf("%q is not a probability; write 0.3 or 30%%", s)
			}
			f.Probability = p
			return nil
		},
	}
}

func seed() param {
	return param{
		"seed", "seed of the randomness",
		func(f *Fault) string {
			if f.Seed == 0 {
				return ""
			}
			return strconv.FormatUint(f.Seed, 10)
		},
		func(f *Fault, s string) (err error) {
			f.Seed, err = strconv.ParseUint(s, 10, 64)
			if err != nil {
				return errors.New("a seed is a whole number, 0 or more")
			}
			return nil
		},
	}
}
