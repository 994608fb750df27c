package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/spreadsheet"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// exportPage is how many tickets are read at once, exportTime how long a
// reader may take over them.
const (
	exportPage = 200
	exportTime = time.Minute
)

func (k *Requests) export(ctx context.Context, v visitor, in *struct {
	ListInput
	Format string `query:"format" enum:"csv,json" default:"csv"`
}) (answer, error) {
	in.Limit = exportPage
	s, err := k.selected(ctx, v, &in.ListInput)
	if err != nil {
		return answer{}, err
	}
	if s.all && !account.Can(v.person, account.ExportTickets, account.Thing{}) {
		return answer{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	first, next, err := k.page(ctx, v, &s) // what fails at once is told as a problem
	if err != nil {
		return answer{}, err
	}
	return answer{write: func(hc huma.Context) error {
		kind := "text/csv; charset=utf-8"
		if in.Format == "json" {
			kind = "application/json"
		}
		hc.SetHeader("Content-Type", kind)
		hc.SetHeader("Content-Disposition", `attachment; filename="tickets.`+in.Format+`"`)
		hc.SetHeader("Cache-Control", "private, no-store")
		hc.SetStatus(http.StatusOK)
		err := k.exportAll(hc, v, s, first, next, in.Format)
		if err != nil && hc.Context().Err() == nil {
			k.Log.ErrorContext(hc.Context(), "export broken off", "error", err)
			panic(http.ErrAbortHandler) // the reader shall see that it is not whole
		}
		return err
	}}, nil
}

func (k *Requests) exportAll(hc huma.Context, v visitor, s selection, list []tickets.Ticket, next, format string) (err error) {
	out := sheetOf(format, hc.BodyWriter())
	w, _ := hc.BodyWriter().(http.ResponseWriter)
	for {
		if err := k.untell(hc.Context(), v, list, nil); err != nil {
			return err
		}
		known, err := k.know(hc.Context(), v, list, nil)
		if err != nil {
			return err
		}
		if w != nil {
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTime)) // a writer without one has no deadline
		}
		for _, t := range list {
			if err := out.add(known.ticket(v.person, t)); err != nil {
				return err
			}
		}
		if next == "" {
			return out.end()
		}
		if list, next, err = k.page(hc.Context(), v, &s); err != nil {
			return err
		}
	}
}

// sheet takes tickets one by one.
type sheet interface {
	add(Ticket) error
	end() error
}

func sheetOf(format string, w io.Writer) sheet {
	if format == "json" {
		return &jsonSheet{w: w, before: "["}
	}
	return &csvSheet{csv: csv.NewWriter(w), w: w}
}

type jsonSheet struct {
	w      io.Writer
	before string
}

func (s *jsonSheet) add(t Ticket) error {
	text, err := json.Marshal(t)
	if err == nil {
		_, err = s.w.Write(append([]byte(s.before+"\n"), text...))
	}
	s.before = ","
	return err
}

func (s *jsonSheet) end() error {
	text := "\n]\n"
	if s.before == "[" {
		text = "[]\n"
	}
	_, err := io.WriteString(s.w, text)
	return err
}

type csvSheet struct {
	csv   *csv.Writer
	w     io.Writer
	begun bool
}

var columns = []string{
	"number", "status", "opened_at", "moved_at", "channel", "request_type", "application", "subject", "body", "error", "since", "deadline",
	"impact", "urgency", "priority", "due_at", "team", "assignee", "author", "beneficiary", "observers", "phone", "office", "rating", "suggestion", "fields",
}

func (s *csvSheet) begin() error {
	if s.begun {
		return nil
	}
	s.begun, s.csv.UseCRLF = true, true
	if _, err := io.WriteString(s.w, spreadsheet.ByteOrderMark); err != nil {
		return err
	}
	return s.csv.Write(columns)
}

func (s *csvSheet) add(t Ticket) error {
	if err := s.begin(); err != nil {
		return err
	}
	var work Work
	if t.Work != nil {
		work = *t.Work
	}
	var observers []string
	for _, o := range t.Observers {
		observers = append(observers, o.Email)
	}
	fields, err := json.Marshal(t.Fields)
	if err != nil {
		return err
	}
	row := []string{
		string(t.Number), string(t.Status), stamp(&t.OpenedAt), stamp(&t.MovedAt), t.Channel, t.RequestType, t.Application, t.Subject, t.Body, t.Error, t.Since, t.Deadline,
		string(t.Impact), string(work.Urgency), number(int(work.Priority)), stamp(work.DueAt), t.Team, address(work.Assignee), address(&t.Author), address(t.Beneficiary),
		strings.Join(observers, " "), t.Phone, t.Office, "", "", string(fields),
	}
	if t.Rating != nil {
		row[23], row[24] = number(t.Rating.Score), t.Rating.Suggestion
	}
	for i := range row {
		row[i] = spreadsheet.Cell(row[i])
	}
	return s.csv.Write(row)
}

func (s *csvSheet) end() error {
	if err := s.begin(); err != nil {
		return err
	}
	s.csv.Flush()
	return s.csv.Error()
}

func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func address(p *Person) string {
	if p == nil {
		return ""
	}
	if p.Email == "" {
		return p.Name
	}
	return p.Email
}
