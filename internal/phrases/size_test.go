package phrases

import "testing"

func TestASizeIsWrittenAsPeopleReadIt(t *testing.T) {
	for bytes, want := range map[int64][2]string{
		0: {"0 byte", "0 byte"}, 1023: {"1023 byte", "1023 byte"}, 1536: {"1 kB", "1 kB"}, 1 << 20: {"1 MB", "1 MB"},
		3 << 19: {"1,5 MB", "1.5 MB"}, 100 << 20: {"100 MB", "100 MB"},
	} {
		if it, en := Size("it", bytes), Size("en", bytes); it != want[0] || en != want[1] {
			t.Errorf("%d is %q and %q, want %q", bytes, it, en, want)
		}
	}
}
