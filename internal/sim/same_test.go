package sim

import (
	"reflect"
	"time"

	"streamscope/timeline"
)

// twins are two folds of one story that must stay the same: of the events as
// they happened, and as a recording gives them back. States share what did not
// change with the states before them, so what is still the same slice on both
// sides as at the last comparison need not be looked at again.
type twins struct {
	live, replay timeline.State
}

// over moves both sides over an event and reports whether they are the same
// where it can have changed them: in its session, and in what is common to all.
func (t *twins) over(session string, live, replay timeline.State) bool {
	was := *t
	t.live, t.replay = live, replay
	if len(live.Sessions) != len(replay.Sessions) {
		return false
	}
	a, b, wasA, wasB := value(&t.live), value(&t.replay), value(&was.live), value(&was.replay)
	for i := range a.NumField() {
		if a.Type().Field(i).Name != "Sessions" && !same(a.Field(i), b.Field(i), wasA.Field(i), wasB.Field(i)) {
			return false
		}
	}
	for i := range live.Sessions {
		if live.Sessions[i].Name != session {
			continue
		}
		all := [...]reflect.Value{
			reflect.ValueOf(live.Sessions), reflect.ValueOf(replay.Sessions),
			reflect.ValueOf(was.live.Sessions), reflect.ValueOf(was.replay.Sessions),
		}
		if !same(all[0].Index(i), all[1].Index(i), element(all[2], i), element(all[3], i)) {
			return false
		}
	}
	return true
}

// to moves both sides over some events and reports whether they are the same in
// everything.
func (t *twins) to(live, replay timeline.State) bool {
	was := *t
	t.live, t.replay = live, replay
	return same(value(&t.live), value(&t.replay), value(&was.live), value(&was.replay))
}

func value(s *timeline.State) reflect.Value { return reflect.ValueOf(s).Elem() }

var timeType = reflect.TypeFor[time.Time]()

// same compares a with b. The other two are their values before, which were the
// same, or invalid.
func same(a, b, wasA, wasB reflect.Value) bool {
	if a.Type() == timeType {
		return sameTime(a, b)
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i), field(wasA, i), field(wasB, i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		return sameSlice(a, b, wasA, wasB)
	case reflect.Array:
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i), element(wasA, i), element(wasB, i)) {
				return false
			}
		}
		return true
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem(), reflect.Value{}, reflect.Value{})
	case reflect.Map: // only in the user's custom data, which has none here
		return a.Len() == 0 && b.Len() == 0
	}
	return a.Equal(b)
}

func sameSlice(a, b, wasA, wasB reflect.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	if wasA.IsValid() && wasB.IsValid() && untouched(a, wasA) && untouched(b, wasB) {
		return true
	}
	for i := range a.Len() {
		if !same(a.Index(i), b.Index(i), element(wasA, i), element(wasB, i)) {
			return false
		}
	}
	return true
}

func untouched(now, was reflect.Value) bool {
	return now.Len() == was.Len() && now.UnsafePointer() == was.UnsafePointer()
}

func field(v reflect.Value, i int) reflect.Value {
	if !v.IsValid() {
		return v
	}
	return v.Field(i)
}

func element(v reflect.Value, i int) reflect.Value {
	if !v.IsValid() || i >= v.Len() {
		return reflect.Value{}
	}
	return v.Index(i)
}

// sameTime compares instants. They may stand in fields that reflection does not
// hand out, and a recording forgets in which zone they were.
func sameTime(a, b reflect.Value) bool {
	wall := func(v reflect.Value) (uint64, int64) { return v.Field(0).Uint(), v.Field(1).Int() }
	wallA, extA := wall(a)
	wallB, extB := wall(b)
	return wallA == wallB && extA == extB
}
