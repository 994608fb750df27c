package contacts

import "testing"

func TestDaysThatPeopleName(t *testing.T) {
	b := shipped(t)
	for question, want := range map[string]string{ // on Monday 23 November 2026
		"oggi fino a che ora?":             "2026-11-23",
		"siete aperti stasera?":            "2026-11-23",
		"e domani?":                        "2026-11-24",
		"dopodomani ci siete":              "2026-11-25",
		"siete aperti sabato?":             "2026-11-28",
		"SABATO SIETE APERTI":              "2026-11-28",
		"lunedì":                           "2026-11-23",
		"lunedi prossimo":                  "2026-11-30",
		"fine settimana":                   "2026-11-28",
		"in settimana":                     "",
		"venerdi' mattina":                 "2026-11-27",
		"il 24/12 siete aperti?":           "2026-12-24",
		"24/12/2027":                       "2027-12-24",
		"24.12.27":                         "2027-12-24",
		"il 3/2":                           "2027-02-03",
		"il 25 aprile":                     "2027-04-25",
		"1° maggio":                        "2027-05-01",
		"il primo maggio":                  "2027-05-01",
		"il 4 ottobre?":                    "2027-10-04",
		"il 2 giugno 2028":                 "2028-06-02",
		"29 febbraio":                      "2028-02-29",
		"31/02":                            "",
		"il 30 febbraio 2027":              "",
		"a Ferragosto siete aperti?":       "2027-08-15",
		"a Pasquetta":                      "2027-03-29",
		"lunedì dell'Angelo":               "2027-03-29",
		"a Pasqua":                         "2027-03-28",
		"la vigilia di Natale":             "2026-12-24",
		"a natale":                         "2026-12-25",
		"santo stefano siete chiusi?":      "2026-12-26",
		"San Silvestro":                    "2026-12-31",
		"a capodanno":                      "2027-01-01",
		"san francesco":                    "2027-10-04",
		"per l'immacolata":                 "2026-12-08",
		"l'8 dicembre":                     "2026-12-08",
		"il 24 ci siete?":                  "2026-11-24",
		"il 20":                            "2026-12-20",
		"are you open on Saturday?":        "2026-11-28",
		"tomorrow":                         "2026-11-24",
		"the day after tomorrow":           "2026-11-25",
		"on Christmas Eve":                 "2026-12-24",
		"Christmas":                        "2026-12-25",
		"Easter Monday":                    "2027-03-29",
		"December 24th":                    "2026-12-24",
		"4th of October":                   "2027-10-04",
		"New Year's Day":                   "2027-01-01",
		"next monday":                      "2026-11-30",
		"siete aperti 24/7?":               "",
		"alle 9.10 non rispondeva nessuno": "",
		"dalle 10-12":                      "",
		"l'indirizzo 10.1.2.3":             "",
		"R.G. 1234/2026":                   "",
		"che numero chiamo":                "",
		"il computer non va":               "",
		"":                                 "",
		"mi dà errore 12/2026/44":          "",
		"ticket 2026-004512":               "",
		"domenica 29 novembre":             "2026-11-29",
		"festa della repubblica":           "2027-06-02",
		"ognissanti":                       "2027-11-01",
		"may day":                          "2027-05-01",
		"il nostro ufficio è aperto il 7 gennaio": "2027-01-07",
	} {
		day, ok := b.ParseDay(question, at(t, "2026-11-23 15:30"))
		got := ""
		if ok {
			got = day.Format("2006-01-02")
			if day.Hour() != 0 || day.Location().String() != "Europe/Rome" {
				t.Errorf("%q is %v, not a midnight in Rome", question, day)
			}
		}
		if got != want {
			t.Errorf("%q is %q, want %q", question, got, want)
		}
	}
}

func FuzzParseDay(f *testing.F) {
	for _, text := range []string{"il 24/12/0000", "29 febbraio", "il 99", "99/99", "primo maggio 9999", "a Pasqua"} {
		f.Add(text)
	}
	b := shipped(f)
	f.Fuzz(func(t *testing.T, text string) {
		now := at(t, "2026-11-23 15:30")
		if day, ok := b.ParseDay(text, now); ok != !day.IsZero() && day.Year() != 1 {
			t.Errorf("%q: %v, %v", text, day, ok)
		}
		b.Find(text)
	})
}
