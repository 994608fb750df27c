package bot

import (
	"regexp"
	"strings"
)

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

// shortened is text on one line, cut after most characters.
func shortened(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:most])) + " …"
}

// forSomebodyElse reports whether a request names the person it is for.
func forSomebodyElse(text string) bool { return somebodyElse.MatchString(text) }

var somebodyElse = regexp.MustCompile(`(?i)\bper (?:conto )?(?:di |un['’]?|una |il |la |lo )?\s*(?:mi[oa] )?(?:collega|altra persona|altro utente|dirigente|direttore|direttrice|capo|responsabile|giudice|magistrato|presidente)\b|\b(?:for|on behalf of) (?:a |my |the |another )?(?:colleague|boss|judge|manager|person|user)\b`)

// leadIn is what a correction or an afterthought begins with; it is no part of
// the question.
var leadIn = regexp.MustCompile(`(?i)^\s*(?:(?:anzi|comunque|cmq|allora|senta|scusate|guardi|aspetti|aspetta|scusi|scusa|volevo dire|intendevo|cioè|invece|no|ah|ehm?|e|ma|sorry|actually|wait|I mean|no)\b[\s,.:;!…-]*)+`)

// urgency is why people hurry; it says nothing of what is wrong.
var urgency = regexp.MustCompile(`(?i)[,;.\s]*(?:\b(?:è|e'|sono|molto)\s+)*\burgent[\p{L}]*[!\s]*|[,;.\s]*\b(?:e\s+)?(?:(?:ho|c['’]è|abbiamo)\s+)?(?:un['’]|l['’])?\s*udienza\s+(?:tra|fra|alle|in|a)\s+(?:mezz['’]ora|un['’]ora|poco|[\p{L}\d:.]+(?:\s+(?:minuti|minuto|ore|ora|min))?)[!.]*|[,;.\s]*\b(?:e\s+)?(?:il|la|un)?\s*(?:termine|scadenza|deposito)\s+scade\s+(?:a\s+mezzanotte|oggi|stasera|domani|(?:tra|fra|alle)\s+\S+(?:\s+(?:minuti|ore|ora))?)[!.]*`)

// pasted is where the output of a program begins.
var pasted = regexp.MustCompile(`Exception in thread|Traceback \(most recent|\bat [\w.$]+\([\w.]+:\d+\)|\b[\w.]+(?:Exception|Error):`)

// asked is the question in what a person wrote: without the words that lead to
// it and the output that was pasted after it.
func asked(text string) string {
	if at := pasted.FindStringIndex(text); at != nil && len(plainWords(text[:at[0]])) > 2 {
		text = text[:at[0]]
	}
	if rest := urgency.ReplaceAllString(text, " "); len(plainWords(rest)) > 1 {
		text = strings.TrimSpace(rest)
	}
	if rest := leadIn.ReplaceAllString(text, ""); len(plainWords(rest)) > 1 {
		text = rest
	}
	return strings.Trim(text, " \t\n,;:")
}
