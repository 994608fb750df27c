package api

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"sportello/internal/httpstatus"

	"github.com/danielgtaylor/huma/v2"
)

// Scheme is how the document calls the token of a program.
const Scheme = "token"

// SecurityScheme describes it.
func SecurityScheme() *huma.SecurityScheme {
	return &huma.SecurityScheme{Type: "http", Scheme: "bearer", Description: "A token with scopes, from 'sportello account token'"}
}

// describe is op as the document has it.
func (op operation) describe(api huma.API) huma.Operation {
	d := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Tags: []string{op.tag}, Summary: op.summary, Description: op.description,
		DefaultStatus: cmp.Or(op.status, http.StatusOK), Responses: map[string]*huma.Response{}, Extensions: map[string]any{},
		Security: []map[string][]string{{Scheme: {}}},
	}
	if op.strangers {
		d.Security = append(d.Security, map[string][]string{})
	}
	if op.scope != "" {
		d.Extensions["x-scope"] = op.scope
		d.Description += "\n\nScope: `" + string(op.scope) + "`."
	}
	success := &huma.Response{Description: http.StatusText(d.DefaultStatus)}
	if op.answers != nil {
		success.Content = map[string]*huma.MediaType{"application/json": {Schema: schemaOf(api, op.answers), Example: op.example}}
	}
	d.Responses[strconv.Itoa(d.DefaultStatus)] = success
	refusals := append([]int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}, op.errors...)
	if !op.strangers || op.scope != "" {
		refusals = append(refusals, http.StatusUnauthorized, http.StatusForbidden)
	}
	slices.Sort(refusals)
	for _, status := range slices.Compact(refusals) {
		d.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schemaOf(api, httpstatus.Problem{})}},
		}
	}
	return d
}

// describeBody adds what is sent to the document only: known to the framework,
// it would be read before we know who comes.
func (op operation) describeBody(api huma.API) {
	if op.body == nil {
		return
	}
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf(api, op.body), Example: op.bodyExample},
	}}
	if form, is := op.body.(*huma.RequestBody); is {
		body = form
	}
	at := api.OpenAPI().Paths[op.path]
	for method, described := range map[string]*huma.Operation{http.MethodPost: at.Post, http.MethodPut: at.Put, http.MethodPatch: at.Patch} {
		if method == op.method {
			described.RequestBody = body
		}
	}
}

func schemaOf(api huma.API, of any) *huma.Schema {
	return api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(of), true, "")
}
