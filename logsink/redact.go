package logsink

import "streamscope/internal/redact"

// Redact masks what must not be seen in a text, as [redact.Text] does: anything
// that looks like a JSON Web Token, and the values of keys that name a secret.
//
// [Store.Append] redacts every line, so that no sink can forget. The function is
// exported for text that does not come through a store: errors, crash reports.
func Redact(s string) string { return redact.Text(s) }
