package bot_test

import (
	"strings"
	"testing"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/store"
	"sportello/tickets"
)

// newFormsStage is a stage whose channel can show a form.
func newFormsStage(t *testing.T) *stage {
	s := newStage(t)
	s.engine.Channels = map[string]bot.Traits{"test": {Forms: true, Personal: true}}
	return s
}

func (s *stage) conversation() bot.Conversation {
	s.Helper()
	conv, err := s.engine.Conversation(s.Context(), s.id)
	if err != nil {
		s.Fatal(err)
	}
	return conv
}

func (s *stage) offersSheet() bool {
	for _, c := range s.conversation().Choices {
		if bot.OpensSheet(c.ID) {
			return true
		}
	}
	return false
}

func (s *stage) sheet() bot.Sheet {
	s.Helper()
	sheet, err := s.engine.Sheet(s.Context(), s.id)
	if err != nil {
		s.Fatal(err)
	}
	return sheet
}

// fills sends a form and returns the actions that answer it, or what is wrong.
func (s *stage) fills(key string, fields map[string]string) (actions []string, wrong []bot.Wrong) {
	s.Helper()
	before := s.conversation().Seq
	receipt, wrong, err := s.engine.Fill(s.Context(), bot.Inbound{Conversation: s.id, Channel: "test", ID: key, Fields: fields})
	if err != nil {
		s.Fatal(err)
	}
	if len(wrong) > 0 {
		if s.conversation().Seq != before {
			s.Error("something was stored of a form with mistakes")
		}
		return nil, wrong
	}
	if err := s.engine.Wait(s.Context(), s.id, receipt.Seq); err != nil {
		s.Fatal(err)
	}
	for _, e := range s.after(receipt.Seq) {
		if e.Told() {
			actions = append(actions, e.Action())
		}
	}
	return actions, nil
}

func (s *stage) after(seq int64) []bot.Event {
	s.Helper()
	events, err := s.engine.Store.Events(s.Context(), s.id, seq, 100)
	if err != nil {
		s.Fatal(err)
	}
	return events
}

// filled are the values of a sheet with what it lacks.
func filled(sheet bot.Sheet, more map[string]string) map[string]string {
	values := map[string]string{}
	for _, f := range sheet.Fields {
		values[f.ID] = f.Value
	}
	for id, value := range more {
		values[id] = value
	}
	for _, f := range sheet.Fields { // own ones of the request type
		if _, given := more[f.ID]; !given && values[f.ID] == "" && f.Required && f.Kind != tickets.KindChoice {
			values[f.ID] = "Non lo so"
		}
	}
	return values
}

var complete = map[string]string{
	tickets.FieldBeneficiary: "me", tickets.FieldOffice: "Tribunale di Bari", tickets.FieldBody: "La stampante è ferma da ieri.", tickets.FieldImpact: "me",
}

func TestAFormFilledInAtOnceIsTheSameTicket(t *testing.T) {
	s := newFormsStage(t)
	s.expect("apri un ticket per la stampante", "ask ticket.application")
	if !s.offersSheet() {
		t.Fatalf("the form is not offered: %v", s.conversation().Choices)
	}
	sheet := s.sheet()
	var ids []string
	for _, f := range sheet.Fields {
		ids = append(ids, f.ID)
		if f.Label == "" || f.Kind == tickets.KindChoice && len(f.Choices) == 0 || f.Max == 0 && f.Kind != tickets.KindChoice {
			t.Errorf("a field lacks something: %+v", f)
		}
	}
	if got := strings.Join(ids, " "); !strings.HasPrefix(got, "application beneficiary beneficiary.person office subject body") || !strings.HasSuffix(got, "phone") {
		t.Errorf("the fields are %s", got)
	}
	values := filled(sheet, complete)
	if values[tickets.FieldApplication] != "stampante" || !strings.Contains(values[tickets.FieldSubject], "tampante") {
		t.Errorf("what is known is not proposed: %v", values)
	}
	if got, wrong := s.fills("dialog 1", values); strings.Join(got, " ") != "ask ticket.confirm" {
		t.Fatalf("the filled form is answered by %q, %v", got, wrong)
	}
	if got, _ := s.fills("dialog 1", values); strings.Join(got, " ") != "ask ticket.confirm" {
		t.Errorf("the same form again is answered by %q", got)
	}
	if events := s.after(0); len(events) != int(s.conversation().Seq) || strings.Count(texts(events), "Ho compilato il modulo") != 1 {
		t.Errorf("the conversation reads %q", texts(events))
	}
	s.expect("invia", "open 2026-000001")
	one, err := s.engine.Tickets.ByNumber(t.Context(), "2026-000001")
	if err != nil || one.Office != "Tribunale di Bari" || one.Beneficiary.Email != "" || one.Application != "stampante" || !strings.Contains(one.Body, "ferma da ieri") {
		t.Errorf("the ticket is %+v, %v", one, err)
	}
	if _, _, err := s.engine.Fill(t.Context(), bot.Inbound{Conversation: s.id, Channel: "test", ID: "dialog 2", Fields: values}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a form without a ticket being written: %v", err)
	}
}

func texts(events []bot.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Text)
	}
	return strings.Join(all, "\n")
}

func TestEachMistakeInAFormIsToldAtItsField(t *testing.T) {
	s := newFormsStage(t)
	s.says("apri un ticket per la stampante")
	sheet := s.sheet()
	_, wrong := s.fills("dialog 1", filled(sheet, map[string]string{
		tickets.FieldApplication: "no such thing", tickets.FieldBeneficiary: "other", bot.SheetPerson: "Anna Bianchi", tickets.FieldOffice: "",
		tickets.FieldSubject: strings.Repeat("x", 81), tickets.FieldBody: " ", tickets.FieldImpact: "everybody", tickets.FieldPhone: "di sera",
	}))
	got := map[string]string{}
	for _, w := range wrong {
		got[w.Field] = w.Phrase
		if told := s.engine.Phrases.Say("it", w.Phrase, w.Values); told == "" || strings.Contains(told, "{{") || strings.Contains(told, "<no value>") {
			t.Errorf("%s is told as %q", w.Field, told)
		}
	}
	for field, phrase := range map[string]string{
		tickets.FieldApplication: "ticket.field_application", bot.SheetPerson: "ticket.beneficiary_email", tickets.FieldOffice: "ticket.field_missing",
		tickets.FieldSubject: "ticket.subject_long", tickets.FieldBody: "ticket.field_missing", tickets.FieldImpact: "ticket.field_choice", tickets.FieldPhone: "form.phone_invalid",
	} {
		if got[field] != phrase {
			t.Errorf("%s is refused by %q, want %q", field, got[field], phrase)
		}
	}
	_, wrong = s.fills("dialog 1", filled(sheet, map[string]string{tickets.FieldBeneficiary: "other", tickets.FieldOffice: "\xff", tickets.FieldBody: "b"}))
	if len(wrong) == 0 || wrong[0].Phrase != "error.text_binary" {
		t.Errorf("unreadable text is answered by %v", wrong)
	}
	s.expect("annulla", "cancel")
}

func TestAFormMayNameSomebodyElseAndLeaveTheRestToBeAsked(t *testing.T) {
	s := newFormsStage(t)
	s.says("apri un ticket per la stampante")
	got, wrong := s.fills("dialog 1", map[string]string{
		tickets.FieldApplication: "vpn", tickets.FieldBeneficiary: "other", bot.SheetPerson: "Anna Bianchi, anna.bianchi@giustizia.it",
		tickets.FieldOffice: "Tribunale di Bari", tickets.FieldPhone: "080 5551234",
	})
	if strings.Join(got, " ") != "ask ticket.subject" {
		t.Fatalf("half a form is answered by %q, %v", got, wrong)
	}
	if !s.offersSheet() {
		t.Error("what is missing cannot be filled in at once")
	}
	conv := s.conversation()
	if d := conv.Form.Draft; d.Application != "vpn" || d.Beneficiary.Name != "Anna Bianchi" || d.Phone != "080 5551234" || !conv.Form.Third {
		t.Errorf("the form is %+v", conv.Form)
	}
	values := filled(s.sheet(), nil)
	if values[tickets.FieldBeneficiary] != "other" || !strings.Contains(values[bot.SheetPerson], "anna.bianchi@giustizia.it") || values[tickets.FieldPhone] != "080 5551234" {
		t.Errorf("the form comes back with %v", values)
	}
	s.expect("va bene così", "ask ticket.body")
	if s.offersSheet() {
		t.Error("every question offers the form")
	}
}

func TestARefusedAnswerOffersTheFormAgain(t *testing.T) {
	s := newFormsStage(t)
	s.says("apri un ticket per la stampante")
	s.says("sì")
	s.expect("per un'altra persona", "ask ticket.beneficiary.person")
	s.expect("Anna", "refuse ticket.beneficiary_email")
	if !s.offersSheet() {
		t.Error("it does not")
	}
	s.expect("Compilo tutto insieme", "help sheet", "ask ticket.beneficiary.person")
}

func TestSecretsInAFormAreMaskedAndTold(t *testing.T) {
	s := newFormsStage(t)
	s.says("apri un ticket per la stampante")
	got, wrong := s.fills("dialog 1", filled(s.sheet(), map[string]string{
		tickets.FieldBeneficiary: "me", tickets.FieldOffice: "Tribunale di Bari", tickets.FieldBody: "La password è Zuppa-44 e non stampa", tickets.FieldPhone: "333 1234567", tickets.FieldImpact: "me",
	}))
	if len(wrong) > 0 || len(got) == 0 || got[0] != "warn password" {
		t.Fatalf("it is answered by %q, %v", got, wrong)
	}
	for _, e := range s.after(0) {
		for _, value := range e.Fields {
			if strings.Contains(value, "Zuppa-44") {
				t.Errorf("the secret is kept in %v", e.Fields)
			}
		}
	}
	if d := s.conversation().Form.Draft; strings.Contains(d.Body, "Zuppa-44") || d.Phone != "333 1234567" {
		t.Errorf("the form holds %+v", d)
	}
}

func TestChannelsWithoutFormsOfferNone(t *testing.T) {
	s := newStage(t)
	s.says("apri un ticket per la stampante")
	if s.offersSheet() {
		t.Error("a channel that cannot show a form offers it")
	}
	if _, err := s.engine.Sheet(t.Context(), s.stranger("x")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a conversation without a form has a sheet: %v", err)
	}
}

// The profile page takes a chat from its person while a form is open there.
func TestAFormGoesWithItsPerson(t *testing.T) {
	s := newFormsStage(t)
	s.says("apri un ticket per la stampante")
	who := account.Identity{Channel: "test", PlatformID: "stage"}
	people := store.NewAccount(s.db)
	if err := people.Apply(t.Context(), account.Change{Unlink: &who}); err != nil {
		t.Fatal(err)
	}
	s.says("sì")
	if conv := s.conversation(); conv.Form != nil || conv.Shelf != nil {
		t.Errorf("the form is still there: %+v", conv.Form)
	}
}

func TestWhereAMessageStaysInTheChatThePersonIsToldToDeleteIt(t *testing.T) {
	for erases, want := range map[bool]string{true: "L'ho cancellata dalla conversazione", false: "la elimini Lei"} {
		s := newStage(t)
		s.engine.Channels = map[string]bot.Traits{"test": {Erases: erases}}
		s.says("la mia password è Zuppa-44")
		if last := s.conversation().Last; !strings.Contains(replies(s.after(0)), want) {
			t.Errorf("erases %v: the person is told %q", erases, last.Markdown)
		}
	}
}

func replies(events []bot.Event) string {
	var all []string
	for _, e := range events {
		if e.Reply != nil {
			all = append(all, e.Reply.Markdown)
		}
	}
	return strings.Join(all, "\n")
}

func TestAFormIsNotTakenWhileOperatorsHaveTheFloor(t *testing.T) {
	s := newFormsStage(t)
	s.engine.Operated = true
	s.says("apri un ticket per la stampante")
	values := filled(s.sheet(), complete)
	s.now.Store(60) // they are there
	if got := s.says("vorrei parlare con un operatore"); len(got) == 0 || !strings.HasPrefix(got[0], "queue") {
		t.Fatalf("asking for a person is answered by %q", got)
	}
	if _, err := s.engine.Sheet(t.Context(), s.id); !fault.Is(err, fault.Invalid) {
		t.Errorf("the form is shown: %v", err)
	}
	if _, _, err := s.engine.Fill(t.Context(), bot.Inbound{Conversation: s.id, Channel: "test", ID: "dialog 1", Fields: values}); !fault.Is(err, fault.Invalid) {
		t.Errorf("the form is taken: %v", err)
	}
	s.says("torno all'assistente")
	if got, wrong := s.fills("dialog 1", values); strings.Join(got, " ") != "ask ticket.confirm" {
		t.Errorf("back at the assistant, the form is answered by %q, %v", got, wrong)
	}
}
