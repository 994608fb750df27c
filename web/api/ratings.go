package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// Rated is what somebody thinks of the service they got.
type Rated struct {
	Score      int    `json:"score" minimum:"1" maximum:"5"`
	Suggestion string `json:"suggestion,omitempty" maxLength:"20000"`
}

// Sums are the ratings of a time.
type Sums struct {
	From    time.Time `json:"from"`
	Until   time.Time `json:"until" doc:"Before this time"`
	Ratings int       `json:"ratings"`
	Mean    float64   `json:"mean" doc:"0 if there are none"`
	Scores  [5]int    `json:"scores" doc:"How often 1, 2, 3, 4 and 5 was given"`
	Teams   []TeamSum `json:"teams"`
}

// TeamSum are the ratings of a team's tickets.
type TeamSum struct {
	Team    string  `json:"team"`
	Ratings int     `json:"ratings"`
	Mean    float64 `json:"mean"`
	Scores  [5]int  `json:"scores"`
}

func (k *Requests) registerRatings(api huma.API) {
	for _, method := range []string{http.MethodPut, http.MethodPost} {
		id, also := "rate-ticket", ""
		if method == http.MethodPost {
			id, also = "give-rating", " The same as PUT."
		}
		serve(k.Door, api, operation{
			id: id, method: method, path: ticketsRoot + "/{number}/rating", tag: "ratings", scope: account.RatingsWrite,
			summary: "Rate the service", answers: Rating{}, body: Rated{}, bodyExample: Rated{Score: 5, Suggestion: "Tutto chiaro e veloce."},
			description: "For the people who asked, once the ticket is solved or closed. Rating again replaces the earlier rating." + also,
			errors:      []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge},
		}, k.rate)
	}
	serve(k.Door, api, operation{
		id: "sum-ratings", method: http.MethodGet, path: "/api/v1/ratings", tag: "ratings", scope: account.TicketsRead,
		summary: "What people think of the service, in sums", answers: Sums{},
		description: "For managers. Sums only: nothing leads to a person or an operator. The last 30 days without `from`.",
	}, k.sums)
}

func (k *Requests) rate(ctx context.Context, v visitor, in *struct {
	Caller
	Sent
	Named
}) (answer, error) {
	if _, err := k.ticket(ctx, v, in.Named); err != nil { // told before anything about the request
		return answer{}, err
	}
	var rated Rated
	key, err := in.asked(v, &rated)
	if err != nil {
		return answer{}, err
	}
	number, err := in.parsed()
	if err != nil {
		return answer{}, err
	}
	t, err := k.Desk.Do(ctx, v.person, number, key, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Rate(rated.Score, rated.Suggestion, s)
	})
	if err != nil {
		return answer{}, err
	}
	shown := Rating{Score: rated.Score}
	if t.Rating != nil {
		shown = Rating{t.Rating.Score, t.Rating.Suggestion, moment(t.Rating.At)}
	}
	return answer{etag: tagOf(t), body: shown}, nil
}

func (k *Requests) sums(ctx context.Context, v visitor, in *struct {
	Reader
	From  string `query:"from" maxLength:"40" doc:"RFC 3339"`
	Until string `query:"until" maxLength:"40" doc:"RFC 3339; now by default"`
}) (answer, error) {
	if !account.Can(v.person, account.ReadInsights, account.Thing{}) {
		return answer{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	now := k.Now().UTC().Truncate(time.Second)
	out := Sums{Teams: []TeamSum{}}
	var w wrong
	for _, one := range []struct {
		field, text string
		into        *time.Time
	}{{"from", cmp.Or(in.From, now.AddDate(0, 0, -30).Format(time.RFC3339)), &out.From}, {"until", cmp.Or(in.Until, now.Format(time.RFC3339)), &out.Until}} {
		at, err := time.Parse(time.RFC3339, one.text)
		if err != nil {
			w.add(one.field, "api.field_time")
		}
		*one.into = at
	}
	if err := w.err(); err != nil {
		return answer{}, err
	}
	sums, err := k.Ratings.RatingSums(ctx, out.From, out.Until)
	for _, s := range sums {
		if n := len(out.Teams); n == 0 || out.Teams[n-1].Team != s.Team {
			out.Teams = append(out.Teams, TeamSum{Team: s.Team})
		}
		team := &out.Teams[len(out.Teams)-1]
		team.Scores[s.Score-1] += s.Ratings
		out.Scores[s.Score-1] += s.Ratings
	}
	out.Ratings, out.Mean = mean(out.Scores)
	for i := range out.Teams {
		out.Teams[i].Ratings, out.Teams[i].Mean = mean(out.Teams[i].Scores)
	}
	return answer{body: out}, err
}

func mean(scores [5]int) (n int, mean float64) {
	total := 0
	for i, count := range scores {
		n += count
		total += (i + 1) * count
	}
	if n > 0 {
		mean = float64(total) / float64(n)
	}
	return n, mean
}
