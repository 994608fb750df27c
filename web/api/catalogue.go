package api

import (
	"context"
	"encoding/json"
	"net/http"

	"sportello/account"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// Catalogue is what can be asked for, in one language.
type Catalogue struct {
	Language     string        `json:"language"`
	Categories   []Category    `json:"categories"`
	Applications []Application `json:"applications"`
	Teams        []Team        `json:"teams,omitempty" doc:"For operators only"`
}

// Category groups request types.
type Category struct {
	ID    string        `json:"id"`
	Label string        `json:"label"`
	Types []RequestType `json:"types"`
}

// RequestType is one entry of the catalogue.
type RequestType struct {
	ID      string  `json:"id"`
	Label   string  `json:"label"`
	Warning string  `json:"warning,omitempty" doc:"To be shown before anything is asked"`
	Fields  []Field `json:"fields" doc:"In the order of the form"`
}

// Field is one thing a request tells.
type Field struct {
	ID       string            `json:"id"`
	Label    string            `json:"label"`
	Why      string            `json:"why,omitempty" doc:"We ask"`
	Kind     tickets.FieldKind `json:"kind" enum:"text,long,choice,date,person,application,files"`
	Max      int               `json:"max,omitempty" doc:"Characters"`
	Required bool              `json:"required"`
	Choices  []FieldChoice     `json:"choices,omitempty"`
}

// FieldChoice is one value of a field.
type FieldChoice struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// Application is a program or service people ask about.
type Application struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Aliases     []string `json:"aliases"`
	Category    string   `json:"category"`
	RequestType string   `json:"request_type"`
}

// Team works on tickets.
type Team struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

func (k *Requests) registerCatalogue(api huma.API) {
	serve(k.Door, api, operation{
		id: "read-catalogue", method: http.MethodGet, path: "/api/v1/catalogue", tag: "catalogue", strangers: true,
		summary: "What can be asked for", answers: Catalogue{},
		description: "Categories with their request types and the fields of each, and the applications. It is for everybody, so no token is needed.",
	}, k.catalogue)
}

func (k *Requests) catalogue(_ context.Context, v visitor, in *struct {
	Reader
	Lang string `query:"lang" enum:"it,en" default:"it"`
}) (answer, error) {
	told := Catalogue{Language: in.Lang, Categories: []Category{}, Applications: []Application{}}
	for _, c := range k.Desk.Catalogue.Categories {
		category := Category{ID: c.ID, Label: c.Label.In(in.Lang), Types: []RequestType{}}
		for _, r := range c.Types {
			category.Types = append(category.Types, requestType(r, in.Lang))
		}
		told.Categories = append(told.Categories, category)
	}
	for _, a := range k.Desk.Catalogue.Applications {
		told.Applications = append(told.Applications, Application{a.ID, a.Name, append([]string{}, a.Aliases...), a.Category, a.Request})
	}
	if account.Can(v.person, account.ListTickets, account.Thing{}) {
		for _, team := range k.Desk.Terms.Teams {
			told.Teams = append(told.Teams, Team{team.ID, team.Label.In(in.Lang)})
		}
	}
	text, err := json.Marshal(told)
	return answer{etag: `W/"` + sum(text) + `"`, body: json.RawMessage(text)}, err
}

func requestType(r tickets.RequestType, lang string) RequestType {
	told := RequestType{ID: r.ID, Label: r.Label.In(lang), Warning: r.Warning.In(lang), Fields: []Field{}}
	for _, f := range r.Fields {
		field := Field{ID: f.ID, Label: f.Label.In(lang), Why: f.Why.In(lang), Kind: f.Kind, Max: f.Max, Required: f.Required}
		for _, c := range f.Choices {
			field.Choices = append(field.Choices, FieldChoice{c.ID, c.Label.In(lang)})
		}
		told.Fields = append(told.Fields, field)
	}
	return told
}
