package privacy

import (
	"regexp"
	"strings"
	"unicode"
)

func set(words string) map[string]bool {
	in := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		in[word] = true
	}
	return in
}

// The words of the sentences in which people tell a secret, and of those in
// which they only speak of one. Without accents, in lower case.
var (
	// connectors may stand between "password" and its value.
	connectors = set(`
		a ad al alla come con d da dal dalla de dei del dell della delle dello di e ed i il in l la le lo mi mia mie mio
		nella nel per su sul sulla un una uso usato usavo metto messo inserisco inserito digito digitato scrivo scritto
		provo provato ho avevo abbiamo che attuale corrente iniziale nuova nuovo precedente provvisoria temporanea vecchia
		vecchio personale segreta seguente questa questo quella sempre ora adesso oggi ricevuto ricevuta arrivato arriva
		appena cambiata impostata era vale numero codice code number
		accesso account adn aruba bancomat carta card casella cellulare cie cns computer consolle contabilita dominio email e-mail firma
		login mail noipa outlook pc pec peo portale portatile posta pst rete sicid sicoge siecic sistema smart spid teams
		tessera token utente utenza vpn wi-fi wifi windows
		cifre as current for is my new now of old received entered temporary the to used using was with your our set`)

	// beforeNames come before the name of somebody or something.
	beforeNames = set(`utente utenza user username su per for on`)

	// beforeNouns come before what a password is said to be, not before itself.
	beforeNouns = set(`un una il lo la le i l sul sulla su nel nella del della di da dal dalla a al alla in per con mia mio the on at for to my`)

	// stops end the search: what follows is about something else.
	stops = set(`non ma perche quando se errore errori error codice ticket not but because when if doesn't doesnt dont don't
		cannot can't cant scaduta scaduto scade dimenticata dimenticato persa perso bloccata bloccato reset errata sbagliata`)

	// goesOn may follow a value that closes its clause.
	goesOn = set(`e ed ma pero non o oppure perche grazie per utente user username login account pin and but or it doesn't not
		thanks please che mentre con`)

	// common are words that follow "la password è" without being one.
	common = set(`
		adesso ancora anche altra altro assente assurda attiva attivo brutta buona cambiata certo chiara che chiusa comune
		complessa condivisa corretta corretto corta corto cosa così cosi criptata da debole del della dentro di difficile
		diversa diverso doppia esatta facile falsa fissa forse forte fuori già gia giusta giusto identica ignota in
		inesistente inefficace insicura invalida invariata la lenta libera logora lunga lungo mai mancante meglio mia
		molto necessaria nessuna niente no non nota nulla nuova nuovo obbligatoria ok oscura ovvia parziale peggio perche
		persa perso piccola poco ora oggi ieri domani pubblica qua quale qualcosa qualcuno quella quello questa questo qui
		rossa segreta semplice sempre senza si sicura simile sola solo sospesa sotto sparita stabile stessa strana
		sua subito temporanea provvisoria tanto troppo tua tutta tutto uguale una unica urgente urgentissimo utile valida
		vecchia vera verde visibile vuota aiuto help buongiorno buonasera salve grazie prego scade scadono funziona
		funzionante problema problemi errore errori blocco accesso cambio reset recupero sblocco modifica richiesta
		assistenza scadenza utente utenza account login nome dominio windows outlook teams sicoge sicid siecic consolle
		noipa posta dimentico ricordo serve manca provo riprovo come quando dove chi credenziali errata errato
		rifiutata rigettata respinta rossa scorretta compromessa rubata smessa dismessa richiesta permessa ammessa
		wrong right correct incorrect invalid valid old new same different weak strong long short missing lost unknown
		there here not the that this what how why when where it yes none empty fine good bad broken gone case-sensitive
		mine yours ours case sensitive temporary required mandatory refused please thanks urgent secret safe unsafe
		compromised known public private ready set stuck forever today tomorrow yesterday always never also still again`)

	// names are written with capitals inside and are no secrets.
	names = set(`onedrive noipa polisweb reginde sharepoint microsoft365 office365 wifi iphone ipad macos youtube linkedin
		regeweb skype powerpoint javascript github gitlab whatsapp`)

	// Words that tell what happened to something: expired, forgotten, to change.
	endings = regexp.MustCompile(`(?:[aiu]t[aoei]|mess[aoei]|nte|nti|mente|bil[ei]|zion[ei]|[aei]re|[aei]rla|[aei]rlo|iamo|ing|ly)$`)
	english = regexp.MustCompile(`(?:[b-df-hj-np-tv-z]ed|ired|ated|ocked|otten)$`)

	products  = regexp.MustCompile(`(?i)^(?:office|microsoft|ms|outlook|windows|win|excel|word|teams|server|livello|level|liv|piano|stanza|aula|versione|v|ver|sha|md|base|usb|o|m)[ \-]?\d{1,4}(?:[.,]\d+)*$`)
	errorCode = regexp.MustCompile(`(?i)^(?:0x[0-9a-f]+|[a-z]{1,4}-?0\d{2,4}|(?:http|err|error|errore|evento|event|kb)[_\-]?\d+|[A-Z]+(?:_[A-Z]+)+)$`)
	amount    = regexp.MustCompile(`(?i)^\d{1,4}-?(?:caratteri|cifre|lettere|giorni|gg|mesi|ore|minuti|min|volte|tentativi|characters|chars|digits|days|months|times)$`)
	fileName  = regexp.MustCompile(`(?i)\.(?:p7m|pdf|docx?|xlsx?|odt|txt|zip|log|xml|eml|msg|exe|jpe?g|png|it|com|org|net|eu)$`)
	elision   = regexp.MustCompile(`^(?:l|d|un|all|dall|dell|nell|sull|quell)['’]`)
	figures   = regexp.MustCompile(`^[\d/.:,\-°%+]+$`)
)

var unaccented = strings.NewReplacer("à", "a", "á", "a", "è", "e", "é", "e", "ì", "i", "í", "i", "ò", "o", "ó", "o", "ù", "u", "ú", "u", "’", "'")

// simple is a word as the lists have it.
func simple(word string) string {
	return elision.ReplaceAllString(unaccented.Replace(strings.ToLower(word)), "")
}

// trimmed is a word without the quotes and the punctuation around it.
func trimmed(token string) string { return strings.Trim(token, "\"'’`«»“”()[]{}.,;:!?…*") }

func quoted(token string) bool {
	return len(token) > 2 && strings.ContainsAny(token[:1], "\"'`") && token[len(token)-1] == token[0] ||
		strings.HasPrefix(token, "«") || strings.HasPrefix(token, "“")
}

func isCopula(token string) bool {
	switch strings.ToLower(token) {
	case "è", "é", "e'", "e’", "e`", "era", "is", "was", "sarebbe", "è:", "is:", "e':", "sia", "diventa", "fosse":
		return true
	}
	return false
}

// ordinary reports whether a simple word belongs to the talk about passwords.
func ordinary(word string) bool {
	return common[word] || connectors[word] || stops[word] || names[word] || len(word) >= 5 && (endings.MatchString(word) || english.MatchString(word))
}

func letters(word string) bool {
	for _, r := range word {
		if !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' {
			return false
		}
	}
	return true
}

func digitsOnly(word string) bool {
	return strings.Trim(word, "0123456789") == ""
}

func mixedCase(word string) bool {
	lower, upper := false, false
	for i, r := range word {
		lower = lower || unicode.IsLower(r)
		upper = upper || i > 0 && unicode.IsUpper(r)
	}
	return lower && upper
}

func isErrorCode(word string) bool { return errorCode.MatchString(word) }

// notSecret knows what looks odd and is harmless: dates, ticket numbers, error
// codes, addresses, files, products.
func notSecret(word string) bool {
	return figures.MatchString(word) && !digitsOnly(word) || isErrorCode(word) || products.MatchString(word) || amount.MatchString(word) || fileName.MatchString(word) ||
		strings.Contains(word, "://") || strings.HasPrefix(strings.ToLower(word), "www.") ||
		strings.Count(word, "@") == 1 && strings.Contains(word[strings.Index(word, "@"):], ".")
}

// strictSecret reports whether a word can hardly be anything but a secret,
// whatever stands before it.
func strictSecret(token string) bool {
	word := trimmed(token)
	if len(word) < 5 || notSecret(word) || isPlaceholder(word) || strings.Contains(word, "‹") {
		return false
	}
	if digitsOnly(word) {
		return len(word) >= 6
	}
	hasLetter := strings.ContainsFunc(word, unicode.IsLetter)
	hasDigit := strings.ContainsFunc(word, unicode.IsDigit)
	hasSymbol := strings.ContainsAny(word, "!@#$%^&*?+=~|<>€£§\\")
	return hasLetter && hasDigit || hasLetter && hasSymbol && !strings.Contains(word, "@") || hasDigit && hasSymbol
}

// codeShape reports whether a word can be a PIN or a one-time code.
func codeShape(token string) bool {
	word := trimmed(token)
	if len(word) < 3 || len(word) > 12 || notSecret(word) {
		return false
	}
	digits := 0
	for _, r := range word {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !unicode.IsLetter(r):
			return false
		}
	}
	return digits >= 3 || digits > 0 && len(word) >= 6
}
