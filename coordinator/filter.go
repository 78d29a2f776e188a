package coordinator

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// fields gives the values of a thing that a query may ask for, and false for
// names that it does not have.
type fields func(name string) (any, bool)

// matches evaluates filter conditions: members are fields or $and, $or, $nor;
// a condition is a value or an object of operators. What it does not know is an
// error, because a condition that is silently ignored finds too much.
func matches(filter map[string]any, of fields) (bool, error) {
	for name, condition := range filter {
		ok, err := matchOne(name, condition, of)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func matchOne(name string, condition any, of fields) (bool, error) {
	switch name {
	case "$and", "$or", "$nor":
		return matchGroup(name, condition, of)
	}
	value, known := of(name)
	if !known {
		return false, fmt.Errorf("cannot filter by %q", name)
	}
	operators, isObject := condition.(map[string]any)
	if !isObject {
		return equal(value, condition), nil
	}
	for op, operand := range operators {
		ok, err := operate(op, value, operand)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func matchGroup(op string, condition any, of fields) (bool, error) {
	list, _ := condition.([]any)
	for _, member := range list {
		filter, isObject := member.(map[string]any)
		if !isObject {
			return false, fmt.Errorf("%s needs a list of objects", op)
		}
		ok, err := matches(filter, of)
		if err != nil {
			return false, err
		}
		if ok != (op == "$and") {
			return op == "$or", nil
		}
	}
	return op != "$or", nil
}

func operate(op string, value, operand any) (bool, error) {
	switch op {
	case "$eq":
		return equal(value, operand), nil
	case "$ne":
		return !equal(value, operand), nil
	case "$in", "$nin":
		list, isList := operand.([]any)
		if !isList {
			return false, fmt.Errorf("%s needs a list", op)
		}
		found := slices.ContainsFunc(list, func(wanted any) bool { return equal(value, wanted) })
		return found == (op == "$in"), nil
	case "$exists":
		return (value != nil) == (operand == true), nil
	case "$contains":
		return equal(value, operand), nil
	case "$autocomplete", "$q":
		text, _ := value.(string)
		wanted, _ := operand.(string)
		return strings.HasPrefix(strings.ToLower(text), strings.ToLower(wanted)), nil
	case "$gt", "$gte", "$lt", "$lte":
		return ordered(op, compare(value, operand)), nil
	}
	return false, fmt.Errorf("unknown operator %q", op)
}

// equal holds a value, or any element of a list of values, against another.
func equal(value, wanted any) bool {
	if list, isList := value.([]string); isList {
		return slices.ContainsFunc(list, func(one string) bool { return one == wanted })
	}
	if at, isTime := value.(time.Time); isTime {
		return compare(at, wanted) == 0
	}
	return reflect.DeepEqual(value, wanted)
}

func ordered(op string, order int) bool {
	switch op {
	case "$gt":
		return order == 1
	case "$gte":
		return order == 0 || order == 1
	case "$lt":
		return order == -1
	}
	return order == 0 || order == -1
}

// incomparable is an order that satisfies no operator.
const incomparable = 2

func compare(value, operand any) int {
	switch v := value.(type) {
	case time.Time:
		text, _ := operand.(string)
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return incomparable
		}
		return v.Compare(t)
	case string:
		if text, ok := operand.(string); ok {
			return cmp.Compare(v, text)
		}
	case float64:
		if n, ok := operand.(float64); ok {
			return cmp.Compare(v, n)
		}
	}
	return incomparable
}

// compareFields orders two values of the same field; what is missing comes
// first.
func compareFields(a, b any) int {
	switch av := a.(type) {
	case nil:
		if b == nil {
			return 0
		}
		return -1
	case time.Time:
		if bv, ok := b.(time.Time); ok {
			return av.Compare(bv)
		}
		return 1
	}
	if order := compare(a, b); order != incomparable {
		return order
	}
	return 0
}

// orNil gives a missing instant as nothing at all.
func orNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// values counts the values in conditions, however deep.
func values(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, member := range v {
			n += values(member)
		}
	case map[string]any:
		for _, member := range v {
			n += values(member)
		}
	}
	return n
}
