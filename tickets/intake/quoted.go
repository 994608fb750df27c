package intake

import (
	"regexp"
	"strings"
)

// maxLines bounds the work on one text; what comes after is kept with the last
// line.
const maxLines = 20_000

// setAside splits a mail's text into what was written for us and what only
// came along: quoted mails, signatures, disclaimers. What came along is kept
// in its order. forward says that the mail passes another one on: then that is
// what it is about, and nothing of it is set aside.
func setAside(text string, forward bool) (said, aside string) {
	lines := strings.SplitN(text, "\n", maxLines)
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	cut := len(lines)
	if !forward {
		cut = quoteAt(lines)
	}
	own, quoted := lines[:cut], lines[cut:]
	var alongside []string
	if !forward {
		own, alongside = withoutMarked(own)
	}
	end := signedAt(own)
	signed := own[end:]
	own = own[:end]
	if s := joined(own); s == "" { // nothing but what would be set aside: it is the message
		own, signed, alongside, quoted = lines, nil, nil, nil
	}
	var parts []string
	for _, part := range [][]string{alongside, signed, quoted} {
		if p := joined(part); p != "" {
			parts = append(parts, p)
		}
	}
	return joined(own), strings.Join(parts, "\n\n")
}

// joined puts lines together, with at most one empty line between.
func joined(lines []string) string {
	return strings.TrimSpace(manyEmpty.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}

var manyEmpty = regexp.MustCompile(`\n{3,}`)

// How programs announce what they quote, in Italian and English.
var (
	dividers = regexp.MustCompile(`(?i)^[\s>]*(?:-{2,}|_{2,}|={2,})\s*(?:messaggio originale|original message|messaggio inoltrato|forwarded message|original appointment|messaggio forwardato|reply message|risposta originale)\s*(?:-{2,}|_{2,}|={2,})?\s*$` +
		`|^\s*(?:inizio (?:del )?messaggio inoltrato|begin forwarded message|messaggio originale|original message)\s*:?\s*$`)
	attribution = regexp.MustCompile(`(?i)^\s*(?:il (?:giorno )?.{0,20}\d.{0,200}\bha(?:nno)? scritto|on .{0,200}\d.{0,200}\bwrote|in data .{0,200}\d.{0,200}\bha scritto|da .{1,100} (?:il|del) .{0,80} ha scritto|.{1,120}<\S+@\S+> ha scritto|.{1,120}<\S+@\S+> wrote)\s*:?\s*$`)
	fromLine    = regexp.MustCompile(`(?i)^\s*\*?(?:da|from|mittente|de)\s*:\*?\s*\S`)
	otherLines  = regexp.MustCompile(`(?i)^\s*\*?(?:inviato|inviata|data|a|cc|ccn|oggetto|sent|date|to|subject|priorità|importance|allegati|attachments)\s*:\*?(?:\s|$)`)
	ruleLine    = regexp.MustCompile(`^\s*[_\-=]{10,}\s*$`)
)

// quoteAt returns the line where the quoted mail begins; len(lines) if none.
func quoteAt(lines []string) int {
	for i, line := range lines {
		switch {
		case len(line) > 500:
		case dividers.MatchString(line):
			return i
		case fromLine.MatchString(line) && headerBelow(lines[i+1:]):
			if i > 0 && ruleLine.MatchString(lines[i-1]) {
				return i - 1
			}
			return i
		case attributed(lines[i:]):
			return i
		}
	}
	// A last block of lines with > and nothing of one's own below.
	last := len(lines)
	for i := len(lines) - 1; i >= 0; i-- {
		switch line := strings.TrimSpace(lines[i]); {
		case strings.HasPrefix(line, ">"):
			last = i
		case line != "":
			return last
		}
	}
	return last
}

// headerBelow reports whether the lines of a quoted mail's header follow.
func headerBelow(lines []string) bool {
	found := 0
	for _, line := range lines[:min(len(lines), 8)] {
		if len(line) < 500 && otherLines.MatchString(line) {
			found++
		}
	}
	return found >= 2
}

// attributed reports whether lines begin with "Il giorno … ha scritto:", which
// may be broken over three lines.
func attributed(lines []string) bool {
	start := strings.ToLower(strings.TrimSpace(lines[0]))
	begins := false
	for _, word := range []string{"il ", "on ", "in data ", "da "} {
		begins = begins || strings.HasPrefix(start, word)
	}
	if !begins && !strings.Contains(start, "@") {
		return false
	}
	together := ""
	for _, line := range lines[:min(len(lines), 3)] {
		together = strings.TrimSpace(together + " " + strings.TrimSpace(line))
		if len(together) > 500 {
			return false
		}
		if end := strings.TrimSuffix(together, ":"); strings.HasSuffix(end, "ha scritto") || strings.HasSuffix(end, "hanno scritto") || strings.HasSuffix(end, "wrote") {
			return attribution.MatchString(together)
		}
	}
	return false
}

// withoutMarked takes the disclaimers and the lines that telephones add out of
// what somebody wrote.
func withoutMarked(lines []string) (own, aside []string) {
	disclaiming, written := false, false
	for _, line := range lines {
		short := len(line) <= 2000
		switch {
		case disclaiming, written && short && disclaimer.MatchString(line):
			disclaiming = true
			aside = append(aside, line)
		case short && gadget.MatchString(line):
			aside = append(aside, line)
		default:
			written = written || strings.TrimSpace(line) != ""
			own = append(own, line)
		}
	}
	return own, aside
}

var (
	gadget = regexp.MustCompile(`(?i)^\s*(?:inviat[oa] (?:da|dal|dalla|tramite|con)(?: il)?(?: mio| mia)? ?(?:iphone|ipad|android|smartphone|cellulare|telefono|dispositivo|samsung|huawei|xiaomi|galaxy|outlook|posta|yahoo|gmail|libero|mobile).{0,80}` +
		`|sent from (?:my )?(?:iphone|ipad|android|smartphone|mobile|phone|samsung|galaxy|outlook|mail|yahoo).{0,80}|(?:scarica|ottieni|get) outlook (?:per|for) .{0,60})$`)
	disclaimer = regexp.MustCompile(`(?i)^[\s*_"“-]*(?:avviso di riservatezza|clausola di riservatezza|avvertenza|avvertenze|nota di riservatezza|riservatezza ?:|informativa (?:sulla )?privacy|confidentiality notice|disclaimer|legal notice|privacy notice` +
		`|le informazioni (?:contenute|trasmesse|riportate).{0,300}(?:riservat|confidenzial|destinatari)` +
		`|quest[oa] (?:messaggio|e-?mail|comunicazione|mail).{0,300}(?:riservat|confidenzial|destinatari)` +
		`|il (?:contenuto del )?presente messaggio.{0,300}(?:riservat|confidenzial|destinatari)` +
		`|(?:this|the information in this|the contents of this) (?:e-?mail|message|communication).{0,300}(?:confidential|privileged|intended)` +
		`|ai sensi del (?:d\.? ?lgs|regolamento|gdpr|reg\.).{0,300}(?:dati|privacy|riservat|679)` +
		`|prima di stampare|please consider the environment|rispetta l'ambiente|se avete ricevuto (?:questo|il presente)|if you (?:have received|are not the intended))`)
	closing      = regexp.MustCompile(`(?i)^\s*(?:(?:in attesa,? )?(?:porgo |con i (?:miei )?(?:più )?)?(?:cordiali|distinti|i migliori|tanti) saluti|cordialmente|cordialità|saluti|un (?:caro |cordiale )?saluto|grazie(?: mille| in anticipo)?(?: e| ,|,)? (?:cordiali |distinti )?saluti|grazie(?: mille)?,? buon(?:a giornata| lavoro)|grazie e buon(?:a giornata| lavoro)|buon(?:a giornata| lavoro)|best regards|kind regards|warm regards|regards|yours sincerely|sincerely|best)\s*[,.!]*\s*$`)
	afterthought = regexp.MustCompile(`(?i)^\s*(?:p\.?\s?s\.?|n\.?\s?b\.?)\s*[:.\-]?\s`)
)

// longestSignature is how many lines a closing formula may be followed by.
const longestSignature = 20

// signedAt returns the line where the signature begins; len(lines) if none.
func signedAt(lines []string) int {
	for i, line := range lines {
		if line == "--" || line == "-- " {
			return i
		}
	}
	filled := 0 // lines with something on them, from the end
	for i := len(lines) - 1; i >= 0 && filled <= longestSignature; i-- {
		switch line := lines[i]; {
		case strings.TrimSpace(line) == "":
			continue
		case len(line) < 100 && closing.MatchString(line):
			return i
		case afterthought.MatchString(line):
			return len(lines)
		}
		filled++
	}
	return len(lines)
}
