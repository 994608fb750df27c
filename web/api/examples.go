package api

import (
	"time"

	"sportello/tickets"
)

// What the document shows.
var (
	exampleDraft = Draft{
		RequestType: "", Application: "consolle", Subject: "Consolle: fascicoli non aggiornati",
		Body: "Da ieri la Consolle non scarica i nuovi fascicoli.", Since: "da ieri", Impact: tickets.Me, Office: "Tribunale di Bari, cancelleria civile",
	}
	exampleTicket = Ticket{
		Number: "2026-004512", URL: "/api/v1/tickets/2026-004512", Status: tickets.Received, Application: "consolle",
		Subject: exampleDraft.Subject, Body: exampleDraft.Body, Since: exampleDraft.Since, Impact: tickets.Me, Fields: map[string]string{},
		Attachments: []File{}, Author: Person{"mario.rossi@giustizia.it", "Mario Rossi"}, Observers: []Person{}, Office: exampleDraft.Office,
		Team: "sud", Channel: Channel, OpenedAt: exampleTime, MovedAt: exampleTime, Version: 1,
	}
	exampleTime = time.Date(2026, time.November, 27, 8, 30, 0, 0, time.UTC)
)
