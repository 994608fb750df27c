package analysis

// numbers written out are indexed as their digits: "due volte", "2 volte".
// "uno" and "one" are grammar words far more often, and "sei" is.
var numbers = map[string]map[string]string{
	Italian: {
		"due": "2", "tre": "3", "quattro": "4", "cinque": "5", "sette": "7", "otto": "8", "nove": "9", "dieci": "10",
		"undici": "11", "dodici": "12", "quindici": "15", "venti": "20", "ventiquattro": "24", "trenta": "30", "quaranta": "40",
		"quarantotto": "48", "cinquanta": "50", "sessanta": "60", "settanta": "70", "ottanta": "80", "novanta": "90",
		"cento": "100", "duecento": "200", "cinquecento": "500", "mille": "1000",
	},
	English: {
		"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
		"eleven": "11", "twelve": "12", "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50",
		"sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90", "hundred": "100", "thousand": "1000",
	},
}
