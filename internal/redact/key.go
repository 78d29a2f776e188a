package redact

// Key keeps enough of an API key, which is no secret, to tell two apart.
func Key(key string) string {
	if len(key) <= 8 {
		return key
	}
	return key[:4] + "…" + key[len(key)-3:]
}
