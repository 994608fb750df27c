package bleveindex

import "sportello/search/analysis"

// wants is what a question asks for, where an answer shows by its digits.
type wants uint8

const (
	wantsNothing wants = iota
	wantsDate
	wantsNumber
)

var wanted = map[string]map[string]wants{
	analysis.Italian: {
		"quando": wantsDate, "anno": wantsDate, "data": wantsDate,
		"quanto": wantsNumber, "quanta": wantsNumber, "quanti": wantsNumber, "quante": wantsNumber, "percentuale": wantsNumber,
	},
	analysis.English: {
		"when": wantsDate, "year": wantsDate, "date": wantsDate,
		"many": wantsNumber, "much": wantsNumber, "percentage": wantsNumber,
	},
}

// wantsOf tells what the words of a question ask for; the first that tells counts.
func wantsOf(lang string, words []analysis.Word) wants {
	for _, w := range words {
		if found := wanted[lang][w.Text]; found != wantsNothing {
			return found
		}
	}
	return wantsNothing
}

// number tells whether a term is written in digits.
type number uint8

const (
	noNumber number = iota
	someNumber
	year // four digits
)

func numberOf(term string) number {
	if term == "" || term[0] < '0' || term[0] > '9' {
		return noNumber
	}
	if len(term) == 4 {
		return year
	}
	return someNumber
}
