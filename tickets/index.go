package tickets

import (
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"sportello/account"
)

// indexedBody is how many characters of a description are searched.
const indexedBody = 2_000

// Words are what a ticket is found by: the stems of what it says, and one word
// for each person who has it, so that a search within somebody's own tickets
// touches no others. A Store keeps them beside the ticket.
func (t Ticket) Words() string {
	texts := []string{t.Subject, cutWords(t.Body, indexedBody), t.ErrorText, t.Application, t.Office, t.Beneficiary.Name, t.Beneficiary.Email, t.Phone}
	for _, id := range slices.Sorted(maps.Keys(t.Fields)) {
		texts = append(texts, t.Fields[id])
	}
	seen := map[string]bool{}
	var words []string
	for _, text := range texts {
		for _, word := range searched(text) {
			if !seen[word] {
				seen[word] = true
				words = append(words, word)
			}
		}
	}
	for _, person := range t.People() {
		words = append(words, PersonWord(person))
	}
	return strings.Join(words, " ")
}

// PersonWord is the word by which a person's tickets are found.
func PersonWord(person account.PersonID) string { return "person" + hex.EncodeToString([]byte(person)) }

// SearchWords are the words of a search, as Words has them. The last one may
// be unfinished.
func SearchWords(text string) []string { return searched(text) }

// searched are the stems of a text without its function words, letters and
// digits only.
func searched(text string) []string {
	var words []string
	for _, word := range tokens(text) {
		folded := strings.TrimRight(fold(word), "@")
		if folded == "" || functionWords[folded] {
			continue
		}
		words = append(words, stem(folded))
	}
	return words
}
