package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Blame writes what was set, and by whom, one line each: the key, its value, its
// origin. Secrets are masked. With a prefix it writes every key below it, those
// with their default too; it reports whether there were any.
func Blame(w io.Writer, c Config, o Origins, prefix string) (found bool, err error) {
	defaults := make(map[string]string)
	plain := Default()
	for _, k := range Keys() {
		for _, row := range rowsOf(k, &plain) {
			defaults[row[0]] = row[1]
		}
	}
	for _, k := range Keys() {
		if prefix != "" && k.Path != prefix && !strings.HasPrefix(k.Path, prefix+".") {
			continue
		}
		for _, row := range rowsOf(k, &c) {
			origin := o.Of(row[0])
			if _, own := o.of[row[0]]; !own && defaults[row[0]] == row[1] {
				origin = Origin{Kind: FromDefault} // an entry beside one that was set
			}
			if origin.Kind == FromDefault && prefix == "" {
				continue
			}
			found = true
			if _, err := fmt.Fprintf(w, "%-*s # %s\n", originColumn, row[0]+": "+row[1], origin); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// rowsOf are the key with its value, or a row for each entry of a map.
func rowsOf(k Key, c *Config) [][2]string {
	v := k.value(c)
	if v.Kind() != reflect.Map || v.Type() == typeCustom || v.Len() == 0 {
		return [][2]string{{k.Path, inline(v)}}
	}
	var rows [][2]string
	for _, name := range mapNames(v) {
		rows = append(rows, [2]string{k.Path + "." + name, inline(v.MapIndex(reflect.ValueOf(name)))})
	}
	return rows
}
