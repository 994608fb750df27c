package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"sportello/account"
	"sportello/kb"

	"github.com/danielgtaylor/huma/v2"
)

// Library lends published articles; *kb.Library does.
type Library interface {
	Articles(ctx context.Context, lang string, audiences []account.Audience) ([]kb.Article, error)
	Article(ctx context.Context, key kb.Key, audiences []account.Audience) (kb.Article, error)
}

// Articles is a page of articles.
type Articles struct {
	Articles []ArticleLine `json:"articles" doc:"By ID"`
	Next     string        `json:"next,omitempty" doc:"Cursor of the next page"`
}

// ArticleLine is an article without its text.
type ArticleLine struct {
	ID          string           `json:"id"`
	Lang        string           `json:"lang"`
	Title       string           `json:"title"`
	Tags        []string         `json:"tags"`
	Application string           `json:"application,omitempty"`
	Audience    account.Audience `json:"audience" enum:"all,employees,operators"`
	UpdatedAt   time.Time        `json:"updated_at"`
	URL         string           `json:"url" doc:"Of its page"`
}

// Article is one article.
type Article struct {
	ArticleLine
	Questions []string `json:"questions" doc:"Other ways people ask for it"`
	Related   []string `json:"related" doc:"IDs of articles worth reading next"`
	Body      string   `json:"body" doc:"Markdown"`
}

func (k *Requests) registerArticles(api huma.API) {
	const who = "Without a token, what is for everybody; with one that has the scope articles:read, what its person may read."
	serve(k.Door, api, operation{
		id: "list-articles", method: http.MethodGet, path: "/api/v1/articles", tag: "articles", strangers: true, scope: account.ArticlesRead,
		summary: "List published articles", answers: Articles{}, description: who,
	}, k.articles)
	serve(k.Door, api, operation{
		id: "read-article", method: http.MethodGet, path: "/api/v1/articles/{id}", tag: "articles", strangers: true, scope: account.ArticlesRead,
		summary: "Read an article", answers: Article{}, errors: []int{http.StatusNotFound}, description: who + " In Italian where the wanted translation is missing.",
	}, k.article)
}

func readers(v visitor) []account.Audience {
	if !v.person.Known() {
		return account.Audiences(nil)
	}
	return account.Audiences(&v.person)
}

func (k *Requests) articles(ctx context.Context, v visitor, in *struct {
	Reader
	Lang   string `query:"lang" enum:"it,en" default:"it"`
	Cursor string `query:"cursor" maxLength:"200" doc:"Where the page before ended"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (answer, error) {
	all, err := k.Library.Articles(ctx, in.Lang, readers(v))
	out := Articles{Articles: []ArticleLine{}}
	seen := []byte(in.Cursor)
	for _, a := range all {
		if a.ID <= in.Cursor {
			continue
		}
		if len(out.Articles) == in.Limit {
			out.Next = out.Articles[in.Limit-1].ID
			break
		}
		out.Articles = append(out.Articles, lineOf(a))
		seen = append(append(append(seen, ' '), a.ID...), a.Hash...)
	}
	given := answer{body: out, etag: `W/"` + sum(seen, []byte(out.Next)) + `"`}
	if out.Next != "" {
		given.header = map[string]string{"Link": "</api/v1/articles?lang=" + in.Lang + "&cursor=" + out.Next + "&limit=" + strconv.Itoa(in.Limit) + `>; rel="next"`}
	}
	return given, err
}

func (k *Requests) article(ctx context.Context, v visitor, in *struct {
	Reader
	ID   string `path:"id" maxLength:"200"`
	Lang string `query:"lang" enum:"it,en" default:"it"`
}) (answer, error) {
	a, err := k.Library.Article(ctx, kb.Key{ID: in.ID, Lang: in.Lang}, readers(v))
	return answer{
		etag: `W/"` + sum([]byte(a.Lang), []byte(a.Hash)) + `"`,
		body: Article{lineOf(a), append([]string{}, a.Questions...), append([]string{}, a.Related...), a.Body},
	}, err
}

func lineOf(a kb.Article) ArticleLine {
	return ArticleLine{a.ID, a.Lang, a.Title, append([]string{}, a.Tags...), a.Application, a.Audience, a.UpdatedAt, a.URL()}
}
