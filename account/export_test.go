package account

import (
	"maps"
	"slices"
)

// Acts lists every act that somebody may do.
func Acts() []Act { return slices.Sorted(maps.Keys(rights)) }
