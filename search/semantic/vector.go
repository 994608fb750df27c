package semantic

import "math"

// vector is a direction, in one byte a number: a quarter of the memory of
// floats, and likenesses that differ in the third decimal.
type vector struct {
	numbers []int8
	inverse float32 // of its length
}

// newVector keeps the direction of v, which is neither zero nor infinite.
func newVector(v []float32) vector {
	largest := 0.0
	for _, x := range v {
		largest = max(largest, math.Abs(float64(x)))
	}
	numbers := make([]int8, len(v))
	for i, x := range v {
		numbers[i] = int8(math.Round(float64(x) / largest * 127))
	}
	return vectorOf(numbers)
}

func vectorOf(numbers []int8) vector {
	return vector{numbers, float32(1 / math.Sqrt(float64(dot(numbers, numbers))))}
}

// likeness is the cosine between two vectors of one length.
func (v vector) likeness(w vector) float64 {
	return float64(float32(dot(v.numbers, w.numbers)) * v.inverse * w.inverse)
}

// dot multiplies vectors of one length: eight thousand times 127² fit easily.
// Eight at a time take a third less than four.
func dot(a, b []int8) int32 {
	var s, t, u, v int32
	for len(a) >= 8 && len(b) >= 8 {
		s += int32(a[0])*int32(b[0]) + int32(a[4])*int32(b[4])
		t += int32(a[1])*int32(b[1]) + int32(a[5])*int32(b[5])
		u += int32(a[2])*int32(b[2]) + int32(a[6])*int32(b[6])
		v += int32(a[3])*int32(b[3]) + int32(a[7])*int32(b[7])
		a, b = a[8:], b[8:]
	}
	for i := range a {
		s += int32(a[i]) * int32(b[i])
	}
	return s + t + u + v
}
