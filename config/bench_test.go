package config

import "testing"

// BenchmarkLoad reads a file with every key: it stands before the first screen,
// which may take 60 ms. Budget: 5 ms.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Load(Sources{Path: "../config.example.yaml"}); err != nil {
			b.Fatal(err)
		}
	}
}
