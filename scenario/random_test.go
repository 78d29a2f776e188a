package scenario

import (
	"regexp"
	"testing"
	"time"
)

func TestRandomIsTheSameForTheSameSeed(t *testing.T) {
	a, b, other := NewRandom(7), NewRandom(7), NewRandom(8)
	var differs bool
	for range 100 {
		x, y, z := a.UpTo(time.Minute), b.UpTo(time.Minute), other.UpTo(time.Minute)
		if x != y {
			t.Fatalf("one seed draws %s and %s", x, y)
		}
		if x < 0 || x >= time.Minute {
			t.Fatalf("%s is not in [0, 1m)", x)
		}
		differs = differs || x != z
	}
	if !differs {
		t.Error("another seed draws the same")
	}
	id := a.ID()
	if id != b.ID() {
		t.Error("one seed draws two identifiers")
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("%q is not shaped like a UUID", id)
	}
}
