package desk

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"time"

	"sportello/internal/spreadsheet"
	"sportello/tickets"
)

// exportPatience is with a reader who takes nothing of an export.
const exportPatience = time.Minute

// exportRows are written at a time.
const exportRows = 100

// export writes the tickets of a view as CSV, however many there are. It is
// what a spreadsheet of the reader's language opens as it is.
func (v *visit) export() error {
	q, err := v.query(v.chosen(v.r.URL.Query()))
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="ticket-`+v.local(v.Now()).Format("2006-01-02")+`.csv"`)
	v.w.Header().Set("Cache-Control", "no-store")
	if v.r.Method == http.MethodHead {
		return nil
	}
	var out bytes.Buffer
	out.WriteString(spreadsheet.ByteOrderMark)
	lines := csv.NewWriter(&out)
	if v.lang == "it" {
		lines.Comma = ';' // the comma is in its numbers
	}
	control, sent := http.NewResponseController(v.w), false
	send := func() error {
		lines.Flush()
		_ = control.SetWriteDeadline(time.Now().Add(exportPatience)) // what has no deadlines has none to outlive
		sent = true
		_, err := out.WriteTo(v.w)
		return err
	}
	var heads []string
	for _, name := range []string{"number", "status", "priority", "subject", "person", "address", "office", "for", "application", "type", "team", "assignee", "channel", "opened", "moved", "due"} {
		heads = append(heads, v.say("desk.csv_"+name))
	}
	_ = lines.Write(heads) // a buffer takes everything
	n := 0
	err = v.Desk.Export(v.r.Context(), v.by, q, func(t tickets.Ticket) error {
		if err := v.meet(t.Author, t.Assignee); err != nil {
			return err
		}
		cells := []string{
			string(t.Number), v.status(t.Status).Label, v.say(t.Priority.Phrase()), t.Subject, v.name(t.Author), v.known[t.Author].Email, t.Office,
			t.Beneficiary.String(), v.application(t.Application), v.requestType(t.RequestType), v.team(t.Team), v.name(t.Assignee), v.channel(t.Channel).Label,
			v.stamp(t.OpenedAt), v.stamp(t.MovedAt), v.stamp(t.DueAt),
		}
		for i := range cells {
			cells[i] = spreadsheet.Cell(cells[i])
		}
		_ = lines.Write(cells)
		if n++; n%exportRows == 0 {
			return send()
		}
		return nil
	})
	if err == nil {
		err = send()
	}
	if err != nil && sent { // too late for a page: a broken download is seen
		v.Log.WarnContext(v.r.Context(), "export broke off", "tickets", n, "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

func (v *visit) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return v.local(t).Format("2006-01-02 15:04")
}
