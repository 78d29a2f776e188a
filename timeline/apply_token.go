package timeline

import (
	"cmp"
	"strconv"
)

func (f *folder) tokenLoading(p TokenLoading) {
	t := &f.s.Token
	t.Loading = true
	t.Loads = max(t.Loads, p.Load)
	push(&t.LoadTimes, &f.own.loads, maxLoads, f.e.Time)
}

func (f *folder) tokenLoaded(p TokenLoaded) {
	t := &f.s.Token
	t.Loading, t.Failure = false, nil
	t.Loads = max(t.Loads, p.Load)
	t.LastTook, t.Same = p.Took, p.Same
	t.Latest, t.LatestAt = p.Token, f.e.Time
}

func (f *folder) tokenFailed(p TokenFailed) {
	t := &f.s.Token
	t.Loading, t.Same = false, false
	t.Loads = max(t.Loads, p.Load)
	t.LastTook = p.Took
	failure := p.Failure
	t.Failure = &failure
}

func (f *folder) tokenSent(p TokenSent) {
	t := &f.s.Token
	t.Wire, t.WireAt = p.Token, f.e.Time
	if a := f.attempt(); a != nil {
		a.TokenNumber = p.Token.Number
	}
	push(&t.History, &f.own.history, maxTokens, TokenUse{Token: p.Token, At: f.e.Time, Attempt: f.e.Attempt})
}

// tokenResult notes how the server took the token of an attempt, once.
func (f *folder) tokenResult(attempt int, result string) {
	h := f.s.Token.History
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].Attempt != attempt {
			continue
		}
		if h[i].Result == "" && result != "" {
			writable(&f.s.Token.History, &f.own.history)[i].Result = result
		}
		return
	}
}

// resultOf puts the end of an attempt into a word for the token's row.
func resultOf(p AttemptEnded) string {
	switch {
	case p.Failure != nil && p.Failure.Code != 0:
		return codeText(p.Failure.Code)
	case p.Close != 0:
		return "close " + itoa(p.Close)
	case p.Failure != nil:
		return cmp.Or(p.Failure.Op, "failed")
	}
	return string(p.By)
}

func itoa(n int) string { return strconv.Itoa(n) }
