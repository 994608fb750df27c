// Package kb is the knowledge base: articles in Markdown, their moves from
// draft to archive, who may read them, and whether they helped.
//
// Articles live in a Store, one per ID and language. Some are shipped with the
// program or lie in a folder, and follow their files until somebody edits them
// here. The search index is derived from the Store by an Indexer and can be
// thrown away at any time.
package kb

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"sportello/account"
)

// Fallback is the language an article is read in where the wanted translation
// is missing.
const Fallback = "it"

// Key names an article in one language. The translations of an article share
// its ID.
type Key struct {
	ID   string `json:"id"`
	Lang string `json:"lang"`
}

// String writes a key as "it/vpn".
func (k Key) String() string { return k.Lang + "/" + k.ID }

// Article is one article in one language.
type Article struct {
	ID, Lang    string
	Title       string
	Questions   []string // other ways people ask for it, in their words
	Tags        []string
	Application string // ID of the application it is about, or empty
	Audience    account.Audience
	Status      Status
	ReviewBy    time.Time // day by which somebody should look at it again, or zero
	Related     []string  // IDs of articles worth reading next
	Body        string    // Markdown

	Origin    Origin
	Hash      string // Fingerprint of what is stored; kept by the Store
	Revision  int    // how often it was saved; 0 if never. Saving names the one it replaces
	UpdatedAt time.Time
	UpdatedBy account.PersonID // empty if a file was imported
}

// Origin says where the text of an article comes from.
type Origin string

// The origins. Shipped and Folder articles follow their files; a Local one was
// edited, or imported on purpose, and files do not touch it any more.
const (
	Shipped Origin = "shipped"
	Folder  Origin = "folder"
	Local   Origin = "local"
)

// Status is where an article stands on its way to its readers.
type Status string

// The statuses. Only published articles are found and read.
const (
	Draft     Status = "draft"
	Review    Status = "review"
	Published Status = "published"
	Archived  Status = "archived"
)

// Statuses lists them in the order of an article's life.
var Statuses = []Status{Draft, Review, Published, Archived}

// Audiences lists whom an article may be for, from the widest.
var Audiences = []account.Audience{account.All, account.Employees, account.Operators}

var moves = map[Status][]Status{
	Draft:     {Review, Archived},
	Review:    {Draft, Published, Archived},
	Published: {Draft, Archived},
	Archived:  {Draft},
}

// CanBecome reports whether an article may move from s to next.
func (s Status) CanBecome(next Status) bool { return slices.Contains(moves[s], next) }

// Key returns the article's key.
func (a Article) Key() Key { return Key{ID: a.ID, Lang: a.Lang} }

// URL is the path of the article's page on the site.
func (a Article) URL() string {
	return "/kb/" + url.PathEscape(a.Lang) + "/" + url.PathEscape(a.ID)
}

// Fingerprint tells whether two articles say the same: it depends on what
// their authors wrote, not on where and when it was stored.
func (a Article) Fingerprint() string {
	review := ""
	if !a.ReviewBy.IsZero() {
		review = a.ReviewBy.Format(time.DateOnly)
	}
	text, err := json.Marshal([]any{
		a.ID, a.Lang, a.Title, orEmpty(a.Questions), orEmpty(a.Tags), a.Application,
		a.Audience, a.Status, review, orEmpty(a.Related), a.Body,
	})
	if err != nil {
		panic(err) // strings and lists of strings always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
