package main

import (
	"context"
	"fmt"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// demoCrowd are those whose tickets fill the desk of a demonstration.
var demoCrowd = []account.Person{
	{ID: "demo-anna", Email: "anna.bianchi@giustizia.it", Name: "Anna Bianchi", Office: "Tribunale di Napoli, sezione lavoro", Area: "sud", Phone: "081 555 0142", Lang: "it", Roles: []account.Role{account.User}},
	{ID: "demo-luca", Email: "luca.ferri@giustizia.it", Name: "Luca Ferri", Office: "Corte d'Appello di Milano, protocollo", Area: "nord", Phone: "02 555 0198", Lang: "it", Roles: []account.Role{account.User}},
	{ID: "demo-giulia", Email: "giulia.conti@giustizia.it", Name: "Giulia Conti", Office: "Corte di Cassazione, terza sezione civile", Area: "cassazione", Phone: "06 555 0117", Lang: "it", Roles: []account.Role{account.User}},
	{ID: "demo-paolo", Email: "paolo.greco@giustizia.it", Name: "Paolo Greco", Office: "DOG, ufficio contabilità", Area: "uffici-centrali", Phone: "06 555 0163", Lang: "it", Roles: []account.Role{account.User}},
	{ID: "demo-sara", Email: "sara.leoni@avvocati.example", Name: "Sara Leoni", Office: "Studio legale Leoni", External: true, Phone: "055 555 0109", Lang: "it", Roles: []account.Role{account.User}},
	{ID: "demo-james", Email: "james.moore@giustizia.it", Name: "James Moore", Office: "Procura di Firenze, CIT", Area: "centro", Lang: "en", Roles: []account.Role{account.User}},
	{ID: "demo-bruno", Email: "bruno.operatore@giustizia.it", Name: "Bruno Operatore", Lang: "it", Roles: []account.Role{account.User, account.Operator}, Teams: []string{"nord", "cassazione", "adi"}},
}

// demoStep is something that happened to a ticket of the demonstration so many
// minutes after what was before.
type demoStep struct {
	after int
	by    account.PersonID // empty: whoever asked
	rule  func(tickets.Ticket, tickets.Stamp) (tickets.Change, error)
}

func demoMove(to tickets.Status, note string) func(tickets.Ticket, tickets.Stamp) (tickets.Change, error) {
	return func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Move(to, note, s) }
}

func demoSay(text string, internal bool) func(tickets.Ticket, tickets.Stamp) (tickets.Change, error) {
	return func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		return t.Say(tickets.Message{Text: text, Internal: internal}, s)
	}
}

func demoFinish(answer string) func(tickets.Ticket, tickets.Stamp) (tickets.Change, error) {
	return func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Finish(answer, s) }
}

func demoAsk(question string) func(tickets.Ticket, tickets.Stamp) (tickets.Change, error) {
	return func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Ask(question, s) }
}

// demoCase is a ticket of the demonstration.
type demoCase struct {
	by    account.PersonID
	hours int // since it was opened
	draft tickets.Draft
	steps []demoStep
}

const (
	demoOlga  = account.PersonID("demo-operator")
	demoBruno = account.PersonID("demo-bruno")
)

// demoCases fill the desk: every status, team, channel and priority.
var demoCases = []demoCase{
	{"demo-anna", 120, tickets.Draft{Application: "adn", Subject: "ADN, account bloccato dopo tre tentativi", Body: "Dopo il cambio password non entro più nel PC. Il messaggio dice che l'account è bloccato.", ErrorText: "L'account a cui si fa riferimento è bloccato.", Impact: tickets.Me, Channel: "portal"},
		[]demoStep{{30, demoOlga, tickets.Ticket.Claim}, {20, demoOlga, demoFinish("Account sbloccato. Aggiorni la password anche sul telefono, altrimenti si blocca di nuovo.")}, {300, "", func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Rate(5, "Veloci e gentili, grazie.", s)
		}}}},
	{"demo-luca", 96, tickets.Draft{Application: "protocollo", Subject: "Script@, protocollo in uscita senza numero", Body: "Da ieri le registrazioni in uscita restano senza numero per tutto l'ufficio.", Impact: tickets.Office, Channel: "email"},
		[]demoStep{{60, demoBruno, tickets.Ticket.Claim}, {30, demoBruno, demoMove(tickets.Working, "")}, {240, demoBruno, demoSay("Sentito il fornitore, attendiamo il rilascio della correzione.", true)}, {600, "", demoSay("Ci sono novità? Siamo fermi con le notifiche.", false)}}},
	{"demo-giulia", 75, tickets.Draft{Application: "pct", Subject: "PCT Cassazione, deposito rifiutato", Body: "Il deposito del ricorso torna con esito negativo senza motivazione.", Impact: tickets.Me, Channel: "phone"}, nil},
	{"demo-paolo", 72, tickets.Draft{Application: "sicoge", Subject: "SICOGE, titolo non firmabile", Body: "Il titolo di pagamento resta in stato da firmare, la firma remota non si apre.", Impact: tickets.Office, Channel: "phone"},
		[]demoStep{{40, demoOlga, demoAsk("Per proseguire ci servono queste informazioni:\n- Qual è il testo esatto dell'errore?\n- Da quale PC lavora?")}}},
	{"demo-james", 70, tickets.Draft{Application: "vpn", Subject: "VPN drops every ten minutes", Body: "Since Monday the VPN disconnects every ten minutes when I work from home.", Since: "Monday", Impact: tickets.Me, Channel: "widget"},
		[]demoStep{{200, demoOlga, tickets.Ticket.Claim}, {30, demoOlga, demoMove(tickets.Working, "")}, {15, demoOlga, demoSay("Please try the other gateway in the list and tell us how it goes.", false)}, {90, "", demoSay("Same with the other gateway. It lasted eleven minutes.", false)}}},
	{"demo-anna", 52, tickets.Draft{Application: "stampante", Subject: "Multifunzione in aula 3, carta inceppata", Body: "Si inceppa a ogni copia fronte-retro.", Impact: tickets.Office, Channel: "portal"}, nil},
	{"demo-sara", 50, tickets.Draft{Application: "pst", Subject: "PST, accesso con CNS non riuscito", Body: "Il portale non riconosce la CNS, con SPID invece entro.", Impact: tickets.Me, Channel: "widget"}, nil},
	{"demo-luca", 49, tickets.Draft{Application: "consolle", Subject: "Consolle, estrazione ferma al 40 %", Body: "L'estrazione dei fascicoli si ferma sempre al 40 %.", Impact: tickets.Me, Channel: "telegram"},
		[]demoStep{{30, demoBruno, demoAsk("Può inviarci il file di log che trova nella cartella Consolle?")}, {400, "", demoSay("Ecco, il log finisce con «timeout su sicid-mi».", false)}}},
	{"demo-james", 30, tickets.Draft{Application: "tiap", Subject: "TIAP, documents open as blank pages", Body: "Every document scanned today opens as a blank page, for the whole office.", Impact: tickets.Office, Deadline: "domani", Channel: "portal"}, nil},
	{"demo-anna", 28, tickets.Draft{Application: "sicid", Subject: "SICID, tutta la sede senza registro", Body: "Nessuno accede al registro da stamattina. Le udienze sono ferme.", ErrorText: "Errore 503: servizio non disponibile", Impact: tickets.Site, Deadline: "oggi, udienza alle 11", Channel: "phone"},
		[]demoStep{{5, demoOlga, tickets.Ticket.Claim}, {5, demoOlga, demoMove(tickets.Working, "Stiamo verificando con il gestore della rete.")}}},
	{"demo-paolo", 27, tickets.Draft{Application: "posta", Subject: "Outlook, calendario condiviso non visibile", Body: "Il calendario della segreteria non si apre più per due colleghi.", Impact: tickets.Office, Channel: "email", Proposed: tickets.Beneficiary{Name: "Anna Bianchi", Email: "anna.bianchi@giustizia.it"}}, nil},
	{"demo-giulia", 26, tickets.Draft{Application: "teams", Subject: "Teams, udienza da remoto senza audio", Body: "In aula virtuale non si sente nessuno, con le cuffie e senza.", Impact: tickets.Office, Channel: "mattermost"},
		[]demoStep{{10, demoBruno, tickets.Ticket.Claim}}},
	{"demo-luca", 25, tickets.Draft{RequestType: "informazioni", Subject: "Rinnovo della tessera CMG, come si chiede", Body: "La tessera scade a marzo: a chi si chiede il rinnovo?", Impact: tickets.Me, Channel: "portal"}, nil},
	{"demo-anna", 24, tickets.Draft{Application: "cartelle", Subject: "Cartella di rete, accesso per la nuova collega", Body: "Serve l'accesso in lettura e scrittura alla cartella della sezione.", Impact: tickets.Me, Channel: "portal", Beneficiary: tickets.Beneficiary{Name: "Carla Neri", Email: "carla.neri@giustizia.it"}},
		[]demoStep{{60, demoOlga, tickets.Ticket.Claim}}},
	{"demo-sara", 22, tickets.Draft{Application: "pdp", Subject: "PDP, deposito nomina respinto", Body: "Il deposito della nomina è respinto per procedimento non trovato.", Impact: tickets.Me, Channel: "widget"},
		[]demoStep{{50, demoOlga, demoFinish("Il numero di registro era di un altro ufficio: abbiamo indicato quello giusto nel messaggio precedente.")}, {200, "", func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Reopen("Con il numero nuovo il deposito è ancora respinto.", tickets.DefaultReopening, s)
		}}}},
	{"demo-paolo", 20, tickets.Draft{Application: "spedigius", Subject: "SPEDIGIUS, importo liquidato sbagliato", Body: "Il decreto riporta un importo diverso da quello inserito.", Impact: tickets.Me, Channel: "api"}, nil},
	{"demo-james", 8, tickets.Draft{Application: "adn", Subject: "New phone, second factor no longer works", Body: "I changed my phone and the code does not arrive.", Impact: tickets.Me, Channel: "terminal"}, nil},
	{"demo-giulia", 7, tickets.Draft{Application: "smart-card", Subject: "Smart card non riconosciuta dal lettore", Body: "Il lettore lampeggia ma la tessera non viene letta.", Impact: tickets.Me, Channel: "portal"}, nil},
	{"demo-luca", 6, tickets.Draft{Application: "rete", Subject: "Rete assente al terzo piano", Body: "Nessun PC del terzo piano è in rete, i telefoni funzionano.", Impact: tickets.Site, Channel: "phone"},
		[]demoStep{{3, demoBruno, tickets.Ticket.Claim}, {2, demoBruno, demoMove(tickets.Working, "")}, {20, demoBruno, demoSay("Interruttore di piano guasto, il tecnico è in viaggio.", true)}}},
	{"demo-anna", 5, tickets.Draft{Application: "siecic", Subject: "SIECIC, stampa del piano di riparto incompleta", Body: "La stampa si ferma alla seconda pagina.", Impact: tickets.Me, Channel: "email"}, nil},
	{"demo-paolo", 4, tickets.Draft{Application: "presenze", Subject: "Timbrature di ieri mancanti", Body: "Le timbrature di ieri non compaiono nel cartellino.", Impact: tickets.Me, Channel: "portal"},
		[]demoStep{{30, "", func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Close("Sono comparse, grazie.", s)
		}}}},
	{"demo-james", 3, tickets.Draft{Application: "adi", Subject: "ADI, listening room cannot log in", Body: "The listening room gets an error when logging in. Details only by phone, please.", Impact: tickets.Office, Channel: "phone"}, nil},
	{"demo-giulia", 2, tickets.Draft{Application: "pdl", Subject: "PC lentissimo dopo l'aggiornamento", Body: "Per aprire un documento servono alcuni minuti.", Impact: tickets.Me, Channel: "portal"},
		[]demoStep{{10, demoBruno, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Move(tickets.Cancelled, "Aperto due volte per errore, si prosegue sull'altro ticket.", s)
		}}}},
	{"demo-anna", 1, tickets.Draft{Application: "firma", Subject: "Firma digitale, certificato scaduto", Body: "Alla firma compare «certificato non valido».", ErrorText: "Certificato non valido o scaduto", Impact: tickets.Me, Deadline: "deposito entro oggi", Channel: "widget"}, nil},
}

// addDemoCases adds the crowd and its tickets.
func (a *app) addDemoCases(ctx context.Context) error {
	people := map[account.PersonID]account.Person{}
	for _, p := range demoCrowd {
		p.CreatedAt = a.now()
		kept, err := a.people.Admit(ctx, p)
		if err != nil {
			return err
		}
		people[p.ID] = kept
	}
	for _, p := range demoPeople {
		people[p.ID] = p
	}
	for i, c := range demoCases {
		if err := a.addDemoCase(ctx, fmt.Sprintf("demo case %d", i), c, people); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) addDemoCase(ctx context.Context, key string, c demoCase, people map[account.PersonID]account.Person) error {
	past := *a.desk // it happened some time ago
	at := a.now().Add(-time.Duration(c.hours) * time.Hour)
	past.Now = func() time.Time { return at }
	author, d := people[c.by], c.draft
	d.Office, d.Phone, d.ForMe = author.Office, author.Phone, !d.Beneficiary.Other()
	t, err := past.Open(ctx, author, d, key)
	if err != nil {
		return err
	}
	for i, step := range c.steps {
		at = at.Add(time.Duration(step.after) * time.Minute)
		by := author
		if step.by != "" {
			by = people[step.by]
		}
		if _, err := past.Do(ctx, by, t.Number, fmt.Sprintf("%s, step %d", key, i), step.rule); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}
