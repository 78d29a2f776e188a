package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// originColumn is where the origins begin when the value is short enough.
const originColumn = 52

// Print writes a Config as YAML with the origin of each value behind it. Secrets
// are masked, so that what is printed for a secret in clear cannot be read back.
func Print(w io.Writer, c Config, o Origins) error {
	p := &printer{}
	walk(reflect.TypeFor[Config](), "", nil, func(path string, f reflect.StructField, index []int) {
		depth := strings.Count(path, ".")
		name := strings.Repeat("  ", depth) + f.Tag.Get("yaml") + ":"
		v := reflect.ValueOf(&c).Elem().FieldByIndex(index)
		switch {
		case section(f.Type):
			p.line(name, "")
		case v.Kind() == reflect.Map && v.Type() != typeCustom && v.Len() > 0:
			p.line(name, "")
			for _, entry := range mapNames(v) {
				value := inline(v.MapIndex(reflect.ValueOf(entry)))
				p.line(strings.Repeat("  ", depth+1)+quote(entry)+": "+value, o.Of(path+"."+entry).String())
			}
		default:
			p.line(name+" "+inline(v), o.Of(path).String())
		}
	})
	_, err := io.WriteString(w, p.String())
	return err
}

type printer struct{ strings.Builder }

func (p *printer) line(text, origin string) {
	if origin == "" {
		p.WriteString(text + "\n")
		return
	}
	fmt.Fprintf(p, "%-*s # %s\n", originColumn, text, origin)
}

// WriteExample writes the example file: every key, its default, one line of why.
func WriteExample(w io.Writer) error {
	p := &printer{}
	p.WriteString(exampleHead)
	defaults := Default()
	walk(reflect.TypeFor[Config](), "", nil, func(path string, f reflect.StructField, index []int) {
		depth := strings.Count(path, ".")
		indent := strings.Repeat("  ", depth)
		if depth == 0 {
			p.WriteString("\n")
		}
		fmt.Fprintf(p, "%s# %s\n", indent, f.Tag.Get("jsonschema_description"))
		if section(f.Type) {
			fmt.Fprintf(p, "%s%s:\n", indent, f.Tag.Get("yaml"))
			return
		}
		v := reflect.ValueOf(&defaults).Elem().FieldByIndex(index)
		fmt.Fprintf(p, "%s%s: %s\n", indent, f.Tag.Get("yaml"), inline(v))
	})
	p.WriteString(exampleTail)
	_, err := io.WriteString(w, p.String())
	return err
}

const exampleHead = `# streamscope reads this file from ~/.config/streamscope/config.yaml
# (streamscope config paths names the places) or from --config FILE.
# Every key stands here with its default; keep the ones that you change.
# Stronger than the file are STREAMSCOPE_… in the environment, then flags;
# streamscope config print shows what holds, and where each value came from.
`

const exampleTail = `
# Named sets of the keys above, chosen with --profile NAME. Each holds only what
# differs; secrets are env:NAME, file:PATH or cmd:COMMAND. For example:
#   staging:
#     connection:
#       api_key: abc123
#       user: {id: sara}
#       token: {url: "https://staging.example.com/token?user={{query .UserID}}"}
profiles: {}
`
