package bot

import "strings"

// withoutTicketWords leaves of "apri un ticket per la stampante" what it is for.
func withoutTicketWords(text string) string {
	rest := strings.TrimSpace(text)
	for again := true; again; {
		again = false
		for _, words := range openingWords {
			if n := len(words); len(rest) > n && rest[n] == ' ' && strings.EqualFold(rest[:n], words) {
				rest, again = strings.TrimSpace(rest[n:]), true
			}
		}
	}
	return rest
}

// openingWords begin a request for a ticket, before what it is for.
var openingWords = []string{
	"buongiorno", "salve", "per favore", "vorrei", "voglio", "devo", "può", "puo", "puoi", "mi", "aprire", "aprirmi", "aprimi", "apri", "apra",
	"creare", "crea", "segnalare", "un nuovo ticket", "un ticket", "una segnalazione", "una richiesta", "ticket", "per", "perché", "perche", "che",
	"please", "open", "create", "i want to", "i'd like to", "i need to", "can you", "a ticket", "a request", "for", "about", "because",
}

// wantsTicket reports whether a sentence asks for a ticket and says what for.
func wantsTicket(text string) bool {
	return hasAny(text, "aprire", "apri", "aprimi", "apra", "aprite", "aprirmi", "crea", "creare", "open", "create", "raise") &&
		hasAny(text, "ticket", "segnalazione") && !hasAny(text, "come", "how", "dove", "where", "quando", "posso")
}
