package portal

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/tickets"
)

// attached is a file on a ticket.
type attached struct {
	Name, URL, Size string
	Picture         bool // browsers show it by itself
}

// pictures are the types that are shown rather than saved: nothing in them runs.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

func (v view) attached(list []tickets.Attachment) []attached {
	var told []attached
	for _, a := range list {
		told = append(told, attached{
			Name: a.Name, URL: paths[v.l]["tickets"] + "/" + string(v.t.Number) + "/file/" + a.ID,
			Size: phrases.Size(v.l, a.Size), Picture: slices.Contains(pictures, a.Type),
		})
	}
	return told
}

// fileLimits are what a form may hold, as the page tells it.
type fileLimits struct {
	Count int
	Bytes int64
	Size  string
}

func (p *Portal) fileLimits() fileLimits {
	if p.Files == nil {
		return fileLimits{}
	}
	limits := p.Files.Limits()
	return fileLimits{limits.MaxCount, limits.MaxBytes, phrases.Size("it", limits.MaxBytes)}
}

// ticketFile sends a file of a ticket to whoever may read the ticket and the
// message it came with. What is another ticket's is not found.
func (p *Portal) ticketFile(w http.ResponseWriter, r *http.Request, by account.Person) error {
	t, err := p.Tickets.Ticket(r.Context(), by, ticketNumber(r))
	if err != nil {
		return err
	}
	history, err := p.Tickets.History(r.Context(), by, t)
	if err != nil {
		return err
	}
	held := slices.Clone(t.Attachments)
	for _, e := range history {
		if e.Public {
			held = append(held, e.Attachments...)
		}
	}
	id := chi.URLParam(r, "id")
	i := slices.IndexFunc(held, func(a tickets.Attachment) bool { return a.ID == id })
	if i < 0 || p.Files == nil {
		return fault.New(fault.NotFound, "files.gone")
	}
	content, err := p.Files.Open(r.Context(), id)
	if err != nil {
		return err
	}
	defer content.Close()
	shown := "attachment"
	if slices.Contains(pictures, held[i].Type) {
		shown = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", cmp.Or(held[i].Type, "application/octet-stream"))
	h.Set("Content-Disposition", cmp.Or(mime.FormatMediaType(shown, map[string]string{"filename": held[i].Name}), shown))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+id+`"`) // the content of an ID never changes
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}
