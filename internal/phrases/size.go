package phrases

import (
	"fmt"
	"strings"
)

// Size writes how large a file is, as people read it.
func Size(lang string, bytes int64) string {
	switch {
	case bytes >= 10<<20 || bytes >= 1<<20 && bytes%(1<<20) == 0:
		return fmt.Sprintf("%d MB", bytes>>20)
	case bytes >= 1<<20:
		size := fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
		if lang != "en" {
			size = strings.Replace(size, ".", ",", 1)
		}
		return size
	case bytes >= 1<<10:
		return fmt.Sprintf("%d kB", bytes>>10)
	}
	return fmt.Sprintf("%d byte", bytes)
}
