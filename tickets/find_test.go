package tickets_test

import (
	"testing"

	"sportello/tickets"
)

func TestAnApplicationIsFoundByWhatPeopleCallIt(t *testing.T) {
	c := shipped(t)
	for text, want := range map[string]string{
		"buongiorno la consolle nn va":                    "consolle",
		"Consolle dell'assistente non parte":              "consolle-assistente",
		"la consolle upp non aggiorna":                    "consolle-assistente",
		"sicid non risponde":                              "sicid",
		"che numero chiamo per SICOGE?":                   "sicoge",
		"siamm non c'è più?":                              "spedigius",
		"il vecchio sippi":                                "sitmp",
		"devo annullare un protocollo":                    "protocollo",
		"Script@ non si apre":                             "protocollo",
		"Calliope":                                        "protocollo",
		"tiap@document non mostra gli atti":               "tiap",
		"regeweb lento":                                   "sicp",
		"pst pagina bianca":                               "pst",
		"ricorso in cassazione, la busta non parte":       "pct-cassazione",
		"pct in cassazione":                               "pct-cassazione",
		"la busta non parte":                              "pct",
		"aspetto la terza pec":                            "pct",
		"la pec torna indietro":                           "pec",
		"la mia pec è piena":                              "pec",
		"non mi arrivano più mail":                        "posta",
		"outlook chiede sempre la pass":                   "posta",
		"password di outlook":                             "posta",
		"ho dimenticato la password":                      "adn",
		"utenza bloccata dopo 3 tentativi":                "adn",
		"dal pc non si apre sicid":                        "sicid",
		"il pc è lento":                                   "pdl",
		"non riesco a stampare dal pc":                    "stampante",
		"il toner è finito":                               "stampante",
		"telefono muto":                                   "telefono",
		"telefono nuovo, il codice non arriva":            "",
		"telefono nuovo, authenticator non va":            "mfa",
		"non trovo il cedolino":                           "noipa",
		"busta paga di ottobre":                           "noipa",
		"spid non entra":                                  "spid",
		"pin bloccato":                                    "smart-card",
		"la carta d'identità elettronica non viene letta": "spid",
		"La CARTA D’IDENTITÀ ELETTRONICA":                 "spid",
		"vpn da casa":                                     "vpn",
		"da casa come entro nel pc":                       "vpn",
		"accesso negato alla cartella":                    "cartelle",
		"non c'è internet in tutto il piano":              "rete",
		"nuovo collega da abilitare lunedì":               "",
		"sicidio":                                         "",
		"":                                                "",
	} {
		a, found := c.FindApplication(text)
		if a.ID != want || found != (want != "") {
			t.Errorf("FindApplication(%q) = %q, want %q", text, a.ID, want)
		}
	}
}

func TestWhatIsNamedBesideAnotherDecides(t *testing.T) {
	c := shipped(t)
	for text, want := range map[string]string{
		// tools yield to applications: the branch of the phone tree depends on it
		"certificato di firma non riconosciuto da sicoge": "sicoge",
		"con la smart card non entro nella consolle":      "consolle",
		"codice pin noipa dimenticato":                    "noipa",
		"non riesco a stampare da sicid":                  "sicid",
		"firma digitale scaduta":                          "firma",
		"outlook sulla vpn non va":                        "posta",
		"la mail del pc":                                  "posta",
		// words that mean another application together
		"sono un avvocato, ho un problema con il PCT per la Cassazione": "pct-cassazione",
		"deposito telematico alla suprema corte":                        "pct-cassazione",
		"I am a judge of the cassation, who helps me with the pct":      "pct-cassazione",
		"sono in cassazione e il pc non va":                             "pdl",
		"abilitazione alla consolle per assistenti":                     "consolle-assistente",
		"il portale per il deposito penale":                             "pdp",
		"portale deposito atti penali":                                  "pdp",
		"my authenticator app is empty":                                 "mfa",
	} {
		if a, _ := c.FindApplication(text); a.ID != want {
			t.Errorf("FindApplication(%q) = %q, want %q", text, a.ID, want)
		}
	}
}

func TestAppIsTheCriminalTrialOnlyWhereItIsMeant(t *testing.T) {
	c := shipped(t)
	for text, want := range map[string]bool{
		"APP non funziona":                     true,
		"su app non vedo il fascicolo":         true,
		"app non funziona da stamattina":       true,
		"mi serve il profilo per APP":          true,
		"l'app non mostra il fascicolo penale": true,
		"applicativo processo penale":          true,
		"in app manca l'udienza":               true,
		"l'app IO non va":                      false,
		"L'APP IO NON VA":                      false,
		"ho un'app sul telefono":               false,
		"devo scaricare app IO":                false,
		"la app di teams si chiude":            false,
		"quale app uso per il codice?":         false,
		"app per cellulare":                    false,
		"mobile app does not start":            false,
		"apparecchio rotto":                    false,
	} {
		if a, _ := c.FindApplication(text); (a.ID == "app") != want {
			t.Errorf("FindApplication(%q) = %q", text, a.ID)
		}
	}
}

func TestTheRequestFollowsFromApplicationAndWords(t *testing.T) {
	c := shipped(t)
	for text, want := range map[string]string{
		"utenza bloccata dopo 3 tentativi":              "sblocco-account",
		"ho dimenticato la password":                    "reset-password",
		"telefono nuovo, il codice di authenticator no": "secondo-fattore",
		"la consolle non scarica i fascicoli":           "consolle",
		"sicid non risponde":                            "registri-civili",
		"deposito fermo in sicid":                       "registri-civili",
		"mi serve l'abilitazione per sicid":             "nuovo-profilo",
		"revocare un profilo su APP":                    "revoca-profilo",
		"APP non funziona":                              "app",
		"il ricorso in cassazione non parte":            "cassazione-avvocati",
		"adi mi dà errore":                              "adi-malfunzionamento",
		"non accedo all'adi":                            "adi-accesso",
		"siamm, istanza rifiutata":                      "spedigius",
		"smart card scaduta":                            "carta-rinnovo",
		"pin bloccato":                                  "pin-puk",
		"il lettore lampeggia ma niente":                "carta-lettore",
		"clicco firma e si chiude":                      "errore-firma",
		"non vedo la posta della sezione":               "casella-condivisa",
		"mail strana dice di cliccare":                  "mail-sospetta",
		"in teams non mi sentono":                       "teams",
		"il pc è lento":                                 "pc-guasto",
		"mi serve un nuovo computer":                    "pc-sostituzione",
		"stampa in coda e non esce":                     "stampante-scanner",
		"vpn si stacca ogni 5 min":                      "vpn",
		"nuova abilitazione vpn":                        "nuova-vpn",
		"ho perso un file nella cartella condivisa":     "recupero-file",
		"accesso negato alla cartella":                  "cartella-rete",
		"telefono muto":                                 "telefono-guasto",
		"non vedo il cedolino su noipa":                 "informazioni",
		"nuovo collega da abilitare lunedì":             "nuova-utenza",
		"voglio fare un reclamo":                        "reclamo",
		"boh":                                           "",
	} {
		a, _ := c.FindApplication(text)
		r, found := c.RequestFor(a.ID, text)
		if r.ID != want || found != (want != "") {
			t.Errorf("RequestFor(%q, %q) = %q, want %q", a.ID, text, r.ID, want)
		}
	}
	if r, _ := c.RequestFor("sicoge", ""); r.ID != "sicoge" {
		t.Errorf("without words it is %q", r.ID)
	}
}

func TestACompleteDraftNamesItsApplication(t *testing.T) {
	c := shipped(t)
	d := c.Complete(tickets.Draft{RequestType: "sicoge"})
	if d.Application != "sicoge" {
		t.Errorf("the application of %s is %q", d.RequestType, d.Application)
	}
	if d = c.Complete(tickets.Draft{RequestType: "registri-civili"}); d.Application != "" {
		t.Errorf("of three applications it chose %q", d.Application)
	}
	if d = c.Complete(tickets.Draft{Application: "adn", Subject: "ADN", Body: "password scaduta"}); d.RequestType != "reset-password" {
		t.Errorf("the request is %q", d.RequestType)
	}
}
