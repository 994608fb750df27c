// Package httpstatus tells a failure to HTTP.
package httpstatus

import (
	"net/http"

	"sportello/internal/fault"
)

var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// Of returns the status code of a failure (RFC 9110), 500 for a defect of ours.
func Of(err error) int {
	if status, known := statuses[fault.KindOf(err)]; known {
		return status
	}
	return http.StatusInternalServerError
}
