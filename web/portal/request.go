package portal

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/internal/phrases"
	"sportello/privacy"
	"sportello/tickets"
)

// requestRoutes adds the catalogue and the forms of its request types.
func (p *Portal) requestRoutes(r chi.Router, get func(string, http.HandlerFunc)) {
	for _, l := range Languages {
		services := paths[l]["services"]
		get(services, p.page(l, p.services))
		get(services+"/", redirect(services))
		get(services+"/{type}", p.page(l, p.request))
		r.Post(services+"/{type}", p.page(l, p.posted))
		get(services+"/{type}/file/{id}", p.page(l, p.unsentFile))
	}
}

// requestType is the one that the path names.
func (p *Portal) requestType(r *http.Request) (tickets.RequestType, error) {
	t, known := p.Tickets.Catalogue.Request(chi.URLParam(r, "type"))
	if !known {
		return t, fault.New(fault.NotFound, "error.not_found")
	}
	return t, nil
}

// visit is one request about a form.
type visit struct {
	w      http.ResponseWriter
	r      *http.Request
	lang   string
	t      tickets.RequestType
	person *account.Person // nil for a stranger
	unsent *tickets.Unsent // what they have kept of this form, nil for nothing
	data   bool            // a script asks, and wants data instead of a page
}

func (p *Portal) visit(w http.ResponseWriter, r *http.Request) (*visit, error) {
	t, err := p.requestType(r)
	if err != nil {
		return nil, err
	}
	w.Header().Set("Cache-Control", "no-store") // going back shall not show what was sent already
	v := &visit{w: w, r: r, lang: lang(r), t: t, person: p.Person(r), data: r.Header.Get("Accept") == "application/json"}
	return v, p.recall(v)
}

// recall reads what the person has kept of the form, unless it is too old.
func (p *Portal) recall(v *visit) error {
	v.unsent = nil
	if v.person == nil {
		return nil
	}
	kept, err := p.Forms.Unsent(v.r.Context(), v.person.ID, v.t.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case !kept.Expired(p.Now(), p.keepDrafts()):
		v.unsent = &kept
	}
	return nil
}

// fullKey is the idempotency key of a form: nobody else can have it.
func (v *visit) fullKey(key string) string { return "portal/" + string(v.person.ID) + "/" + key }

// shortKey is the part of a full key that stands in the form.
func shortKey(full string) string { return full[strings.LastIndexByte(full, '/')+1:] }

// request shows the form: as it was left, or filled in with what is known.
func (p *Portal) request(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(w, r)
	if err != nil {
		return err
	}
	if solved := r.URL.Query().Get("risolto"); solved != "" {
		return p.showSolved(v, solved)
	}
	page := requestPage{Key: rand.Text()}
	told := strings.TrimSpace(strings.ToValidUTF8(r.URL.Query().Get("q"), ""))
	told, page.masked = privacy.Mask(told)
	if runes := []rune(told); len(runes) > longest {
		told = string(runes[:longest])
	}
	page.values = p.filled(v.t, v.person, told)
	if u := v.unsent; u != nil {
		page.resumed, page.Key = u.SavedAt, shortKey(u.Key)
		if len(u.Values) > 0 {
			page.values, page.masked = u.Values, u.Masked
		}
	}
	return p.showRequest(v, http.StatusOK, page)
}

// posted does what a button of the form says, or what a script asks for.
func (p *Portal) posted(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(w, r)
	if err != nil {
		return err
	}
	f, err := p.read(v)
	if err == nil {
		err = p.act(v, f)
	}
	if err != nil && v.data {
		return p.answerRefused(v, err)
	}
	return err
}

func (p *Portal) act(v *visit, f received) error {
	do, of, _ := strings.Cut(f.Do, ":")
	switch do {
	case "check":
		return p.answerChecked(v, f)
	case "save":
		return p.save(v, f)
	case "attach":
		return p.answerAttached(v, f)
	case "detach":
		return p.detach(v, f, of)
	case "discard":
		return p.discard(v)
	case "edit":
		return p.showAgain(v, http.StatusOK, f, nil)
	case "solved":
		return p.solved(v, f, of)
	case "send":
		return p.send(v, f)
	}
	return malformed(nil)
}

// received is a form with the files that came with it, which are kept already.
type received struct {
	written
	Files     []tickets.Attachment
	FileWrong []amiss // why others were not kept
}

// drained is how many bytes of files that are too large are read and thrown
// away, so that the rest of the form is not lost with them.
const drained = 200 << 20

// read reads the form. Its files are accepted one by one and attached to what
// the person has kept; one that is refused leaves the others alone.
func (p *Portal) read(v *visit) (f received, err error) {
	limits := p.Files.Limits()
	most := int64(4 * longestForm)
	if v.person != nil {
		most += int64(limits.MaxCount)*limits.MaxBytes + drained
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most)
	var came []tickets.Attachment
	posted, err := decode(v.r.Header.Get("Content-Type"), v.r.Body, func(name string, content io.Reader) error {
		if v.person == nil {
			f.FileWrong = append(f.FileWrong, amiss{Input: inputFiles, Phrase: "request.files_sign_in"})
			_, err := io.Copy(io.Discard, content)
			return err
		}
		if len(came) >= limits.MaxCount {
			f.FileWrong = append(f.FileWrong, amiss{inputFiles, "files.too_many", fault.Values{"Max": limits.MaxCount}})
			_, err := io.Copy(io.Discard, content)
			return err
		}
		file, err := p.Files.Accept(v.r.Context(), name, content)
		if err != nil {
			kind := fault.KindOf(err)
			if kind != fault.Invalid && kind != fault.TooLarge && kind != fault.Unavailable {
				return err
			}
			f.FileWrong = append(f.FileWrong, fileWrong(name, err))
			_, err = io.Copy(io.Discard, content)
			return err
		}
		came = append(came, tickets.Attachment{ID: file.ID, Name: file.Name, Type: file.Type, Size: file.Size})
		return nil
	})
	if err == nil {
		f.written = readWritten(v.t, posted)
		err = p.attach(v, &f, came)
	} else {
		p.forget(v.r, came)
	}
	return f, err
}

// mostUnsent is how many bytes somebody's unsent requests may hold in all.
const mostUnsent = 100 << 20

// attach keeps files with the person's form.
func (p *Portal) attach(v *visit, f *received, came []tickets.Attachment) error {
	room := int64(mostUnsent)
	if len(came) > 0 {
		all, err := p.Forms.AllUnsent(v.r.Context(), v.person.ID)
		if err != nil {
			p.forget(v.r, came)
			return err
		}
		for _, u := range all {
			for _, file := range u.Attachments {
				room -= file.Size
			}
		}
	}
	for i, file := range came {
		if room -= file.Size; room < 0 {
			p.forget(v.r, came[i:])
			f.FileWrong = append(f.FileWrong, amiss{inputFiles, "request.files_total", fault.Values{"Max": phrases.Size(v.lang, mostUnsent)}})
			break
		}
		u := tickets.Unsent{Person: v.person.ID, RequestType: v.t.ID, Key: v.fullKey(f.Key), SavedAt: p.Now()}
		err := p.Forms.Attach(v.r.Context(), u, file, p.Files.Limits().MaxCount)
		if err == nil {
			f.Files = append(f.Files, file)
			continue
		}
		p.forget(v.r, came[i:i+1])
		if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Conflict {
			p.forget(v.r, came[i+1:])
			return err
		}
		f.FileWrong = append(f.FileWrong, fileWrong(file.Name, err))
	}
	return p.recall(v)
}

// forget removes the contents of files that nothing refers to any more. What
// cannot be removed is only logged: nobody sees it.
func (p *Portal) forget(r *http.Request, gone []tickets.Attachment) {
	for _, file := range gone {
		if err := p.Files.Remove(r.Context(), file.ID); err != nil {
			p.Log.ErrorContext(r.Context(), "file not removed", "file", file.ID, "error", err)
		}
	}
}

// answerRefused tells a script why something was not done.
func (p *Portal) answerRefused(v *visit, err error) error {
	status := httpstatus.Of(err)
	if status >= http.StatusInternalServerError {
		p.Log.ErrorContext(v.r.Context(), "form failed", "request_type", v.t.ID, "error", err)
	}
	phrase, values := fault.Public(err)
	return p.answer(v, status, map[string]any{"error": p.Phrases.Say(v.lang, phrase, values)})
}

func (p *Portal) answer(v *visit, status int, body any) error {
	v.w.Header().Set("Content-Type", "application/json")
	v.w.WriteHeader(status)
	_ = json.NewEncoder(v.w).Encode(body) // who went away needs no answer
	return nil
}

// unsentFile shows a file of a form that was not sent yet, to whoever attached
// it. What a browser would run is only saved.
func (p *Portal) unsentFile(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.requestType(r); err != nil {
		return err
	}
	person := p.Person(r)
	if person == nil {
		return fault.New(fault.NotFound, "files.gone")
	}
	file, err := p.Forms.File(r.Context(), person.ID, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	content, err := p.Files.Open(r.Context(), file.ID)
	if err != nil {
		return err
	}
	defer content.Close()
	disposition, kind := "attachment", "application/octet-stream"
	if isImage(file) {
		disposition, kind = "inline", file.Type
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": file.Name}))
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, content) // who went away needs no more
	}
	return nil
}

func isImage(file tickets.Attachment) bool {
	return strings.HasPrefix(file.Type, "image/") && file.Type != "image/svg+xml"
}

// signIn is where a stranger signs in, to come back to the form.
func (v *visit) signIn() string {
	return paths[v.lang]["sign-in"] + "?" + url.Values{"ritorno": {v.self()}}.Encode()
}

func (v *visit) self() string { return paths[v.lang]["services"] + "/" + v.t.ID }

// fileWrong tells why a file was not taken, by its name.
func fileWrong(name string, err error) amiss {
	phrase, values := fault.Public(err)
	return amiss{inputFiles, phrase, withName(values, name)}
}
