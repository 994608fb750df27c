package search

import "context"

// Embedder turns texts into vectors: the more alike two texts are in meaning,
// the nearer to 1 is the cosine between theirs. It is safe for concurrent use.
type Embedder interface {
	// Embed returns one vector for each text, in their order, all of the same
	// length, finite and none zero; or it fails as a whole.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}
