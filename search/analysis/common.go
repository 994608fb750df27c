package analysis

// Common reports whether a folded word is an everyday one that is spelt right
// even where no article uses it, so that nothing should be read into it.
func Common(lang, word string) bool {
	if lang == English {
		return false
	}
	return italianCommon[word] || italianFunction[word]
}

var italianCommon = set(`lavoro oggi ieri domani mattina sera notte ora ore giorno giorni settimana anno anni mese mesi tempo cose persona
	persone casa amico amica amici collega colleghi capo signora signore figlio figlia moglie marito mamma padre`)
