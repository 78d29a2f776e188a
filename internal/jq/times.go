package jq

import (
	"reflect"

	"github.com/itchyny/gojq"
)

// small is the name of the function that stands in front of a multiplication.
const small = "__small"

// isSmall refuses to repeat a string beyond what a value may weigh.
func isSmall(_ any, args []any) any {
	for i, arg := range args {
		text, is := arg.(string)
		if !is {
			continue
		}
		if n, ok := gojq.ToFloat64(args[1-i]); ok && n*float64(len(text)) > maxValue {
			return bound("a string would be longer than %d MiB", maxValue>>20)
		}
	}
	return true
}

// watchTimes puts the question whether it is small before every multiplication of
// a query.
func watchTimes(query *gojq.Query) { watchIn(reflect.ValueOf(query)) }

// watchIn walks whatever a query is made of.
func watchIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		query, is := v.Interface().(*gojq.Query)
		if is && query.Op == gojq.OpUpdateMul {
			*query = *withParts("2 as $__r | 1 |= (. * $__r)", query.Left, query.Right)
		}
		watchIn(v.Elem())
		if is && query.Op == gojq.OpMul {
			*query = *withParts("2 as $__r | 1 as $__l | "+small+"($__l; $__r) | $__l * $__r", query.Left, query.Right)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			watchIn(field)
		}
	case reflect.Slice:
		for i := range v.Len() {
			watchIn(v.Index(i))
		}
	}
}

// withParts reads an expression of our own, with the left operand where its 1
// stands and the right one in place of its 2.
func withParts(expr string, left, right *gojq.Query) *gojq.Query {
	query, err := gojq.Parse(expr)
	if err != nil {
		panic(err) // both are above
	}
	for at := query; at != nil; at = at.Right {
		switch {
		case at.Left == nil || at.Left.Term == nil:
		case at.Left.Term.Number == "1":
			at.Left = left
		case at.Left.Term.Number == "2":
			at.Left = right
		}
	}
	return query
}
