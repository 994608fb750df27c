package bot_test

import (
	"encoding/json"
	"testing"

	"sportello/bot"
	"sportello/tickets"

	"github.com/google/go-cmp/cmp"
)

func TestFoldKnowsWhatWasSaidLast(t *testing.T) {
	lang, ticket := "en", tickets.Number("2026-000007")
	ask := bot.Event{Seq: 3, Author: bot.Assistant, Act: "ask",
		Reply:  &bot.Reply{Markdown: "?", Choices: []bot.Choice{{ID: "2.yes", Label: "Yes"}}},
		Change: &bot.Change{Asked: &bot.Asked{What: "field", Object: "subject"}, Form: &bot.Form{Done: []string{"office"}}}}
	conv := bot.Conversation{Lang: "it"}.Fold(
		bot.Event{Seq: 1, Author: bot.User, Text: "hello", Change: &bot.Change{Lang: &lang}}, // people change nothing by themselves
		bot.Event{Seq: 2, Author: bot.Assistant, Act: "language", Change: &bot.Change{Lang: &lang, Ticket: &ticket}},
		ask,
	)
	want := bot.Conversation{
		Seq: 3, Lang: "en", Ticket: ticket, Choices: ask.Reply.Choices, Last: ask.Reply,
		Asked: bot.Asked{What: "field", Object: "subject"}, Form: &bot.Form{Done: []string{"office"}},
	}
	if diff := cmp.Diff(want, conv); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
	remark := conv.Fold(bot.Event{Seq: 4, Author: bot.System, Act: "refuse", Reply: &bot.Reply{Markdown: "too large"}})
	if len(remark.Choices) != 1 || remark.Last != ask.Reply {
		t.Errorf("after a remark in passing the choices are %v", remark.Choices)
	}
	taken := conv.Fold(bot.Event{Seq: 4, Author: bot.System, Act: bot.ActTake, Reply: &bot.Reply{Markdown: "!"},
		Change: &bot.Change{Floor: &bot.Floor{Holder: bot.ByOperator, Operator: "olga"}}})
	if len(taken.Choices) != 0 || taken.Operator != "olga" || taken.Since != 4 || taken.Request != 4 {
		t.Errorf("after an operator took it: choices %v, %+v, request %d", taken.Choices, taken.Floor, taken.Request)
	}
	done := conv.Fold(bot.Event{Seq: 4, Author: bot.Assistant, Act: "open", Reply: &bot.Reply{Markdown: "!"}, Change: &bot.Change{NoForm: true, Asked: &bot.Asked{}}})
	if done.Form != nil || done.Asked.What != "" || done.Choices != nil {
		t.Errorf("after the ticket was opened: form %v, asked %v, choices %v", done.Form, done.Asked, done.Choices)
	}
}

func TestChangesAddUpAndTheLaterOneCounts(t *testing.T) {
	it, en := "it", "en"
	form := bot.Form{Done: []string{"office"}}
	for name, c := range map[string]struct{ a, b, want bot.Change }{
		"parts of both are kept":        {bot.Change{Lang: &it}, bot.Change{Asked: &bot.Asked{What: "code"}}, bot.Change{Lang: &it, Asked: &bot.Asked{What: "code"}}},
		"the later value of a part":     {bot.Change{Lang: &it}, bot.Change{Lang: &en}, bot.Change{Lang: &en}},
		"a form that is given up":       {bot.Change{Form: &form}, bot.Change{NoForm: true}, bot.Change{NoForm: true}},
		"a form begun after giving up":  {bot.Change{NoForm: true}, bot.Change{Form: &form}, bot.Change{Form: &form}},
		"nothing changes nothing":       {bot.Change{Form: &form}, bot.Change{}, bot.Change{Form: &form}},
		"a cleared part overrides, too": {bot.Change{Asked: &bot.Asked{What: "code"}}, bot.Change{Asked: &bot.Asked{}}, bot.Change{Asked: &bot.Asked{}}},
	} {
		if diff := cmp.Diff(c.want, bot.Merge(c.a, c.b)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Any events fold, one by one to the same as all at once: events of a later
// version and orders that never happen included.
func FuzzFold(f *testing.F) {
	f.Add([]byte(`[{"author":"bot","act":"ask","object":"solved","reply":{"markdown":"?","choices":[{"id":"1.yes","label":"Yes"}]},"change":{"asked":{"what":"solved"},"topic":{"step":-3,"articles":[{}]}}}]`))
	f.Add([]byte(`[{"author":"bot","act":"teleport","change":{"no_form":true,"shelf":{"form":{"done":["x"]}}}},{"author":"ghost","choice":"9.x"},{"author":"user","text":"hi"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var events []bot.Event
		if json.Unmarshal(data, &events) != nil {
			return
		}
		whole := bot.Conversation{}.Fold(events...)
		one := bot.Conversation{}
		for _, e := range events {
			one = one.Fold(e)
			_, _ = e.Action(), e.Told()
		}
		if diff := cmp.Diff(whole, one); diff != "" {
			t.Errorf("one by one (-at once +one by one):\n%s", diff)
		}
	})
}
