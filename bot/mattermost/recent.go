package mattermost

// recent remembers values of the latest keys, at least mostRecent of them. Its
// zero value is ready to use; it is not safe for concurrent use.
type recent[V any] struct{ young, old map[string]V }

const mostRecent = 10_000

func (r *recent[V]) get(key string) (V, bool) {
	if value, is := r.young[key]; is {
		return value, true
	}
	value, is := r.old[key]
	return value, is
}

func (r *recent[V]) put(key string, value V) {
	if r.young == nil || len(r.young) >= mostRecent {
		r.young, r.old = make(map[string]V), r.young
	}
	r.young[key] = value
}
