package scenario

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"streamscope/internal/fault"
	"streamscope/timeline"
)

// Driver does what a scenario says, on sessions that are named after their
// users. The runner calls it from one goroutine. Methods come back as soon as
// the thing is under way; what it leads to is read from the timeline.
type Driver interface {
	// Begin opens a session for each user and returns when they can be told to
	// connect.
	Begin(ctx context.Context, s Scenario) error
	Connect(user string) error
	Disconnect(user string) error
	Reconnect(user string) error
	SetOnline(user string, online bool) error
	RefreshToken(user string) error
	// Arm arms a fault; user is empty for everybody.
	Arm(f fault.Fault, user string) error
	Clear() error
	// Ring creates a call and rings; cid is empty for one of the driver's choice.
	Ring(from string, to []string, cid string) error
	Accept(user, cid string) error
	Reject(user, cid, reason string) error
	Leave(user, cid string) error
	End(user, cid string) error
}

// Runner carries out scenarios.
type Runner struct {
	Driver Driver
	// Timeline is the store that the driver's sessions append to.
	Timeline *timeline.Store
	// OnStep, when set, hears of every step as it ends, from the runner's
	// goroutine.
	OnStep func(Result, StepResult)
}

// Run carries out one scenario. The error says that it could not be run; what
// it found is in the result, failed or not. Run returns soon after ctx ends.
func (r *Runner) Run(ctx context.Context, s Scenario) (Result, error) {
	res := Result{Scenario: s, Started: time.Now()}
	w := newWatch(r.Timeline)
	defer w.close()
	if err := r.Driver.Begin(ctx, s); err != nil {
		return res, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	for i, step := range s.Steps {
		if step.User == "" && step.Verb != ArmFault {
			step.User = s.Users[0].ID
		}
		if !step.Verb.Expects() {
			w.mark()
		}
		began := time.Now()
		err := r.step(ctx, w, step)
		done := StepResult{Index: i, Step: step, Took: time.Since(began), Err: err, Seq: w.last()}
		res.Steps = append(res.Steps, done)
		if r.OnStep != nil {
			r.OnStep(res, done)
		}
		if err != nil {
			break
		}
	}
	res.Took = time.Since(res.Started)
	return res, ctx.Err()
}

func (r *Runner) step(ctx context.Context, w *watch, st Step) error {
	if st.Verb.Expects() {
		return w.expect(ctx, st)
	}
	if st.Verb == Wait {
		return w.sleep(ctx, st.Wait)
	}
	return r.do(st)
}

// do tells the driver.
func (r *Runner) do(st Step) error {
	d := r.Driver
	switch st.Verb {
	case Connect:
		return d.Connect(st.User)
	case Disconnect:
		return d.Disconnect(st.User)
	case Reconnect:
		return d.Reconnect(st.User)
	case GoOffline:
		return d.SetOnline(st.User, false)
	case GoOnline:
		return d.SetOnline(st.User, true)
	case Token:
		return d.RefreshToken(st.User)
	case ArmFault:
		return d.Arm(st.Fault, st.User)
	case Clear:
		return d.Clear()
	case RingUsers:
		return d.Ring(st.Ring.From, st.Ring.To, st.Ring.CID)
	case Accept:
		return d.Accept(st.User, st.Target)
	case Reject:
		return d.Reject(st.User, st.Target, st.Reason)
	case Leave:
		return d.Leave(st.User, st.Target)
	case End:
		return d.End(st.User, st.Target)
	}
	return fmt.Errorf("no step %q", st.Verb)
}

// ErrNotSeen is wrapped by the error of an expectation that was not met.
var ErrNotSeen = errors.New("not seen")

// ErrSeen is wrapped by the error of an expectation that something be absent.
var ErrSeen = errors.New("seen")

// expect waits until the step's expectation is met, or its time is over.
func (w *watch) expect(ctx context.Context, st Step) error {
	within := st.Within
	if within == 0 {
		within = DefaultWithin
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		w.read()
		if w.met(st) {
			if st.Absent {
				return fmt.Errorf("%w: %s", ErrSeen, st.expectation())
			}
			return nil
		}
		select {
		case <-w.cursor.Wake():
		case <-timer.C:
			if w.read(); st.Absent != w.met(st) {
				return nil
			}
			if st.Absent {
				return fmt.Errorf("%w: %s", ErrSeen, st.expectation())
			}
			return fmt.Errorf("%w within %s: %s; %s", ErrNotSeen, within, st.expectation(), w.instead(st))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sleep lets time pass while the timeline is read.
func (w *watch) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-w.cursor.Wake():
			w.read()
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// expectation says in words what is waited for.
func (st Step) expectation() string {
	what := strings.TrimPrefix(string(st.Verb), "expect ") + " " + st.Target
	if st.Status != 0 {
		what += fmt.Sprintf(" answered with %d", st.Status)
	}
	if st.Count > 1 {
		what += fmt.Sprintf(" %d times", st.Count)
	}
	return what + " for " + st.User
}
