package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"streamscope/explain"
)

// maxExplained is how many entries are printed in full; the rest are named.
const maxExplained = 3

func (p *program) explainCommand() *cobra.Command {
	return p.command(&cobra.Command{
		Use:   "explain CODE|TEXT",
		Short: "Say what an error means and what to do",
		Long: "Say what an error means and what to do. It takes an error code (40), a close\n" +
			"code (1006), a trap of the official client (K1), a name (AuthErrorTokenExpired)\n" +
			"or any text: a log line, an exception, a JSON error. With - it reads the text\n" +
			"from standard input.",
		Example: "streamscope explain 43\n" +
			"streamscope explain \"WS handshake timed out after 15000ms\"\n" +
			"streamscope explain - < app.log",
		GroupID: groupTools,
	}, takes{1, 1 << 10, "a code or a text"}, func(_ context.Context, args []string) error {
		query := strings.Join(args, " ")
		if query == "-" {
			text, err := readText(p.in, "standard input")
			if err != nil {
				return err
			}
			query = text
		}
		return p.explain(query)
	})
}

// explain prints what the dictionary knows about the query.
func (p *program) explain(query string) error {
	answer := explain.Lookup(query)
	if len(answer.Matches) == 0 {
		return nothingKnown(query, answer.Suggestions)
	}
	for i, m := range answer.Matches {
		if i == maxExplained {
			fmt.Fprintln(p.out, "\nIt may also be:")
		}
		if i >= maxExplained {
			fmt.Fprintln(p.out, "  "+m.Entry.Title())
			continue
		}
		if i > 0 {
			fmt.Fprintln(p.out)
		}
		fmt.Fprintln(p.out, m.Entry.Text(p.width()))
		if m.Reason != "" {
			fmt.Fprintf(p.out, "\nIn the peer's own words: %s\n", m.Reason)
		}
	}
	return nil
}

func nothingKnown(query string, near []explain.Entry) error {
	hint := "give a code (40), a close code (1006), a trap (K1), or more of the text"
	for i, e := range near {
		if i == 0 {
			hint = "perhaps one of these:"
		}
		hint += "\n" + e.Title()
	}
	return &problem{code: exitFailed, hint: hint,
		what: fmt.Sprintf("nothing is known about %q", hide(cut(query, 60)))}
}

// cut shortens text for a message.
func cut(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
