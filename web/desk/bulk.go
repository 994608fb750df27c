package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/tickets"
)

// mostAtOnce is how many tickets one form changes.
const mostAtOnce = 100

// bulks are the moves that can be made with many tickets at once.
var bulks = []string{"claim", "assign", "transfer", "weigh", "finish", "close", "link"}

// bulkForm is what the form below the queue offers.
type bulkForm struct {
	Acts      []option
	Teams     []option
	Operators []option
	Impacts   []option
	Urgencies []option
	Replies   []Reply
}

func (v *visit) bulkForm() (b bulkForm, err error) {
	for _, act := range bulks {
		b.Acts = append(b.Acts, option{Value: act, Label: v.say("desk.bulk_" + act)})
	}
	for _, team := range v.Desk.Terms.Teams {
		b.Teams = append(b.Teams, option{Value: team.ID, Label: team.Label.In(v.lang)})
	}
	for _, i := range tickets.Impacts {
		b.Impacts = append(b.Impacts, option{Value: string(i), Label: v.say(i.Phrase())})
	}
	for _, u := range tickets.Urgencies {
		b.Urgencies = append(b.Urgencies, option{Value: string(u), Label: v.say(u.Phrase()), Chosen: u == tickets.Normal})
	}
	b.Operators, err = v.operators(v.by.ID)
	return b, err
}

type bulkPage struct {
	page
	Heading  string
	Back     string
	Outcomes []outcome
	Done     int
}

// outcome is what became of one ticket.
type outcome struct {
	Number  tickets.Number
	URL     string
	Subject string
	Class   string // done, changed or refused
	Text    string
}

// bulk makes one move with many tickets, each by itself: what happens to one
// does not depend on the others. Sent again, the form does nothing again and
// tells the same.
func (v *visit) bulk() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	back := ""
	if values, err := url.ParseQuery(f.Get("back")); err == nil {
		back = "?" + v.chosen(values).values().Encode()
	}
	act, chosen := f.Get("act"), slices.Compact(slices.Clone(f.Values["ticket"]))
	if !slices.Contains(bulks, act) {
		return fault.New(fault.Invalid, "desk.bulk_act_missing")
	}
	if len(chosen) == 0 {
		return fault.New(fault.Invalid, "desk.bulk_none")
	}
	if len(chosen) > mostAtOnce {
		return fault.New(fault.Invalid, "desk.bulk_many", fault.Values{"Most": mostAtOnce})
	}
	shown := bulkPage{page: v.frame("queue", v.say("desk.bulk_title"), ""), Back: v.path("") + back, Heading: v.say("desk.bulk_" + act)}
	for _, one := range chosen {
		result, err := v.bulkOne(act, f, one)
		if err != nil {
			return err
		}
		if result.Class == "done" {
			shown.Done++
		}
		shown.Outcomes = append(shown.Outcomes, result)
	}
	return v.show(http.StatusOK, "bulk", shown)
}

// bulkOne makes the move with one ticket, written as its number and the
// version that the list showed. It fails only where the service does.
func (v *visit) bulkOne(act string, f form, written string) (outcome, error) {
	text, seen, _ := strings.Cut(written, ":")
	number := tickets.Number(text)
	o := outcome{Number: number, URL: v.path("/ticket/" + text), Class: "refused"}
	t, err := v.Desk.Ticket(v.r.Context(), v.by, number)
	if err == nil {
		o.Subject = t.Subject
		of := form{Values: cloned(f.Values)}
		of.Set("version", seen)
		of.Set("kind", string(tickets.CausedBy))
		of.Del("ticket") // the others have nothing to do with this one
		of.Del("back")
		err = v.do(moves[act], of, t, v.key(of, act+"/"+text))
	}
	phrase, _ := fault.Public(err)
	switch {
	case err == nil:
		o.Class, o.Text = "done", v.say("desk.bulk_done")
	case httpstatus.Of(err) >= http.StatusInternalServerError:
		return o, err
	case phrase == "ticket.changed":
		o.Class, o.Text = "changed", v.say("desk.bulk_changed")
	case phrase == "ticket.claimed":
		now, err := v.Desk.Ticket(v.r.Context(), v.by, number)
		if err != nil {
			return o, err
		}
		if err := v.meet(now.Assignee); err != nil {
			return o, err
		}
		o.Class, o.Text = "changed", v.say("desk.claimed_by", "Name", v.name(now.Assignee))
	default:
		o.Text = v.told(err)
	}
	return o, nil
}

func cloned(values map[string][]string) map[string][]string {
	copied := make(map[string][]string, len(values))
	for name, all := range values {
		copied[name] = slices.Clone(all)
	}
	return copied
}
