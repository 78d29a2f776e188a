package logsink

import "math/bits"

// bitmap has one bit for each line of a chunk.
type bitmap [chunkLines / 64]uint64

func (b *bitmap) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b *bitmap) has(i int) bool { return b[i/64]>>(i%64)&1 != 0 }

func (b *bitmap) and(o *bitmap) {
	for i := range b {
		b[i] &= o[i]
	}
}

func (b *bitmap) andNot(o *bitmap) {
	for i := range b {
		b[i] &^= o[i]
	}
}

func (b *bitmap) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// rank returns how many bits below i are set.
func (b *bitmap) rank(i int) (n int) {
	for _, w := range b[:i/64] {
		n += bits.OnesCount64(w)
	}
	if i%64 != 0 {
		n += bits.OnesCount64(b[i/64] << (64 - i%64))
	}
	return n
}

// nth returns the position of the bit that has n set bits below it.
func (b *bitmap) nth(n int) int {
	for i, w := range b {
		c := bits.OnesCount64(w)
		if n >= c {
			n -= c
			continue
		}
		for ; n > 0; n-- {
			w &= w - 1
		}
		return i*64 + bits.TrailingZeros64(w)
	}
	return -1
}

// next returns the first set bit at or after i, or -1.
func (b *bitmap) next(i int) int {
	if i >= chunkLines {
		return -1
	}
	w := b[i/64] >> (i % 64) << (i % 64)
	for j := i / 64; ; w = b[j] {
		if w != 0 {
			return j*64 + bits.TrailingZeros64(w)
		}
		if j++; j == len(b) {
			return -1
		}
	}
}

// prev returns the last set bit at or before i, or -1.
func (b *bitmap) prev(i int) int {
	if i < 0 {
		return -1
	}
	w := b[i/64] << (63 - i%64) >> (63 - i%64)
	for j := i / 64; ; w = b[j] {
		if w != 0 {
			return j*64 + 63 - bits.LeadingZeros64(w)
		}
		if j--; j < 0 {
			return -1
		}
	}
}

// below returns the bitmap whose first n bits are set.
func below(n int) (b bitmap) {
	for i := range n / 64 {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[n/64] = 1<<(n%64) - 1
	}
	return b
}
