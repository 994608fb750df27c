package desk

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"sportello/internal/fault"
	"sportello/tickets"
)

// shownInPage are types that a browser may show by itself: they hold no script.
var shownInPage = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"}

// file sends a file of the ticket in the path, and of no other one.
func (v *visit) file() error {
	t, err := v.Desk.Ticket(v.r.Context(), v.by, v.number())
	if err != nil {
		return err
	}
	events, err := v.Desk.History(v.r.Context(), v.by, t)
	if err != nil {
		return err
	}
	all := slices.Clone(t.Attachments)
	for _, e := range events {
		all = append(all, e.Attachments...)
	}
	id := chi.URLParam(v.r, "file")
	i := slices.IndexFunc(all, func(a tickets.Attachment) bool { return a.ID == id })
	if i < 0 || v.Files == nil {
		return notFound()
	}
	content, err := v.Files.Open(v.r.Context(), id)
	if missing(err) {
		return fault.New(fault.NotFound, "files.gone")
	}
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // it was only read
	h := v.w.Header()
	disposition, kind := "attachment", "application/octet-stream"
	if slices.Contains(shownInPage, all[i].Type) {
		disposition, kind = "inline", all[i].Type
	}
	if kind == "text/plain" {
		kind += "; charset=utf-8"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": strings.ToValidUTF8(all[i].Name, "")}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	http.ServeContent(v.w, v.r, "", time.Time{}, content)
	return nil
}

func (v *visit) json(status int, answer any) error {
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.WriteHeader(status)
	_ = json.NewEncoder(v.w).Encode(answer) // who went away needs no answer
	return nil
}
